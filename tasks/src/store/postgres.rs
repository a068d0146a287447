//! The queue in PostgreSQL, in schema `apalis` of the hub's database.
//!
//! All processes share it; a heartbeat tells which of them live.

mod rights;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use apalis::prelude::{TaskBuilder, TaskId, TaskSink, TaskSinkError};
use apalis_postgres::{Config, PostgresStorage};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use tokio_util::sync::CancellationToken;

use super::{
    Count, DeadJob, Ended, HEARTBEAT, MISSED_HEARTBEATS, Migrations, NewJob, State, Store, Taken,
    WHILE_QUEUED, error_in, new_id,
};
use crate::bell::{Bell, Bells};
use crate::seat::{Seat, work};

const UNIQUE_VIOLATION: &str = "23505";

pub(crate) struct Postgres {
    pool: PgPool,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .after_release(|connection, _| Box::pin(leave_transaction(connection)))
            .acquire_timeout(Duration::from_secs(8))
            .connect(url)
            .await
            .context("connecting to the job queue in PostgreSQL")?;
        Ok(Self { pool })
    }

    fn storage(&self, name: &str) -> PostgresStorage<Value> {
        let config = Config::default()
            .queue(name)
            .batch_size(1)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS)
            .lock_tasks(false)
            .persist_results(false);
        PostgresStorage::new(&self.pool).with_config(config)
    }
}

#[async_trait]
impl Store for Postgres {
    async fn migrate(&self) -> Result<()> {
        PostgresStorage::setup(&self.pool)
            .await
            .context("migrating the job queue")
    }

    async fn migrations(&self) -> Result<Migrations> {
        let ledger: bool =
            sqlx::query_scalar("select to_regclass('apalis._sqlx_migrations') is not null")
                .fetch_one(&self.pool)
                .await?;
        let applied = if ledger {
            sqlx::query_scalar(
                "select version from apalis._sqlx_migrations where success order by version",
            )
            .fetch_all(&self.pool)
            .await?
        } else {
            Vec::new()
        };
        Ok(Migrations::compare(
            &PostgresStorage::migrations(),
            &applied,
        ))
    }

    async fn missing_rights(&self) -> Result<Vec<String>> {
        // A ledger that cannot be read is named by the rights that are missing for it.
        let migrations = self.migrations().await;
        let pending = migrations.is_ok_and(|migrations| !migrations.pending.is_empty());
        rights::missing(&self.pool, pending).await
    }

    // apalis inserts without `on conflict` here, so the second job of a key is refused by its
    // unique index. That is what was asked for.
    async fn push(&self, job: NewJob) -> Result<()> {
        let mut task = TaskBuilder::new(job.payload)
            .task_id(TaskId::from_string(new_id()))
            .max_attempts(job.max_attempts as usize)
            .run_at_timestamp(job.run_at.unsigned_abs());
        let keyed = job.key.is_some();
        if let Some(key) = job.key {
            task = task.idempotency_key(key);
        }
        let mut storage = self.storage(job.name);
        match storage.push_task(task.build()).await {
            Err(TaskSinkError::PushError(apalis_postgres::Error::Database(error)))
                if keyed && is_unique_violation(&error) =>
            {
                Ok(())
            }
            pushed => pushed.with_context(|| format!("queueing {}", job.name)),
        }
    }

    async fn is_queued(&self, name: &str, payload: &Value) -> Result<bool> {
        let found = sqlx::query_scalar(
            "select exists (select 1 from apalis.jobs where job_type = $1 and job = $2
               and (status in ('Pending', 'Queued', 'Running')
                 or status = 'Failed' and attempts < max_attempts))",
        )
        .bind(name)
        .bind(serde_json::to_vec(payload)?);
        Ok(found.fetch_one(&self.pool).await?)
    }

    async fn take(&self, names: &[&str], worker: &str, now: i64) -> Result<Option<Taken>> {
        let row: Option<(String, String, Vec<u8>, i32)> = sqlx::query_as(
            "update apalis.jobs set status = 'Queued', lock_by = $1, lock_at = now()
             where id = (select id from apalis.jobs
                 where status = 'Pending' and run_at <= to_timestamp($2::bigint)
                   and job_type = any($3)
                 order by run_at, id limit 1 for update skip locked)
             returning id, job_type, job, attempts",
        )
        .bind(worker)
        .bind(now)
        .bind(names)
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
            attempts: attempts.unsigned_abs(),
        }))
    }

    async fn settle(&self, id: &str, worker: &str, ended: &Ended) -> Result<bool> {
        let settled = sqlx::query(
            "update apalis.jobs set status = $3, attempts = $4, lock_by = null, lock_at = null,
                 run_at = coalesce(to_timestamp($5::bigint), run_at),
                 last_result = coalesce($6, last_result), done_at = case when $7 then now() end,
                 idempotency_key = case when $7 and starts_with(idempotency_key, $8)
                     then null else idempotency_key end
             where id = $1 and lock_by = $2",
        )
        .bind(id)
        .bind(worker)
        .bind(ended.status())
        .bind(i32::try_from(ended.attempts).unwrap_or(i32::MAX))
        .bind(ended.run_at)
        .bind(ended.result())
        .bind(ended.is_over())
        .bind(WHILE_QUEUED)
        .execute(&self.pool)
        .await?;
        Ok(settled.rows_affected() > 0)
    }

    async fn enlist(&self, worker: &str) -> Result<()> {
        sqlx::query(
            "insert into apalis.workers (id, worker_type, storage_name) values ($1, '', 'drain')",
        )
        .bind(worker)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn dismiss(&self, workers: &[String]) -> Result<()> {
        sqlx::query(
            "update apalis.jobs set status = 'Pending', lock_by = null, lock_at = null
             where status in ('Queued', 'Running') and lock_by = any($1)",
        )
        .bind(workers)
        .execute(&self.pool)
        .await?;
        sqlx::query(
            "delete from apalis.workers where id = any($1)
               and not exists (select 1 from apalis.jobs where lock_by = workers.id)",
        )
        .bind(workers)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    // Other processes may be alive: their heartbeats decide.
    async fn recover(&self, _process: &str) -> Result<u64> {
        Ok(0)
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
        watch::watch(&self.pool, names, bells).await;
    }

    async fn counts(&self) -> Result<Vec<Count>> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "select job_type, case
                 when status = 'Pending' and attempts = 0 then 'waiting'
                 when status = 'Pending' or status = 'Failed' and attempts < max_attempts
                     then 'retrying'
                 when status in ('Queued', 'Running') then 'running'
                 when status = 'Done' then 'done' else 'dead' end as state, count(*)
             from apalis.jobs group by 1, 2",
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
            i32,
            Option<Value>,
            Option<DateTime<Utc>>,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "select id, job_type, job, attempts, last_result, done_at from apalis.jobs
             where status = 'Killed' or status = 'Failed' and attempts >= max_attempts
             order by done_at desc, id desc limit $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        let dead = rows
            .into_iter()
            .map(|(id, name, payload, attempts, result, died_at)| DeadJob {
                id,
                name,
                payload: serde_json::from_slice(&payload).unwrap_or_default(),
                attempts: attempts.unsigned_abs(),
                error: error_in(result),
                died_at,
            });
        Ok(dead.collect())
    }

    async fn retry(&self, id: &str) -> Result<Option<String>> {
        let name = sqlx::query_scalar(
            "update apalis.jobs set status = 'Pending', attempts = 0, run_at = now(),
                 lock_by = null, lock_at = null, done_at = null
             where id = $1
               and (status = 'Killed' or status = 'Failed' and attempts >= max_attempts)
             returning job_type",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(name)
    }

    async fn drop_dead(&self, id: &str) -> Result<bool> {
        let dropped = sqlx::query(
            "delete from apalis.jobs where id = $1
               and (status = 'Killed' or status = 'Failed' and attempts >= max_attempts)",
        )
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(dropped.rows_affected() > 0)
    }

    async fn prune(&self, before: DateTime<Utc>, dead_too: bool) -> Result<u64> {
        let pruned = sqlx::query(
            "delete from apalis.jobs where done_at < $1 and (status = 'Done'
               or $2 and (status = 'Killed' or status = 'Failed' and attempts >= max_attempts))",
        )
        .bind(before)
        .bind(dead_too)
        .execute(&self.pool)
        .await?;
        sqlx::query(
            "delete from apalis.workers where last_seen < now() - interval '1 day'
               and not exists (select 1 from apalis.jobs where lock_by = workers.id)",
        )
        .execute(&self.pool)
        .await?;
        Ok(pruned.rows_affected())
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Ends the transaction a connection is still in when it comes back to the pool.
///
/// sqlx forgets one whose `begin` was dropped before the server answered, as happens when a worker
/// stops or a request that pushes is cancelled; whatever ran next on that connection would never
/// be committed. `rollback` alone would fill the server's log with warnings.
async fn leave_transaction(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::raw_sql("begin; rollback").execute(connection).await?;
    Ok(true)
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.code())
        .as_deref()
        == Some(UNIQUE_VIOLATION)
}
