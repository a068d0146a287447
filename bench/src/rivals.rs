//! Others who find places in the sky, over the same centres and times: PostgreSQL with q3c and with
//! pgsphere. They keep centres only, no extents, and rows of their own.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, Utc};
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use sea_orm::sqlx::{self, PgPool};

use crate::activities::stored;
use crate::dataset::{self, BATCH, Dataset};
use crate::search::{Asked, PAGE};
use crate::sky::Sky;

/// Kept with each row: a telescope, an instrument, a target, a status.
pub(crate) const ABOUT: &str = "TEL-217\tINST-217-3\tPi Name 4711\t110.12345\tJ12345+67890\tcompleted\t{\"filter\":\"g\",\"exptime\":312.5}";

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
pub(crate) fn pointings(rows: u64, sky: &Sky) -> impl Iterator<Item = (u64, f64, f64, i64, i64)> {
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
