//! What happened to an activity, and the envelope it travels in.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::activity::{Activity, UnknownWord, words};

words! {
    /// What happened, by the table of `docs/contract.md` section 3.
    EventKind {
        /// A plan without a time arrived.
        Planned = "planned",
        /// A plan with a time arrived.
        Scheduled = "scheduled",
        /// The plan's time, pointing, target or instrument changed.
        Changed = "changed",
        /// It started: by plan or reported.
        Started = "started",
        /// It ended.
        Ended = "ended",
        /// What the plan said was confirmed.
        Confirmed = "confirmed",
        /// It happened, and no plan had told us before.
        Observed = "observed",
        /// More exposures arrived.
        Progress = "progress",
        /// It failed, was skipped or passed by.
        Aborted = "aborted",
        /// It is gone from the plan.
        Withdrawn = "withdrawn",
        /// A null was filled in, or a text corrected.
        Enriched = "enriched",
        /// The upstream now withholds a value.
        Redacted = "redacted",
    }
}

/// One line of the event log, as it travels to clients.
///
/// The activity in it is the snapshot as it stood right after the event, also when replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "activity")]
pub struct Envelope {
    /// Place in the log: only grows, in the order of visibility, without holes.
    pub seq: i64,
    /// What happened.
    pub event: EventKind,
    /// The world's time of it.
    pub at: DateTime<Utc>,
    /// When we wrote it.
    pub logged: DateTime<Utc>,
    /// News only to us: listed and streamed, never notified.
    pub backfill: bool,
    /// The snapshot.
    pub activity: Activity,
}
