//! What handlers and jobs reach for.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use domain::Clock;
use tasks::Queue;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use upstream::Upstream;

use crate::areas::accounts::Passwords;
use crate::areas::activities::{Feed, Line, Pages, hint};
use crate::areas::observatories::Catalogue;
use crate::config::Config;
use crate::db::Db;
use crate::demo::Demo;
use crate::mail::Mailer;
use crate::realtime::Bus;
use crate::secrets::Secrets;
use crate::start::Role;
use crate::webhook;

/// The hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Parts>);

/// What the hub is made of.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// What this process does of the hub's work.
    pub role: Role,
    /// The database.
    pub db: Db,
    /// The bus between processes.
    pub bus: Bus,
    /// The queue of jobs.
    pub queue: Queue,
    /// The time.
    pub clock: Clock,
    /// Signs links, seals secrets.
    pub secrets: Secrets,
    /// Sends mails.
    pub mailer: Mailer,
    /// Posts to webhooks.
    pub webhooks: webhook::Caller,
    /// Makes and compares hashes of passwords.
    pub passwords: Passwords,
    /// Asks upstreams.
    pub upstream: Upstream,
    /// Observatories, satellites, their telescopes and instruments.
    pub catalogue: Arc<Catalogue>,
    /// The live feed of this process.
    pub feed: Feed,
    /// Pages of activities that went out and still hold.
    pub pages: Pages,
    /// The log's identity, as of the start.
    pub log: String,
    /// What the demo plays.
    pub demo: Option<Demo>,
    /// Wakes the clock when something may be due earlier than it thinks.
    pub clock_hand: Notify,
    /// Ends everything.
    pub shutdown: CancellationToken,
    /// Live connections, so that the end can wait for them.
    pub connections: TaskTracker,
}

impl Hub {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Hub {
        Hub(Arc::new(parts))
    }

    /// Tells every process that the log has grown.
    pub fn announce(&self, lines: &[Line]) {
        if let Some(line) = lines.last() {
            let log = self.feed.place().log;
            let log = if log.is_empty() {
                self.log.as_str().into()
            } else {
                log
            };
            self.pages.grown(log, line.seq);
        }
        if let Some(hint) = hint::encode(lines) {
            self.bus.publish(&self.topic(), Bytes::from(hint));
        }
    }

    /// The bus topic of this log: two hubs on one Redis never hear each other.
    #[must_use]
    pub fn topic(&self) -> String {
        format!("starboard:{}:events", self.log)
    }
}

impl Deref for Hub {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
