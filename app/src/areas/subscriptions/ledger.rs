//! The ledger: one row for each thing that one subscription is told by one channel.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::filter::{ActivityFilter, Context};
use domain::{Activity, Envelope, EventKind};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::decide::{Draft, Earlier, Known, Life, Questions};
use super::hours::Rhythm;
use super::why::why;
use crate::areas::accounts;
use crate::areas::activities::event_log;
use crate::db::{placeholders, sql};
use crate::hub::Hub;

/// Rows written by one statement.
const ROWS: usize = 400;
/// Values asked for by one statement.
const VALUES: usize = 5_000;
/// The events an activity's life is made of, besides changes of its plan.
const LIFE: [EventKind; 8] = [
    EventKind::Planned,
    EventKind::Scheduled,
    EventKind::Started,
    EventKind::Ended,
    EventKind::Confirmed,
    EventKind::Observed,
    EventKind::Aborted,
    EventKind::Withdrawn,
];

/// A row as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) id: Uuid,
    /// Whose it is.
    pub(super) account: Uuid,
    pub(super) channel: &'static str,
}

/// The channels whose deliveries go out at once, each by itself.
pub(super) const AT_ONCE: [&str; 2] = ["mail_now", "webhook"];

/// Answers what a page needs to know.
///
/// # Errors
/// Those of the database.
pub(super) async fn answer(
    db: &impl ConnectionTrait,
    questions: &Questions,
) -> anyhow::Result<Known> {
    Ok(Known {
        earlier: earlier(db, &questions.earlier).await?,
        told: told(db, &questions.told).await?,
    })
}

async fn earlier(
    db: &impl ConnectionTrait,
    lines: &[i64],
) -> anyhow::Result<HashMap<i64, Earlier>> {
    let mut found = HashMap::new();
    if lines.is_empty() {
        return Ok(found);
    }
    let life: Vec<String> = LIFE.iter().map(|event| format!("'{event}'")).collect();
    let text = format!(
        "select t.seq as seq, \
         (select max(b.seq) from events b where b.activity_id = t.activity_id and b.seq < t.seq) \
            as before_seq, \
         (select max(l.seq) from events l where l.activity_id = t.activity_id and l.seq < t.seq \
            and l.event in ({})) as life_seq \
         from events t where t.seq in {}",
        life.join(","),
        placeholders(1, lines.len(), 1)
    );
    let values = lines.iter().map(|seq| (*seq).into()).collect();
    let mut places: Vec<(i64, Option<i64>, Option<i64>)> = Vec::new();
    for row in db.query_all_raw(sql(db, text, values)).await? {
        places.push((
            row.try_get("", "seq")?,
            row.try_get("", "before_seq")?,
            row.try_get("", "life_seq")?,
        ));
    }
    let wanted: BTreeSet<i64> = places
        .iter()
        .flat_map(|(_, before, life)| [*before, *life])
        .flatten()
        .collect();
    let envelopes = envelopes(db, &wanted).await?;
    for (seq, before, life) in places {
        let before = before.and_then(|seq| envelopes.get(&seq));
        let life = life.and_then(|seq| envelopes.get(&seq));
        found.insert(
            seq,
            Earlier {
                before: before.map(|envelope| envelope.activity.clone()),
                life: life.map(|envelope| Life {
                    seq: envelope.seq,
                    event: envelope.event,
                    at: envelope.at,
                    backfill: envelope.backfill,
                }),
            },
        );
    }
    Ok(found)
}

/// Lines of the log by their places. One that is gone, or that nobody can read, is missing.
///
/// # Errors
/// Those of the database.
pub(super) async fn envelopes(
    db: &impl ConnectionTrait,
    places: &BTreeSet<i64>,
) -> anyhow::Result<HashMap<i64, Envelope>> {
    let mut found = HashMap::new();
    let places: Vec<i64> = places.iter().copied().collect();
    for places in places.chunks(VALUES) {
        let text = format!(
            "select {} from events e where e.seq in {}",
            event_log::COLUMNS,
            placeholders(1, places.len(), 1)
        );
        let values = places.iter().map(|seq| (*seq).into()).collect();
        for row in db.query_all_raw(sql(db, text, values)).await? {
            let line = event_log::read_line(&row)?;
            if let Some(envelope) = read(&line) {
                found.insert(line.seq, envelope);
            }
        }
    }
    Ok(found)
}

/// Activities as they stood after their newest lines.
///
/// # Errors
/// Those of the database.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    activities: &BTreeSet<Uuid>,
) -> anyhow::Result<HashMap<Uuid, Activity>> {
    let activities: Vec<Uuid> = activities.iter().copied().collect();
    let mut places = BTreeSet::new();
    for activities in activities.chunks(VALUES) {
        let text = format!(
            "select max(seq) as seq from events where activity_id in {} group by activity_id",
            placeholders(1, activities.len(), 1)
        );
        let values = activities.iter().map(|id| (*id).into()).collect();
        for row in db.query_all_raw(sql(db, text, values)).await? {
            places.insert(row.try_get("", "seq")?);
        }
    }
    let lines = envelopes(db, &places).await?.into_values();
    Ok(lines
        .map(|line| (line.activity.id, line.activity))
        .collect())
}

/// A line as an envelope. One that cannot be read is reported and left out: it must not keep
/// everything behind it waiting.
pub(super) fn read(line: &event_log::Line) -> Option<Envelope> {
    match serde_json::from_str(&line.envelope) {
        Ok(envelope) => Some(envelope),
        Err(error) => {
            tracing::error!(seq = line.seq, %error, "Line {} of the log cannot be read", line.seq);
            None
        }
    }
}

/// Who was told, or may have been, that these activities are scheduled or have started.
async fn told(
    db: &impl ConnectionTrait,
    activities: &BTreeSet<Uuid>,
) -> anyhow::Result<HashMap<Uuid, HashSet<Uuid>>> {
    let mut found: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    let activities: Vec<Uuid> = activities.iter().copied().collect();
    for activities in activities.chunks(VALUES) {
        let text = format!(
            "select activity_id, subscription_id from deliveries where activity_id in {} \
             and event in ('scheduled', 'started') and not sample \
             and state in ('queued', 'sending', 'sent')",
            placeholders(1, activities.len(), 1)
        );
        let values = activities.iter().map(|id| (*id).into()).collect();
        for row in db.query_all_raw(sql(db, text, values)).await? {
            let told = found.entry(row.try_get("", "activity_id")?).or_default();
            told.insert(row.try_get("", "subscription_id")?);
        }
    }
    Ok(found)
}

/// Writes drafts, within the transaction that moves the cursors. What the ledger has already, and
/// what is for a subscription that is gone, is left out. Answers what was written.
///
/// # Errors
/// Those of the database.
pub(super) async fn write(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    drafts: &[Draft],
    snapshots: &HashMap<i64, &Activity>,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<Written>> {
    let told = told_of(hub, tx, drafts).await?;
    let zones = zones(tx, drafts).await?;
    let mut rows = Vec::new();
    for draft in drafts {
        let Some((_, filter)) = told.get(&draft.subscription) else {
            continue;
        };
        let why = match (draft.correction, snapshots.get(&draft.snapshot_seq)) {
            (true, _) => "you were told of it before".to_owned(),
            (false, Some(activity)) => why(filter, activity, now),
            (false, None) => String::new(),
        };
        let due = due(draft, &zones, now);
        rows.push(values(hub, draft, why, due, now));
    }
    let mut written = Vec::new();
    for rows in rows.chunks(ROWS) {
        let text = format!(
            "insert into deliveries (id, subscription_id, seq, snapshot_seq, event, channel, \
             activity_id, once_key, late, correction, sample, why, state, next_try_at, message_id, \
             created_at) values {} on conflict do nothing \
             returning id, channel, subscription_id",
            placeholders(rows.len(), COLUMNS, 1)
        );
        let values = rows.iter().flatten().cloned().collect();
        for row in tx.query_all_raw(sql(tx, text, values)).await? {
            written.extend(read_written(&row, &told)?);
        }
    }
    Ok(written)
}

/// Columns of a row that is written.
const COLUMNS: usize = 16;

fn values(
    hub: &Hub,
    draft: &Draft,
    why: String,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> [Value; COLUMNS] {
    let id = Uuid::now_v7();
    [
        id.into(),
        draft.subscription.into(),
        draft.seq.into(),
        draft.snapshot_seq.into(),
        draft.event.as_str().into(),
        draft.channel.into(),
        draft.activity.into(),
        draft.once_key.as_str().into(),
        draft.late.into(),
        draft.correction.into(),
        (draft.seq < 0).into(),
        why.into(),
        "queued".into(),
        due.into(),
        hub.mailer.message_id(&id.simple().to_string()).into(),
        now.into(),
    ]
}

/// When a row is due: at once, or with the digest it waits for.
fn due(draft: &Draft, zones: &HashMap<Uuid, Tz>, now: DateTime<Utc>) -> DateTime<Utc> {
    let rhythm = match (draft.channel, draft.nightly) {
        ("mail_hourly", _) => Rhythm::Hourly,
        ("mail_nightly", Some((account, hour))) => Rhythm::Nightly {
            hour: u32::from(hour),
            zone: zones.get(&account).copied().unwrap_or(Tz::UTC),
        },
        _ => return now,
    };
    rhythm.next(now).map_or(now, |slot| slot.due)
}

fn read_written(row: &QueryResult, told: &Subscribers) -> anyhow::Result<Option<Written>> {
    let channel: String = row.try_get("", "channel")?;
    let channel = super::roster::channel(&channel);
    let subscriber = told.get(&row.try_get::<Uuid>("", "subscription_id")?);
    let id = row.try_get("", "id")?;
    Ok(channel
        .zip(subscriber)
        .map(|(channel, (account, _))| Written {
            id,
            account: *account,
            channel,
        }))
}

/// Owner and filter of subscriptions.
type Subscribers = HashMap<Uuid, (Uuid, ActivityFilter)>;

/// The subscriptions that drafts are for, which stay in place until the transaction ends.
async fn told_of(
    hub: &Hub,
    tx: &impl ConnectionTrait,
    drafts: &[Draft],
) -> anyhow::Result<Subscribers> {
    let lock = match tx.get_database_backend() {
        DbBackend::Sqlite => "",
        _ => "for key share",
    };
    let ids: BTreeSet<Uuid> = drafts.iter().map(|draft| draft.subscription).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut told = HashMap::new();
    for ids in ids.chunks(VALUES) {
        let text = format!(
            "select id, account_id, filter from subscriptions where id in {} order by id {lock}",
            placeholders(1, ids.len(), 1)
        );
        let values = ids.iter().map(|id| (*id).into()).collect();
        for row in tx.query_all_raw(sql(tx, text, values)).await? {
            let json: String = row.try_get("", "filter")?;
            let names = hub.catalogue.as_ref();
            let filter = serde_json::from_str(&json).ok().and_then(|json| {
                ActivityFilter::from_json(&json, Context::Subscription, names).ok()
            });
            let account = row.try_get("", "account_id")?;
            told.insert(
                row.try_get("", "id")?,
                (account, filter.unwrap_or_default()),
            );
        }
    }
    Ok(told)
}

/// The time zones of those who wait for a nightly digest.
async fn zones(tx: &impl ConnectionTrait, drafts: &[Draft]) -> anyhow::Result<HashMap<Uuid, Tz>> {
    let nightly = drafts
        .iter()
        .filter(|draft| draft.channel == "mail_nightly");
    let accounts: BTreeSet<Uuid> = nightly
        .filter_map(|draft| draft.nightly)
        .map(|(account, _)| account)
        .collect();
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let accounts: Vec<Uuid> = accounts.into_iter().collect();
    let reach = accounts::reach(tx, &accounts).await?;
    Ok(reach
        .into_iter()
        .map(|(account, reach)| (account, reach.time_zone))
        .collect())
}
