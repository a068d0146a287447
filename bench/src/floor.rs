//! The least a fan-out can cost: a prebuilt frame, a bare `send` to each socket, nothing checked.
//!
//! It is no server: it takes any request for a handshake, knows one key and reads nothing.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use anyhow::{Context, bail};
use clap::Args;
use memchr::memchr;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use crate::load::frames;

/// The answer to the one key the generator sends.
const WELCOME: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhxRbK+xOo=\r\n\r\n";
/// What waits for a client at most; more is dropped.
const LONGEST: usize = 1 << 20;
const LISTENER: Token = Token(usize::MAX - 1);
const REDIS: Token = Token(usize::MAX - 2);

/// Sends what is published to everybody who connects
#[derive(Debug, Args)]
pub(crate) struct Floor {
    #[arg(long)]
    port: u16,
    /// Where Redis is
    #[arg(long)]
    redis: u16,
    #[arg(long)]
    channel: String,
    /// Waiting messages that go into one `send`
    #[arg(long, default_value_t = 1)]
    together: usize,
}

struct Client {
    stream: TcpStream,
    greeted: bool,
    waiting: Vec<u8>,
}

struct Fan {
    poll: Poll,
    listener: TcpListener,
    clients: Vec<Option<Client>>,
    free: Vec<usize>,
}

impl Floor {
    /// Sends until it is ended.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], self.port)).into())?;
        socket.listen(4096)?;
        socket.set_nonblocking(true)?;
        let mut fan = Fan {
            poll: Poll::new()?,
            listener: TcpListener::from_std(socket.into()),
            clients: Vec::new(),
            free: Vec::new(),
        };
        let mut redis = Subscription::new(self.redis, &self.channel)?;
        let registry = fan.poll.registry();
        registry.register(&mut fan.listener, LISTENER, Interest::READABLE)?;
        registry.register(&mut redis.stream, REDIS, Interest::READABLE)?;
        let mut events = Events::with_capacity(1024);
        let mut frames = Vec::new();
        loop {
            match fan.poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            let mut published = false;
            for event in &events {
                match event.token() {
                    LISTENER => fan.accept()?,
                    REDIS => published = true,
                    Token(number) => fan.serve(number),
                }
            }
            while published {
                redis.read(&mut frames)?;
                published = !frames.is_empty();
                for together in frames.chunks(self.together.max(1)) {
                    match together {
                        [one] => fan.send(one),
                        many => fan.send(&many.concat()),
                    }
                }
                frames.clear();
            }
        }
    }
}

impl Fan {
    fn accept(&mut self) -> anyhow::Result<()> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("accepting"),
            };
            let _ = stream.set_nodelay(true);
            let number = self.free.pop().unwrap_or_else(|| {
                self.clients.push(None);
                self.clients.len() - 1
            });
            let both = Interest::READABLE | Interest::WRITABLE;
            self.poll
                .registry()
                .register(&mut stream, Token(number), both)?;
            if let Some(place) = self.clients.get_mut(number) {
                *place = Some(Client {
                    stream,
                    greeted: false,
                    waiting: Vec::new(),
                });
            }
        }
    }

    fn serve(&mut self, number: usize) {
        let Some(place) = self.clients.get_mut(number) else {
            return;
        };
        let Some(client) = place else { return };
        if client.serve().is_err() {
            *place = None;
            self.free.push(number);
        }
    }

    fn send(&mut self, frame: &[u8]) {
        for client in self.clients.iter_mut().flatten() {
            if client.greeted {
                client.send(frame);
            }
        }
    }
}

impl Client {
    fn serve(&mut self) -> io::Result<()> {
        let mut request = [0; 2048];
        loop {
            match self.stream.read(&mut request) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) if !self.greeted => {
                    self.stream.write_all(WELCOME)?;
                    self.greeted = true;
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            self.send(&waiting);
        }
        Ok(())
    }

    /// One `send`; what the kernel does not take waits until it has room.
    fn send(&mut self, frame: &[u8]) {
        let taken = match self.waiting.is_empty() {
            true => self.stream.write(frame).unwrap_or(0),
            false => 0,
        };
        if self.waiting.len() < LONGEST {
            self.waiting
                .extend_from_slice(frame.get(taken..).unwrap_or_default());
        }
    }
}

/// A Redis channel.
struct Subscription {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Subscription {
    fn new(port: u16, channel: &str) -> anyhow::Result<Subscription> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).context("Redis")?;
        write!(stream, "SUBSCRIBE {channel}\r\n")?;
        stream.set_nonblocking(true)?;
        Ok(Subscription {
            stream: TcpStream::from_std(stream),
            bytes: Vec::new(),
        })
    }

    /// All messages that are there, as frames.
    fn read(&mut self, frames: &mut Vec<Vec<u8>>) -> anyhow::Result<()> {
        let mut room = [0; 64 << 10];
        loop {
            match self.stream.read(&mut room) {
                Ok(0) => bail!("Redis hung up"),
                Ok(count) => self
                    .bytes
                    .extend_from_slice(room.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("Redis"),
            }
        }
        let mut rest = self.bytes.as_slice();
        while let Some(parts) = array(&mut rest) {
            if let [b"message", _, text] = parts.as_slice() {
                frames.push(frames::text(text));
            }
        }
        let kept = rest.len();
        self.bytes.drain(..self.bytes.len() - kept);
        Ok(())
    }
}

/// The texts of an array of Redis; numbers among them are empty. None when it is not all there yet.
pub(crate) fn array<'a>(bytes: &mut &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let mut rest = *bytes;
    let count = line(&mut rest)?;
    let mut parts = Vec::new();
    for _ in 0..number(count)? {
        let head = line(&mut rest)?;
        parts.push(match head.first() {
            Some(b'$') => {
                let (text, behind) = rest.split_at_checked(number(head)?)?;
                rest = behind.get(2..)?;
                text
            }
            _ => b"",
        });
    }
    *bytes = rest;
    Some(parts)
}

fn line<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = memchr(b'\n', bytes)?;
    let (line, rest) = bytes.split_at_checked(end + 1)?;
    *bytes = rest;
    line.strip_suffix(b"\r\n")
}

fn number(line: &[u8]) -> Option<usize> {
    std::str::from_utf8(line.get(1..)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_once_it_is_all_there() {
        let text = b"*3\r\n$9\r\nsubscribe\r\n$4\r\nfeed\r\n:1\r\n\
            *3\r\n$7\r\nmessage\r\n$4\r\nfeed\r\n$5\r\na\r\nbc\r\n";
        let mut bytes = text.as_slice();
        assert_eq!(
            array(&mut bytes).unwrap(),
            [b"subscribe".as_slice(), b"feed", b""]
        );
        assert_eq!(array(&mut &bytes[..bytes.len() - 1]), None);
        assert_eq!(
            array(&mut bytes).unwrap(),
            [b"message".as_slice(), b"feed", b"a\r\nbc"]
        );
        assert!(bytes.is_empty());
    }
}
