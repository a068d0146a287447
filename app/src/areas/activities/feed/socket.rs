//! The writing side of one WebSocket: what waits for it, and how far it is.
//!
//! What costs is the system call and the reader's being woken, whatever the call carries. So all
//! that waits goes out in one write, from frames that every socket shares: a socket keeps pointers
//! to frames and how far it is into the first, no bytes.

use std::io::{ErrorKind, IoSlice};
use std::sync::Arc;

use rustix::io::{write, writev};
use smallvec::SmallVec;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::{Frame, QUEUE};
use crate::accept::LIVE_BUFFER;

/// Frames in one write.
const TOGETHER: usize = 64;
/// Frames that wait within the socket itself: nearly always there are fewer, and a list of their own
/// would be one more place for the processor to fetch from memory for each of ten thousand.
const WITHIN: usize = 4;
/// What the kernel keeps for itself about a few frames, bytes.
const LENT: usize = 8 << 10;

/// Why the writing side of a socket has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client does not read, or not fast enough; it is being told where to resume.
    TooSlow,
    /// The hub shuts down; the client is being told.
    GoingDown,
    /// The line is no more.
    Broken,
}

/// What a write came to.
pub(super) enum Wrote {
    /// Nothing waits any more.
    All,
    /// The kernel takes no more for now; whether a frame went out as a whole.
    Part(bool),
    /// The line is no more.
    Nothing,
}

/// One socket.
pub(super) struct Socket {
    pub(super) id: u64,
    pub(super) stream: Arc<TcpStream>,
    waiting: SmallVec<[Arc<Frame>; WITHIN]>,
    /// Bytes of the first of those that are on the line already.
    begun: usize,
    /// The place of the last frame on the line: all that passes up to there is on it too.
    written: i64,
    /// Whether the answer to its handshake is on the line.
    is_greeted: bool,
    /// Whether an end was said, behind which nothing goes out.
    is_closing: bool,
    /// Whether it is among those to be written to.
    pub(super) is_due: bool,
    /// Whether the kernel takes nothing more for it.
    pub(super) is_blocked: bool,
    /// Whether it is waited for that the kernel takes more.
    pub(super) is_awaited: bool,
    /// Told once nothing waits.
    done: Option<oneshot::Sender<()>>,
    ended: Option<oneshot::Sender<Ended>>,
}

impl Socket {
    pub(super) fn new(
        id: u64,
        stream: Arc<TcpStream>,
        is_greeted: bool,
        ended: oneshot::Sender<Ended>,
    ) -> Socket {
        Socket {
            id,
            stream,
            waiting: SmallVec::new(),
            begun: 0,
            written: 0,
            is_greeted,
            is_closing: false,
            is_due: false,
            is_blocked: false,
            is_awaited: false,
            done: None,
            ended: Some(ended),
        }
    }

    /// Queues a frame and answers how many wait now; none when there is no room for it.
    pub(super) fn hand(&mut self, frame: Arc<Frame>) -> Option<usize> {
        if self.is_closing || self.waiting.len() >= QUEUE {
            return None;
        }
        self.waiting.push(frame);
        Some(self.waiting.len())
    }

    /// Frames that wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Tells once nothing waits any more.
    pub(super) fn tell(&mut self, done: oneshot::Sender<()>) {
        self.done = Some(done);
    }

    /// Where a client that is cut off now resumes: behind what it gets as a whole.
    pub(super) fn resumes(&self) -> i64 {
        let begun = self.waiting.first().filter(|_| self.begun > 0);
        begun
            .and_then(|frame| frame.place())
            .unwrap_or(self.written)
    }

    /// Says an end instead of what waits; only what is begun, or is its greeting, goes before it.
    /// Answers whether there is one to say.
    pub(super) fn close(&mut self, code: u16, reason: &str) -> bool {
        if self.is_closing {
            return false;
        }
        let begun = self.begun > 0 || !self.is_greeted;
        self.waiting.truncate(usize::from(begun));
        self.done = None;
        self.waiting.push(Frame::close(code, reason));
        self.is_closing = true;
        true
    }

    /// Lends the kernel room for all that waits.
    pub(super) fn lend(&self) {
        let waits: usize = self.waiting.iter().map(|frame| frame.wire.len()).sum();
        let _ = SockRef::from(&*self.stream).set_send_buffer_size(LIVE_BUFFER + waits + LENT);
    }

    /// Tells whom it belongs to that it has ended.
    pub(super) fn end(&mut self, how: Ended) {
        if let Some(ended) = self.ended.take() {
            let _ = ended.send(how);
        }
    }

    /// Drops all that waits: the line is no more.
    fn give_up(&mut self) {
        // Whoever waits for it to have gone out learns that it will not.
        self.done = None;
        self.waiting = SmallVec::new();
        self.begun = 0;
        self.is_closing = true;
    }

    /// Writes what waits until the kernel takes no more.
    pub(super) fn write(&mut self) -> Wrote {
        let mut moved = false;
        while !self.waiting.is_empty() {
            match self.write_once() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Wrote::Part(moved),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => {
                    self.give_up();
                    return Wrote::Nothing;
                }
                Ok(bytes) => moved |= self.advance(bytes),
            }
        }
        if self.waiting.spilled() {
            self.waiting = SmallVec::new();
        }
        if let Some(done) = self.done.take() {
            let _ = done.send(());
        }
        Wrote::All
    }

    fn write_once(&self) -> std::io::Result<usize> {
        if let [frame] = self.waiting.as_slice() {
            let bytes = &frame.wire[self.begun..];
            return kernel(
                || Ok(write(&*self.stream, bytes)?),
                || self.stream.try_write(bytes),
            );
        }
        let mut slices = [IoSlice::new(&[]); TOGETHER];
        let mut used = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.waiting) {
            let from = if used == 0 { self.begun } else { 0 };
            *slice = IoSlice::new(&frame.wire[from..]);
            used += 1;
        }
        let slices = &slices[..used];
        kernel(
            || Ok(writev(&*self.stream, slices)?),
            || self.stream.try_write_vectored(slices),
        )
    }

    /// Takes note that so many bytes have gone out; answers whether a frame has as a whole.
    fn advance(&mut self, bytes: usize) -> bool {
        let mut left = self.begun + bytes;
        let mut whole = 0;
        for frame in &self.waiting {
            if left < frame.wire.len() {
                break;
            }
            left -= frame.wire.len();
            if let Some(place) = frame.place() {
                self.written = place;
            }
            whole += 1;
        }
        self.waiting.drain(..whole);
        self.begun = left;
        self.is_greeted |= whole > 0;
        whole > 0
    }
}

/// Asks the kernel without tokio, and with it only when the kernel takes no more, so that tokio
/// knows to tell when it does again. What tokio notes about a socket lies elsewhere in memory: to
/// fetch it took 0.3 of the 9 µs of a delivery that goes out alone.
fn kernel(
    bare: impl FnOnce() -> std::io::Result<usize>,
    noted: impl FnOnce() -> std::io::Result<usize>,
) -> std::io::Result<usize> {
    match bare() {
        Err(error) if error.kind() == ErrorKind::WouldBlock => noted(),
        sent => sent,
    }
}
