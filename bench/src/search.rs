//! How long a page of activities near a place takes, among a million.

use std::time::Instant;

use anyhow::{Context, ensure};
use app::areas::activities::search::{Page, Query, Sort, list};
use app::db::{Db, placeholders, sql};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::{ActivityFilter, Context as FilterContext, NoAliases};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::Options;
use crate::activities::{YEARS, now};
use crate::bed::Kind;
use crate::dataset::{self, Dataset, Place};
use crate::measure::{Figure, Goal, median, quantile};
use crate::random::Random;
use crate::sky::{Sky, anywhere};

/// Queries of each radius.
const QUERIES: usize = 1_000;
/// Queries that are checked against every activity, one by one, and asked the naive way.
const CHECKED: usize = 100;
/// Activities of a page.
const PAGE: usize = 50;
/// Radii, degrees.
const RADII: [f64; 3] = [0.1, 1.0, 10.0];

/// A circle and thirty days.
struct Asked {
    ra: f64,
    dec: f64,
    radius: f64,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    filter: ActivityFilter,
}

/// What was found in a database for one radius: milliseconds of each query, a list a repeat.
#[derive(Default)]
struct Times {
    ours: Vec<Vec<f64>>,
    floor: Vec<Vec<f64>>,
    naive: Vec<Vec<f64>>,
}

/// Pages of 50 by region and 30 days out of five years.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let sky = Sky::new();
    let mut sets = Vec::new();
    for kind in Kind::BOTH {
        sets.push(dataset::open(kind, &sky).await?);
    }
    let places = dataset::places(&sky);
    let queries = RADII
        .iter()
        .map(|radius| queries(*radius, &places))
        .collect::<anyhow::Result<Vec<_>>>()?;
    for queries in &queries {
        check(&sets, &queries[..CHECKED], &places).await?;
    }
    let mut figures = Vec::new();
    let mut times: Vec<Times> = (0..sets.len() * RADII.len())
        .map(|_| Times::default())
        .collect();
    for _ in 0..options.repeats {
        let mut slots = times.iter_mut();
        for set in &sets {
            for queries in &queries {
                let slot = slots.next().context("a slot")?;
                measure(set, queries, slot).await?;
            }
        }
    }
    let mut slots = times.iter();
    for set in &sets {
        for radius in RADII {
            figures.extend(summed_up(set.kind, radius, slots.next().context("a slot")?));
        }
    }
    for set in sets {
        set.db.close().await;
    }
    Ok(figures)
}

fn summed_up(kind: Kind, radius: f64, times: &Times) -> [Figure; 2] {
    let each = |all: &[Vec<f64>], part: f64| all.iter().map(|one| quantile(one, part)).collect();
    [(0.5, "p50"), (0.99, "p99")].map(|(part, word)| {
        let measure = format!("search: {radius} deg, {word}, {}", kind.name());
        let figure = Figure::new(measure, "ms", each(&times.ours, part))
            .floor("the same rows by their keys", each(&times.floor, part))
            .naive(
                "an index on declination and right ascension, the rest checked",
                each(&times.naive, part),
            );
        match word {
            "p99" => figure.goal(Goal::Below(10.0)),
            _ => figure,
        }
    })
}

/// Half at places of activities, half anywhere.
fn queries(radius: f64, places: &[Place]) -> anyhow::Result<Vec<Asked>> {
    let mut random = Random::new(11);
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
            asked(ra, dec, radius, from)
        })
        .collect()
}

fn asked(ra: f64, dec: f64, radius: f64, from: DateTime<Utc>) -> anyhow::Result<Asked> {
    let to = from + TimeDelta::days(30);
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let pairs = [
        ("pos", format!("CIRCLE {ra:.6} {dec:.6} {radius}")),
        ("from", time(from)),
        ("to", time(to)),
    ];
    let filter = ActivityFilter::from_pairs(pairs, FilterContext::Lists, &NoAliases)
        .map_err(|error| anyhow::anyhow!("{error:?}"))?;
    Ok(Asked {
        ra,
        dec,
        radius,
        from,
        to,
        filter,
    })
}

async fn ours(db: &Db, asked: &Asked) -> anyhow::Result<Page> {
    let query = Query {
        filter: &asked.filter,
        sort: Sort::NewestStart,
        after: None,
        limit: PAGE,
        now: now(),
    };
    list(db.read(), query).await
}

async fn measure(set: &Dataset, queries: &[Asked], times: &mut Times) -> anyhow::Result<()> {
    let (mut ours_took, mut floor_took, mut naive_took) = (Vec::new(), Vec::new(), Vec::new());
    for (number, asked) in queries.iter().enumerate() {
        let begun = Instant::now();
        let page = ours(&set.db, asked).await?;
        ours_took.push(millis(begun));

        let ids = ids(&page)?;
        let begun = Instant::now();
        let rows = by_key(&set.db, &ids).await?;
        floor_took.push(millis(begun));
        ensure!(rows == ids.len(), "rows that were there are gone");
        if number % (QUERIES / CHECKED) == 0 {
            let begun = Instant::now();
            naive(&set.db, asked).await?;
            naive_took.push(millis(begun));
        }
    }
    eprintln!(
        "{} {} deg: p50 {:.2} p99 {:.2} ms",
        set.kind.name(),
        queries[0].radius,
        median(&ours_took),
        quantile(&ours_took, 0.99)
    );
    times.ours.push(ours_took);
    times.floor.push(floor_took);
    times.naive.push(naive_took);
    Ok(())
}

/// The same rows, when it is known which.
async fn by_key(db: &Db, ids: &[Uuid]) -> anyhow::Result<usize> {
    let ids: Vec<Value> = match ids {
        [] => vec![Uuid::nil().into()],
        ids => ids.iter().map(|id| (*id).into()).collect(),
    };
    let text = format!(
        "select a.body from activities a where a.id in {}",
        placeholders(1, ids.len(), 1)
    );
    let rows = db.read().query_all_raw(sql(db.read(), text, ids)).await?;
    let mut bytes = 0;
    for row in &rows {
        bytes += row.try_get::<String>("", "body")?.len();
    }
    std::hint::black_box(bytes);
    Ok(rows.len())
}

/// What one would write first: a strip of declination and right ascension by index, then times,
/// then the circle, then the newest.
async fn naive(db: &Db, asked: &Asked) -> anyhow::Result<Vec<Uuid>> {
    let wide = match asked.radius / asked.dec.to_radians().cos().max(1e-9) {
        wide if wide < 180.0 && asked.dec.abs() + asked.radius < 90.0 => wide,
        _ => 360.0,
    };
    let (low, high) = (asked.ra - wide, asked.ra + wide);
    let text = "select id, ra, dec, t_min from bench_strip where dec between $1 and $2 \
        and (ra between $3 and $4 or ra between $5 and $6) and t_min <= $7 and t_max >= $8 \
        order by t_min desc";
    let values = vec![
        (asked.dec - asked.radius).into(),
        (asked.dec + asked.radius).into(),
        low.into(),
        high.into(),
        if low < 0.0 { low + 360.0 } else { low - 360.0 }.into(),
        if low < 0.0 { 360.0 } else { high - 360.0 }.into(),
        asked.to.into(),
        asked.from.into(),
    ];
    let rows = db
        .read()
        .query_all_raw(sql(db.read(), text, values))
        .await?;
    let mut ids = Vec::new();
    for row in &rows {
        let (ra, dec): (f64, f64) = (row.try_get("", "ra")?, row.try_get("", "dec")?);
        if domain::sky::separation_deg(asked.ra, asked.dec, ra, dec) <= asked.radius {
            ids.push(row.try_get("", "id")?);
        }
        if ids.len() == PAGE {
            break;
        }
    }
    by_key(db, &ids).await?;
    Ok(ids)
}

/// Both databases, and a look at every activity there is, answer the same.
async fn check(sets: &[Dataset], queries: &[Asked], places: &[Place]) -> anyhow::Result<()> {
    for asked in queries {
        let wanted = looked_through(asked, places);
        for set in sets {
            let found = ids(&ours(&set.db, asked).await?)?;
            ensure!(
                found == wanted,
                "{} answers {} rows, {} expected: {:?}",
                set.kind.name(),
                found.len(),
                wanted.len(),
                asked.filter.canonical()
            );
        }
    }
    Ok(())
}

/// The page, from every activity there is.
fn looked_through(asked: &Asked, places: &[Place]) -> Vec<Uuid> {
    let mut found: Vec<(DateTime<Utc>, Uuid)> = places
        .iter()
        .filter(|place| place.start <= asked.to && place.end >= asked.from)
        .filter(|place| {
            asked
                .filter
                .pos
                .iter()
                .any(|region| region.meets(&place.shape))
        })
        .map(|place| (place.start, place.id))
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .rev()
        .take(PAGE)
        .map(|(_, id)| id)
        .collect()
}

fn ids(page: &Page) -> anyhow::Result<Vec<Uuid>> {
    #[derive(serde::Deserialize)]
    struct Item {
        id: Uuid,
    }
    let read = |item: &String| Ok(serde_json::from_str::<Item>(item)?.id);
    page.items.iter().map(read).collect()
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}
