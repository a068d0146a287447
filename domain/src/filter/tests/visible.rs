use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::evaluating::{activity, at, facts};
use super::*;
use crate::activity::Facts;
use crate::ephemeris::Site;
use crate::event::EventKind;
use crate::keys::Keys;

const MUNICH: &str = "48.137 11.575 520";
const MUNICH_SITE: Site = Site {
    latitude_deg: 48.137,
    longitude_deg: 11.575,
    height_m: 520.0,
};
const SYDNEY: &str = "-33.87 151.21 20";

fn demand(pairs: &[(&str, &str)]) -> Visible {
    filter(pairs).visible.unwrap()
}

fn why(pairs: &[(&str, &str)]) -> String {
    read(pairs).unwrap_err().to_string()
}

/// The Andromeda galaxy from `begin` to `end`.
fn visit(begin: &str, end: Option<&str>) -> Facts {
    Facts {
        t_min: Some(at(begin)),
        t_max: end.map(at),
        ..facts()
    }
}

fn passes(facts: Facts, pairs: &[(&str, &str)], now: &str) -> bool {
    filter(pairs).matches_snapshot(&activity(facts), at(now))
}

const NOON: &str = "2026-11-21T12:00:00Z";
const EVENING: &str = "2026-11-21T20:00:00Z";

#[test]
fn a_place_is_three_numbers_or_a_site_of_ones_own() {
    let id = "0199a5a0-0000-7000-8000-000000000001";
    let seen = demand(&[("visible_from", MUNICH), ("visible_from", id)]);
    let own = Place::Own(id.parse().unwrap());
    assert_eq!(seen.places, [Place::At(MUNICH_SITE), own]);
    for good in [
        "+48.137 11.575 520",
        "90 360 -500",
        "-90  -180 0",
        "0 0 4.2e3",
    ] {
        assert_eq!(demand(&[("visible_from", good)]).places.len(), 1, "{good}");
    }
    for wrong in [
        "Munich",
        "48.137",
        "48.137 11.575",
        "48.1 11.5 520 7",
        "91 0 0",
        "0 361 0",
        "0 -181 0",
        "0 0 1e9",
        "NaN 0 0",
        "0 inf 0",
        "48,137 11,575 520",
        "",
    ] {
        let error = read(&[("visible_from", wrong)]).unwrap_err();
        assert_eq!(error.key, "visible_from", "{wrong}");
        assert!(error.to_string().contains("`lat lon height`"), "{error}");
    }
}

#[test]
fn thirty_degrees_during_the_activity_whatever_the_sun_is_meant_when_nothing_is_said() {
    let seen = demand(&[("visible_from", MUNICH)]);
    assert_eq!((seen.min_alt, seen.sun_below), (30.0, None));
    assert_eq!(seen.when, [VisibleWhen::Activity]);
}

#[test]
fn of_several_values_any_may_hold() {
    let seen = demand(&[
        ("visible_from", MUNICH),
        ("min_alt", "40"),
        ("min_alt", "20"),
        ("sun_below", "-18"),
        ("sun_below", "-6"),
        ("visible_when", "next24h"),
        ("visible_when", "Activity"),
    ]);
    assert_eq!((seen.min_alt, seen.sun_below), (20.0, Some(-6.0)));
    assert_eq!(seen.when, [VisibleWhen::Activity, VisibleWhen::Next24h]);
}

#[test]
fn what_is_no_altitude_or_time_is_told_so() {
    let with = |key, value| why(&[("visible_from", MUNICH), (key, value)]);
    assert_eq!(
        with("min_alt", "high"),
        "`min_alt` takes degrees of altitude from -90 to 90, such as 30, not \"high\""
    );
    assert!(with("min_alt", "91").starts_with("`min_alt` takes"));
    assert!(with("sun_below", "nan").starts_with("`sun_below` takes"));
    assert_eq!(
        with("visible_when", "next24"),
        "`visible_when` takes activity, next24h, not \"next24\"; did you mean \"next24h\"?"
    );
}

#[test]
fn an_altitude_needs_a_place() {
    for (key, value) in [
        ("min_alt", "30"),
        ("sun_below", "-18"),
        ("visible_when", "next24h"),
    ] {
        let expected =
            format!("`{key}` needs `visible_from` beside it: where somebody observes from");
        assert_eq!(why(&[(key, value)]), expected);
    }
}

#[test]
fn a_filter_names_five_places_at_most() {
    let places: Vec<String> = (0..6).map(|n| format!("{n} 0 0")).collect();
    let pairs: Vec<(&str, &str)> = places
        .iter()
        .map(|p| ("visible_from", p.as_str()))
        .collect();
    assert!(read(&pairs[..5]).is_ok());
    assert_eq!(why(&pairs), "`visible_from` takes at most 5 places");
}

#[test]
fn filters_that_mean_the_same_are_equal() {
    let first = filter(&[("visible_from", MUNICH)]);
    let spelled_out = [
        ("visible_when", "activity"),
        ("visible_from", "48.1370  11.575 520.0"),
        ("min_alt", "3e1"),
    ];
    assert_eq!(filter(&spelled_out), first);
    assert_eq!(
        filter(&[("visible_from", "-0 350 0")]),
        filter(&[("visible_from", "0 -10 0")])
    );
    for other in [
        ("min_alt", "31"),
        ("sun_below", "0"),
        ("visible_when", "next24h"),
    ] {
        assert_ne!(
            filter(&[("visible_from", MUNICH), other]),
            first,
            "{other:?}"
        );
    }
    assert_ne!(filter(&[("visible_from", SYDNEY)]), first);
}

#[test]
fn json_and_pairs_keep_what_was_given() {
    let json = json!({"visible_from": [MUNICH], "min_alt": 25, "sun_below": [-18]});
    let read = ActivityFilter::from_json(&json, Context::Subscription, &NoAliases).unwrap();
    let pairs = [
        ("visible_from", MUNICH),
        ("min_alt", "25"),
        ("sun_below", "-18"),
    ];
    assert_eq!(read, filter(&pairs));
    assert_eq!(read.to_pairs(), pairs);
    assert_eq!(
        serde_json::to_value(&read).unwrap(),
        json!({"visible_from": [MUNICH], "min_alt": ["25"], "sun_below": ["-18"]})
    );
}

#[test]
fn the_target_has_to_be_up_in_the_dark_during_the_activity() {
    let dark = [("visible_from", MUNICH), ("sun_below", "-18")];
    let seen = |begin, end| passes(visit(begin, end), &dark, NOON);
    assert!(seen(EVENING, Some("2026-11-21T20:30:00Z")));
    assert!(
        seen(NOON, Some("2026-11-21T17:30:00Z")),
        "its end is at night"
    );
    assert!(!seen("2026-11-21T09:00:00Z", Some("2026-11-21T15:00:00Z")));
    assert!(
        !seen("2026-11-22T03:00:00Z", Some("2026-11-22T05:00:00Z")),
        "too low by then"
    );
    let anyhow = [("visible_from", MUNICH)];
    assert!(
        passes(visit("2026-11-21T15:00:00Z", None), &anyhow, NOON),
        "by day, too"
    );
}

#[test]
fn without_an_end_an_activity_is_seen_at_its_start_and_without_a_start_never() {
    let dark = [("visible_from", MUNICH), ("sun_below", "-18")];
    assert!(passes(visit(EVENING, None), &dark, NOON));
    assert!(!passes(visit(NOON, None), &dark, NOON));
    let timeless = Facts {
        t_min: None,
        t_max: None,
        ..facts()
    };
    assert!(!passes(timeless.clone(), &dark, NOON));
    let tonight = [&dark[..], &[("visible_when", "next24h")]].concat();
    assert!(passes(timeless, &tonight, NOON));
}

#[test]
fn the_next_day_counts_from_now_or_from_the_event() {
    let pairs = [
        ("visible_from", MUNICH),
        ("sun_below", "-18"),
        ("visible_when", "next24h"),
    ];
    // By day, and over: it is the night after that counts.
    let by_day = visit("2026-11-21T09:00:00Z", Some(NOON));
    assert!(passes(by_day.clone(), &pairs, NOON));
    let summer = "2026-06-20T12:00:00Z";
    assert!(!passes(by_day.clone(), &pairs, summer), "there is no night");

    let activity = activity(by_day);
    let keys = Keys::of(&activity);
    let told = |happened: &str, now: &str| {
        let event = (EventKind::Started, at(happened));
        filter(&pairs).matches_event(&activity, &keys, event, at(now))
    };
    assert!(told(NOON, summer) && !told(summer, NOON));
    assert!(filter(&pairs).is_relative());
    assert!(!filter(&pairs[..2]).is_relative());
}

#[test]
fn from_one_of_several_places_is_enough() {
    let from = |places: &[&'static str]| {
        let mut pairs: Vec<_> = places
            .iter()
            .map(|place| ("visible_from", *place))
            .collect();
        pairs.push(("sun_below", "-18"));
        passes(visit(EVENING, None), &pairs, NOON)
    };
    assert!(!from(&[SYDNEY]));
    assert!(from(&[SYDNEY, MUNICH]));
}

#[test]
fn without_coordinates_nothing_is_visible_and_a_footprint_has_some() {
    let pairs = [("visible_from", MUNICH), ("min_alt", "-90")];
    let blind = Facts {
        s_ra: None,
        s_dec: None,
        ..visit(EVENING, None)
    };
    assert!(!passes(blind.clone(), &pairs, NOON));
    let footprint = Facts {
        s_region: Some("CIRCLE ICRS 10.7 41.3 0.5".to_owned()),
        ..blind
    };
    assert!(passes(footprint.clone(), &pairs, NOON));
    assert!(passes(
        footprint,
        &[("visible_from", MUNICH), ("sun_below", "-18")],
        NOON
    ));
}

fn own(horizon_deg: f64) -> (Uuid, HashMap<Uuid, Home>) {
    let id = Uuid::from_u128(7);
    let home = Home {
        site: MUNICH_SITE,
        horizon_deg,
    };
    (id, HashMap::from([(id, home)]))
}

#[test]
fn an_own_site_sees_once_it_is_known_and_over_its_horizon() {
    let (id, open) = own(0.0);
    let text = id.to_string();
    let filter = filter(&[("visible_from", text.as_str()), ("sun_below", "-18")]);
    let seen = |filter: &ActivityFilter| {
        filter.matches_snapshot(&activity(visit(EVENING, None)), at(NOON))
    };
    assert_eq!(filter.own_sites().collect::<Vec<_>>(), [id]);
    assert!(!seen(&filter), "not known yet");
    let resolved = filter.clone().resolve_sites(&open).unwrap();
    assert!(seen(&resolved));
    let walled = filter.resolve_sites(&own(89.0).1).unwrap();
    assert!(!seen(&walled));
    assert_ne!(resolved, walled, "a site that changed is another");
    assert!(seen(&walled.resolve_sites(&open).unwrap()));
}

#[test]
fn an_own_site_stays_private() {
    let (id, sites) = own(12.5);
    let text = id.to_string();
    let filter = filter(&[("visible_from", text.as_str())])
        .resolve_sites(&sites)
        .unwrap();
    let shown = format!("{filter:?} {} {:?}", filter.canonical(), filter.to_pairs());
    for private in ["48.1", "11.5", "520", "12.5"] {
        assert!(!shown.contains(private), "{shown}");
    }
    assert_eq!(filter.given(Key::VisibleFrom), [text]);
}

#[test]
fn a_site_of_nobody_is_refused_by_name() {
    let (_, sites) = own(0.0);
    let other = Uuid::from_u128(8).to_string();
    let asked = filter(&[("visible_from", other.as_str())]);
    let error = asked.clone().resolve_sites(&sites).unwrap_err();
    assert_eq!(error.key, "visible_from");
    assert_eq!(
        error.to_string(),
        format!(
            "`visible_from` takes `lat lon height`, or the id of one of your own sites, not \"{other}\""
        )
    );
    let signed_out = asked.resolve_sites(&HashMap::new()).unwrap_err();
    assert!(
        signed_out
            .to_string()
            .contains("known to its own account only")
    );
    let anywhere = filter(&[("visible_from", MUNICH)]);
    assert_eq!(
        anywhere.clone().resolve_sites(&HashMap::new()),
        Ok(anywhere)
    );
}

#[test]
fn declinations_beyond_reach_are_named() {
    let reach = demand(&[("visible_from", "48 0 0")])
        .declinations()
        .unwrap();
    assert!(
        reach.0 < -12.0 && reach.0 > -15.0 && reach.1 > 90.0,
        "{reach:?}"
    );
    let both = demand(&[("visible_from", "48 0 0"), ("visible_from", "-48 0 0")]);
    assert!(both.declinations().unwrap().0 < -90.0);
    let text = Uuid::nil().to_string();
    assert_eq!(
        demand(&[("visible_from", text.as_str())]).declinations(),
        None
    );
}
