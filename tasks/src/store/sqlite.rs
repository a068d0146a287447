//! The queue in an SQLite file of its own, for the embedded mode.
//!
//! Own file: the hub's tables would wait for the queue's heartbeats at the one write lock. The
//! pragmas belong to the connections, so `SqliteStorage::setup` (which sets `synchronous = OFF`
//! on one of them) is never called.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use apalis::prelude::{TaskBuilder, TaskId, TaskSink};
use apalis_sqlite::{Config, SqliteStorage};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::types::Json;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use super::{
    Count, DeadJob, Ended, HEARTBEAT, MISSED_HEARTBEATS, Migrations, NewJob, State, Store, Taken,
    WHILE_QUEUED, error_in, new_id,
};
use crate::bell::{Bell, Bells};
use crate::seat::{Seat, work};

/// Jobs pushed here ring by themselves; this finds the delayed and those of other processes.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) struct Sqlite {
    pool: SqlitePool,
    temporary: Option<PathBuf>,
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        let Some(path) = self.temporary.take() else {
            return;
        };
        for suffix in ["", "-wal", "-shm"] {
            let mut path = path.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Sqlite {
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        Self::connect(path, SqliteSynchronous::Normal, None).await
    }

    /// A file and not memory: a database in memory ends with its last connection, which sqlx
    /// closes whenever a query is cancelled, and several connections to it wait for each other.
    pub(crate) async fn temporary() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("starboard-queue-{}.db", Uuid::new_v4()));
        Self::connect(&path, SqliteSynchronous::Off, Some(path.clone())).await
    }

    // NORMAL: a power cut may undo the last second. Jobs are repeatable, losing one is not fatal.
    async fn connect(
        path: &Path,
        synchronous: SqliteSynchronous,
        temporary: Option<PathBuf>,
    ) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(options)
            .await
            .with_context(|| format!("opening the job queue {}", path.display()))?;
        Ok(Self { pool, temporary })
    }

    fn storage(&self, name: &str) -> SqliteStorage<Value> {
        let config = Config::default()
            .queue(name)
            .batch_size(1)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS)
            .lock_tasks(false)
            .persist_results(false);
        SqliteStorage::new(&self.pool).with_config(config)
    }

    async fn due(&self, names: &str) -> Result<Vec<String>> {
        let due = sqlx::query_scalar(
            "select distinct job_type from Jobs
             where job_type in (select value from json_each(?1))
               and status = 'Pending' and lock_by is null and run_at <= ?2",
        )
        .bind(names)
        .bind(Utc::now().timestamp());
        Ok(due.fetch_all(&self.pool).await?)
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn migrate(&self) -> Result<()> {
        SqliteStorage::migrations()
            .run(&self.pool)
            .await
            .context("migrating the job queue")
    }

    async fn migrations(&self) -> Result<Migrations> {
        let ledger: i64 = sqlx::query_scalar(
            "select count(*) from sqlite_master where type = 'table' and name = '_sqlx_migrations'",
        )
        .fetch_one(&self.pool)
        .await?;
        let applied = if ledger == 0 {
            Vec::new()
        } else {
            sqlx::query_scalar(
                "select version from _sqlx_migrations where success order by version",
            )
            .fetch_all(&self.pool)
            .await?
        };
        Ok(Migrations::compare(&SqliteStorage::migrations(), &applied))
    }

    async fn missing_rights(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn push(&self, job: NewJob) -> Result<()> {
        let mut task = TaskBuilder::new(job.payload)
            .task_id(TaskId::from_string(new_id()))
            .max_attempts(job.max_attempts as usize)
            .run_at_timestamp(job.run_at.unsigned_abs());
        if let Some(key) = job.key {
            task = task.idempotency_key(key);
        }
        let mut storage = self.storage(job.name);
        storage
            .push_task(task.build())
            .await
            .with_context(|| format!("queueing {}", job.name))
    }

    async fn is_queued(&self, name: &str, payload: &Value) -> Result<bool> {
        let found: i64 = sqlx::query_scalar(
            "select exists (select 1 from Jobs where job_type = ?1 and job = ?2
               and (status in ('Pending', 'Queued', 'Running')
                 or status = 'Failed' and attempts < max_attempts))",
        )
        .bind(name)
        .bind(serde_json::to_vec(payload)?)
        .fetch_one(&self.pool)
        .await?;
        Ok(found != 0)
    }

    async fn take(&self, names: &[&str], worker: &str, now: i64) -> Result<Option<Taken>> {
        let row: Option<(String, String, Vec<u8>, i64)> = sqlx::query_as(
            "update Jobs set status = 'Queued', lock_by = ?1, lock_at = ?2
             where id = (select id from Jobs
                 where status = 'Pending' and lock_by is null and run_at <= ?2
                   and job_type in (select value from json_each(?3))
                 order by run_at, id limit 1)
             returning id, job_type, job, attempts",
        )
        .bind(worker)
        .bind(now)
        .bind(serde_json::to_string(names)?)
        .fetch_optional(&self.pool)
        .await?;
        let Some((id, name, payload, attempts)) = row else {
            return Ok(None);
        };
        let payload = serde_json::from_slice(&payload).context("reading a queued job")?;
        Ok(Some(Taken {
            id,
            name,
            payload,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        }))
    }

    async fn settle(&self, id: &str, worker: &str, ended: &Ended) -> Result<bool> {
        let settled = sqlx::query(
            "update Jobs set status = ?3, attempts = ?4, lock_by = null, lock_at = null,
                 run_at = coalesce(?5, run_at), last_result = coalesce(?6, last_result),
                 done_at = case when ?7 then cast(strftime('%s', 'now') as integer) end,
                 idempotency_key = case when ?7 and substr(idempotency_key, 1, ?9) = ?8
                     then null else idempotency_key end
             where id = ?1 and lock_by = ?2",
        )
        .bind(id)
        .bind(worker)
        .bind(ended.status())
        .bind(ended.attempts)
        .bind(ended.run_at)
        .bind(ended.result().map(|result| result.to_string()))
        .bind(ended.is_over())
        .bind(WHILE_QUEUED)
        .bind(WHILE_QUEUED.len() as i64)
        .execute(&self.pool)
        .await?;
        Ok(settled.rows_affected() > 0)
    }

    async fn enlist(&self, worker: &str) -> Result<()> {
        sqlx::query("insert into Workers (id, worker_type, storage_name) values (?1, '', 'drain')")
            .bind(worker)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn dismiss(&self, workers: &[String]) -> Result<()> {
        let workers = serde_json::to_string(workers)?;
        sqlx::query(
            "update Jobs set status = 'Pending', lock_by = null, lock_at = null
             where status in ('Queued', 'Running')
               and lock_by in (select value from json_each(?1))",
        )
        .bind(&workers)
        .execute(&self.pool)
        .await?;
        sqlx::query(
            "delete from Workers where id in (select value from json_each(?1))
               and not exists (select 1 from Jobs where lock_by = Workers.id)",
        )
        .bind(&workers)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    // One process at a time works on an SQLite queue, so whatever another one holds is orphaned
    // and need not wait for its heartbeat to be missed.
    async fn recover(&self, process: &str) -> Result<u64> {
        let recovered = sqlx::query(
            "update Jobs set status = 'Pending', lock_by = null, lock_at = null,
                 attempts = attempts + 1, last_result = ?2
             where status in ('Queued', 'Running') and instr(lock_by, ?1) = 0",
        )
        .bind(process)
        .bind(r#"{"Err":"the process that ran it died"}"#)
        .execute(&self.pool)
        .await?;
        Ok(recovered.rows_affected())
    }

    async fn work(
        &self,
        worker: &str,
        seat: Arc<dyn Seat>,
        bell: Bell,
        cancel: CancellationToken,
    ) -> Result<()> {
        let storage = self.storage(seat.name());
        work!(storage, worker, seat, bell, cancel)
    }

    async fn watch(&self, names: &[&str], bells: &Bells) {
        let names = serde_json::to_string(names).unwrap_or_default();
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            match self.due(&names).await {
                Ok(due) => due.iter().for_each(|name| bells.ring(name)),
                Err(error) => {
                    warn!("Cannot look for due jobs: {error:#}");
                    sleep(HEARTBEAT).await;
                }
            }
        }
    }

    async fn counts(&self) -> Result<Vec<Count>> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "select job_type, case
                 when status = 'Pending' and attempts = 0 then 'waiting'
                 when status = 'Pending' or status = 'Failed' and attempts < max_attempts
                     then 'retrying'
                 when status in ('Queued', 'Running') then 'running'
                 when status = 'Done' then 'done' else 'dead' end as state, count(*)
             from Jobs group by 1, 2",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut counts: Vec<Count> = rows
            .into_iter()
            .map(|(name, state, jobs)| Count {
                name,
                state: State::read(&state),
                jobs: jobs.unsigned_abs(),
            })
            .collect();
        counts.sort();
        Ok(counts)
    }

    async fn dead(&self, limit: u32) -> Result<Vec<DeadJob>> {
        type Row = (
            String,
            String,
            Vec<u8>,
            u32,
            Option<Json<Value>>,
            Option<i64>,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "select id, job_type, job, attempts, last_result, done_at from Jobs
             where status = 'Killed' or status = 'Failed' and attempts >= max_attempts
             order by done_at desc, id desc limit ?1",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        let dead = rows
            .into_iter()
            .map(|(id, name, payload, attempts, result, done_at)| DeadJob {
                id,
                name,
                payload: serde_json::from_slice(&payload).unwrap_or_default(),
                attempts,
                error: error_in(result.map(|Json(result)| result)),
                died_at: done_at.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            });
        Ok(dead.collect())
    }

    async fn retry(&self, id: &str) -> Result<Option<String>> {
        let name = sqlx::query_scalar(
            "update Jobs set status = 'Pending', attempts = 0, run_at = ?2,
                 lock_by = null, lock_at = null, done_at = null
             where id = ?1
               and (status = 'Killed' or status = 'Failed' and attempts >= max_attempts)
             returning job_type",
        )
        .bind(id)
        .bind(Utc::now().timestamp())
        .fetch_optional(&self.pool)
        .await?;
        Ok(name)
    }

    async fn drop_dead(&self, id: &str) -> Result<bool> {
        let dropped = sqlx::query(
            "delete from Jobs where id = ?1
               and (status = 'Killed' or status = 'Failed' and attempts >= max_attempts)",
        )
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(dropped.rows_affected() > 0)
    }

    async fn prune(&self, before: DateTime<Utc>, dead_too: bool) -> Result<u64> {
        let pruned = sqlx::query(
            "delete from Jobs where done_at < ?1 and (status = 'Done'
               or ?2 and (status = 'Killed' or status = 'Failed' and attempts >= max_attempts))",
        )
        .bind(before.timestamp())
        .bind(dead_too)
        .execute(&self.pool)
        .await?;
        sqlx::query(
            "delete from Workers where last_seen < strftime('%s', 'now') - 86400
               and not exists (select 1 from Jobs where lock_by = Workers.id)",
        )
        .execute(&self.pool)
        .await?;
        Ok(pruned.rows_affected())
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
