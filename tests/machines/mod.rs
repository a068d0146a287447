//! Several processes as one hub, on one PostgreSQL and one Redis.

mod division;
mod killed;
mod once;
mod proxied;

use app::db::sql;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::Record;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::eventually;
use crate::harness::hub::TestHub;
use crate::harness::process::Serving;
use crate::harness::records::planned;
use crate::harness::redis::Redis;
use crate::harness::smtp::SmtpServer;
use crate::subscriptions::person::Person;

/// Arguments of a process that serves.
const WEB: [&str; 3] = ["serve", "--role", "web"];
/// Arguments of a process that works.
const WORKER: [&str; 3] = ["serve", "--role", "worker"];
/// The parts subscriptions are divided into.
const PARTS: i64 = 64;

/// The settings of such processes: mails go to this server, webhooks may stay on this machine, and
/// what a process that died had in hand is somebody else's soon.
fn settings(hub: &TestHub, redis: &Redis, smtp: &SmtpServer) -> Vec<(&'static str, String)> {
    let mut settings = hub.settings(Some(redis));
    settings.extend([
        ("SMTP_URL", smtp.url()),
        ("MAIL_FROM", "Board <board@example.org>".to_owned()),
        ("ALLOW_PRIVATE_WEBHOOKS", "true".to_owned()),
        ("STARBOARD_RETRY_STEPS", ["1"; 300].join(",")),
        ("STARBOARD_CLAIM_SECONDS", "6".to_owned()),
        ("STARBOARD_LEASE_SECONDS", "2".to_owned()),
    ]);
    settings
}

/// How many parts of the subscriptions each worker has at this moment, the most first.
async fn parts(hub: &TestHub) -> Vec<i64> {
    let text = "select count(*) as n from leases where name like 'subscriptions:%' \
                and until > clock_timestamp() group by holder order by n desc";
    let db = hub.hub.db.read();
    let rows = db.query_all_raw(sql(db, text, vec![])).await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "n").unwrap())
        .collect()
}

/// Waits until so many workers have all parts, each its share.
async fn divided_among(hub: &TestHub, workers: usize) {
    let share = (PARTS + workers.cast_signed() as i64 - 1) / workers.cast_signed() as i64;
    eventually(&format!("parts of {workers} workers"), async || {
        let parts = parts(hub).await;
        let fair = parts.len() == workers && parts.iter().all(|parts| *parts <= share);
        (fair && parts.iter().sum::<i64>() == PARTS).then_some(())
    })
    .await;
}

/// A figure that a process shows at `/metrics`; 0 when it has none.
async fn gauge(process: &Serving, name: &str) -> usize {
    let metrics = process.get("/metrics").await.body;
    let mut lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
    let number = lines.find_map(|rest| rest.strip_prefix(' '));
    number.map_or(0, |number| number.trim().parse().unwrap())
}

/// Somebody who is told of one kind of event of one telescope.
struct Subscriber {
    id: Uuid,
    facility: &'static str,
    event: &'static str,
    /// Nothing up to here is told.
    from: i64,
}

impl Subscriber {
    /// Subscribes an account of its own, by mail or to this webhook.
    async fn new(
        hub: &TestHub,
        facility: &'static str,
        event: &'static str,
        webhook: Option<&str>,
    ) -> Subscriber {
        let person = Person::of(hub, &format!("{}@example.org", Uuid::new_v4().simple())).await;
        let mut said = json!({ "events": [event], "filter": { "facility": [facility] } });
        if let Some(url) = webhook {
            said["channels"] = json!([{ "type": "webhook", "url": url }]);
        }
        let id: Uuid = person.subscribes(hub, said).await.parse().unwrap();
        let text = "select active_from_seq from subscriptions where id = $1";
        let db = hub.hub.db.read();
        let row = db.query_one_raw(sql(db, text, vec![id.into()])).await;
        let from = row.unwrap().unwrap().try_get("", "active_from_seq");
        Subscriber {
            id,
            facility,
            event,
            from: from.unwrap(),
        }
    }

    /// The places of the events it has to be told of.
    fn due(&self, log: &[Value]) -> Vec<(Uuid, i64)> {
        let ours = log.iter().filter(|line| {
            line["event"] == self.event && line["activity"]["facility_name"] == self.facility
        });
        let places = ours.map(|line| line["seq"].as_i64().unwrap());
        let due = places.filter(|seq| *seq > self.from);
        due.map(|seq| (self.id, seq)).collect()
    }
}

/// A visit of JWST from one moment to another.
fn visit(obs_id: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Record {
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    planned(obs_id, &text(from), &text(to))
}
