//! One connection to the live protocol.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::Url;

use crate::cli::client::{CONNECT, HOW, refusal};

/// Keepalives a live line may miss.
const MISSED: u64 = 2;
/// Seconds between two keepalives, until the server says.
const KEEPALIVE: u64 = 25;

/// Why a line broke.
#[derive(Debug)]
pub(super) enum Broken {
    /// It may be better later.
    ForNow(String),
    /// It will be the same again.
    ForGood(String),
}

/// A connection.
pub(super) struct Line {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    silence: Duration,
}

impl Line {
    /// Connects.
    pub(super) async fn open(mut url: Url) -> Result<Line, Broken> {
        let server = base(&url);
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        if url.set_scheme(scheme).is_err() {
            return Err(Broken::ForGood(format!(
                "{server} cannot be asked over {scheme}"
            )));
        }
        let connected = timeout(CONNECT * 2, connect_async(url.as_str())).await;
        match connected {
            Ok(Ok((stream, _))) => Ok(Line {
                stream,
                silence: silence(KEEPALIVE),
            }),
            Ok(Err(error)) => Err(unopened(&server, error)),
            Err(_) => Err(Broken::ForNow(format!("no answer from {server} in time"))),
        }
    }

    /// How often something comes from now on.
    pub(super) fn expects(&mut self, keepalive_s: u64) {
        self.silence = silence(keepalive_s);
    }

    /// The next frame.
    pub(super) async fn next(&mut self) -> Result<String, Broken> {
        loop {
            let Ok(message) = timeout(self.silence, self.stream.next()).await else {
                let seconds = self.silence.as_secs();
                return Err(Broken::ForNow(format!("nothing was heard for {seconds} s")));
            };
            match message {
                Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
                Some(Ok(Message::Close(frame))) => return Err(closed(frame.as_ref())),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    return Err(Broken::ForNow(format!("the line broke ({error})")));
                }
                None => return Err(closed(None)),
            }
        }
    }
}

fn silence(keepalive_s: u64) -> Duration {
    Duration::from_secs(keepalive_s.clamp(1, 600) * MISSED)
}

/// Every close can be overcome: our place is our own, whatever the reason says.
fn closed(frame: Option<&CloseFrame>) -> Broken {
    Broken::ForNow(match frame {
        Some(frame) if frame.reason.is_empty() => {
            format!("the server closed the line ({})", frame.code)
        }
        Some(frame) => format!(
            "the server closed the line ({}, {})",
            frame.code, frame.reason
        ),
        None => "the server closed the line".to_owned(),
    })
}

/// The server's address, without path and query.
fn base(url: &Url) -> Url {
    let mut base = url.clone();
    base.set_path("");
    base.set_query(None);
    base
}

/// What a failed handshake means.
fn unopened(server: &Url, error: Error) -> Broken {
    match error {
        Error::Http(response) => {
            let status = response.status();
            let body = response.body().as_deref().unwrap_or_default();
            let why = refusal(server, status, body).to_string();
            match status.as_u16() {
                // Another try may be luckier: time-outs, limits, a server that is being replaced.
                408 | 425 | 429 | 500..=599 => Broken::ForNow(why),
                _ => Broken::ForGood(why),
            }
        }
        Error::Io(error) => Broken::ForNow(format!("no answer from {server} ({error}): {HOW}")),
        Error::Url(error) => Broken::ForGood(format!("{server} cannot be asked: {error}")),
        error => Broken::ForNow(format!("no line to {server}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::http::Response;

    use super::*;

    fn answered(status: u16, body: &str) -> Broken {
        let response = Response::builder()
            .status(status)
            .body(Some(body.as_bytes().to_vec()));
        let server = Url::parse("http://a.org").unwrap();
        unopened(&server, Error::Http(response.unwrap().into()))
    }

    #[test]
    fn a_question_not_understood_will_not_be_understood_later() {
        let broken = answered(400, r#"{"detail":"the filter has no key \"x\""}"#);
        assert!(matches!(broken, Broken::ForGood(why) if why == "the filter has no key \"x\""));
        assert!(matches!(answered(404, ""), Broken::ForGood(_)));
    }

    #[test]
    fn a_server_that_is_being_replaced_comes_back() {
        for status in [429, 502, 503] {
            assert!(
                matches!(answered(status, ""), Broken::ForNow(_)),
                "{status}"
            );
        }
    }

    #[test]
    fn a_line_is_dead_after_two_keepalives() {
        assert_eq!(silence(25), Duration::from_secs(50));
        assert_eq!(silence(0), Duration::from_secs(2));
        assert_eq!(silence(u64::MAX), Duration::from_secs(1200));
    }
}
