//! One live connection, at the least price: a socket, and the part of a frame that is still to come.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::frames::{self, Frame};

/// Longest a handshake may take: machines are busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// The key of RFC 6455's example, and what answers it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Bytes of one read at most.
const READ: usize = 64 << 10;

thread_local! {
    /// Where reads go: all lines of a thread share it, none keeps it while it waits.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A live connection.
pub(crate) struct Line {
    stream: TcpStream,
    /// The begin of a frame whose end was not read yet.
    rest: Vec<u8>,
}

/// What a read came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Frames, or parts of them.
    Some,
    /// The other side hung up.
    End,
}

impl Line {
    /// Opens `/api/activities/live?query`. With `narrow` the kernel keeps little for us, so that
    /// what we do not read is the server's.
    pub(crate) async fn open(to: SocketAddr, query: &str, narrow: bool) -> anyhow::Result<Line> {
        timeout(PATIENCE, open(to, query, narrow))
            .await
            .context("a handshake in time")?
    }

    /// Reads once, at most so many bytes, and hands on every frame that is whole by now.
    pub(crate) async fn receive(
        &mut self,
        most: usize,
        mut each: impl FnMut(Frame<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Read> {
        // What came with the handshake.
        let taken = frames::cut(&self.rest, &mut each)?;
        if taken > 0 {
            self.rest.drain(..taken);
            return Ok(Read::Some);
        }
        loop {
            self.stream.readable().await?;
            let read = SCRATCH.with_borrow_mut(|scratch| {
                let kept = self.rest.len();
                scratch.resize(kept + READ, 0);
                scratch[..kept].copy_from_slice(&self.rest);
                let read = match self
                    .stream
                    .try_read(&mut scratch[kept..kept + most.min(READ)])
                {
                    Ok(0) => return Ok(Some(Read::End)),
                    Ok(read) => read,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                    Err(error) => return Err(anyhow::Error::from(error)),
                };
                let bytes = &scratch[..kept + read];
                let taken = frames::cut(bytes, &mut each)?;
                self.rest.clear();
                self.rest.extend_from_slice(&bytes[taken..]);
                Ok(Some(Read::Some))
            })?;
            if let Some(read) = read {
                return Ok(read);
            }
        }
    }

    /// Answers a ping (opcode 10), or says good-bye (8).
    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) -> std::io::Result<()> {
        let frame = frames::from_client(opcode, payload);
        self.stream.write_all(&frame).await
    }
}

async fn open(to: SocketAddr, query: &str, narrow: bool) -> anyhow::Result<Line> {
    let socket = TcpSocket::new_v4()?;
    if narrow {
        socket.set_recv_buffer_size(4096)?;
    }
    let mut stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET /api/activities/live?{query} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::with_capacity(512);
    // The answer and the first frames come in one read, or in several.
    let end = loop {
        ensure!(head.len() < 8 << 10, "a head without end");
        if stream.read_buf(&mut head).await? == 0 {
            bail!("hung up in the handshake");
        }
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&head[..end]);
    let upgraded = text.starts_with("HTTP/1.1 101") && text.contains(ACCEPT);
    ensure!(upgraded, "{}", text.lines().next().unwrap_or_default());
    let rest = head.split_off(end);
    Ok(Line { stream, rest })
}
