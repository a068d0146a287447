//! Answers of the API as a whole: which list it is, whether it was accepted, how far it reaches.

use chrono::NaiveDateTime;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use upstream::{Error, Result};

use crate::clock;
use crate::entry;

/// Which list an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The pre-planned science timeline (`planquery`).
    Plan,
    /// The as-flown timeline (`obsquery`).
    AsFlown,
}

/// An answer of `planquery` or `obsquery`.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Which of the two.
    pub(crate) kind: Kind,
    /// Its rows as they came.
    pub(crate) entries: Vec<Box<RawValue>>,
    /// How far the plan or the log reaches (`ppstmax`, `afstmax`), spacecraft time.
    pub(crate) reaches: Option<NaiveDateTime>,
    /// The upstream says outright that it accepted the query.
    pub(crate) accepted: bool,
    /// The rows may have been cut off at a limit.
    pub(crate) cut: bool,
    /// What the upstream warns of.
    pub(crate) warnings: Vec<String>,
}

/// The wire's shape: an object around the entries.
#[derive(Debug, Deserialize)]
struct Wire {
    #[serde(default)]
    entries: Option<Vec<Box<RawValue>>>,
    #[serde(default, deserialize_with = "present")]
    ppstmax: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    afstmax: Option<Value>,
    #[serde(default)]
    status: Option<Value>,
    #[serde(default)]
    limit: Option<Value>,
    #[serde(default)]
    detail: Option<Value>,
}

/// Keeps a null apart from a key that is not there.
fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// Reads an answer: an object with `entries`, or the bare list of them.
///
/// # Errors
/// `Unreadable` when it is neither, when the upstream refused the query, when its entries are
/// something else (ToO requests, clock values), or when it has none and does not say that the
/// query was accepted; `Busy` when it asks for patience.
pub(crate) fn read(body: &[u8]) -> Result<Listing> {
    if body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
        return bare(body);
    }
    let wire: Wire = serde_json::from_slice(body).map_err(|e| not_ours(&e.to_string()))?;
    if let Some(detail) = &wire.detail
        && wire.entries.is_none()
    {
        return Err(Error::Unreadable(format!(
            "the query was refused: {}",
            complaint(detail)
        )));
    }
    if let Some(why) = wire.status.as_ref().and_then(refused) {
        return Err(Error::Unreadable(why));
    }
    let state = wire.status.as_ref().map_or("", word);
    let accepted = state.eq_ignore_ascii_case("Accepted");
    if WAITING.iter().any(|w| state.eq_ignore_ascii_case(w))
        && wire.entries.as_ref().is_none_or(Vec::is_empty)
    {
        return Err(Error::Busy(std::time::Duration::from_secs(60)));
    }
    let entries = wire.entries.ok_or_else(|| not_ours("no `entries`"))?;
    let shape = shape(&entries);
    if shape.is_none() && !(entries.is_empty() && accepted) {
        return Err(not_ours("no entry has `begin` and `obs_id`"));
    }
    let (kind, reaches) = match (&wire.ppstmax, &wire.afstmax) {
        (Some(max), _) => (Kind::Plan, max),
        (None, Some(max)) => (Kind::AsFlown, max),
        (None, None) => (shape.unwrap_or(Kind::Plan), &Value::Null),
    };
    let limit = wire.limit.as_ref().and_then(Value::as_u64);
    Ok(Listing {
        kind,
        cut: limit.is_some_and(|limit| entries.len() as u64 >= limit),
        entries,
        reaches: clock::instant(Some(reaches))
            .map_err(|why| not_ours(&format!("its end {why}")))?,
        accepted,
        warnings: wire
            .status
            .as_ref()
            .map(|s| sentences(s, "warnings"))
            .unwrap_or_default(),
    })
}

/// States of a query that has no answer yet.
const WAITING: [&str; 3] = ["Pending", "Queued", "Processing"];

fn bare(body: &[u8]) -> Result<Listing> {
    let entries: Vec<Box<RawValue>> =
        serde_json::from_slice(body).map_err(|e| not_ours(&e.to_string()))?;
    let kind = shape(&entries).ok_or_else(|| not_ours("no entry has `begin` and `obs_id`"))?;
    Ok(Listing {
        kind,
        entries,
        reaches: None,
        accepted: false,
        cut: false,
        warnings: Vec::new(),
    })
}

/// Tells plan from as-flown by the entries alone: only an as-flown one knows when the spacecraft
/// settled, and which object it was sent to. None when no entry is of either.
fn shape(entries: &[Box<RawValue>]) -> Option<Kind> {
    let mut found = None;
    for raw in entries {
        let Ok(row) = serde_json::from_str::<serde_json::Map<String, Value>>(raw.get()) else {
            continue;
        };
        let has = |names: &[&str]| entry::one_of(&row, names).is_some();
        if !has(&["begin"]) || !has(&["obs_id", "obsid", "obsnum", "target_id", "targetid"]) {
            continue;
        }
        if has(&["settle", "slewtime", "ra_object", "dec_object"]) {
            return Some(Kind::AsFlown);
        }
        found = Some(Kind::Plan);
    }
    found
}

/// Why the upstream refused the query, if its `status` says so.
pub(crate) fn refused(status: &Value) -> Option<String> {
    let state = word(status);
    let errors = sentences(status, "errors");
    let fine = state.eq_ignore_ascii_case("Accepted")
        || WAITING.iter().any(|w| state.eq_ignore_ascii_case(w));
    if fine || (state.is_empty() && errors.is_empty()) {
        return None;
    }
    let state = if state.is_empty() { "Rejected" } else { state };
    Some(match errors.is_empty() {
        true => format!("the query was refused: {}", short(state)),
        false => format!(
            "the query was refused ({}): {}",
            short(state),
            errors.join("; ")
        ),
    })
}

/// The word of a status, which may be an object or the word itself.
fn word(status: &Value) -> &str {
    status
        .get("status")
        .unwrap_or(status)
        .as_str()
        .unwrap_or_default()
}

fn sentences(status: &Value, key: &str) -> Vec<String> {
    let list = status.get(key).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .take(5)
        .map(short)
        .collect()
}

/// What a `detail` complains of: a text, or a list naming a parameter each.
pub(crate) fn complaint(detail: &Value) -> String {
    let Some(list) = detail.as_array() else {
        return short(detail.as_str().unwrap_or("without a reason"));
    };
    let named = list.iter().take(5).map(|one| {
        let place = one
            .get("loc")
            .and_then(Value::as_array)
            .and_then(|loc| loc.last());
        let place = place.and_then(Value::as_str).unwrap_or("query");
        let why = one
            .get("msg")
            .and_then(Value::as_str)
            .unwrap_or("not valid");
        format!("{}: {}", short(place), short(why))
    });
    named.collect::<Vec<_>>().join("; ")
}

/// A text fit for a one-line message.
pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn not_ours(why: &str) -> Error {
    Error::Unreadable(format!(
        "expected the JSON of Swift's planquery or obsquery, an object with `entries` or a list of them: {}",
        short(why)
    ))
}
