//! A server that plays its part of the live protocol line by line, right or wrong.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

/// What happens on one connection.
pub(super) enum Scene {
    /// These frames, then a close with this code and reason.
    Close(Vec<Value>, u16, &'static str),
    /// These frames, then the line goes dead without a word.
    Drop(Vec<Value>),
    /// These frames, then silence.
    Stay(Vec<Value>),
    /// An answer that is no socket.
    Refuse(&'static str, &'static str),
}

/// A server that plays these scenes, one a connection, and tells what each was asked.
pub(super) struct Script {
    /// Where it listens.
    pub(super) port: u16,
    asked: mpsc::UnboundedReceiver<String>,
}

impl Script {
    /// Begins.
    pub(super) async fn play(scenes: Vec<Scene>) -> Script {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (told, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for scene in scenes {
                let (stream, _) = listener.accept().await.unwrap();
                play(stream, scene, &told).await;
            }
        });
        Script { port, asked }
    }

    /// The query of the next connection.
    pub(super) async fn asked(&mut self) -> String {
        let asked = tokio::time::timeout(crate::harness::PATIENCE, self.asked.recv());
        asked
            .await
            .expect("a connection in time")
            .expect("the script goes on")
    }
}

async fn play(mut stream: TcpStream, scene: Scene, told: &mpsc::UnboundedSender<String>) {
    let request = head(&mut stream).await;
    let target = request.split_whitespace().nth(1).unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let _ = told.send(query.to_owned());
    if let Scene::Refuse(status, body) = scene {
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        return;
    }
    let key = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then(|| value.trim().to_owned())
    });
    let accept = derive_accept_key(key.unwrap().as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: {accept}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let (Scene::Close(frames, ..) | Scene::Drop(frames) | Scene::Stay(frames)) = &scene else {
        return;
    };
    for frame in frames {
        socket.send(Message::text(frame.to_string())).await.unwrap();
    }
    match scene {
        Scene::Close(_, code, reason) => {
            let frame = CloseFrame {
                code: code.into(),
                reason: reason.into(),
            };
            let _ = socket.send(Message::Close(Some(frame))).await;
        }
        // Pings would be answered; nothing else is ever sent.
        Scene::Stay(_) => while socket.next().await.is_some_and(|message| message.is_ok()) {},
        _ => {}
    }
}

/// The head of a request.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// The first frame of a connection.
pub(super) fn open(log: &str, seq: i64) -> Value {
    json!({ "type": "open", "log": log, "seq": seq, "since": seq, "time": "2026-11-21T06:00:00Z",
            "keepalive_s": 25 })
}

/// As much of an event as `watch --json` looks at.
pub(super) fn event(seq: i64) -> Value {
    json!({ "type": "activity", "seq": seq, "event": "started" })
}

/// A sign of life.
pub(super) fn keepalive(seq: i64) -> Value {
    json!({ "type": "keepalive", "seq": seq, "time": "2026-11-21T06:00:00Z" })
}
