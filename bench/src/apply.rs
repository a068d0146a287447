//! How fast records become rows and events.

use std::time::Instant;

use app::areas::activities::{Telling, apply};
use app::db::{Db, placeholders, sql};
use domain::{Clock, Record};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::Options;
use crate::activities::{now, record, stored};
use crate::bed::{self, Bed, Kind};
use crate::measure::{Figure, Goal};
use crate::sky::Sky;

/// Records of one repeat.
const COUNT: u64 = 100_000;
/// Rows of the naive way, which is slow.
const FEW: usize = 1_000;
/// Rows of a transaction, as `apply` has them.
const BATCH: usize = 500;

/// What one repeat brought on one database, in activities a second.
#[derive(Default)]
struct Rates {
    new: Vec<f64>,
    same: Vec<f64>,
    floor: Vec<f64>,
    naive: Vec<f64>,
}

/// New records and known ones through `apply`, beside bare inserts of the same JSON.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let sky = Sky::new();
    let records: Vec<Record> = (0..COUNT).map(|number| record(number, &sky)).collect();
    let bodies = (0..COUNT)
        .map(|number| {
            Ok((
                Uuid::from_u128(u128::from(number)),
                serde_json::to_string(&stored(number, &sky))?,
            ))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut bed = Bed::new("apply")?;
    let mut rates = Kind::BOTH.map(|kind| (kind, Rates::default()));
    for _ in 0..options.repeats {
        for (kind, rates) in &mut rates {
            let url = bed.fresh(*kind).await?;
            rates.floor.push(inserts(&url, &bodies, BATCH).await?);
            let (new, same) = ours(&mut bed, *kind, &records).await?;
            rates.new.push(new);
            rates.same.push(same);
            let url = bed.fresh(*kind).await?;
            rates.naive.push(inserts(&url, &bodies[..FEW], 1).await?);
        }
    }
    Ok(rates
        .into_iter()
        .flat_map(|(kind, rates)| figures(kind, rates))
        .collect())
}

fn figures(kind: Kind, rates: Rates) -> [Figure; 2] {
    let name = kind.name();
    let new = Figure::new(
        format!("apply: {COUNT} new, {name}"),
        "activities/s",
        rates.new,
    )
    .goal(Goal::AtLeast(5_000.0))
    .floor(
        "the same JSON in batches of 500 into a table with one index",
        rates.floor,
    )
    .naive("the same JSON, a transaction a row", rates.naive);
    let same = Figure::new(
        format!("apply: the same again, {name}"),
        "activities/s",
        rates.same,
    );
    [new, same]
}

async fn ours(bed: &mut Bed, kind: Kind, records: &[Record]) -> anyhow::Result<(f64, f64)> {
    let hub = bed::hub(&bed.fresh(kind).await?, Clock::fixed(now())).await?;
    let telling = Telling {
        source: "bench",
        backfill: false,
        demo: false,
        lease: None,
    };
    let records: Vec<&Record> = records.iter().collect();
    let mut rates = [0.0; 2];
    for rate in &mut rates {
        let begun = Instant::now();
        let counts = apply(&hub, telling, &records).await?;
        *rate = per_second(records.len(), begun);
        anyhow::ensure!(counts.new + counts.unchanged == records.len(), "{counts:?}");
    }
    bed::close(hub).await;
    Ok((rates[0], rates[1]))
}

/// Rows a second of bare inserts of bodies, in transactions of `batch` rows, into a new table of an
/// empty database.
pub(crate) async fn inserts(
    url: &str,
    bodies: &[(Uuid, String)],
    batch: usize,
) -> anyhow::Result<f64> {
    let db = Db::connect(url).await?;
    let id = if db.is_sqlite() { "blob" } else { "uuid" };
    let table = format!("create table bodies (id {id} not null primary key, body text not null)");
    db.read().execute_unprepared(&table).await?;
    let begun = Instant::now();
    for rows in bodies.chunks(batch) {
        let text = format!(
            "insert into bodies (id, body) values {}",
            placeholders(rows.len(), 2, 1)
        );
        let values: Vec<Value> = rows
            .iter()
            .flat_map(|(id, body)| [(*id).into(), body.as_str().into()])
            .collect();
        let write = db.begin().await?;
        write
            .tx()
            .execute_raw(sql(write.tx(), text, values))
            .await?;
        write.commit().await?;
    }
    let rate = per_second(bodies.len(), begun);
    db.close().await;
    Ok(rate)
}

#[expect(clippy::cast_precision_loss, reason = "a hundred thousand at most")]
fn per_second(count: usize, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}
