//! The least of an HTTP client: one connection that is kept, one question after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A kept connection.
pub(crate) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    /// Connects to a port of this machine.
    pub(crate) async fn to(port: u16) -> anyhow::Result<Line> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Line {
            stream,
            buffer: Vec::with_capacity(256 << 10),
        })
    }

    /// Sends a request as it stands and reads the body of its answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (mut head, mut whole) = (0, usize::MAX);
        while self.buffer.len() < whole {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server hung up");
            if head == 0
                && let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n")
            {
                head = end + 4;
                whole = head + body_length(&self.buffer[..head])?;
            }
        }
        Ok(&self.buffer[head..whole])
    }
}

/// A GET request on a connection that is kept.
pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n").into_bytes()
}

fn body_length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    if !head.starts_with("HTTP/1.1 200") {
        bail!("answered {head}");
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    length.context("an answer without content-length")
}

/// What a load came to.
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Bytes of the last body.
    pub(crate) bytes: usize,
}

/// Several connections that each ask one thing after the other, in turn, for so long.
pub(crate) async fn load(
    port: u16,
    requests: Vec<Vec<u8>>,
    connections: usize,
    lasting: Duration,
) -> anyhow::Result<Load> {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let askers: Vec<_> = (0..connections)
        .map(|_| {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            tokio::spawn(async move {
                let mut line = Line::to(port).await?;
                let (mut count, mut bytes) = (0_u32, 0);
                while begun.elapsed() < lasting {
                    let turn = next.fetch_add(1, Ordering::Relaxed) % requests.len();
                    bytes = line.ask(&requests[turn]).await?.len();
                    count += 1;
                }
                anyhow::Ok((count, bytes))
            })
        })
        .collect();
    let (mut all, mut bytes) = (0, 0);
    for asker in askers {
        let (count, last) = asker.await??;
        all += count;
        bytes = last.max(bytes);
    }
    Ok(Load {
        rate: f64::from(all) / begun.elapsed().as_secs_f64(),
        bytes,
    })
}
