//! What goes out: a delivery or a digest. Both live by the same states in tables of their own.
//!
//! `queued → sending → sent`; back to `queued` when it has to be tried again; `failed` when it was
//! refused for good, `dead` when all tries are used up, `dropped` when it is not wanted any more.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use crate::config::Pace;
use crate::db::sql;

/// Longest answer kept, in characters.
const LONGEST_ANSWER: usize = 2_000;

/// Of a delivery that is dropped before it was ever tried: the same news may be told by what comes
/// later, as nobody has heard it.
pub(super) const FREED: &str =
    "once_key = case when attempts = 0 then 'dropped ' || cast(seq as text) else once_key end";

/// Something to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Parcel {
    /// One thing told to one subscription.
    Delivery(Uuid),
    /// Several in one mail.
    Digest(Uuid),
}

impl Parcel {
    pub(super) fn id(self) -> Uuid {
        match self {
            Parcel::Delivery(id) | Parcel::Digest(id) => id,
        }
    }

    fn table(self) -> &'static str {
        match self {
            Parcel::Delivery(_) => "deliveries",
            Parcel::Digest(_) => "digests",
        }
    }
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was taken, with these words.
    Sent(String),
    /// It never will be.
    Failed(String),
    /// It may be later; the receiver may have asked for a longer wait.
    Later(String, Option<Duration>),
    /// It was handed over and nobody said whether it was taken: it is tried again, and may come
    /// twice.
    Unknown(String),
}

/// A row somebody may claim now.
pub(super) struct Due {
    /// The row, with the columns asked for.
    pub(super) row: QueryResult,
    /// It was claimed before, and whoever did never said how it ended: it may be out already.
    pub(super) in_doubt: bool,
    /// Tries before this one.
    pub(super) attempts: i32,
}

/// Locks a parcel that is due, or whose claim has run out. None when it is neither, or somebody
/// else is at it.
///
/// # Errors
/// Those of the database.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    parcel: Parcel,
    columns: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Due>> {
    let lock = match tx.get_database_backend() {
        DbBackend::Sqlite => "",
        _ => "for update skip locked",
    };
    let attached = match parcel {
        Parcel::Delivery(_) => "and digest_id is null",
        Parcel::Digest(_) => "",
    };
    let text = format!(
        "select {columns}, state, attempts from {} where id = $1 {attached} and \
         (state = 'queued' and next_try_at <= $2 or state = 'sending' and claim_until <= $2) {lock}",
        parcel.table()
    );
    let values = vec![parcel.id().into(), now.into()];
    let Some(row) = tx.query_one_raw(sql(tx, text, values)).await? else {
        return Ok(None);
    };
    let state: String = row.try_get("", "state")?;
    let attempts = row.try_get("", "attempts")?;
    Ok(Some(Due {
        row,
        in_doubt: state == "sending",
        attempts,
    }))
}

/// Claims a locked parcel: until `until` it is this worker's. One whose last claim ran out counts
/// as a possible repeat.
///
/// # Errors
/// Those of the database.
pub(super) async fn claim(
    tx: &impl ConnectionTrait,
    parcel: Parcel,
    in_doubt: bool,
    until: DateTime<Utc>,
) -> anyhow::Result<()> {
    let text = format!(
        "update {} set state = 'sending', attempts = attempts + 1, doubts = doubts + $1, \
         claim_until = $2, next_try_at = null where id = $3",
        parcel.table()
    );
    let doubt = i32::from(in_doubt);
    let values = vec![doubt.into(), until.into(), parcel.id().into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// Puts a locked parcel off.
///
/// # Errors
/// Those of the database.
pub(super) async fn put_off(
    tx: &impl ConnectionTrait,
    parcel: Parcel,
    until: DateTime<Utc>,
) -> anyhow::Result<()> {
    let text = format!(
        "update {} set state = 'queued', claim_until = null, next_try_at = $1 where id = $2",
        parcel.table()
    );
    let values = vec![until.into(), parcel.id().into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(())
}

/// Drops a locked parcel, and what a digest carries.
///
/// # Errors
/// Those of the database.
pub(super) async fn give_up(
    tx: &impl ConnectionTrait,
    parcel: Parcel,
    why: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let dropped = finish(tx, parcel, None, "dropped", why, now).await?;
    count("dropped", dropped);
    Ok(())
}

/// Writes down how a try ended. False when the claim had run out and somebody else has the parcel
/// by now: then it is theirs to tell.
///
/// # Errors
/// Those of the database.
pub(super) async fn settle(
    tx: &impl ConnectionTrait,
    parcel: Parcel,
    attempt: i32,
    outcome: &Outcome,
    pace: &Pace,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let (word, answer) = match outcome {
        Outcome::Sent(answer) => ("sent", answer),
        Outcome::Failed(answer) => ("failed", answer),
        Outcome::Later(answer, _) | Outcome::Unknown(answer) => {
            let wish = match outcome {
                Outcome::Later(_, wish) => *wish,
                _ => None,
            };
            let doubt = matches!(outcome, Outcome::Unknown(_));
            let step = usize::try_from(attempt - 1)
                .ok()
                .and_then(|tried| pace.delivery_retries.get(tried));
            match step {
                Some(step) => {
                    let wait = wish.map_or(*step, |wish| wish.max(*step));
                    let at = later(now, wait);
                    let ours = try_again(tx, parcel, attempt, answer, doubt, at).await?;
                    count("later", ours);
                    return Ok(ours);
                }
                None => ("dead", answer),
            }
        }
    };
    let ours = finish(tx, parcel, Some(attempt), word, answer, now).await?;
    count(word, ours);
    Ok(ours)
}

fn count(outcome: &'static str, ours: bool) {
    let times = u64::from(ours);
    metrics::counter!("starboard_deliveries_total", "outcome" => outcome).increment(times);
}

async fn try_again(
    tx: &impl ConnectionTrait,
    parcel: Parcel,
    attempt: i32,
    answer: &str,
    doubt: bool,
    at: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let text = format!(
        "update {} set state = 'queued', claim_until = null, next_try_at = $1, answer = $2, \
         doubts = doubts + $5 where id = $3 and state = 'sending' and attempts = $4",
        parcel.table()
    );
    let values = vec![
        at.into(),
        kept(answer).into(),
        parcel.id().into(),
        attempt.into(),
        i32::from(doubt).into(),
    ];
    Ok(tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1)
}

/// Ends a parcel, and with a digest all that it carries: a locked one, or that of a try if it is
/// still that try's.
async fn finish(
    tx: &impl ConnectionTrait,
    parcel: Parcel,
    attempt: Option<i32>,
    state: &str,
    answer: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let end = |table: &str, which: &str| {
        let freed = match (state, table) {
            ("dropped", "deliveries") => format!(", {FREED}"),
            _ => String::new(),
        };
        format!(
            "update {table} set state = $1, answer = $2, finished_at = $3, claim_until = null, \
             next_try_at = null{freed} where {which} and state in ('queued', 'sending')"
        )
    };
    let values = || -> Vec<Value> {
        vec![
            state.into(),
            kept(answer).into(),
            now.into(),
            parcel.id().into(),
        ]
    };
    let (which, mut itself) = ("id = $4", values());
    let which = match attempt {
        None => which.to_owned(),
        Some(attempt) => {
            itself.push(attempt.into());
            format!("{which} and attempts = $5")
        }
    };
    let text = end(parcel.table(), &which);
    if tx.execute_raw(sql(tx, text, itself)).await?.rows_affected() == 0 {
        return Ok(false);
    }
    if let Parcel::Digest(_) = parcel {
        let text = end("deliveries", "digest_id = $4");
        tx.execute_raw(sql(tx, text, values())).await?;
    }
    Ok(true)
}

/// An answer as it is kept: PostgreSQL takes no NUL, and nobody reads pages of it.
fn kept(answer: &str) -> String {
    let whole = answer.chars().filter(|c| *c != '\0');
    whole.take(LONGEST_ANSWER).collect()
}

/// So long after a moment; that moment itself at the end of the calendar.
pub(super) fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(now)
}
