//! The writing side of WebSockets: what waits for each, and who can take more of it.
//!
//! What costs is the system call and the reader's being woken, whatever the call carries. So all
//! that waits for a socket goes out in one write, from frames that every socket shares: a socket
//! keeps pointers to frames and how far it is into the first, no bytes.

use std::collections::{HashMap, VecDeque};
use std::io::{ErrorKind, IoSlice};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Frame, QUEUE};

/// Longest a frame may take before the client counts as gone.
const PATIENCE: Duration = Duration::from_secs(5);
/// Frames in one write.
const TOGETHER: usize = 64;
/// Places for waiting frames a socket keeps while nothing waits.
const KEPT: usize = 4;
const TRY_AGAIN_LATER: u16 = 1013;

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

/// One socket.
struct Socket {
    stream: Arc<TcpStream>,
    waiting: VecDeque<Arc<Frame>>,
    /// Bytes of the first of those that are on the line already.
    begun: usize,
    /// The place of the last frame on the line: all that passes up to there is on it too.
    written: i64,
    /// Whether the answer to its handshake is on the line.
    is_greeted: bool,
    /// Whether it is among those to be written to.
    is_due: bool,
    /// Whether an end was said, behind which nothing goes out.
    is_closing: bool,
    /// Told once nothing waits.
    done: Option<oneshot::Sender<()>>,
    ended: Option<oneshot::Sender<Ended>>,
}

/// What a write came to.
enum Wrote {
    /// Nothing waits any more.
    All,
    /// The kernel takes no more for now; whether a frame went out as a whole.
    Part(bool),
    /// The line is no more.
    Nothing,
}

/// All sockets of a writer.
#[derive(Default)]
pub(super) struct Sockets {
    all: HashMap<u64, Socket>,
    /// Those with something to write, in turn.
    due: VecDeque<u64>,
    /// Those the kernel takes nothing more for, and since when.
    blocked: HashMap<u64, Instant>,
    unblocked: FuturesUnordered<BoxFuture<'static, u64>>,
}

impl Sockets {
    pub(super) fn open(
        &mut self,
        id: u64,
        stream: Arc<TcpStream>,
        hello: Option<Arc<Frame>>,
        ended: oneshot::Sender<Ended>,
    ) {
        let socket = Socket {
            stream,
            waiting: VecDeque::new(),
            begun: 0,
            written: 0,
            is_greeted: hello.is_none(),
            is_due: false,
            is_closing: false,
            done: None,
            ended: Some(ended),
        };
        self.all.insert(id, socket);
        if let Some(hello) = hello {
            self.hand(id, hello);
        }
    }

    /// Queues a frame and answers how many wait now; none when there is no room, or nobody, for it.
    pub(super) fn hand(&mut self, id: u64, frame: Arc<Frame>) -> Option<usize> {
        let socket = self.all.get_mut(&id)?;
        if socket.is_closing || socket.waiting.len() >= QUEUE {
            return None;
        }
        socket.waiting.push_back(frame);
        if !socket.is_due && !self.blocked.contains_key(&id) {
            socket.is_due = true;
            self.due.push_back(id);
        }
        Some(socket.waiting.len())
    }

    /// Queues frames of the past, and tells when they have gone out.
    pub(super) fn say(&mut self, id: u64, frames: Vec<Arc<Frame>>, done: oneshot::Sender<()>) {
        for frame in frames {
            if self.hand(id, frame).is_none() {
                return; // dropping `done` tells
            }
        }
        if let Some(socket) = self.all.get_mut(&id) {
            socket.done = Some(done);
        }
    }

    /// Frames that wait for a socket.
    pub(super) fn waiting(&self, id: u64) -> usize {
        self.all.get(&id).map_or(0, |socket| socket.waiting.len())
    }

    /// How many there are to write to.
    pub(super) fn due(&self) -> usize {
        self.due.len()
    }

    /// Writes to those whose turn it is, at most so many; answers those whose line broke.
    pub(super) fn write(&mut self, most: usize) -> Vec<u64> {
        let mut broken = Vec::new();
        for _ in 0..most {
            let Some(id) = self.due.pop_front() else {
                break;
            };
            let Some(socket) = self.all.get_mut(&id) else {
                continue;
            };
            socket.is_due = false;
            match socket.write() {
                Wrote::All => {
                    self.blocked.remove(&id);
                    if let Some(done) = socket.done.take() {
                        let _ = done.send(());
                    }
                }
                Wrote::Part(moved) => {
                    let now = Instant::now();
                    let since = self.blocked.entry(id).or_insert(now);
                    if moved {
                        *since = now;
                    }
                    let stream = Arc::clone(&socket.stream);
                    self.unblocked.push(Box::pin(async move {
                        let _ = stream.writable().await;
                        id
                    }));
                }
                Wrote::Nothing => {
                    // Whoever waits for it to have gone out learns that it will not.
                    socket.done = None;
                    socket.waiting.clear();
                    socket.begun = 0;
                    socket.is_closing = true;
                    self.blocked.remove(&id);
                    broken.push(id);
                }
            }
        }
        for id in &broken {
            self.end(*id, Ended::Broken);
        }
        broken
    }

    /// Waits until the kernel takes more for one of those that are blocked.
    pub(super) async fn unblocked(&mut self) {
        match self.unblocked.next().await {
            Some(id) => {
                if let Some(socket) = self.all.get_mut(&id)
                    && !socket.is_due
                {
                    socket.is_due = true;
                    self.due.push_back(id);
                }
            }
            None => std::future::pending().await,
        }
    }

    /// Those of which no frame has gone out for too long.
    pub(super) fn late(&self) -> Vec<u64> {
        let late = self.blocked.iter();
        let late = late.filter(|(_, since)| since.elapsed() > PATIENCE);
        // Who can take more is only waiting for us.
        let late = late.filter(|(id, _)| self.all.get(id).is_none_or(|socket| !socket.is_due));
        late.map(|(id, _)| *id).collect()
    }

    /// Whether any is blocked.
    pub(super) fn any_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Ends one that is too slow: it gets what it is in the middle of, and is told where to resume.
    pub(super) fn cut(&mut self, id: u64) {
        if let Some(socket) = self.all.get(&id) {
            let begun = socket.waiting.front().filter(|_| socket.begun > 0);
            let until = begun.and_then(|frame| frame.place());
            let until = until.unwrap_or(socket.written);
            let reason = format!("too slow; reconnect with since={until}");
            self.close(id, TRY_AGAIN_LATER, &reason);
            self.end(id, Ended::TooSlow);
        }
    }

    /// Says an end to one, instead of what waits.
    pub(super) fn close(&mut self, id: u64, code: u16, reason: &str) {
        let Some(socket) = self.all.get_mut(&id).filter(|socket| !socket.is_closing) else {
            return;
        };
        let begun = socket.begun > 0 || !socket.is_greeted;
        socket.waiting.truncate(usize::from(begun));
        socket.done = None;
        self.hand(id, Frame::close(code, reason));
        if let Some(socket) = self.all.get_mut(&id) {
            socket.is_closing = true;
        }
    }

    /// Says an end to all.
    pub(super) fn close_all(&mut self, code: u16, reason: &str) {
        let ids: Vec<u64> = self.all.keys().copied().collect();
        for id in ids {
            self.close(id, code, reason);
            self.end(id, Ended::GoingDown);
        }
    }

    fn end(&mut self, id: u64, how: Ended) {
        if let Some(ended) = self.all.get_mut(&id).and_then(|socket| socket.ended.take()) {
            let _ = ended.send(how);
        }
    }

    /// Forgets one; what the kernel takes at once still goes out.
    pub(super) fn forget(&mut self, id: u64) {
        if let Some(mut socket) = self.all.remove(&id) {
            let _ = socket.write();
            if self.blocked.remove(&id).is_some() {
                // Whoever waits for it to take more learns that it will not.
                let _ = SockRef::from(&*socket.stream).shutdown(std::net::Shutdown::Both);
            }
        }
    }
}

impl Socket {
    /// Writes what waits until the kernel takes no more.
    fn write(&mut self) -> Wrote {
        let mut moved = false;
        while !self.waiting.is_empty() {
            match self.write_once() {
                Ok(0) => return Wrote::Nothing,
                Ok(bytes) => moved |= self.advance(bytes),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Wrote::Part(moved),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Wrote::Nothing,
            }
        }
        if self.waiting.capacity() > KEPT {
            self.waiting = VecDeque::new();
        }
        Wrote::All
    }

    fn write_once(&self) -> std::io::Result<usize> {
        if let (Some(frame), 1) = (self.waiting.front(), self.waiting.len()) {
            return self.stream.try_write(&frame.wire[self.begun..]);
        }
        let mut slices = [IoSlice::new(&[]); TOGETHER];
        let mut used = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.waiting) {
            let from = if used == 0 { self.begun } else { 0 };
            *slice = IoSlice::new(&frame.wire[from..]);
            used += 1;
        }
        self.stream.try_write_vectored(&slices[..used])
    }

    /// Takes note that so many bytes have gone out; answers whether a frame has as a whole.
    fn advance(&mut self, bytes: usize) -> bool {
        let mut left = self.begun + bytes;
        let mut moved = false;
        while let Some(frame) = self.waiting.front() {
            if left < frame.wire.len() {
                break;
            }
            left -= frame.wire.len();
            if let Some(place) = frame.place() {
                self.written = place;
            }
            self.waiting.pop_front();
            self.is_greeted = true;
            moved = true;
        }
        self.begun = left;
        moved
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    use super::*;

    /// A socket of these with small buffers, and the client's end of it.
    async fn pair(sockets: &mut Sockets) -> (TcpStream, oneshot::Receiver<Ended>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, server) = tokio::join!(client, listener.accept());
        let server = server.unwrap().0;
        SockRef::from(&server)
            .set_send_buffer_size(8 << 10)
            .unwrap();
        let (ended, end) = oneshot::channel();
        sockets.open(1, Arc::new(server), None, ended);
        (client.unwrap(), end)
    }

    /// As many frames, from this place on, of more bytes than buffers hold all together.
    fn frames(from: i64, count: i64) -> Vec<Arc<Frame>> {
        (from..from + count)
            .map(|seq| Frame::note(seq, &serde_json::json!("x".repeat(20_000))))
            .collect()
    }

    /// Hands frames to the socket until it is blocked; answers how many it got.
    async fn block(sockets: &mut Sockets) -> i64 {
        for seq in 1.. {
            for frame in frames(seq, 1) {
                assert!(sockets.hand(1, frame).is_some(), "{seq} frames and no end");
            }
            sockets.write(1);
            if sockets.any_blocked() {
                return seq;
            }
        }
        unreachable!()
    }

    /// Reads all there is at the client's end while the rest is written.
    async fn read_all(sockets: &mut Sockets, mut client: TcpStream) -> Vec<Message> {
        let reading = tokio::spawn(async move {
            let mut bytes = Vec::new();
            client.read_to_end(&mut bytes).await.unwrap();
            bytes
        });
        while sockets.any_blocked() {
            sockets.unblocked().await;
            sockets.write(1);
        }
        sockets.forget(1);
        let stream = io_of(reading.await.unwrap());
        let mut client = WebSocket::from_raw_socket(stream, Role::Client, None);
        std::iter::from_fn(|| client.read().ok()).collect()
    }

    fn io_of(bytes: Vec<u8>) -> std::io::Cursor<Vec<u8>> {
        std::io::Cursor::new(bytes)
    }

    #[tokio::test]
    async fn all_that_waits_arrives_whole_and_in_order_however_it_was_cut() {
        let mut sockets = Sockets::default();
        let (client, _end) = pair(&mut sockets).await;
        let before = block(&mut sockets).await;
        let (done, mut said) = oneshot::channel();
        sockets.say(1, frames(before + 1, 100), done);
        assert!(said.try_recv().is_err(), "not before it went out");

        let messages = read_all(&mut sockets, client).await;

        assert_eq!(messages.len() as i64, before + 100);
        assert_eq!(said.try_recv(), Ok(()));
    }

    #[tokio::test]
    async fn what_is_begun_is_finished_before_an_end_that_says_where_to_resume() {
        let mut sockets = Sockets::default();
        let (client, end) = pair(&mut sockets).await;
        let handed = block(&mut sockets).await;
        sockets.hand(1, Frame::raw(Bytes::from_static(&[0x8a, 0])));

        sockets.cut(1);

        assert_eq!(end.await, Ok(Ended::TooSlow));
        assert_eq!(
            sockets.hand(1, Frame::raw(Bytes::new())),
            None,
            "nothing more"
        );
        let mut messages = read_all(&mut sockets, client).await;
        let Some(Message::Close(Some(close))) = messages.pop() else {
            panic!("no end");
        };
        assert!(messages.iter().all(Message::is_text));
        let last = messages.len();
        assert!(last as i64 <= handed);
        assert_eq!(
            close.reason.as_str(),
            format!("too slow; reconnect with since={last}")
        );
    }

    #[tokio::test]
    async fn an_end_comes_behind_the_answer_to_the_handshake() {
        let mut sockets = Sockets::default();
        let (mut client, _end) = pair(&mut sockets).await;
        let (ended, _other) = oneshot::channel();
        let stream = Arc::clone(&sockets.all[&1].stream);
        let hello = Frame::raw(Bytes::from_static(b"HTTP/1.1 101 Yes\r\n\r\n"));
        sockets.open(2, stream, Some(hello), ended);
        sockets.hand(2, Frame::note(1, &serde_json::json!("x")));

        sockets.close_all(1001, "down");
        sockets.write(2);

        let mut bytes = [0; 22];
        client.read_exact(&mut bytes).await.unwrap();
        let hello = bytes.windows(8).position(|window| window == b"HTTP/1.1");
        assert!(hello.is_some(), "{bytes:?}");
    }

    #[tokio::test]
    async fn a_line_that_broke_is_told_of() {
        let mut sockets = Sockets::default();
        let (client, end) = pair(&mut sockets).await;
        SockRef::from(&client)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
        drop(client);

        let mut broken = Vec::new();
        while broken.is_empty() {
            for frame in frames(1, 1) {
                sockets.hand(1, frame);
            }
            broken = sockets.write(1);
            if sockets.any_blocked() {
                sockets.unblocked().await;
            }
        }

        assert_eq!(broken, [1]);
        assert_eq!(end.await, Ok(Ended::Broken));
        let (done, said) = oneshot::channel();
        sockets.say(1, frames(1, 1), done);
        assert!(said.await.is_err(), "nothing goes out any more");
    }
}
