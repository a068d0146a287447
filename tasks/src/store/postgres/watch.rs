//! Learning of due jobs.
//!
//! A trigger of apalis notifies of every job that is due when inserted; jobs that become due
//! later are found by looking once a second.

use std::time::Duration;

use anyhow::Result;
use apalis_postgres::PgListener;
use futures_util::future::join;
use serde::Deserialize;
use sqlx::postgres::PgPool;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::{debug, warn};

use super::super::HEARTBEAT;
use crate::bell::Bells;

const LOOK: Duration = Duration::from_secs(1);
const INSERTED: &str = "apalis::job::insert";

/// What the trigger sends along.
#[derive(Deserialize)]
struct Inserted {
    job_type: String,
}

/// Rings the bells of queues with due jobs, for ever.
pub(super) async fn watch(pool: &PgPool, names: &[&str], bells: &Bells) {
    join(look(pool, names, bells), listen(pool, bells)).await;
}

async fn look(pool: &PgPool, names: &[&str], bells: &Bells) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        match due(pool, names).await {
            Ok(due) => due.iter().for_each(|name| bells.ring(name)),
            Err(error) => {
                warn!("Cannot look for due jobs: {error:#}");
                sleep(HEARTBEAT).await;
            }
        }
    }
}

async fn due(pool: &PgPool, names: &[&str]) -> Result<Vec<String>> {
    let due = sqlx::query_scalar(
        "select name from unnest($1::text[]) name where exists (select 1 from apalis.jobs
             where job_type = name and run_at < now()
               and (status = 'Pending' or status = 'Failed' and attempts < max_attempts))",
    )
    .bind(names);
    Ok(due.fetch_all(pool).await?)
}

/// Rings at once for jobs pushed by other processes. Behind a pooler that cannot listen, or while
/// the server is away, looking is enough.
async fn listen(pool: &PgPool, bells: &Bells) {
    loop {
        if let Err(error) = listen_once(pool, bells).await {
            debug!("Not told of new jobs, looking every second: {error:#}");
        }
        sleep(HEARTBEAT).await;
    }
}

async fn listen_once(pool: &PgPool, bells: &Bells) -> Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(INSERTED).await?;
    loop {
        let note = listener.recv().await?;
        if let Ok(Inserted { job_type }) = serde_json::from_str(note.payload()) {
            bells.ring(&job_type);
        }
    }
}
