//! Requests for targets of opportunity: what they add to snapshots already planned.
//!
//! A request is no activity: whether and when it is observed is only known once it is in the plan.
//! The requester's surname is not the PI of a programme, so it is not read.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use upstream::{Error, Result};

use crate::answer;
use crate::clock::instant;
use crate::entry::number;

/// One request.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Request {
    too_id: u64,
    /// When it was submitted, UTC; none when the list does not say.
    submitted: Option<DateTime<Utc>>,
    priority: Option<u8>,
}

/// Requests by the number of their target, newest first.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Requests(HashMap<u32, Vec<Request>>);

/// What a request says about a snapshot of its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requested {
    /// Number of the request: the programme's identifier.
    pub(crate) proposal_id: String,
    /// 0, 1 or 2 by urgency.
    pub(crate) priority: Option<u8>,
}

impl Requests {
    /// The newest request for this target that was there before the snapshot began.
    pub(crate) fn behind(&self, target: u32, begin: DateTime<Utc>) -> Option<Requested> {
        let requests = self.0.get(&target)?;
        let request = requests
            .iter()
            .find(|r| r.submitted.is_none_or(|at| at <= begin))?;
        Some(Requested {
            proposal_id: request.too_id.to_string(),
            priority: request.priority,
        })
    }
}

#[derive(Deserialize)]
struct Wire {
    entries: Vec<Box<RawValue>>,
    #[serde(default)]
    status: Option<Value>,
}

/// Reads the answer of `/swift/too`. Requests without a number or a target say nothing to us.
///
/// # Errors
/// `Unreadable` when it is another answer, or the query was refused.
pub(crate) fn read(body: &[u8]) -> Result<Requests> {
    let wire: Wire = serde_json::from_slice(body)
        .map_err(|e| Error::Unreadable(format!("too: expected a list of requests: {e}")))?;
    if let Some(why) = wire.status.as_ref().and_then(answer::refused) {
        return Err(Error::Unreadable(format!("too: {why}")));
    }
    let mut requests = Requests::default();
    for (target, request) in wire.entries.iter().filter_map(|entry| one(entry.get())) {
        requests.0.entry(target).or_default().push(request);
    }
    for list in requests.0.values_mut() {
        list.sort_by_key(|request| std::cmp::Reverse(request.too_id));
    }
    Ok(requests)
}

fn one(raw: &str) -> Option<(u32, Request)> {
    let row: Map<String, Value> = serde_json::from_str(raw).ok()?;
    let whole = |names: &[&str]| {
        let number = number(&row, names).ok()??;
        (number.fract() == 0.0 && (1.0..1e9).contains(&number)).then_some(number as u32)
    };
    let target = whole(&["target_id", "targetid", "targ_id"])?;
    let request = Request {
        too_id: whole(&["too_id"])?.into(),
        submitted: instant(row.get("timestamp"))
            .ok()
            .flatten()
            .map(|at| at.and_utc()),
        priority: whole(&["urgency"]).and_then(priority),
    };
    Some((target, request))
}

/// Urgency runs from 1 (within hours) to 4 (weeks).
fn priority(urgency: u32) -> Option<u8> {
    match urgency {
        1 | 2 => Some(2),
        3 => Some(1),
        4 => Some(0),
        _ => None,
    }
}
