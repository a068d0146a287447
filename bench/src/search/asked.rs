//! What is asked, and what it has to find.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::sky::Region;
use domain::{ActivityFilter, Context as FilterContext, NoAliases};
use uuid::Uuid;

use crate::activities::{YEARS, now};
use crate::dataset::{self, Place};
use crate::http;
use crate::random::Random;
use crate::sky::{Sky, anywhere};

/// Queries of each radius.
const QUERIES: usize = 1_000;
/// Activities of a page.
pub(crate) const PAGE: usize = 50;
/// Radii, degrees.
pub(super) const RADII: [f64; 3] = [0.1, 1.0, 10.0];

/// A circle and thirty days.
pub(crate) struct Asked {
    pub(crate) ra: f64,
    pub(crate) dec: f64,
    pub(crate) radius: f64,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    /// What asks for it by HTTP.
    pub(super) request: Vec<u8>,
    regions: Vec<Region>,
}

/// Queries of each radius.
pub(super) fn queries(rows: u64, sky: &Sky) -> anyhow::Result<Vec<Vec<Asked>>> {
    let of = |radius: &f64| -> anyhow::Result<Vec<Asked>> {
        let mut random = Random::new(11);
        // Half at places of activities, half anywhere.
        let step = usize::try_from(rows)? / QUERIES;
        let numbers = (0..rows).step_by(step.max(1));
        let places = dataset::places(numbers, sky);
        (0..QUERIES)
            .map(|number| {
                let (ra, dec) = match number % 2 {
                    0 => {
                        let bounds = places[random.below(places.len())].shape.bounds();
                        (bounds.ra, bounds.dec)
                    }
                    _ => anywhere(&mut random),
                };
                #[expect(clippy::cast_precision_loss, reason = "five years of days")]
                let day = random.between(30.0, YEARS as f64 * 365.0);
                #[expect(clippy::cast_possible_truncation, reason = "five years of seconds")]
                let from = now() - TimeDelta::seconds((day * 86_400.0) as i64);
                asked(ra, dec, *radius, from)
            })
            .collect()
    };
    RADII.iter().map(of).collect()
}

/// As many requests for one activity by its id.
pub(super) fn singles(rows: u64, sky: &Sky) -> anyhow::Result<Vec<Vec<u8>>> {
    let step = usize::try_from(rows)? / QUERIES;
    let places = dataset::places((0..rows).step_by(step.max(1)), sky);
    let request = |place: &Place| http::get(&format!("/api/activities/{}", place.id));
    Ok(places.iter().take(QUERIES).map(request).collect())
}

fn asked(ra: f64, dec: f64, radius: f64, from: DateTime<Utc>) -> anyhow::Result<Asked> {
    let to = from + TimeDelta::days(30);
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let pos = format!("CIRCLE {ra:.6} {dec:.6} {radius}");
    let pairs = [("pos", pos.clone()), ("from", time(from)), ("to", time(to))];
    let filter = ActivityFilter::from_pairs(pairs, FilterContext::Lists, &NoAliases)
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let path = format!(
        "/api/activities?pos={}&from={}&to={}",
        pos.replace(' ', "+"),
        time(from),
        time(to)
    );
    Ok(Asked {
        ra,
        dec,
        radius,
        from,
        to,
        regions: filter.pos,
        request: http::get(&path),
    })
}

/// The pages, from every activity there is.
pub(super) fn looked_through(asked: &[&Asked], rows: u64, sky: &Sky) -> Vec<Vec<Uuid>> {
    let mut found: Vec<Vec<(DateTime<Utc>, Uuid)>> = vec![Vec::new(); asked.len()];
    let meets = |asked: &Asked, place: &Place| {
        let then = place.start <= asked.to && place.end >= asked.from;
        then && asked
            .regions
            .iter()
            .any(|region| region.meets(&place.shape))
    };
    for place in (0..rows).flat_map(|number| dataset::places(std::iter::once(number), sky)) {
        for (asked, found) in asked.iter().zip(&mut found) {
            if meets(asked, &place) {
                found.push((place.start, place.id));
            }
        }
    }
    let newest = |mut found: Vec<(DateTime<Utc>, Uuid)>| {
        found.sort_unstable();
        found
            .into_iter()
            .rev()
            .take(PAGE)
            .map(|(_, id)| id)
            .collect()
    };
    found.into_iter().map(newest).collect()
}

/// Whose items a page has.
pub(super) fn ids(page: &[u8]) -> anyhow::Result<Vec<Uuid>> {
    #[derive(serde::Deserialize)]
    struct Page {
        items: Vec<Item>,
    }
    #[derive(serde::Deserialize)]
    struct Item {
        id: Uuid,
    }
    let page: Page = serde_json::from_slice(page)?;
    Ok(page.items.into_iter().map(|item| item.id).collect())
}
