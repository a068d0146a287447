//! SQLite's R*Trees, asked in the process: one over centres, as one would write it first, and one over
//! boxes around shapes, as shapes are what our search looks for.

use std::collections::HashSet;
use std::time::Instant;

use domain::sky::separation_deg;
use sea_orm::sqlx::{self, Row, SqlitePool};

use crate::dataset;
use crate::rivals::{ABOUT, pointings};
use crate::search::{Asked, PAGE};
use crate::sky::Sky;

/// Rows of a transaction.
const BATCH: usize = 100_000;
/// What the number of a box's copy a turn of the sky further is beyond its own.
const COPY: i64 = 1_000_000_000;

/// A tree.
pub(crate) struct RTree {
    pool: SqlitePool,
    /// What is in it.
    pub(crate) of: Of,
}

/// What is in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The centre and the start of each activity.
    Centres,
    /// The circle around each one's shape, and all its time.
    Shapes,
}

impl RTree {
    /// Opens both; fills them first where they are not there.
    pub(crate) async fn both(rows: u64, sky: &Sky) -> anyhow::Result<[RTree; 2]> {
        let folder = dataset::folder(rows)?;
        let whole = |name: &str| folder.join(format!("{name}.whole"));
        let file = dataset::sqlite_file(&folder, "rtree", whole("rtree").exists())?;
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Off)
            .pragma("cache_size", "-500000");
        let pool = SqlitePool::connect_with(options).await?;
        if !whole("rtree").exists() {
            centres(&pool, rows, sky).await?;
            std::fs::write(whole("rtree"), "")?;
        }
        if !whole("shapes").exists() {
            shapes(&pool, rows, sky).await?;
            std::fs::write(whole("shapes"), "")?;
        }
        Ok([Of::Centres, Of::Shapes].map(|of| {
            let pool = pool.clone();
            RTree { pool, of }
        }))
    }

    /// For tables.
    pub(crate) fn name(&self) -> &'static str {
        match self.of {
            Of::Centres => "R*Tree",
            Of::Shapes => "R*Tree of shapes",
        }
    }

    /// A page by place and time; answers how many rows it has.
    pub(crate) async fn page(&self, asked: &Asked) -> anyhow::Result<usize> {
        let text = match self.of {
            Of::Centres => {
                "select a.id, a.ra, a.dec, a.t_start, a.about, 0.0 from tree \
                 cross join activity a on a.id = tree.id \
                 where dec0 >= ? and dec1 <= ? and ra0 >= ? and ra1 <= ? and t0 >= ? and t1 <= ? \
                 and a.t_start >= ? and a.t_start <= ? order by a.t_start desc"
            }
            Of::Shapes => {
                "select a.id, a.ra, a.dec, a.t_start, a.about, (dec1 - dec0) / 2 from shapes \
                 cross join activity a on a.id = shapes.id % 1000000000 \
                 where dec1 >= ? and dec0 <= ? and ra1 >= ? and ra0 <= ? and t1 >= ? and t0 <= ? \
                 and a.t_end >= ? and a.t_start <= ? order by a.t_start desc"
            }
        };
        let wide = width(asked.dec, asked.radius);
        let (low, high) = (asked.ra - wide, asked.ra + wide);
        let boxes = match (low >= 0.0, high <= 360.0) {
            _ if wide >= 180.0 => vec![(0.0, 360.0)],
            (true, true) => vec![(low, high)],
            _ => vec![
                (low.rem_euclid(360.0), 360.0),
                (0.0, high.rem_euclid(360.0)),
            ],
        };
        let (from, to) = (asked.from.timestamp(), asked.to.timestamp());
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        for (low, high) in boxes {
            let rows = sqlx::query(text)
                .bind(asked.dec - asked.radius - 1e-4)
                .bind(asked.dec + asked.radius + 1e-4)
                .bind(low - 1e-4)
                .bind(high + 1e-4)
                .bind(minutes(from) - 1.0)
                .bind(minutes(to) + 1.0)
                .bind(from)
                .bind(to)
                .fetch_all(&self.pool)
                .await?;
            for row in &rows {
                let (ra, dec): (f64, f64) = (row.try_get(1)?, row.try_get(2)?);
                let reach = asked.radius + row.try_get::<f64, _>(5)?;
                let new = self.of == Of::Centres || seen.insert(row.try_get::<i64, _>(0)?);
                if new && separation_deg(asked.ra, asked.dec, ra, dec) <= reach {
                    let (start, about): (i64, String) = (row.try_get(3)?, row.try_get(4)?);
                    found.push((start, about));
                }
            }
        }
        found.sort_unstable_by_key(|(start, _)| std::cmp::Reverse(*start));
        found.truncate(PAGE);
        Ok(std::hint::black_box(found).len())
    }
}

/// How far a circle reaches to either side in right ascension, degrees: all around when a pole is in
/// it.
fn width(dec: f64, radius: f64) -> f64 {
    match radius.to_radians().sin() / dec.to_radians().cos() {
        sin if dec.abs() + radius < 90.0 && sin < 1.0 => sin.asin().to_degrees(),
        _ => 360.0,
    }
}

/// Time in a tree, which keeps 32 bits.
#[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
fn minutes(seconds: i64) -> f64 {
    (seconds - 1_600_000_000) as f64 / 60.0
}

async fn centres(pool: &SqlitePool, rows: u64, sky: &Sky) -> anyhow::Result<()> {
    let begun = Instant::now();
    eprintln!("Storing {rows} pointings in an R*Tree, once …");
    let text = "create table activity (id integer primary key, ra real, dec real, t_start int, \
         t_end int, about text); \
         create virtual table tree using rtree(id, ra0, ra1, dec0, dec1, t0, t1)";
    sqlx::raw_sql(text).execute(pool).await?;
    let mut all = pointings(rows, sky).peekable();
    while all.peek().is_some() {
        let mut tx = pool.begin().await?;
        for (id, ra, dec, start, end) in all.by_ref().take(BATCH) {
            sqlx::query("insert into activity values (?, ?, ?, ?, ?, ?)")
                .bind(id.cast_signed())
                .bind(ra)
                .bind(dec)
                .bind(start)
                .bind(end)
                .bind(ABOUT)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
    }
    let text = "insert into tree select id, ra, ra, dec, dec, (t_start - 1600000000) / 60.0, \
         (t_start - 1600000000) / 60.0 from activity";
    sqlx::raw_sql(text).execute(pool).await?;
    sqlx::raw_sql("analyze").execute(pool).await?;
    eprintln!("Stored them in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn shapes(pool: &SqlitePool, rows: u64, sky: &Sky) -> anyhow::Result<()> {
    let begun = Instant::now();
    eprintln!("Storing {rows} boxes in an R*Tree, once …");
    let text = "drop table if exists shapes; \
         create virtual table shapes using rtree(id, ra0, ra1, dec0, dec1, t0, t1)";
    sqlx::raw_sql(text).execute(pool).await?;
    let mut first = 0;
    while first < rows {
        let end = (first + u64::try_from(BATCH)?).min(rows);
        let mut tx = pool.begin().await?;
        for number in first..end {
            for place in dataset::places(std::iter::once(number), sky) {
                let bounds = place.shape.bounds();
                let wide = width(bounds.dec, bounds.radius_deg);
                let (low, high) = match wide >= 180.0 {
                    true => (0.0, 360.0),
                    false => (bounds.ra - wide, bounds.ra + wide),
                };
                // Beyond an end of right ascension it has a part at the other one.
                let turn = match (low < 0.0, high > 360.0) {
                    (true, _) => Some(360.0),
                    (_, true) => Some(-360.0),
                    _ => None,
                };
                for (turn, beyond) in [(Some(0.0), 0), (turn, COPY)] {
                    let Some(turn) = turn else { continue };
                    sqlx::query("insert into shapes values (?, ?, ?, ?, ?, ?, ?)")
                        .bind(number.cast_signed() + beyond)
                        .bind(low + turn)
                        .bind(high + turn)
                        .bind(bounds.dec - bounds.radius_deg)
                        .bind(bounds.dec + bounds.radius_deg)
                        .bind(minutes(place.start.timestamp()))
                        .bind(minutes(place.end.timestamp()))
                        .execute(&mut *tx)
                        .await?;
                }
            }
        }
        tx.commit().await?;
        first = end;
    }
    sqlx::raw_sql("analyze").execute(pool).await?;
    eprintln!("Stored them in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}
