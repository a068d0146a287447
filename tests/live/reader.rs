//! A client that keeps places and digests only, so that hundreds of them cost little.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A live connection.
pub(super) struct Reader(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Came {
    /// An event: its place, and a digest of its text.
    Event(i64, u64),
    /// Another frame, and whether it is a `reset`.
    Note(bool),
    /// The end: the close code (1006 when there was none) and its reason.
    End(u16, String),
}

impl Reader {
    /// Opens `/api/activities/live?query`, unless nobody answers.
    pub(super) async fn open(port: u16, query: &str) -> Option<Reader> {
        let url = format!("ws://127.0.0.1:{port}/api/activities/live?{query}");
        let connecting = timeout(Duration::from_secs(10), connect_async(url));
        let (stream, _) = connecting.await.ok()?.ok()?;
        Some(Reader(stream))
    }

    /// What comes next, however long that takes.
    pub(super) async fn next(&mut self) -> Came {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return read(&text),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Came::End(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => {
                    return Came::End(1006, String::new());
                }
                Some(Ok(_)) => {}
            }
        }
    }
}

fn read(text: &str) -> Came {
    let Some(rest) = text.strip_prefix("{\"type\":\"activity\",\"seq\":") else {
        return Came::Note(text.contains("\"type\":\"reset\""));
    };
    let seq = rest.split(',').next().unwrap().parse().unwrap();
    Came::Event(seq, digest(text))
}

/// Tells one text from another.
pub(super) fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
