//! The JSON of lists and records. Activities themselves are stored as the JSON they are shown as.

use serde::Serialize;
use utoipa::ToSchema;

use super::now::FacilityNow;
use crate::openapi::{ActivityOut, EnvelopeOut};

/// A page of activities.
#[derive(Serialize, ToSchema)]
pub struct ActivityPage {
    /// The activities.
    #[schema(value_type = Vec<ActivityOut>)]
    pub items: Vec<serde_json::Value>,
    /// The `cursor` of the next page; null on the last one.
    pub next: Option<String>,
    /// The log's end, read before the items: ignore an envelope whose `seq` is not above the one
    /// held for its activity.
    pub seq: i64,
}

/// A page of events.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    /// The envelopes, oldest first.
    #[schema(value_type = Vec<EnvelopeOut>)]
    pub items: Vec<serde_json::Value>,
    /// The `cursor` of the next page; null on the last one.
    pub next: Option<String>,
}

/// The present.
#[derive(Serialize, ToSchema)]
pub struct NowPage {
    /// The facilities.
    pub items: Vec<FacilityNow>,
    /// Always null: the present has one page.
    pub next: Option<String>,
    /// The log's end, read before the items.
    pub seq: i64,
}

/// What the upstream wrote about an activity.
#[derive(Serialize, ToSchema)]
pub struct RawRecords {
    /// The source.
    pub source: String,
    /// Who is to be credited.
    pub credit: String,
    /// The data policy.
    pub policy: String,
    /// The newest record of each kind.
    pub records: Vec<RawRecord>,
}

/// One record of an upstream.
#[derive(Serialize, ToSchema)]
pub struct RawRecord {
    /// What it claims: `plan`, `log`, `archive`, `telemetry`, `failure`, `description`.
    pub claim: String,
    /// Its text.
    pub raw: String,
}
