//! `/api/activities/live`: the live protocol over WebSocket (`docs/contract.md` section 7).

use std::error::Error as _;
use std::future::pending;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use axum::http::{HeaderMap, header};
use domain::filter::{ActivityFilter, Context};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite;

use self::HeldUp::{Broken, Late};
use super::feed::{self, Frame};
use super::routes;
use super::tail::Tail;
use crate::error::Error;
use crate::hub::Hub;

/// Largest frame a client may send.
pub const LARGEST_FRAME: usize = 16 * 1024;
/// Longest a frame may take before the client counts as gone.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest a client gets to hear why we close, and to hang up.
const FAREWELL: Duration = Duration::from_secs(1);
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

/// What signs the client in, of the request it came with. Most watch without: they keep nothing.
pub fn signed_in(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in [header::AUTHORIZATION, header::COOKIE] {
        if let Some(value) = headers.get(&name) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

/// Serves one connection until it ends.
pub async fn serve(socket: WebSocket, hub: Hub, mut tail: Tail, signed_in: HeaderMap) {
    let (mut sink, mut stream) = socket.split();
    let end = converse(&mut sink, &mut stream, &hub, &mut tail, &signed_in).await;
    drop(tail);
    if let End::Close(code, reason) = end {
        farewell(sink, stream, code, reason).await;
    }
}

/// Says why we close, and leaves the line open until the client has hung up: a line that is cut
/// with something unread on it takes our last frames with it.
async fn farewell(
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
    code: u16,
    reason: String,
) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    let _ = timeout(FAREWELL, async {
        sink.send(Message::Close(Some(frame))).await?;
        while let Some(Ok(_)) = stream.next().await {}
        if code == close_code::SIZE {
            // Nothing can be read behind a frame that was refused: give it the time.
            pending::<()>().await;
        }
        Ok::<(), axum::Error>(())
    })
    .await;
}

async fn converse(
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
    hub: &Hub,
    tail: &mut Tail,
    signed_in: &HeaderMap,
) -> End {
    let mut allowance = Allowance::new();
    let mut written = tail.position();
    loop {
        tokio::select! {
            // The feed ends with the hub, and that is not the client's fault: look here first.
            biased;
            () = hub.shutdown.cancelled() => return going_down(),
            message = stream.next() => {
                let message = match message {
                    Some(Ok(message)) => message,
                    Some(Err(error)) if is_too_large(&error) => return too_large(),
                    _ => return End::Gone,
                };
                if !allowance.allows() {
                    return End::Close(close_code::POLICY, "too many frames".to_owned());
                }
                match message {
                    Message::Text(text) => {
                        if let Err(problem) = obey(hub, tail, signed_in, &text).await {
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
            frames = tail.next() => {
                let Ok(frames) = frames else { return too_slow(written) };
                let cut = tail.cut();
                let cut = async {
                    match cut {
                        Some(cut) => cut.cancelled_owned().await,
                        None => pending().await,
                    }
                };
                let held_up = tokio::select! {
                    held_up = write(sink, frames, &mut written) => held_up,
                    () = cut => Some(Late),
                    () = hub.shutdown.cancelled() => return going_down(),
                };
                match held_up {
                    None => written = tail.position(),
                    Some(Late) => return too_slow(written),
                    Some(Broken) => return End::Gone,
                }
            }
        }
    }
}

/// What kept frames from being written.
enum HeldUp {
    /// The client does not read, or not fast enough.
    Late,
    /// The line is no more.
    Broken,
}

/// Writes everything that waits and flushes once. `written` follows frame by frame: what comes
/// later on the line comes behind it.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    frames: Vec<Frame>,
    written: &mut i64,
) -> Option<HeldUp> {
    for frame in frames {
        match timeout(PATIENCE, sink.feed(Message::Text(frame.text))).await {
            Ok(Ok(())) => *written = frame.seq,
            Ok(Err(_)) => return Some(Broken),
            Err(_) => return Some(Late),
        }
    }
    match timeout(PATIENCE, sink.flush()).await {
        Ok(Ok(())) => None,
        Ok(Err(_)) => Some(Broken),
        Err(_) => Some(Late),
    }
}

fn going_down() -> End {
    End::Close(close_code::AWAY, "the server is going down".to_owned())
}

fn too_large() -> End {
    End::Close(close_code::SIZE, "frames take 16 KiB at most".to_owned())
}

/// `written` is the place of the last frame on the line: all that passes up to there is on it too.
fn too_slow(written: i64) -> End {
    feed::count_cut_off();
    End::Close(
        TRY_AGAIN_LATER,
        format!("too slow; reconnect with since={written}"),
    )
}

fn is_too_large(error: &axum::Error) -> bool {
    let source = error.source().and_then(|e| e.downcast_ref());
    matches!(source, Some(tungstenite::Error::Capacity(_)))
}

/// Does what a client's frame asks, or says what is wrong with it.
async fn obey(hub: &Hub, tail: &mut Tail, signed_in: &HeaderMap, text: &str) -> Result<(), Value> {
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
    let filter = routes::with_sites(hub, filter, signed_in).await;
    let filter = filter.map_err(|error| {
        error.report();
        error.problem()
    })?;
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
