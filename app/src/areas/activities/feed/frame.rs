//! What a client is sent, and whether it passes a filter.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use bytes::{BufMut, Bytes, BytesMut};
use chrono::{DateTime, Utc};
use domain::Envelope;
use domain::filter::ActivityFilter;
use domain::keys::Keys;
use serde_json::json;

use super::KEEPALIVE;
use crate::areas::activities::event_log::{Line, json_time};

/// First bytes of WebSocket frames that stand alone (RFC 6455 section 5.2): a text, an end.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
/// The place of what has none.
const NOWHERE: i64 = i64::MIN;
/// Longest reason an end can carry: 125 bytes less two of the code.
const LONGEST_REASON: usize = 123;

/// Something a client is sent: encoded once, however many get it.
#[derive(Debug)]
pub struct Frame {
    /// Its place in the log; for a note, the place all before was sent up to.
    pub seq: i64,
    /// An event, or a note (`keepalive`, `filter`).
    pub is_event: bool,
    /// The JSON.
    pub text: Utf8Bytes,
    /// The same as it travels over a socket, its head before it.
    pub(super) wire: Bytes,
}

impl Frame {
    /// An event.
    #[must_use]
    pub fn event(line: &Line) -> Arc<Frame> {
        Frame::text(line.seq, true, &line.envelope)
    }

    /// A frame that is not an event.
    #[must_use]
    pub fn note(seq: i64, json: &serde_json::Value) -> Arc<Frame> {
        Frame::text(seq, false, &json.to_string())
    }

    fn text(seq: i64, is_event: bool, text: &str) -> Arc<Frame> {
        let wire = encode(TEXT, text.as_bytes());
        let body = wire.slice(wire.len() - text.len()..);
        Arc::new(Frame {
            seq,
            is_event,
            text: Utf8Bytes::try_from(body).unwrap_or_default(),
            wire,
        })
    }

    /// The frame as it travels over a socket.
    pub(in crate::areas::activities) fn wire(&self) -> Bytes {
        self.wire.clone()
    }

    /// The end of a socket, and why; a reason that is too long loses its end.
    pub(super) fn close(code: u16, reason: &str) -> Arc<Frame> {
        let reason = &reason[..reason.floor_char_boundary(LONGEST_REASON)];
        let body = [&code.to_be_bytes(), reason.as_bytes()].concat();
        Frame::raw(encode(CLOSE, &body))
    }

    /// Something that is encoded already and has no place in the log.
    pub(in crate::areas::activities) fn raw(wire: Bytes) -> Arc<Frame> {
        Arc::new(Frame {
            seq: NOWHERE,
            is_event: false,
            text: Utf8Bytes::default(),
            wire,
        })
    }

    /// Its place in the log, if it has one.
    pub(super) fn place(&self) -> Option<i64> {
        (self.seq != NOWHERE).then_some(self.seq)
    }
}

/// A frame as servers send it: unmasked, its length in as few bytes as hold it.
fn encode(first: u8, body: &[u8]) -> Bytes {
    let mut wire = BytesMut::with_capacity(body.len() + 10);
    wire.put_u8(first);
    match (u8::try_from(body.len()), u16::try_from(body.len())) {
        (Ok(length @ ..=125), _) => wire.put_u8(length),
        (_, Ok(length)) => {
            wire.put_u8(126);
            wire.put_u16(length);
        }
        _ => {
            wire.put_u8(127);
            wire.put_u64(body.len() as u64);
        }
    }
    wire.put_slice(body);
    wire.freeze()
}

/// How a stream begins: the log, its end, and from where it follows. Thousands may want it at once,
/// so it is written without a tree of values between.
pub(in crate::areas::activities) fn open_note(
    log: &str,
    seq: i64,
    since: i64,
    now: DateTime<Utc>,
) -> Arc<Frame> {
    let (log, time, keepalive) = (json!(log), json!(json_time(now)), KEEPALIVE.as_secs());
    let text = format!(
        r#"{{"type":"open","log":{log},"seq":{seq},"since":{since},"time":{time},"keepalive_s":{keepalive}}}"#
    );
    Frame::text(since, false, &text)
}

/// The answer to a new filter: what follows `seq` is judged by it.
pub(in crate::areas::activities) fn filter_note(seq: i64) -> Arc<Frame> {
    Frame::note(seq, &json!({ "type": "filter", "seq": seq }))
}

/// All that passes was sent up to `seq`.
pub(super) fn keepalive_note(seq: i64, now: DateTime<Utc>) -> Arc<Frame> {
    Frame::note(
        seq,
        &json!({ "type": "keepalive", "seq": seq, "time": json_time(now) }),
    )
}

/// What was missed before `seq` is not sent: it has to be reloaded.
pub(in crate::areas::activities) fn reset_note(log: &str, seq: i64, reason: &str) -> Arc<Frame> {
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
    Judged::new(envelope).passes(filter, now)
}

/// An envelope and, once a filter asks for it, what is in it.
pub(in crate::areas::activities) struct Judged<'a> {
    envelope: &'a str,
    read: Option<Option<(Envelope, Keys)>>,
}

impl<'a> Judged<'a> {
    pub(in crate::areas::activities) fn new(envelope: &'a str) -> Self {
        Judged {
            envelope,
            read: None,
        }
    }

    pub(in crate::areas::activities) fn passes(
        &mut self,
        filter: &ActivityFilter,
        now: DateTime<Utc>,
    ) -> bool {
        if filter.is_empty() {
            return true;
        }
        self.read().is_some_and(|(envelope, keys)| {
            let event = (envelope.event, envelope.at);
            filter.matches_event(&envelope.activity, keys, event, now)
        })
    }

    /// What is in it; none when it is not an envelope.
    pub(super) fn read(&mut self) -> Option<&(Envelope, Keys)> {
        let read = self.read.get_or_insert_with(|| {
            let envelope: Envelope = serde_json::from_str(self.envelope).ok()?;
            let keys = Keys::of(&envelope.activity);
            Some((envelope, keys))
        });
        read.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    use super::*;

    /// What a client's library reads.
    fn read(frame: &Frame) -> Message {
        let stream = std::io::Cursor::new(frame.wire.to_vec());
        WebSocket::from_raw_socket(stream, Role::Client, None)
            .read()
            .unwrap()
    }

    #[test]
    fn a_frame_of_any_length_is_read_as_it_was_meant() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
            let frame = Frame::text(7, true, &text);
            assert_eq!(frame.text.as_str(), text);
            assert_eq!(read(&frame), Message::text(text), "{length}");
        }
    }

    #[test]
    fn an_end_says_why_as_far_as_there_is_room() {
        let Message::Close(Some(end)) = read(&Frame::close(1013, "too slow")) else {
            panic!("no end");
        };
        assert_eq!(
            (u16::from(end.code), end.reason.as_str()),
            (1013, "too slow")
        );
        let Message::Close(Some(end)) = read(&Frame::close(1008, &"ü".repeat(100))) else {
            panic!("no end");
        };
        assert_eq!(end.reason.as_str(), "ü".repeat(61));
    }
}
