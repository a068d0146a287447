//! The one trait a connector implements.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{Cursor, Harvest, Result, Upstream};

/// What the hub needs to know of a connector before it asks.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Short name, as in `STARBOARD_SOURCES`: lower case letters.
    pub name: &'static str,
    /// Name as people write it.
    pub title: &'static str,
    /// Home page of what is read.
    pub home: &'static str,
    /// Names of the facilities it tells of (`facility_name`).
    pub facilities: &'static [&'static str],
    /// Time between two harvests.
    pub every: Duration,
    /// Without a success for this long the source is late.
    pub late_after: Duration,
    /// Who is to be credited wherever the data are shown.
    pub credit: &'static str,
    /// Page with the data policy.
    pub policy: &'static str,
}

/// A stretch of time asked for, from inclusive, to exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First instant wanted.
    pub from: DateTime<Utc>,
    /// First instant no longer wanted.
    pub to: DateTime<Utc>,
}

/// What the hub wants from a harvest.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The time now. Connectors never look at the machine's clock.
    pub now: DateTime<Utc>,
    /// Where the last harvest ended; none at the first.
    pub cursor: Option<Cursor>,
    /// A stretch somebody asked for by hand (`fetch --from --to`) instead of the news. A harvest
    /// for a window leaves the cursor alone (`cursor: None`).
    pub window: Option<Window>,
}

/// Reads one upstream.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Who this is.
    fn profile(&self) -> Profile;

    /// Asks the upstream for its news.
    async fn harvest(&self, upstream: &Upstream, ask: &Ask) -> Result<Harvest>;

    /// Reads one saved answer of the upstream (`fetch --file`). `name` is the file's name, which
    /// some upstreams put facts into. Proves nothing to be whole: `covers` stays empty.
    ///
    /// # Errors
    /// `Unreadable` when it is not an answer of this upstream at all, or holds no row.
    fn read(&self, name: &str, body: &[u8], now: DateTime<Utc>) -> Result<Harvest>;
}
