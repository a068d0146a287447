//! What a connector reads from an upstream: one claim about one activity.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::activity::{Basis, Facts};

/// What an upstream claims about an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// A published plan holds it (with or without a time).
    Plan,
    /// Telemetry, or the facility itself, says it runs now.
    Running,
    /// It happened: an as-flown log (`Reported`) or an archive (`Archived`) says so.
    Happened(Basis),
    /// It failed, was skipped, or an as-flown log that reaches past it does not hold it.
    Failed,
    /// Facts about an activity that may be known already; nothing about its standing. Says nothing
    /// when we do not know the activity.
    Described,
}

/// One claim about one activity, in our words, with the upstream's own text beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Identifier given by the facility; unique with the source and the attempt.
    pub obs_id: String,
    /// What is claimed.
    pub claim: Claim,
    /// What the upstream says about it; `None` is "does not say", never "is not so".
    pub facts: Facts,
    /// Start of the first science exposure, where the upstream lists exposures (archives, logs).
    #[serde(default)]
    pub first_science: Option<DateTime<Utc>>,
    /// Whether it holds the facility's only line of sight: such activities of one facility, as
    /// long as they are only planned, end each other. Never for parallels and internal calibrations.
    #[serde(default)]
    pub on_track: bool,
    /// `obs_id` of the prime this runs beside, of the same source.
    #[serde(default)]
    pub parallel_of: Option<String>,
    /// Names of the fields the upstream now withholds on purpose: blanked wherever we keep them.
    #[serde(default)]
    pub withheld: Vec<String>,
    /// The upstream's own record as text, co-investigators removed.
    pub raw: String,
}

impl Record {
    /// A record with nothing special about it.
    #[must_use]
    pub fn new(
        obs_id: impl Into<String>,
        claim: Claim,
        facts: Facts,
        raw: impl Into<String>,
    ) -> Self {
        Record {
            obs_id: obs_id.into(),
            claim,
            facts,
            first_science: None,
            on_track: false,
            parallel_of: None,
            withheld: Vec::new(),
            raw: raw.into(),
        }
    }
}

/// A row that could not be read: kept aside with its reason, never dropped in silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("row {row}: {reason}")]
pub struct Unreadable {
    /// Line or row number in the upstream's answer, from 1.
    pub row: usize,
    /// Why, naming the field.
    pub reason: String,
    /// The row as it came.
    pub raw: String,
}
