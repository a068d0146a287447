//! How fast records become rows and events.

use std::time::Instant;

use anyhow::Context;
use app::areas::activities::take_in::{LEASE, Manner, take_in};
use app::areas::activities::{Telling, apply};
use app::db::{Db, placeholders, sql};
use app::lease::Lease;
use domain::{Clock, Record};
use jwst::Jwst;
use sea_orm::{ConnectionTrait, Value};
use upstream::Connector;
use uuid::Uuid;

use crate::Options;
use crate::activities::{now, record, stored};
use crate::bed::{self, Bed, Kind};
use crate::measure::{Figure, Goal};
use crate::parse::composed;
use crate::sky::Sky;

/// Records of one repeat.
const COUNT: u64 = 100_000;
/// Rows of the naive way, which is slow.
const FEW: usize = 1_000;
/// Rows of a transaction, as `apply` has them.
const BATCH: usize = 500;

/// Visits of one long report, for the connector's way.
const VISITS: usize = 20_000;

/// What one repeat brought on one database, in activities a second.
#[derive(Default)]
struct Rates {
    new: Vec<f64>,
    same: Vec<f64>,
    /// Bytes written for each byte of the activities' JSON.
    new_written: Vec<f64>,
    /// Bytes written for each activity.
    same_written: Vec<f64>,
    harvested: Vec<f64>,
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
    #[expect(clippy::cast_precision_loss, reason = "some hundred megabytes")]
    let json = bodies
        .iter()
        .map(|(_, body)| body.len() as f64)
        .sum::<f64>();
    let activities = f64::from(u32::try_from(COUNT)?);
    let mut bed = Bed::new("apply")?;
    let mut rates = Kind::BOTH.map(|kind| (kind, Rates::default()));
    for _ in 0..options.repeats {
        for (kind, rates) in &mut rates {
            let url = bed.fresh(*kind).await?;
            rates.floor.push(inserts(&url, &bodies, BATCH).await?);
            let [new, same] = ours(&mut bed, *kind, &records).await?;
            rates.new.push(new.rate);
            rates.same.push(same.rate);
            rates.new_written.push(new.written / json);
            rates.same_written.push(same.written / activities);
            rates.harvested.push(harvested(&mut bed, *kind).await?);
            let url = bed.fresh(*kind).await?;
            rates.naive.push(inserts(&url, &bodies[..FEW], 1).await?);
        }
    }
    Ok(rates
        .into_iter()
        .flat_map(|(kind, rates)| figures(kind, rates))
        .collect())
}

fn figures(kind: Kind, rates: Rates) -> [Figure; 5] {
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
    let written = match kind {
        Kind::Postgres => "bytes of its WAL",
        Kind::Sqlite => "bytes written by the process: WAL and its way home",
    };
    let new_written = Figure::new(
        format!("apply: written for a byte of JSON, new, {name}"),
        "bytes",
        rates.new_written,
    )
    .aside(written);
    let same_written = Figure::new(
        format!("apply: written for an activity, the same again, {name}"),
        "bytes",
        rates.same_written,
    )
    .goal(Goal::Below(1.0))
    .aside(written);
    let harvested = Figure::new(
        format!("apply: {VISITS} visits of a report, from its text to committed, {name}"),
        "activities/s",
        rates.harvested,
    );
    [new, same, new_written, same_written, harvested]
}

/// What one telling came to.
#[derive(Clone, Copy, Default)]
struct Told {
    rate: f64,
    written: f64,
}

/// Bytes written so far: to PostgreSQL's WAL, or by this process.
async fn written(db: &Db) -> anyhow::Result<f64> {
    if db.is_sqlite() {
        let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
        let line = io.lines().find_map(|line| line.strip_prefix("wchar: "));
        return Ok(line.and_then(|line| line.parse().ok()).unwrap_or(f64::NAN));
    }
    let text = "select (pg_current_wal_lsn() - '0/0'::pg_lsn)::double precision as bytes";
    let row = db
        .read()
        .query_one_raw(sql(db.read(), text, vec![]))
        .await?;
    let row = row.context("PostgreSQL's place in its WAL")?;
    Ok(row.try_get("", "bytes")?)
}

/// A long report, read by its connector and taken in.
async fn harvested(bed: &mut Bed, kind: Kind) -> anyhow::Result<f64> {
    let hub = bed::hub(&bed.fresh(kind).await?, Clock::fixed(now())).await?;
    let text = composed(VISITS);
    let lease = Lease::take(&hub.db, "bench", LEASE)
        .await?
        .context("a lease")?;
    let manner = Manner {
        backfill: false,
        demo: false,
        regular: true,
        lease: &lease,
    };
    let begun = Instant::now();
    let harvest = Jwst.read("20260817_report_20260814.txt", text.as_bytes(), now())?;
    let report = take_in(&hub, "jwst", &harvest, manner).await?;
    let rate = per_second(report.counts.new, begun);
    anyhow::ensure!(report.counts.new >= VISITS, "{:?}", report.counts);
    bed::close(hub).await;
    Ok(rate)
}

async fn ours(bed: &mut Bed, kind: Kind, records: &[Record]) -> anyhow::Result<[Told; 2]> {
    let hub = bed::hub(&bed.fresh(kind).await?, Clock::fixed(now())).await?;
    let telling = Telling {
        source: "bench",
        backfill: false,
        demo: false,
        lease: None,
    };
    let records: Vec<&Record> = records.iter().collect();
    let mut both = [Told::default(); 2];
    for told in &mut both {
        tidied(&hub.db).await?;
        let (begun, before) = (Instant::now(), written(&hub.db).await?);
        let counts = apply(&hub, telling, &records).await?;
        told.rate = per_second(records.len(), begun);
        told.written = written(&hub.db).await? - before;
        anyhow::ensure!(counts.new + counts.unchanged == records.len(), "{counts:?}");
    }
    bed::close(hub).await;
    Ok(both)
}

/// Has PostgreSQL tidy what was written so far, which it would do some time later, and count for
/// what is written then.
async fn tidied(db: &Db) -> anyhow::Result<()> {
    if !db.is_sqlite() {
        db.own().execute_unprepared("vacuum").await?;
    }
    Ok(())
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
