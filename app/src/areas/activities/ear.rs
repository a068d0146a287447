//! The reading side of a WebSocket: what the client says, frame by frame.
//!
//! `tungstenite` reads; what it would write by itself (answers to pings and to an end) is handed to
//! whoever writes, so that it never falls into the middle of a frame.

use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::task::consume_budget;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

/// Largest frame a client may send.
pub const LARGEST_FRAME: usize = 16 * 1024;
/// Bytes read at once: clients say little, and there are many of them.
const AT_ONCE: usize = 512;
/// Bytes read before others on this thread have their turn.
const TURN: usize = 64 << 10;

/// The reading side of one connection.
pub(super) struct Ear(WebSocket<Line>);

/// What `tungstenite` reads from, and where it puts what it wants to write.
struct Line {
    stream: Arc<TcpStream>,
    answers: Vec<u8>,
    /// Bytes that may still be read in this turn.
    left: usize,
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = self.stream.try_read(buffer)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answers.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was heard.
pub(super) enum Heard {
    /// A message.
    Message(Message),
    /// Nothing yet, but there is something to answer.
    Answer(Bytes),
}

impl Ear {
    /// Reads on from what was read already.
    pub(super) fn new(stream: Arc<TcpStream>, early: &[u8]) -> Ear {
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_FRAME))
            .max_frame_size(Some(LARGEST_FRAME))
            .read_buffer_size(AT_ONCE)
            .write_buffer_size(0);
        let line = Line {
            stream,
            answers: Vec::new(),
            left: TURN,
        };
        let early = early.to_vec();
        Ear(WebSocket::from_partially_read(
            line,
            early,
            Role::Server,
            Some(config),
        ))
    }

    /// What comes next. May be dropped while waiting; nothing is lost.
    ///
    /// # Errors
    /// When the line broke, or what came is not a message.
    pub(super) async fn next(&mut self) -> Result<Heard, Error> {
        loop {
            match self.0.read() {
                Ok(message) => return Ok(Heard::Message(message)),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if let Some(bytes) = self.answers() {
                return Ok(Heard::Answer(bytes));
            }
            self.0.get_ref().stream.readable().await?;
            consume_budget().await;
            self.0.get_mut().left = TURN;
        }
    }

    /// What `tungstenite` has to say by itself.
    pub(super) fn answers(&mut self) -> Option<Bytes> {
        let _ = self.0.flush();
        let answers = std::mem::take(&mut self.0.get_mut().answers);
        (!answers.is_empty()).then(|| answers.into())
    }

    /// Waits until the client has hung up, whatever it says until then.
    pub(super) async fn hung_up(&self) {
        let stream = &self.0.get_ref().stream;
        let mut buffer = [0; 256];
        while stream.readable().await.is_ok() {
            consume_budget().await;
            match stream.try_read(&mut buffer) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                _ => {}
            }
        }
    }
}
