//! What a client is sent, and whether it passes a filter.

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use domain::Envelope;
use domain::filter::ActivityFilter;
use domain::keys::Keys;
use serde_json::json;

use crate::areas::activities::event_log::{Line, json_time};

/// Something a client is sent.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its place in the log; for a note, the place all before was sent up to.
    pub seq: i64,
    /// An event, or a note (`keepalive`, `filter`).
    pub is_event: bool,
    /// The JSON, encoded once however many get it.
    pub text: Utf8Bytes,
}

impl Frame {
    /// An event.
    #[must_use]
    pub fn event(line: Line) -> Frame {
        Frame {
            seq: line.seq,
            is_event: true,
            text: line.envelope.into(),
        }
    }

    /// A frame that is not an event.
    #[must_use]
    pub fn note(seq: i64, json: &serde_json::Value) -> Frame {
        Frame {
            seq,
            is_event: false,
            text: json.to_string().into(),
        }
    }
}

/// The answer to a new filter: what follows `seq` is judged by it.
pub(in crate::areas::activities) fn filter_note(seq: i64) -> Frame {
    Frame::note(seq, &json!({ "type": "filter", "seq": seq }))
}

/// All that passes was sent up to `seq`.
pub(super) fn keepalive_note(seq: i64, now: DateTime<Utc>) -> Frame {
    Frame::note(
        seq,
        &json!({ "type": "keepalive", "seq": seq, "time": json_time(now) }),
    )
}

/// What was missed before `seq` is not sent: it has to be reloaded.
pub(in crate::areas::activities) fn reset_note(log: &str, seq: i64, reason: &str) -> Frame {
    Frame::note(
        seq,
        &json!({ "type": "reset", "log": log, "seq": seq, "reason": reason }),
    )
}

/// Why places of before mean nothing any more.
pub(in crate::areas::activities) const RESTORED: &str = "the log was replaced by another";

/// When an envelope was written.
pub(super) fn logged(envelope: &str) -> Option<DateTime<Utc>> {
    let (_, rest) = envelope.split_once("\"logged\":\"")?;
    rest.split_once('"')?.0.parse().ok()
}

/// Whether an envelope passes a filter.
#[must_use]
pub fn passes(envelope: &str, filter: &ActivityFilter, now: DateTime<Utc>) -> bool {
    let frame = Frame {
        seq: 0,
        is_event: true,
        text: envelope.into(),
    };
    Judged::new(&frame).passes(filter, now)
}

/// A frame and, once a filter asks for it, what is in it.
pub(in crate::areas::activities) struct Judged<'a> {
    frame: &'a Frame,
    read: Option<Option<(Envelope, Keys)>>,
}

impl<'a> Judged<'a> {
    pub(in crate::areas::activities) fn new(frame: &'a Frame) -> Self {
        Judged { frame, read: None }
    }

    pub(in crate::areas::activities) fn passes(
        &mut self,
        filter: &ActivityFilter,
        now: DateTime<Utc>,
    ) -> bool {
        if filter.is_empty() {
            return true;
        }
        let read = self.read.get_or_insert_with(|| {
            let envelope: Envelope = serde_json::from_str(&self.frame.text).ok()?;
            let keys = Keys::of(&envelope.activity);
            Some((envelope, keys))
        });
        read.as_ref().is_some_and(|(envelope, keys)| {
            let event = (envelope.event, envelope.at);
            filter.matches_event(&envelope.activity, keys, event, now)
        })
    }
}
