//! One client: a socket, how far its handshake is, and a frame that is not all there yet.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use memchr::memmem;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Socket, Type};

use super::frames::{self, Frame};

/// Clients of one source address: ports never run out.
const OF_AN_ADDRESS: usize = 1_000;
/// Receive buffer of clients that never read, bytes.
const DEAF_BUFFER: usize = 4_096;

/// A client.
pub(crate) struct Client {
    stream: Option<TcpStream>,
    state: State,
    rest: Vec<u8>,
    /// What it has.
    pub(crate) progress: Progress,
}

/// What a client has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The class of messages it is sent.
    pub(crate) class: usize,
    /// Place behind the last message it has of this run.
    pub(crate) next: usize,
    /// The server's own number of it, where that is looked at: where to go on.
    pub(crate) since: u64,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// No connection.
    Away,
    /// The connection is on its way.
    Coming,
    /// The handshake is.
    Asking,
    /// Connected.
    There,
    /// Connected and not reading.
    Deaf,
}

/// What a look at the socket brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing new about the connection.
    None,
    /// The handshake is done.
    Arrived,
    /// The connection or the handshake failed.
    Failed,
    /// The server closed it.
    Closed,
}

impl Client {
    /// One that is not connected.
    pub(crate) fn new(class: usize) -> Client {
        Client {
            stream: None,
            state: State::Away,
            rest: Vec::new(),
            progress: Progress {
                class,
                ..Progress::default()
            },
        }
    }

    /// How far it is.
    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// Its own port.
    pub(crate) fn port(&self) -> Option<u16> {
        Some(self.stream.as_ref()?.local_addr().ok()?.port())
    }

    /// Begins to connect.
    pub(crate) fn connect(
        &mut self,
        number: usize,
        port: u16,
        deaf: bool,
        registry: &Registry,
    ) -> io::Result<()> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        // Who leaves is gone at once. Else each port waits for a minute, and to find a free one among
        // a hundred thousand that wait takes the generator seconds: longer than any server.
        socket.set_linger(Some(Duration::ZERO))?;
        if deaf {
            socket.set_recv_buffer_size(DEAF_BUFFER)?;
        }
        // Not from 127.0.0.1: a port of that may be the next server's.
        let host = u8::try_from(2 + number / OF_AN_ADDRESS).unwrap_or(254);
        let from = SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, host), 0);
        socket.bind(&SocketAddr::from(from).into())?;
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        // "In progress" is how a connection begins that is not waited for.
        let begun = socket.connect(&server.into());
        if let Err(error) = begun
            && error.raw_os_error() != Some(IN_PROGRESS)
        {
            return Err(error);
        }
        let mut stream = TcpStream::from_std(socket.into());
        let both = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut stream, Token(number), both)?;
        self.stream = Some(stream);
        self.state = State::Coming;
        self.rest.clear();
        Ok(())
    }

    /// Lets the connection go.
    pub(crate) fn leave(&mut self) {
        self.stream = None;
        self.state = State::Away;
        self.rest = Vec::new();
    }

    /// The connection is made: asks for the upgrade.
    pub(crate) fn ask(&mut self, path: &str) -> Change {
        let Some(stream) = &mut self.stream else {
            return Change::None;
        };
        match stream.take_error() {
            Ok(None) => {}
            _ => return Change::Failed,
        }
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        match stream.write(request.as_bytes()) {
            Ok(count) if count == request.len() => {
                self.state = State::Asking;
                Change::None
            }
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Change::None,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Change::None,
            _ => Change::Failed,
        }
    }

    /// Reads all there is, and hands on each message with what this client has.
    pub(crate) fn read(
        &mut self,
        buffer: &mut [u8],
        mut message: impl FnMut(&mut Progress, &[u8]),
    ) -> Change {
        let mut change = Change::None;
        loop {
            let Some(stream) = &mut self.stream else {
                return change;
            };
            let kept = self.rest.len();
            let Some((start, room)) = buffer.split_at_mut_checked(kept) else {
                return Change::Closed;
            };
            start.copy_from_slice(&self.rest);
            let most = room.len();
            let count = match stream.read(room) {
                Ok(0) => return self.gone(),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return change,
                Err(_) => return self.gone(),
            };
            self.rest.clear();
            let mut bytes = buffer.get(..kept + count).unwrap_or_default();
            if self.state != State::There {
                let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
                    self.rest.extend_from_slice(bytes);
                    continue;
                };
                if !bytes.starts_with(b"HTTP/1.1 101") {
                    return Change::Failed;
                }
                self.state = State::There;
                change = Change::Arrived;
                bytes = bytes.get(end + 4..).unwrap_or_default();
            }
            while let Some(frame) = frames::take(&mut bytes) {
                match frame {
                    Frame::Message(text) => message(&mut self.progress, text),
                    Frame::Ping(payload) => {
                        let _ = stream.write(&frames::pong(payload));
                    }
                    Frame::Close => return Change::Closed,
                    Frame::Other => {}
                }
            }
            self.rest.extend_from_slice(bytes);
            // Less than there was room for: nothing more is there (`man 7 epoll`).
            if count < most {
                return change;
            }
        }
    }

    /// Stops to read, for ever.
    pub(crate) fn go_deaf(&mut self) {
        self.state = State::Deaf;
    }

    /// Reads what it had left unread and is there by now; whether a reason to end stands there.
    pub(crate) fn hear_out(&mut self, buffer: &mut [u8]) -> bool {
        self.state = State::There;
        self.read(buffer, |_, _| {}) == Change::Closed && self.stream.is_some()
    }

    fn gone(&mut self) -> Change {
        self.stream = None;
        match self.state {
            State::Coming | State::Asking => Change::Failed,
            _ => Change::Closed,
        }
    }
}

/// `EINPROGRESS` of Linux.
const IN_PROGRESS: i32 = 115;
