//! The hub's database: one schema on SQLite or PostgreSQL, and the one way to write to it.
//!
//! Every writing transaction goes through [`Db::begin`]: on SQLite it waits for its turn in a fair
//! line and takes the write lock at once (a deferred transaction that reads and then writes fails
//! whenever another writer came between); on PostgreSQL locks wait five seconds at most.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rand::Rng;
use sea_orm::sea_query::ArrayType;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    Value,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Longest wait of a writer for another's locks on PostgreSQL.
const LOCK_TIMEOUT: &str = "5s";
/// How often a transaction that lost against another is run again.
const ATTEMPTS: u32 = 8;

/// Bytes SQLite may keep in memory, all connections together: without this each of seven would keep
/// its own 16 MB. Beyond it those pages go that were not used for longest; the system still has them.
const SQLITE_KEEPS: &str = "16777216";
/// How long a connection may lie idle and still be used without being tested.
const STALE: Duration = Duration::from_secs(1);
/// How long a connection to an SQLite file may lie idle, with what it keeps and its thread. Opening
/// one takes less than a millisecond.
const SQLITE_IDLE: Duration = Duration::from_secs(60);

/// Longest query of a reader on PostgreSQL: nobody waits for its answer any more.
const READER_TIMEOUT: &str = "30s";

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    own: DatabaseConnection,
    readers: DatabaseConnection,
    writers: Arc<Mutex<()>>,
}

/// A writing transaction. Dropped without [`Write::commit`] it leaves nothing behind.
pub struct Write {
    tx: DatabaseTransaction,
    _turn: Option<OwnedMutexGuard<()>>,
}

/// Who uses connections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum User {
    Hub,
    Readers,
}

impl Db {
    /// Opens the database `url` names; a SQLite file is made when it is missing.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(url: &str) -> anyhow::Result<Db> {
        let own = connect(url, User::Hub).await?;
        // What lies in memory lies in one connection.
        let readers = match url.contains(":memory:") {
            true => own.clone(),
            false => connect(url, User::Readers).await?,
        };
        Ok(Db {
            own,
            readers,
            writers: Arc::default(),
        })
    }

    /// For reading.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// For reading what has to be known in time (the feed, the clock, the matcher and what it has to
    /// tell), however many requests are reading: these connections are not theirs.
    #[must_use]
    pub fn own(&self) -> &DatabaseConnection {
        &self.own
    }

    /// Whether this is SQLite (one process) rather than PostgreSQL.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.own.get_database_backend() == DbBackend::Sqlite
    }

    /// Begins a writing transaction, after those who asked before.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin(&self) -> Result<Write, DbErr> {
        let turn = match self.is_sqlite() {
            true => Some(Arc::clone(&self.writers).lock_owned().await),
            false => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(Write {
            tx: begun(&self.own, options).await?,
            _turn: turn,
        })
    }

    /// Begins a transaction to read in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_reading(&self) -> Result<DatabaseTransaction, DbErr> {
        begun(&self.readers, TransactionOptions::default()).await
    }

    /// Closes every connection.
    pub async fn close(self) {
        for pool in [self.readers, self.own] {
            if let Err(error) = pool.close().await {
                tracing::debug!(%error, "Closing the database failed");
            }
        }
    }
}

/// Begins a transaction, and goes on with that if whoever asked leaves (a client that hangs up, a time
/// limit): sqlx forgets one whose `begin` was dropped before PostgreSQL answered, and whatever ran next
/// on that connection would never be committed.
async fn begun(
    pool: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    if pool.get_database_backend() == DbBackend::Sqlite {
        return pool.begin_with_options(options).await;
    }
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with_options(options).await });
    let broken = |error: tokio::task::JoinError| DbErr::Custom(error.to_string());
    begun.await.map_err(broken)?
}

async fn connect(url: &str, user: User) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url.to_owned());
    options.sqlx_logging(false);
    // Each is tested as it goes back to the pool. To do so again whenever one is taken is a way to
    // the server and back for each statement.
    options.test_before_acquire_if_idle_for(STALE);
    if url.starts_with("sqlite:") {
        options
            .max_connections(if user == User::Hub { 3 } else { 4 })
            .min_connections(1);
        if !url.contains(":memory:") {
            options.idle_timeout(SQLITE_IDLE);
        }
        options.map_sqlx_sqlite_opts(|o| {
            o.create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // A number that was published must survive.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .pragma("cache_size", "-16000")
                .pragma("soft_heap_limit", SQLITE_KEEPS)
                // Pages that many transactions write are copied home once: 16 MiB at a time.
                .pragma("wal_autocheckpoint", "4000")
                .pragma("temp_store", "memory")
        });
    } else {
        options
            .max_connections(if user == User::Hub { 8 } else { 14 })
            .acquire_timeout(Duration::from_secs(8));
        let longest = if user == User::Hub {
            "0"
        } else {
            READER_TIMEOUT
        };
        options.map_sqlx_postgres_opts(move |o| {
            o.options([
                ("lock_timeout", LOCK_TIMEOUT),
                ("idle_in_transaction_session_timeout", LOCK_TIMEOUT),
                ("statement_timeout", longest),
                ("timezone", "UTC"),
                // Searches by place are many short scans, which PostgreSQL takes for long ones:
                // it would compile for 200 ms what then runs for one.
                ("jit", "off"),
            ])
        });
    }
    Database::connect(options)
        .await
        .context("opening the database")
}

impl Write {
    /// The transaction, for queries.
    #[must_use]
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Makes it last.
    ///
    /// # Errors
    /// Those of the database; then nothing was written.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.tx.commit().await
    }

    /// Leaves nothing behind.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.tx.rollback().await
    }
}

/// Counts the attempts of a transaction that may lose against another.
#[derive(Default)]
pub struct Attempts(u32);

impl Attempts {
    /// Whether to run it again after `error`: waits a little (longer each time) and says yes for
    /// deadlocks, serialisation failures, lock time-outs and rows another writer inserted first.
    pub async fn again(&mut self, error: &anyhow::Error) -> bool {
        self.0 += 1;
        let lost = error.chain().any(|cause| {
            cause
                .downcast_ref::<DbErr>()
                .is_some_and(lost_against_another)
        });
        if !lost || self.0 >= ATTEMPTS {
            return false;
        }
        let most = 5_u64 << self.0.min(7);
        let wait = rand::rng().random_range(1..=most);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        true
    }
}

fn lost_against_another(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|e| e.code());
    // PostgreSQL: serialisation failure, deadlock, lock timeout, unique violation.
    // SQLite: busy, busy snapshot, unique and primary key violations.
    matches!(
        code.as_deref(),
        Some("40001" | "40P01" | "55P03" | "23505" | "5" | "517" | "2067" | "1555")
    )
}

/// Statements with more values than this are given to SQLite without names for them.
const MANY: usize = 32;

/// A statement with `$1`, `$2` … for its values, which both databases understand.
pub fn sql(db: &impl ConnectionTrait, text: impl Into<String>, values: Vec<Value>) -> Statement {
    let (backend, mut text) = (db.get_database_backend(), text.into());
    if backend == DbBackend::Sqlite && values.len() > MANY {
        text = nameless(&text).unwrap_or(text);
    }
    Statement::from_sql_and_values(backend, text, values)
}

/// The statement with `?` for `$1`, `$2` …, if they stand in their order and each once.
///
/// To SQLite `$1` is a name, looked up in a list from its start for every value that is parsed or
/// bound: with 500 rows of some thirty columns that is where two thirds of the time go. `?` has no name.
fn nameless(text: &str) -> Option<String> {
    let mut parts = text.split('$');
    let mut without = String::with_capacity(text.len());
    without.push_str(parts.next()?);
    for (expected, part) in (1_usize..).zip(parts) {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at_checked(digits)?;
        if number.parse() != Ok(expected) {
            return None;
        }
        without.push('?');
        without.push_str(rest);
    }
    Some(without)
}

/// Rows for `insert into table (columns)`, and the values of the statement: `values` row by row.
///
/// PostgreSQL gets them as arrays, or as JSON where some are null. Written out, every number of rows
/// would be another statement, with thousands of placeholders, read and planned for each batch anew.
pub fn rows(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    values: Vec<Value>,
) -> (String, Vec<Value>) {
    if db.get_database_backend() == DbBackend::Postgres {
        if let Some(arrays) = arrays(columns.len(), &values) {
            let list = placeholders(1, columns.len(), 1);
            return (format!("select * from unnest{list}"), arrays);
        }
        if let Some(json) = json_rows(columns, &values) {
            let text = format!(
                "select {} from json_populate_recordset(null::{table}, $1::text::json)",
                columns.join(", ")
            );
            return (text, vec![json.into()]);
        }
    }
    let count = values.len() / columns.len().max(1);
    let text = format!("values {}", placeholders(count, columns.len(), 1));
    (text, values)
}

/// An array a column; none when a value is null or of a kind that rows are not made of.
fn arrays(columns: usize, values: &[Value]) -> Option<Vec<Value>> {
    let kind = |value: &Value| match value {
        Value::Int(Some(_)) => Some(ArrayType::Int),
        Value::BigInt(Some(_)) => Some(ArrayType::BigInt),
        Value::String(Some(_)) => Some(ArrayType::String),
        Value::Uuid(Some(_)) => Some(ArrayType::Uuid),
        _ => None,
    };
    let column = |number: usize| {
        let column: Vec<Value> = values
            .iter()
            .skip(number)
            .step_by(columns)
            .cloned()
            .collect();
        let first = kind(column.first()?)?;
        let alike = column
            .iter()
            .all(|value| kind(value).as_ref() == Some(&first));
        alike.then(|| Value::Array(first, Some(Box::new(column))))
    };
    (0..columns).map(column).collect()
}

/// Rows as a JSON array of objects; none when a value has no JSON that PostgreSQL reads back.
fn json_rows(columns: &[&str], values: &[Value]) -> Option<String> {
    let mut text = String::from("[");
    for (number, row) in values.chunks(columns.len()).enumerate() {
        text.push_str(if number == 0 { "{" } else { ",{" });
        let mut first = true;
        for (column, value) in columns.iter().zip(row) {
            let value = match value {
                Value::Bool(None)
                | Value::Int(None)
                | Value::BigInt(None)
                | Value::Double(None)
                | Value::String(None)
                | Value::Uuid(None)
                | Value::ChronoDateTimeUtc(None) => continue,
                Value::Bool(Some(value)) => value.to_string(),
                Value::Int(Some(value)) => value.to_string(),
                Value::BigInt(Some(value)) => value.to_string(),
                Value::Double(Some(value)) => serde_json::to_string(value).ok()?,
                Value::String(Some(value)) => serde_json::to_string(value).ok()?,
                Value::Uuid(Some(value)) => format!("\"{value}\""),
                Value::ChronoDateTimeUtc(Some(value)) => format!("\"{}\"", value.to_rfc3339()),
                _ => return None,
            };
            if !first {
                text.push(',');
            }
            first = false;
            text.push_str(&format!("\"{column}\":{value}"));
        }
        text.push('}');
    }
    text.push(']');
    Some(text)
}

/// `($1,$2),($3,$4)…`: placeholders for `rows` rows of `columns` values, from `$first`.
#[must_use]
pub fn placeholders(rows: usize, columns: usize, first: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            if column > 0 {
                text.push(',');
            }
            let _ = write!(text, "${}", first + row * columns + column);
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_sqlite_keeps_in_memory_has_a_bound() {
        let db = Db::connect("sqlite::memory:").await.expect("a database");
        let asked = sql(db.own(), "pragma soft_heap_limit", vec![]);
        let row = db.own().query_one_raw(asked).await.expect("an answer");
        let bound: i64 = row.expect("a row").try_get_by_index(0).expect("a number");
        assert_eq!(bound.to_string(), SQLITE_KEEPS);
    }

    #[test]
    fn values_in_their_order_need_no_names() {
        let text = format!("insert into t (a, b) values {}", placeholders(2, 2, 1));
        let without = nameless(&text);
        assert_eq!(
            without.as_deref(),
            Some("insert into t (a, b) values (?,?),(?,?)")
        );
    }

    #[test]
    fn values_named_twice_or_out_of_order_keep_their_names() {
        assert_eq!(nameless("a = $1 or b = $1"), None);
        assert_eq!(nameless("a = $2 or b = $1"), None);
        assert_eq!(nameless("json_extract(a, '$[0]') = $1"), None);
    }

    #[test]
    fn rows_without_nulls_are_arrays_and_others_json() {
        let id = uuid::Uuid::from_u128(7);
        let full = [Value::from("a"), 1_i32.into(), "b".into(), 2_i32.into()];
        assert_eq!(arrays(2, &full).map(|a| a.len()), Some(2));
        let holed = [
            id.into(),
            "say \"a\"\n".into(),
            Value::Double(None),
            chrono::DateTime::UNIX_EPOCH.into(),
        ];
        assert_eq!(arrays(4, &holed), None);
        assert_eq!(
            json_rows(&["id", "text", "exptime", "t"], &holed).as_deref(),
            Some(
                "[{\"id\":\"00000000-0000-0000-0000-000000000007\",\"text\":\"say \\\"a\\\"\\n\",\
                 \"t\":\"1970-01-01T00:00:00+00:00\"}]"
            )
        );
    }
}
