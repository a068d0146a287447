//! `/api/activities/live`: the live protocol over WebSocket (`docs/contract.md` section 7).

use std::future::pending;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use domain::filter::{ActivityFilter, Context};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::tail::{Tail, TooSlow};
use crate::error::Error;
use crate::hub::Hub;

/// Largest frame a client may send.
pub const LARGEST_FRAME: usize = 16 * 1024;
/// Longest a write may take before the client counts as gone.
const PATIENCE: Duration = Duration::from_secs(5);
/// Frames a client may send in ten seconds.
const FRAMES_PER_SPELL: u32 = 30;
const SPELL: Duration = Duration::from_secs(10);
const TRY_AGAIN_LATER: u16 = 1013;

/// How a connection ended.
enum End {
    /// The client left, or the line broke.
    Gone,
    /// We close, and say why.
    Close(u16, String),
}

/// Serves one connection until it ends.
pub async fn serve(socket: WebSocket, hub: Hub, mut tail: Tail) {
    let (mut sink, mut stream) = socket.split();
    let end = converse(&mut sink, &mut stream, &hub, &mut tail).await;
    if let End::Close(code, reason) = end {
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let _ = timeout(
            Duration::from_secs(1),
            sink.send(Message::Close(Some(frame))),
        )
        .await;
    }
}

async fn converse(
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
    hub: &Hub,
    tail: &mut Tail,
) -> End {
    let mut allowance = Allowance::new();
    loop {
        tokio::select! {
            () = hub.shutdown.cancelled() => {
                return End::Close(close_code::AWAY, "the server is going down".to_owned());
            }
            frames = tail.next() => {
                let Ok(frames) = frames else { return too_slow(tail) };
                let messages = frames.into_iter().map(|frame| Message::Text(frame.text));
                let cut = tail.cut();
                let cut = async {
                    match cut {
                        Some(cut) => cut.cancelled_owned().await,
                        None => pending().await,
                    }
                };
                tokio::select! {
                    written = timeout(PATIENCE, write(sink, messages)) => match written {
                        Ok(Ok(())) => {}
                        Ok(Err(_)) => return End::Gone,
                        Err(_) => return too_slow(tail),
                    },
                    () = cut => return too_slow(tail),
                }
            }
            message = stream.next() => {
                let Some(Ok(message)) = message else { return End::Gone };
                if !allowance.allows() {
                    return End::Close(close_code::POLICY, "too many frames".to_owned());
                }
                match message {
                    Message::Text(text) => {
                        if let Err(problem) = obey(hub, tail, &text) {
                            let error = json!({ "type": "error", "problem": problem });
                            let message = Message::Text(error.to_string().into());
                            match timeout(PATIENCE, sink.send(message)).await {
                                Ok(Ok(())) => {}
                                _ => return End::Gone,
                            }
                        }
                    }
                    Message::Binary(_) => {
                        return End::Close(close_code::UNSUPPORTED, "text frames only".to_owned());
                    }
                    Message::Close(_) => return End::Gone,
                    Message::Ping(_) | Message::Pong(_) => {}
                }
            }
        }
    }
}

/// Writes everything that waits and flushes once.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    messages: impl Iterator<Item = Message>,
) -> Result<(), axum::Error> {
    for message in messages {
        sink.feed(message).await?;
    }
    sink.flush().await
}

fn too_slow(tail: &Tail) -> End {
    let _: TooSlow = TooSlow;
    End::Close(
        TRY_AGAIN_LATER,
        format!("too slow; reconnect with since={}", tail.position()),
    )
}

/// Does what a client's frame asks, or says what is wrong with it.
fn obey(hub: &Hub, tail: &mut Tail, text: &str) -> Result<(), Value> {
    let frame: Value = serde_json::from_str(text).map_err(|error| {
        Error::invalid("frame", format!("not JSON ({error}); it takes {EXAMPLE}")).problem()
    })?;
    if frame.get("type").and_then(Value::as_str) != Some("filter") {
        return Err(Error::invalid("type", format!("unknown; it takes {EXAMPLE}")).problem());
    }
    let empty = json!({});
    let filter = frame.get("filter").unwrap_or(&empty);
    let filter = ActivityFilter::from_json(filter, Context::Live, hub.catalogue.as_ref())
        .map_err(|error| Error::Filter(error).problem())?;
    tail.refilter(filter);
    Ok(())
}

const EXAMPLE: &str = r#"{"type":"filter","filter":{"facility":["JWST"]}}"#;

/// A client's frames are counted in spells of ten seconds.
struct Allowance {
    since: Instant,
    used: u32,
}

impl Allowance {
    fn new() -> Self {
        Allowance {
            since: Instant::now(),
            used: 0,
        }
    }

    fn allows(&mut self) -> bool {
        if self.since.elapsed() > SPELL {
            *self = Allowance::new();
        }
        self.used += 1;
        self.used <= FRAMES_PER_SPELL
    }
}
