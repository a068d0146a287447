//! Others who find places in the sky, over the same centres and times: SQLite's R*Tree, and
//! PostgreSQL with q3c and with pgsphere. They keep centres only, no extents, and rows of their own.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::sky::separation_deg;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use sea_orm::sqlx::{self, PgPool, Row, SqlitePool};

use crate::activities::stored;
use crate::dataset::{self, BATCH, Dataset};
use crate::search::{Asked, PAGE};
use crate::sky::Sky;

/// Kept with each row: a telescope, an instrument, a target, a status.
const ABOUT: &str = "TEL-217\tINST-217-3\tPi Name 4711\t110.12345\tJ12345+67890\tcompleted\t{\"filter\":\"g\",\"exptime\":312.5}";

/// SQLite's R*Tree over right ascension, declination and start.
pub(crate) struct RTree(SqlitePool);

/// A way of PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// An index on `q3c_ang2ipix(ra, dec)`.
    Q3c,
    /// A GiST index on `spoint`.
    Pgsphere,
}

impl Way {
    /// Both.
    pub(crate) const BOTH: [Way; 2] = [Way::Q3c, Way::Pgsphere];

    /// For tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Way::Q3c => "q3c",
            Way::Pgsphere => "pgsphere",
        }
    }

    fn condition(self, asked: &Asked) -> String {
        let (ra, dec, radius) = (asked.ra, asked.dec, asked.radius);
        match self {
            Way::Q3c => format!("q3c_radial_query(ra, dec, {ra}, {dec}, {radius})"),
            Way::Pgsphere => format!(
                "spoint(radians(ra), radians(dec)) <@ \
                 scircle(spoint(radians({ra}), radians({dec})), radians({radius}))"
            ),
        }
    }
}

/// The pointing and the times of every activity.
fn pointings(rows: u64, sky: &Sky) -> impl Iterator<Item = (u64, f64, f64, i64, i64)> {
    let sky = sky.clone();
    (0..rows).filter_map(move |number| {
        let facts = stored(number, &sky).facts;
        Some((
            number,
            facts.s_ra?,
            facts.s_dec?,
            facts.t_min?.timestamp(),
            facts.t_max?.timestamp(),
        ))
    })
}

impl RTree {
    /// Opens it; fills it first when it is not there.
    pub(crate) async fn open(rows: u64, sky: &Sky) -> anyhow::Result<RTree> {
        let folder = dataset::folder(rows)?;
        let whole = folder.join("rtree.whole");
        let file = dataset::sqlite_file(&folder, "rtree", whole.exists())?;
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sqlx::sqlite::SqliteSynchronous::Off)
            .pragma("cache_size", "-500000");
        let tree = RTree(SqlitePool::connect_with(options).await?);
        if !whole.exists() {
            tree.fill(rows, sky).await?;
            std::fs::write(whole, "")?;
        }
        Ok(tree)
    }

    async fn fill(&self, rows: u64, sky: &Sky) -> anyhow::Result<()> {
        let begun = Instant::now();
        eprintln!("Storing {rows} pointings in an R*Tree, once …");
        let text = "create table activity (id integer primary key, ra real, dec real, t_start int, \
             t_end int, about text); \
             create virtual table tree using rtree(id, ra0, ra1, dec0, dec1, t0, t1)";
        sqlx::raw_sql(text).execute(&self.0).await?;
        let mut all = pointings(rows, sky).peekable();
        while all.peek().is_some() {
            let mut tx = self.0.begin().await?;
            for (id, ra, dec, start, end) in all.by_ref().take(100_000) {
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
        // In minutes, as the tree keeps 32 bits.
        let text = "insert into tree select id, ra, ra, dec, dec, (t_start - 1600000000) / 60.0, \
             (t_start - 1600000000) / 60.0 from activity";
        sqlx::raw_sql(text).execute(&self.0).await?;
        sqlx::raw_sql("analyze").execute(&self.0).await?;
        eprintln!("Stored them in {:.0} s", begun.elapsed().as_secs_f64());
        Ok(())
    }

    /// A page by place and time; answers how many rows it has.
    pub(crate) async fn page(&self, asked: &Asked) -> anyhow::Result<usize> {
        let wide = match asked.radius.to_radians().sin() / asked.dec.to_radians().cos() {
            sin if asked.dec.abs() + asked.radius < 90.0 && sin < 1.0 => sin.asin().to_degrees(),
            _ => 360.0,
        };
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
        let text = "select a.id, a.ra, a.dec, a.t_start, a.t_end, a.about from tree \
             cross join activity a on a.id = tree.id \
             where dec0 >= ? and dec1 <= ? and ra0 >= ? and ra1 <= ? and t0 >= ? and t1 <= ? \
             and a.t_start >= ? and a.t_start <= ? order by a.t_start desc";
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
        let minutes = |seconds: i64| (seconds - 1_600_000_000) as f64 / 60.0;
        let mut found = Vec::new();
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
                .fetch_all(&self.0)
                .await?;
            for row in &rows {
                let (ra, dec): (f64, f64) = (row.try_get(1)?, row.try_get(2)?);
                if separation_deg(asked.ra, asked.dec, ra, dec) <= asked.radius {
                    let (start, about): (i64, String) = (row.try_get(3)?, row.try_get(5)?);
                    found.push((start, about));
                }
            }
        }
        found.sort_unstable_by_key(|(start, _)| std::cmp::Reverse(*start));
        found.truncate(PAGE);
        Ok(std::hint::black_box(found).len())
    }
}

/// A table of all pointings in the dataset's PostgreSQL, with both indexes; filled first when it is
/// not there.
pub(crate) async fn postgres(set: &Dataset, rows: u64, sky: &Sky) -> anyhow::Result<PgPool> {
    let server = set.server.as_ref().context("a server")?;
    let whole = dataset::folder(rows)?.join("peers.whole");
    let url = match whole.exists() {
        true => server.url("peers"),
        false => server.fresh("peers").await?,
    };
    let pool = PgPool::connect(&url).await?;
    if whole.exists() {
        return Ok(pool);
    }
    let begun = Instant::now();
    eprintln!("Storing {rows} pointings in PostgreSQL for its peers, once …");
    let made = sqlx::raw_sql("create extension q3c; create extension pg_sphere")
        .execute(&pool)
        .await;
    made.context(
        "q3c and pgsphere are not installed: apt-get install -y postgresql-15-q3c \
         postgresql-15-pgsphere",
    )?;
    let text = "create table activity (id bigint not null, ra double precision, \
         dec double precision, t_start timestamptz, t_end timestamptz, about text)";
    sqlx::raw_sql(text).execute(&pool).await?;
    let mut all = pointings(rows, sky).peekable();
    let time = |seconds: i64| DateTime::<Utc>::from_timestamp(seconds, 0).map(|t| t.to_rfc3339());
    while all.peek().is_some() {
        let mut lines = String::new();
        for (id, ra, dec, start, end) in all.by_ref().take(usize::try_from(BATCH)? * 20) {
            let (start, end) = (time(start).context("a time")?, time(end).context("a time")?);
            let about = ABOUT.replace('\t', " ");
            writeln!(lines, "{id}\t{ra}\t{dec}\t{start}\t{end}\t{about}")?;
        }
        let mut into = pool.copy_in_raw("copy activity from stdin").await?;
        into.send(lines.into_bytes()).await?;
        into.finish().await?;
    }
    for text in [
        "alter table activity add primary key (id)",
        "create index on activity (t_start)",
        "create index on activity (q3c_ang2ipix(ra, dec))",
        "create index on activity using gist (spoint(radians(ra), radians(dec)))",
        "vacuum analyze activity",
    ] {
        sqlx::raw_sql(text).execute(&pool).await?;
    }
    std::fs::write(whole, "")?;
    eprintln!("Stored them in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(pool)
}

/// A page by place and time, planned for its place as both ways need it; answers how many rows it
/// has.
pub(crate) async fn page(pool: &PgPool, way: Way, asked: &Asked) -> anyhow::Result<usize> {
    let text = format!(
        "select id, ra, dec, t_start, t_end, about from activity where {} \
         and t_start >= '{}' and t_start <= '{}' order by t_start desc limit {PAGE}",
        way.condition(asked),
        asked.from.to_rfc3339(),
        asked.to.to_rfc3339()
    );
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .fetch_all(pool)
        .await?;
    Ok(std::hint::black_box(rows).len())
}
