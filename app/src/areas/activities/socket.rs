//! `/api/activities/live`: the live protocol over WebSocket (`docs/contract.md` section 7).
//!
//! Each connection has a task, which hears what the client says. A writer of the feed writes: the
//! task hands it what the client missed, then asks the feed to let the writer go on from there.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::close_code;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use domain::filter::{ActivityFilter, Context};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use super::ear::{Ear, Heard};
use super::feed::{self, Ended, Frame, Outlet, Pen};
use super::replay::Replay;
use super::routes;
use crate::error::Error;
use crate::hub::Hub;

/// Longest a client gets to hear why we close, and to hang up.
const FAREWELL: Duration = Duration::from_secs(1);
/// The same for one that is slow: before it hears of it, it has to read what the kernel holds. It is
/// let go within ten seconds in all.
const SLOW_FAREWELL: Duration = Duration::from_secs(3);
/// Frames a client may send in ten seconds.
const FRAMES_PER_SPELL: u32 = 30;
const SPELL: Duration = Duration::from_secs(10);

/// How a connection ended.
enum End {
    /// The client left, or the line broke.
    Gone,
    /// We close, and say why.
    Close(u16, &'static str),
    /// The writer closes, and says why.
    Writer(Ended),
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

/// Somebody whose handshake was understood.
pub struct Newcomer {
    /// What it missed.
    pub replay: Replay,
    /// What signs it in.
    pub signed_in: HeaderMap,
    /// What it has said already.
    pub early: Bytes,
    /// The answer to its handshake, if it has not gone out yet.
    pub hello: Option<Bytes>,
}

/// Serves one connection until it ends. Most of its life it only listens, so what only the
/// beginning needs is boxed and gone by then.
pub async fn serve(stream: TcpStream, newcomer: Newcomer, hub: Hub) {
    let Newcomer {
        replay,
        signed_in,
        early,
        hello,
    } = newcomer;
    let stream = Arc::new(stream);
    let (pen, ended) = hub.feed.open(Arc::clone(&stream), hello.map(Frame::raw));
    let mut line = Line {
        ear: Ear::new(stream, &early),
        pen,
        ended,
        hub,
        signed_in: Box::new(signed_in),
        allowance: Allowance::new(),
    };
    drop(early);
    let end = match Box::pin(line.catch_up(replay)).await {
        Ok(()) => line.listen().await,
        Err(end) => end,
    };
    line.farewell(end).await;
}

/// One connection.
struct Line {
    ear: Ear,
    pen: Pen,
    ended: oneshot::Receiver<Ended>,
    hub: Hub,
    signed_in: Box<HeaderMap>,
    allowance: Allowance,
}

impl Line {
    /// Writes what the client missed until the feed takes over.
    async fn catch_up(&mut self, mut replay: Replay) -> Result<(), End> {
        let id = self.pen.id();
        // How it begins comes before any answer to what the client says. From then on, while one page
        // goes out the next is read.
        let first = replay.next(|_| (id, Outlet::Socket)).await;
        let mut last = first.map(|frames| self.pen.say(frames));
        loop {
            let wanted = tokio::select! {
                biased;
                ended = &mut self.ended => return Err(by_writer(ended)),
                heard = self.ear.next() => self.understand(heard).await?,
                frames = replay.next(|_| (id, Outlet::Socket)) => {
                    let Some(frames) = frames else {
                        return Ok(());
                    };
                    if let Some(last) = last.take()
                        && last.await.is_err()
                    {
                        // Who does not read is found out by the writer.
                        return Err(by_writer((&mut self.ended).await));
                    }
                    last = Some(self.pen.say(frames));
                    None
                }
            };
            if let Some(filter) = wanted {
                replay.refilter(id, filter).await;
            }
        }
    }

    /// Hears what the client says until the connection ends.
    async fn listen(&mut self) -> End {
        loop {
            let heard = tokio::select! {
                biased;
                ended = &mut self.ended => return by_writer(ended),
                heard = self.ear.next() => heard,
            };
            // Few clients say anything: what it takes to understand it is not kept for the others.
            match Box::pin(self.understand(heard)).await {
                Ok(None) => {}
                Ok(Some(filter)) => self.hub.feed.refilter(self.pen.id(), filter),
                Err(end) => return end,
            }
        }
    }

    /// Answers the filter a client asks for, if that is what it said.
    async fn understand(
        &mut self,
        heard: Result<Heard, tungstenite::Error>,
    ) -> Result<Option<Arc<ActivityFilter>>, End> {
        let message = match heard {
            Ok(Heard::Message(message)) => message,
            Ok(Heard::Answer(bytes)) => {
                self.pen.answer(bytes);
                return Ok(None);
            }
            Err(tungstenite::Error::Capacity(_)) => {
                return Err(End::Close(close_code::SIZE, "frames take 16 KiB at most"));
            }
            Err(tungstenite::Error::Utf8(_)) => {
                return Err(End::Close(close_code::INVALID, "texts are UTF-8"));
            }
            Err(tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                return Err(End::Gone);
            }
            Err(tungstenite::Error::Protocol(_)) => {
                return Err(End::Close(close_code::PROTOCOL, "not a frame of RFC 6455"));
            }
            Err(_) => return Err(End::Gone),
        };
        if !self.allowance.allows() {
            return Err(End::Close(close_code::POLICY, "too many frames"));
        }
        match message {
            Message::Text(text) => match self.wanted(&text).await {
                Ok(filter) => Ok(Some(filter)),
                Err(problem) => {
                    let error = json!({ "type": "error", "problem": problem });
                    self.pen.answer(Frame::note(0, &error).wire());
                    Ok(None)
                }
            },
            Message::Binary(_) => Err(End::Close(close_code::UNSUPPORTED, "text frames only")),
            Message::Close(_) => {
                if let Some(bytes) = self.ear.answers() {
                    self.pen.answer(bytes);
                }
                Err(End::Gone)
            }
            _ => Ok(None),
        }
    }

    /// The filter a frame asks for, or what is wrong with it.
    async fn wanted(&self, text: &str) -> Result<Arc<ActivityFilter>, Value> {
        let frame: Value = serde_json::from_str(text).map_err(|error| {
            Error::invalid("frame", format!("not JSON ({error}); it takes {EXAMPLE}")).problem()
        })?;
        if frame.get("type").and_then(Value::as_str) != Some("filter") {
            return Err(Error::invalid("type", format!("unknown; it takes {EXAMPLE}")).problem());
        }
        let empty = json!({});
        let filter = frame.get("filter").unwrap_or(&empty);
        let filter = ActivityFilter::from_json(filter, Context::Live, self.hub.catalogue.as_ref())
            .map_err(|error| Error::Filter(error).problem())?;
        let filter = routes::with_sites(&self.hub, filter, &self.signed_in).await;
        let filter = filter.map_err(|error| {
            error.report();
            error.problem()
        })?;
        Ok(filter.into())
    }

    /// Says why we close, and leaves the line open until the client has hung up: a line that is
    /// cut with something unread on it takes our last frames with it.
    async fn farewell(self, end: End) {
        let is_too_large = matches!(end, End::Close(close_code::SIZE, _));
        match end {
            End::Gone | End::Writer(Ended::Broken) => return,
            End::Close(code, reason) => self.pen.close(code, reason.to_owned()),
            End::Writer(Ended::TooSlow) => feed::count_cut_off(),
            End::Writer(Ended::GoingDown) => {}
        }
        let longest = match end {
            End::Writer(Ended::TooSlow) => SLOW_FAREWELL,
            _ => FAREWELL,
        };
        let _ = timeout(longest, async {
            self.ear.hung_up().await;
            if is_too_large {
                // A client in the middle of a large frame learns of the end later.
                pending::<()>().await;
            }
        })
        .await;
    }
}

/// What the writer said, if it is still there.
fn by_writer(ended: Result<Ended, oneshot::error::RecvError>) -> End {
    End::Writer(ended.unwrap_or(Ended::Broken))
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
