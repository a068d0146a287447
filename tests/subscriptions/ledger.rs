//! What the ledger says, beside what arrived.

use std::collections::HashMap;

use app::db::sql;
use app::hub::Hub;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::harness::smtp::Received;

/// A row of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Whom it tells.
    pub(crate) subscription: Uuid,
    /// Of which line of the log.
    pub(crate) seq: i64,
    /// How far it is.
    pub(crate) state: String,
    /// How often it was tried.
    pub(crate) attempts: i64,
    /// Tries without a known outcome: each may have been a repeat.
    pub(crate) doubts: usize,
    /// The name it arrives by: a mail's Message-ID, a webhook's `webhook-id`.
    pub(crate) name: String,
}

/// The whole ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// Its rows, by place in the log.
    pub(crate) rows: Vec<Row>,
}

impl Ledger {
    /// Reads it.
    pub(crate) async fn read(hub: &Hub) -> Ledger {
        let text = "select id, subscription_id, seq, channel, state, attempts, doubts, message_id \
                    from deliveries order by seq";
        let db = hub.db.read();
        let found = db.query_all_raw(sql(db, text, vec![])).await.unwrap();
        let rows = found.iter().map(|row| {
            let number = |name: &str| row.try_get::<i32>("", name).unwrap();
            let channel: String = row.try_get("", "channel").unwrap();
            let id: Uuid = row.try_get("", "id").unwrap();
            Row {
                subscription: row.try_get("", "subscription_id").unwrap(),
                seq: row.try_get("", "seq").unwrap(),
                state: row.try_get("", "state").unwrap(),
                attempts: number("attempts").into(),
                doubts: usize::try_from(number("doubts")).unwrap(),
                name: match channel.as_str() {
                    "webhook" => format!("msg_{}", id.simple()),
                    _ => row.try_get("", "message_id").unwrap(),
                },
            }
        });
        Ledger {
            rows: rows.collect(),
        }
    }

    /// Rows that are done.
    pub(crate) fn sent(&self) -> usize {
        self.rows.iter().filter(|row| row.state == "sent").count()
    }

    /// Tries without a known outcome, of all rows: the window in which something may come twice.
    pub(crate) fn doubts(&self) -> usize {
        self.rows.iter().map(|row| row.doubts).sum()
    }

    /// Makes sure that each row arrived, and more than once only where the ledger says that it may
    /// have. `arrived` counts by name.
    pub(crate) fn was_told_once(&self, arrived: &HashMap<String, usize>) {
        for row in &self.rows {
            let times = arrived.get(&row.name).copied().unwrap_or_default();
            assert!(
                (1..=1 + row.doubts).contains(&times),
                "{} arrived {times} times, in doubt {} times",
                row.name,
                row.doubts
            );
        }
        assert_eq!(arrived.len(), self.rows.len(), "something nobody wrote");
    }
}

/// How often each mail came, by its Message-ID.
pub(crate) fn mails_by_name(mails: &[Received]) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for mail in mails {
        let name = mail.message_id();
        let name = name.trim_matches(['<', '>']).to_owned();
        *times.entry(name).or_insert(0) += 1;
    }
    times
}
