//! A subscription as the hub holds it, and the questions about the rows.

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use domain::filter::{ActivityFilter, Aliases, Context, NoAliases};
use domain::{Activity, EventKind};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::sql;

/// Partitions of the matcher.
pub const PARTS: i32 = 64;
/// Subscriptions of one account.
pub const MOST: usize = 200;
/// What was longer ago than this when we heard of it is not told.
pub const MAX_AGE: TimeDelta = TimeDelta::hours(24);

/// The events somebody can subscribe to: all that a life is made of.
pub const EVENTS: [EventKind; 9] = [
    EventKind::Planned,
    EventKind::Scheduled,
    EventKind::Changed,
    EventKind::Started,
    EventKind::Ended,
    EventKind::Confirmed,
    EventKind::Observed,
    EventKind::Aborted,
    EventKind::Withdrawn,
];

/// What a catalogue calls things.
pub type Names = dyn Aliases + Sync;

/// What somebody wants to be told, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// Ours, stable for ever.
    pub id: Uuid,
    /// Whose.
    pub account: Uuid,
    /// As its owner calls it.
    pub name: String,
    /// What has to hold of an activity. An own site stands in it by its id.
    pub filter: ActivityFilter,
    /// The filter's JSON as its owner gave it, whether or not it can be read.
    pub given: serde_json::Value,
    /// Of which events, in the order of the contract.
    pub events: Vec<EventKind>,
    /// How to tell, at most one of each kind.
    pub channels: Vec<Channel>,
    /// What counts as the same news.
    pub once_per: OncePer,
    /// When delivery waits.
    pub quiet: Option<Quiet>,
    /// Deliveries an hour; the rest becomes a digest.
    pub max_per_hour: Option<u32>,
    /// Nothing is delivered before.
    pub mute_until: Option<DateTime<Utc>>,
    /// Not paused.
    pub active: bool,
    /// Place of its newest change among all changes of subscriptions.
    pub version: i64,
    /// Events up to this one never match.
    pub active_from_seq: i64,
    /// Its partition, 0 to 63.
    pub part: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its owner last changed it.
    pub changed_at: DateTime<Utc>,
    /// Why its filter cannot be read any more. It matches nothing until it is edited.
    pub fault: Option<String>,
}

/// A way to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A mail for each match, at once.
    MailNow,
    /// A mail at each full hour that has news.
    MailHourly,
    /// A mail a day at this local hour, 0 to 23.
    MailNightly {
        /// The local hour.
        hour: u8,
    },
    /// A signed request to this address.
    Webhook {
        /// The address, `http` or `https`.
        url: String,
    },
}

impl Channel {
    /// The name it has in the ledger.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Channel::MailNow => "mail_now",
            Channel::MailHourly => "mail_hourly",
            Channel::MailNightly { .. } => "mail_nightly",
            Channel::Webhook { .. } => "webhook",
        }
    }
}

/// A channel's JSON, in the contract's words.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum ChannelJson {
    Email {
        when: When,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hour: Option<u8>,
    },
    Webhook {
        url: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum When {
    Now,
    Hourly,
    Nightly,
}

/// Local hour of the nightly mail when none is named: the night is over, the day has not begun.
pub(super) const NIGHTLY_HOUR: u8 = 7;

impl Serialize for Channel {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let email = |when, hour| ChannelJson::Email { when, hour };
        match self {
            Channel::MailNow => email(When::Now, None),
            Channel::MailHourly => email(When::Hourly, None),
            Channel::MailNightly { hour } => email(When::Nightly, Some(*hour)),
            Channel::Webhook { url } => ChannelJson::Webhook { url: url.clone() },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match ChannelJson::deserialize(deserializer)? {
            ChannelJson::Email { when, hour } => match when {
                When::Now => Channel::MailNow,
                When::Hourly => Channel::MailHourly,
                When::Nightly => Channel::MailNightly {
                    hour: hour.unwrap_or(NIGHTLY_HOUR),
                },
            },
            ChannelJson::Webhook { url } => Channel::Webhook { url },
        })
    }
}

/// What counts as the same news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OncePer {
    /// One notification for an event of a `group_id`.
    #[default]
    Group,
    /// One notification for an event of an activity.
    Activity,
}

impl OncePer {
    /// The word in JSON and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            OncePer::Group => "group",
            OncePer::Activity => "activity",
        }
    }

    /// Equal for the same news: a subscription tells each channel of it once.
    #[must_use]
    pub fn key(self, activity: &Activity, event: EventKind) -> String {
        match (self, &activity.facts.group_id) {
            (OncePer::Group, Some(group)) => format!("{event} {} {group}", activity.source),
            _ => format!("{event} {}", activity.id),
        }
    }
}

/// Hours of the local day in which delivery waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// From this minute of the local day, 0 to 1439.
    pub from: u16,
    /// Until this one; through midnight when it is the smaller. Never equal to `from`.
    pub to: u16,
}

impl Quiet {
    /// Whether a local time is in it.
    #[must_use]
    pub fn holds(self, local: NaiveTime) -> bool {
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
        match self.from < self.to {
            true => (self.from..self.to).contains(&minute),
            false => minute >= self.from || minute < self.to,
        }
    }
}

/// The partition of an id.
#[must_use]
pub fn part_of(id: Uuid) -> i32 {
    i32::from(id.as_bytes()[15]) % PARTS
}

pub(super) const COLUMNS: &str = "id, account_id, name, filter, events, channels, once_per, quiet_from, \
    quiet_to, max_per_hour, mute_until, active, version, active_from_seq, part, created_at, changed_at";

/// One subscription.
///
/// # Errors
/// Those of the database.
pub async fn by_id(
    db: &impl ConnectionTrait,
    names: &Names,
    id: Uuid,
) -> anyhow::Result<Option<Subscription>> {
    let text = format!("select {COLUMNS} from subscriptions where id = $1");
    let row = db.query_one_raw(sql(db, text, vec![id.into()])).await?;
    row.map(|row| read(&row, names)).transpose()
}

/// Those of an account, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_account(
    db: &impl ConnectionTrait,
    names: &Names,
    account: Uuid,
) -> anyhow::Result<Vec<Subscription>> {
    let text = format!(
        "select {COLUMNS} from subscriptions where account_id = $1 order by created_at, id"
    );
    let rows = db
        .query_all_raw(sql(db, text, vec![account.into()]))
        .await?;
    rows.iter().map(|row| read(row, names)).collect()
}

pub(super) fn read(row: &QueryResult, names: &Names) -> anyhow::Result<Subscription> {
    let text = |column: &str| row.try_get::<String>("", column);
    let minutes = |column: &str| row.try_get::<Option<i32>>("", column);
    let given: serde_json::Value = serde_json::from_str(&text("filter")?)?;
    let (filter, fault) = read_filter(&given, names);
    let quiet = minutes("quiet_from")?
        .zip(minutes("quiet_to")?)
        .and_then(|(from, to)| {
            Some(Quiet {
                from: u16::try_from(from).ok()?,
                to: u16::try_from(to).ok()?,
            })
        });
    let once_per = match text("once_per")?.as_str() {
        "activity" => OncePer::Activity,
        _ => OncePer::Group,
    };
    Ok(Subscription {
        id: row.try_get("", "id")?,
        account: row.try_get("", "account_id")?,
        name: text("name")?,
        filter,
        given,
        events: serde_json::from_str(&text("events")?)?,
        channels: serde_json::from_str(&text("channels")?)?,
        once_per,
        quiet,
        max_per_hour: minutes("max_per_hour")?.and_then(|most| u32::try_from(most).ok()),
        mute_until: row.try_get("", "mute_until")?,
        active: row.try_get("", "active")?,
        version: row.try_get("", "version")?,
        active_from_seq: row.try_get("", "active_from_seq")?,
        part: row.try_get("", "part")?,
        created_at: row.try_get("", "created_at")?,
        changed_at: row.try_get("", "changed_at")?,
        fault,
    })
}

/// A stored filter. A telescope the catalogue no longer knows still means itself.
fn read_filter(given: &serde_json::Value, names: &Names) -> (ActivityFilter, Option<String>) {
    let read = |names: &Names| ActivityFilter::from_json(given, Context::Subscription, names);
    match read(names).or_else(|_| read(&NoAliases)) {
        Ok(filter) => (filter, None),
        Err(error) => (ActivityFilter::default(), Some(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn local(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_hours_may_run_through_midnight() {
        let night = Quiet {
            from: 22 * 60,
            to: 7 * 60,
        };
        for (time, quiet) in [
            ("21:59:59", false),
            ("22:00:00", true),
            ("00:00:00", true),
            ("06:59:59", true),
            ("07:00:00", false),
        ] {
            assert_eq!(night.holds(local(time)), quiet, "{time}");
        }
        let noon = Quiet {
            from: 12 * 60,
            to: 13 * 60,
        };
        assert!(noon.holds(local("12:30:00")) && !noon.holds(local("13:00:00")));
    }

    #[test]
    fn a_channel_is_written_as_the_contract_says() {
        let channels = [
            Channel::MailNow,
            Channel::MailNightly { hour: 6 },
            Channel::Webhook {
                url: "https://example.org/hook".to_owned(),
            },
        ];
        let json = serde_json::to_string(&channels).unwrap();
        assert_eq!(
            json,
            r#"[{"type":"email","when":"now"},{"type":"email","when":"nightly","hour":6},{"type":"webhook","url":"https://example.org/hook"}]"#
        );
        let read: Vec<Channel> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, channels);
    }

    #[test]
    fn a_filter_nobody_can_read_any_more_says_so() {
        let fault = |given| read_filter(&given, &NoAliases).1;
        assert!(
            fault(json!({"colour": ["red"]}))
                .unwrap()
                .contains("colour")
        );
        assert_eq!(fault(json!({"facility": ["JWST"]})), None);
    }
}
