//! `/api/activities/stream`: the same envelopes as Server-Sent Events.

use std::convert::Infallible;

use axum::response::sse::Event;
use futures_util::Stream;
use futures_util::stream::unfold;

use super::feed::Frame;
use super::tail::Tail;
use crate::hub::Hub;

/// The events of a tail: `id` is `seq`, except where a place cannot be resumed from.
pub fn events(hub: Hub, tail: Tail) -> impl Stream<Item = Result<Event, Infallible>> {
    let start = (hub, tail, Vec::new().into_iter());
    unfold(
        start,
        |(hub, mut tail, mut waiting): (Hub, Tail, std::vec::IntoIter<Frame>)| async move {
            loop {
                if let Some(frame) = waiting.next() {
                    return Some((Ok(event(&frame)), (hub, tail, waiting)));
                }
                let frames = tokio::select! {
                    () = hub.shutdown.cancelled() => return None,
                    frames = tail.next() => frames,
                };
                // Cut off: the browser reconnects by itself and resumes by its last id.
                waiting = frames.ok()?.into_iter();
            }
        },
    )
}

fn event(frame: &Frame) -> Event {
    let event = Event::default().data(frame.text.as_str());
    if frame.is_event {
        return event.id(frame.seq.to_string());
    }
    match note_type(frame.text.as_str()) {
        // The end of the log is no place to resume from while the past is still being sent.
        "open" => event.event("open"),
        kind => event.event(kind).id(frame.seq.to_string()),
    }
}

fn note_type(text: &str) -> &str {
    ["open", "keepalive", "filter", "reset"]
        .into_iter()
        .find(|kind| text.contains(&format!("\"type\":\"{kind}\"")))
        .unwrap_or("note")
}
