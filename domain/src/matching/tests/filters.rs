//! Filters of every key, of the words activities have.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::activities::{
    self, BANDS, CLASSES, COLLECTIONS, FACILITIES, INSTRUMENTS, KEYWORDS, NAMES, PROGRAMMES, SITES,
    SOURCES, TARGETS,
};
use crate::activity::{Activity, Basis, Category, Intent, Role, Status, TrackingType};
use crate::filter::{ActivityFilter, Context, Key, NoAliases};
use crate::sky::Region;
use crate::sky::tests::regions;

pub(super) fn read(pairs: &[(&str, &str)]) -> ActivityFilter {
    ActivityFilter::from_pairs(pairs.iter().copied(), Context::Subscription, &NoAliases).unwrap()
}

/// Filters, and activities that lie where the filters look.
pub(super) fn and_activities(
    filters: usize,
    activities: usize,
) -> impl Strategy<Value = (Vec<ActivityFilter>, Vec<Activity>)> {
    vec(any(), filters).prop_flat_map(move |filters| {
        let regions = filters.iter().flat_map(|filter| &filter.pos);
        let places = regions.flat_map(|region| match region {
            Region::Circle(circle) => {
                activities::edges(&[(circle.ra(), circle.dec())], circle.radius_deg())
            }
            Region::Polygon(polygon) => activities::edges(polygon.vertices(), 1e-3),
            Region::Range(zone) => activities::edges(
                &[(zone.ra().0, zone.dec().0), (zone.ra().1, zone.dec().1)],
                1e-9,
            ),
        });
        let activities = vec(activities::any(places.collect()), activities);
        (Just(filters), activities)
    })
}

/// One filter of up to four keys.
pub(super) fn any() -> impl Strategy<Value = ActivityFilter> {
    let pair = select(Key::ALL)
        .prop_filter("of subscriptions", |key| *key != Key::Event)
        .prop_flat_map(|key| vec(value(key), 1..4).prop_map(move |values| (key, values)));
    vec(pair, 0..4).prop_filter_map("a filter", |keys| {
        let pairs = keys
            .iter()
            .flat_map(|(key, values)| values.iter().map(|value| (key.as_str(), value.as_str())));
        ActivityFilter::from_pairs(pairs, Context::Subscription, &NoAliases).ok()
    })
}

fn value(key: Key) -> BoxedStrategy<String> {
    let words = |all: Vec<String>| select(all).boxed();
    let of = |all: &[&str]| words(all.iter().map(|word| (*word).to_owned()).collect());
    match key.as_str() {
        "source" => of(SOURCES),
        "status" => words(Status::ALL.iter().map(Status::to_string).collect()),
        "basis" => words(Basis::ALL.iter().map(Basis::to_string).collect()),
        "intent" => {
            let known = Intent::ALL.iter().map(Intent::to_string);
            words(known.chain(["null".to_owned()]).collect())
        }
        "role" => words(Role::ALL.iter().map(Role::to_string).collect()),
        "tracking" => words(TrackingType::ALL.iter().map(TrackingType::to_string).collect()),
        "category" => words(Category::ALL.iter().map(Category::to_string).collect()),
        "target_class" => of(CLASSES),
        "band" => of(BANDS),
        "site" => of(SITES),
        "class" => of(&["ground", "space"]),
        "facility" => name(FACILITIES),
        "instrument" => name(INSTRUMENTS),
        "proposal" => prop_oneof![
            name(PROGRAMMES),
            (select(COLLECTIONS), name(PROGRAMMES)).prop_map(|(of, id)| format!("{of}/{id}")),
        ]
        .boxed(),
        "target" => prop_oneof![9 => name(TARGETS), 1 => of(&["C/*", "SAX J1808.4-3658 A"])].boxed(),
        "pi" => some_words(&[NAMES]),
        "text" => some_words(&[NAMES, TARGETS, KEYWORDS, INSTRUMENTS, FACILITIES]),
        "pos" => prop_oneof![
            2 => regions().prop_map(|region| region.to_string()),
            1 => (0..3600_i32, -890..890_i32, 1..200_i32).prop_map(|(ra, dec, radius)| {
                format!("CIRCLE {} {} {}", f64::from(ra) / 10.0, f64::from(dec) / 10.0, f64::from(radius) / 10.0)
            }),
        ]
        .boxed(),
        "from" | "to" | "at" => prop_oneof![
            (-7200..7200_i64).prop_map(|seconds| format!("now{seconds:+}s")),
            (0..14400_i64).prop_map(|seconds| {
                (super::now() + chrono::TimeDelta::seconds(seconds - 7200)).to_rfc3339()
            }),
        ]
        .boxed(),
        "min_exptime" => of(&["0", "300", "300.5", "1000"]),
        "visible_from" => of(&["48.1 11.6 520", "-24.6 -70.4 2635", "89 0 0"]),
        "min_alt" => of(&["-5", "30", "70"]),
        "sun_below" => of(&["-18", "0"]),
        "visible_when" => of(&["activity", "next24h"]),
        other => panic!("{other} is not tried"),
    }
}

/// A name, or its beginning with a star.
fn name(all: &'static [&'static str]) -> BoxedStrategy<String> {
    let cut = prop_oneof![Just(None), (1..12_usize).prop_map(Some)];
    let cut = (select(all), cut).prop_map(|(name, cut)| match cut {
        Some(length) => format!("{}*", name.chars().take(length).collect::<String>()),
        None => name.to_owned(),
    });
    cut.boxed()
}

/// Words of some of these.
fn some_words(all: &[&'static [&'static str]]) -> BoxedStrategy<String> {
    let words: Vec<&str> = all.iter().flat_map(|all| all.iter().copied()).collect();
    let parts = words.iter().flat_map(|text| text.split_whitespace());
    let words: Vec<String> = words
        .iter()
        .copied()
        .chain(parts)
        .map(str::to_owned)
        .collect();
    let cut = (select(words), prop::option::of(1..6_usize)).prop_map(|(word, cut)| match cut {
        Some(length) => format!("{}*", word.chars().take(length).collect::<String>()),
        None => word,
    });
    vec(cut, 1..3).prop_map(|words| words.join(" ")).boxed()
}
