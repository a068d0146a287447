//! `/api/activities/stream`: the same envelopes as Server-Sent Events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::feed::{self, Frame};
use super::tail::Tail;
use crate::hub::Hub;

/// Frames on their way into an answer.
const ON_THEIR_WAY: usize = 16;
/// Longest a frame may wait for the client to take the ones before.
const PATIENCE: Duration = Duration::from_secs(5);

/// The events of a tail: `id` is `seq`, always a place to resume from.
pub fn events(hub: Hub, tail: Tail) -> impl Stream<Item = Result<Event, Infallible>> {
    let (sender, frames) = mpsc::channel(ON_THEIR_WAY);
    // Nobody looks at the answer of a client that does not read. So a task of its own feeds it, and
    // notices, and leaves the feed.
    tokio::spawn(follow(hub, tail, sender));
    unfold(frames, |mut frames| async move {
        let frame: Arc<Frame> = frames.recv().await?;
        Some((Ok(event(&frame)), frames))
    })
}

/// Hands frames on until the hub goes down, or the client goes or is too slow. A browser reconnects
/// by itself and resumes by its last id.
async fn follow(hub: Hub, mut tail: Tail, sender: mpsc::Sender<Arc<Frame>>) {
    loop {
        let frames = tokio::select! {
            () = hub.shutdown.cancelled() => return,
            () = sender.closed() => return,
            frames = tail.next() => frames,
        };
        let Ok(frames) = frames else {
            return feed::count_cut_off();
        };
        for frame in frames {
            let taken = tokio::select! {
                () = hub.shutdown.cancelled() => return,
                taken = timeout(PATIENCE, sender.send(frame)) => taken,
            };
            match taken {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => return feed::count_cut_off(),
            }
        }
    }
}

fn event(frame: &Frame) -> Event {
    let event = Event::default()
        .id(frame.seq.to_string())
        .data(frame.text.as_str());
    match frame.is_event {
        true => event,
        false => event.event(note_type(frame.text.as_str())),
    }
}

fn note_type(text: &str) -> &str {
    ["open", "keepalive", "filter", "reset"]
        .into_iter()
        .find(|kind| text.contains(&format!("\"type\":\"{kind}\"")))
        .unwrap_or("note")
}
