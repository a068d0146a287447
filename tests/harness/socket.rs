//! A client of the live board that remembers what it was sent.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::PATIENCE;

/// A live connection. Nothing is read from it but by the methods below.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The frame called `open`.
    pub(crate) open: Value,
}

/// What a connection brought.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Got {
    /// A frame.
    Frame(Value),
    /// The end: the close code (1006 when there was none) and its reason.
    End(u16, String),
}

impl Socket {
    /// Opens `/api/activities/live?query` of the server on this port and reads `open`.
    pub(crate) async fn open(port: u16, query: &str) -> Socket {
        Socket::open_as(port, query, None).await
    }

    /// Opens one of somebody with this token, if any.
    pub(crate) async fn open_as(port: u16, query: &str, token: Option<&str>) -> Socket {
        let mut stream = connect(port, query, token).await;
        match next(&mut stream).await {
            Got::Frame(open) => {
                assert_eq!(open["type"], "open", "{open}");
                Socket { stream, open }
            }
            Got::End(code, reason) => panic!("closed with {code}: {reason}"),
        }
    }

    /// The next frame, or the end. Panics when nothing comes within [`PATIENCE`].
    pub(crate) async fn next(&mut self) -> Got {
        next(&mut self.stream).await
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.next().await {
            Got::Frame(frame) => frame,
            Got::End(code, reason) => panic!("closed with {code}: {reason}"),
        }
    }

    /// The next event, past frames of other types.
    pub(crate) async fn event(&mut self) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == "activity" {
                return frame;
            }
        }
    }

    /// The next events.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::with_capacity(count);
        while events.len() < count {
            events.push(self.event().await);
        }
        events
    }

    /// Every event up to and with this place in the log, or up to the end of the connection.
    pub(crate) async fn events_up_to(&mut self, seq: i64) -> Vec<Value> {
        let mut events = Vec::new();
        while let Got::Frame(frame) = self.next().await {
            let reached = frame["seq"].as_i64() >= Some(seq);
            if frame["type"] == "activity" {
                events.push(frame);
            }
            if reached {
                break;
            }
        }
        events
    }

    /// How the server ended the connection, past all frames before.
    pub(crate) async fn end(&mut self) -> (u16, String) {
        loop {
            if let Got::End(code, reason) = self.next().await {
                return (code, reason);
            }
        }
    }

    /// Sends a text frame.
    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.stream.send(Message::text(text.into())).await.unwrap();
    }
}

async fn connect(
    port: u16,
    query: &str,
    token: Option<&str>,
) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
    let separator = if query.is_empty() { "" } else { "?" };
    let url = format!("ws://127.0.0.1:{port}/api/activities/live{separator}{query}");
    let mut request = url.into_client_request().unwrap();
    if let Some(token) = token {
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
    }
    let connected = timeout(PATIENCE, connect_async(request))
        .await
        .expect("a connection in time");
    connected
        .unwrap_or_else(|error| panic!("opening a socket: {error}"))
        .0
}

async fn next(stream: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Got {
    loop {
        let message = timeout(PATIENCE, stream.next())
            .await
            .expect("a frame in time");
        match message {
            Some(Ok(Message::Text(text))) => {
                return Got::Frame(serde_json::from_str(&text).unwrap());
            }
            Some(Ok(Message::Close(Some(frame)))) => {
                return Got::End(frame.code.into(), frame.reason.to_string());
            }
            Some(Ok(Message::Close(None)) | Err(_)) | None => return Got::End(1006, String::new()),
            Some(Ok(_)) => {}
        }
    }
}
