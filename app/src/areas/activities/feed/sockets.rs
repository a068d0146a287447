//! The sockets of a writer: which have something to write, and which the kernel takes nothing more
//! for.
//!
//! They lie side by side, in the order they came as long as few leave, and are written to nearly in
//! that order: with ten thousand of them it is fetching from memory, ours and the kernel's, that tells
//! a delivery here from a bare `send`. So what is done for each of them for each event goes by seat;
//! only what is said about one goes by its id.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use slab::Slab;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Frame;
use super::socket::{Ended, Socket, Wrote};

/// Longest a frame may take before the client counts as gone.
const PATIENCE: Duration = Duration::from_secs(5);
/// Close code: try again later.
const TRY_AGAIN_LATER: u16 = 1013;

/// Where a socket lies, as long as it is not forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seat(usize);

/// All sockets of a writer.
#[derive(Default)]
pub(super) struct Sockets {
    all: Slab<Socket>,
    seats: HashMap<u64, Seat>,
    /// Those with something to write, in turn.
    due: VecDeque<Seat>,
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
        let socket = Socket::new(id, stream, hello.is_none(), ended);
        let seat = Seat(self.all.insert(socket));
        self.seats.insert(id, seat);
        if let Some(hello) = hello {
            self.hand(seat, hello);
        }
    }

    /// Where a socket lies; none when it is not there.
    pub(super) fn seat(&self, id: u64) -> Option<Seat> {
        self.seats.get(&id).copied()
    }

    /// Queues a frame and answers how many wait now; none when there is no room, or nobody, for it.
    pub(super) fn hand(&mut self, seat: Seat, frame: Arc<Frame>) -> Option<usize> {
        let socket = self.all.get_mut(seat.0)?;
        let waiting = socket.hand(frame)?;
        if !socket.is_blocked {
            queue(&mut self.due, socket, seat);
        }
        Some(waiting)
    }

    /// Queues frames of the past, and tells when they have gone out.
    pub(super) fn say(&mut self, id: u64, frames: Vec<Arc<Frame>>, done: oneshot::Sender<()>) {
        let Some(seat) = self.seat(id) else {
            return; // dropping `done` tells
        };
        for frame in frames {
            if self.hand(seat, frame).is_none() {
                return;
            }
        }
        if let Some(socket) = self.all.get_mut(seat.0) {
            socket.tell(done);
        }
    }

    /// Frames that wait for a socket.
    pub(super) fn waiting(&self, seat: Seat) -> usize {
        self.all.get(seat.0).map_or(0, Socket::waiting)
    }

    /// How many there are to write to.
    pub(super) fn due(&self) -> usize {
        self.due.len()
    }

    /// Writes to those whose turn it is, at most so many; answers those whose line broke.
    pub(super) fn write(&mut self, most: usize) -> Vec<u64> {
        let mut broken = Vec::new();
        for _ in 0..most {
            let Some(seat) = self.due.pop_front() else {
                break;
            };
            // A seat may have been left, and taken by another, since it became due.
            let Some(socket) = self.all.get_mut(seat.0).filter(|socket| socket.is_due) else {
                continue;
            };
            socket.is_due = false;
            let wrote = socket.write();
            let was_blocked = std::mem::replace(&mut socket.is_blocked, false);
            let id = socket.id;
            match wrote {
                Wrote::Part(moved) => {
                    socket.is_blocked = true;
                    let now = Instant::now();
                    let since = self.blocked.entry(id).or_insert(now);
                    if moved {
                        *since = now;
                    }
                    if !socket.is_awaited {
                        socket.is_awaited = true;
                        let stream = Arc::clone(&socket.stream);
                        self.unblocked.push(Box::pin(async move {
                            let _ = stream.writable().await;
                            id
                        }));
                    }
                    continue;
                }
                Wrote::All => {}
                Wrote::Nothing => {
                    socket.end(Ended::Broken);
                    broken.push(id);
                }
            }
            if was_blocked {
                self.blocked.remove(&id);
            }
        }
        broken
    }

    /// Waits until the kernel takes more for one of those that are blocked.
    pub(super) async fn unblocked(&mut self) {
        match self.unblocked.next().await {
            Some(id) => {
                if let Some(seat) = self.seat(id)
                    && let Some(socket) = self.all.get_mut(seat.0)
                {
                    socket.is_awaited = false;
                    queue(&mut self.due, socket, seat);
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
        let late = late.filter(|(id, _)| self.get(**id).is_none_or(|socket| !socket.is_due));
        late.map(|(id, _)| *id).collect()
    }

    /// Whether any is blocked.
    pub(super) fn any_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Ends one that is too slow: it gets what it is in the middle of, and is told where to resume.
    /// The kernel is lent room for both, so whoever reads again before it gives up learns of it.
    pub(super) fn cut(&mut self, id: u64) {
        let Some(seat) = self.seat(id) else {
            return;
        };
        let Some(socket) = self.all.get_mut(seat.0) else {
            return;
        };
        let reason = format!("too slow; reconnect with since={}", socket.resumes());
        if socket.close(TRY_AGAIN_LATER, &reason) {
            socket.lend();
            queue(&mut self.due, socket, seat);
        }
        socket.end(Ended::TooSlow);
    }

    /// Says an end to one, instead of what waits.
    pub(super) fn close(&mut self, id: u64, code: u16, reason: &str) {
        if let Some(seat) = self.seat(id)
            && let Some(socket) = self.all.get_mut(seat.0)
            && socket.close(code, reason)
            && !socket.is_blocked
        {
            queue(&mut self.due, socket, seat);
        }
    }

    /// Says an end to all.
    pub(super) fn close_all(&mut self, code: u16, reason: &str) {
        let ids: Vec<u64> = self.seats.keys().copied().collect();
        for id in ids {
            self.close(id, code, reason);
            self.end(id, Ended::GoingDown);
        }
    }

    /// Forgets one; what the kernel takes at once still goes out.
    pub(super) fn forget(&mut self, id: u64) {
        let seat = self.seats.remove(&id);
        let Some(mut socket) = seat.and_then(|seat| self.all.try_remove(seat.0)) else {
            return;
        };
        let _ = socket.write();
        self.blocked.remove(&id);
        if socket.is_awaited {
            // Whoever waits for it to take more learns that it will not, and lets go of it too.
            let _ = SockRef::from(&*socket.stream).shutdown(std::net::Shutdown::Both);
        }
    }

    fn get(&self, id: u64) -> Option<&Socket> {
        self.all.get(self.seat(id)?.0)
    }

    fn end(&mut self, id: u64, how: Ended) {
        if let Some(socket) = self.seat(id).and_then(|seat| self.all.get_mut(seat.0)) {
            socket.end(how);
        }
    }
}

/// Makes it a socket's turn to be written to, once.
fn queue(due: &mut VecDeque<Seat>, socket: &mut Socket, seat: Seat) {
    if !std::mem::replace(&mut socket.is_due, true) {
        due.push_back(seat);
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
    use crate::accept::LIVE_BUFFER;

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

    fn hand(sockets: &mut Sockets, id: u64, frame: Arc<Frame>) -> Option<usize> {
        sockets.hand(sockets.seat(id)?, frame)
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
                assert!(hand(sockets, 1, frame).is_some(), "{seq} frames and no end");
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
        hand(&mut sockets, 1, Frame::raw(Bytes::from_static(&[0x8a, 0])));

        sockets.cut(1);

        assert_eq!(end.await, Ok(Ended::TooSlow));
        let more = hand(&mut sockets, 1, Frame::raw(Bytes::new()));
        assert_eq!(more, None, "nothing more");
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
    async fn who_reads_again_after_having_been_let_go_learns_where_to_resume() {
        let mut sockets = Sockets::default();
        let (mut client, _end) = pair(&mut sockets).await;
        let stream = Arc::clone(&sockets.get(1).unwrap().stream);
        SockRef::from(&*stream)
            .set_send_buffer_size(LIVE_BUFFER)
            .unwrap();
        drop(stream);
        block(&mut sockets).await;

        sockets.cut(1);
        sockets.write(1);
        assert!(!sockets.any_blocked(), "the kernel has all of it");
        sockets.forget(1);

        let mut bytes = Vec::new();
        client.read_to_end(&mut bytes).await.unwrap();
        let mut client = WebSocket::from_raw_socket(io_of(bytes), Role::Client, None);
        let last = std::iter::from_fn(|| client.read().ok()).last();
        let Some(Message::Close(Some(close))) = last else {
            panic!("no end");
        };
        assert!(close.reason.starts_with("too slow; reconnect with since="));
    }

    #[tokio::test]
    async fn an_end_comes_behind_the_answer_to_the_handshake() {
        let mut sockets = Sockets::default();
        let (mut client, _end) = pair(&mut sockets).await;
        let (ended, _other) = oneshot::channel();
        let stream = Arc::clone(&sockets.get(1).unwrap().stream);
        let hello = Frame::raw(Bytes::from_static(b"HTTP/1.1 101 Yes\r\n\r\n"));
        sockets.open(2, stream, Some(hello), ended);
        hand(&mut sockets, 2, Frame::note(1, &serde_json::json!("x")));

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
                hand(&mut sockets, 1, frame);
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
