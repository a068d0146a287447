//! How messages leave the generator: never waiting for whoever takes them.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use mio::net::TcpStream;
use mio::unix::pipe::{Receiver, Sender};
use mio::{Interest, Registry, Token};

use super::frames::{Mark, Marks};
use super::plan::{Plan, Publish};

/// The line messages leave by, and what waits for it.
pub(crate) struct Publisher {
    line: Line,
    kind: Kind,
    template: Template,
    classes: usize,
    waiting: Vec<u8>,
    program: Option<Child>,
    /// What the program says of when it was done with which.
    said: Option<Receiver>,
    told: Vec<u8>,
}

enum Line {
    Socket(TcpStream),
    Pipe(Sender),
    None,
}

enum Kind {
    Redis(String),
    Http(String),
    Lines,
    Marks,
}

/// A message of a size around a mark.
struct Template {
    size: usize,
}

impl Template {
    fn message(&self, mark: &str) -> String {
        const AROUND: usize = r#"{"type":"activity","proposal_title":"","padding":""}"#.len();
        let padding = "x".repeat(self.size.saturating_sub(AROUND + mark.len()));
        format!(r#"{{"type":"activity","proposal_title":"{mark}","padding":"{padding}"}}"#)
    }
}

impl Publisher {
    /// Connects, or starts the program.
    pub(crate) fn new(plan: &Plan, registry: &Registry, token: Token) -> anyhow::Result<Publisher> {
        let (mut program, mut said) = (None, None);
        let both = Interest::READABLE | Interest::WRITABLE;
        let socket = |port: u16| -> anyhow::Result<Line> {
            let stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            registry.register(&mut stream, token, both)?;
            Ok(Line::Socket(stream))
        };
        let mut pipe = |command: &[String]| -> anyhow::Result<Line> {
            let (name, arguments) = command.split_first().context("a program")?;
            let mut child = Command::new(name)
                .args(arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .with_context(|| format!("starting {name}"))?;
            let mut sender = Sender::from(child.stdin.take().context("a pipe")?);
            sender.set_nonblocking(true)?;
            registry.register(&mut sender, token, Interest::WRITABLE)?;
            let receiver = Receiver::from(child.stdout.take().context("a pipe")?);
            receiver.set_nonblocking(true)?;
            said = Some(receiver);
            program = Some(child);
            Ok(Line::Pipe(sender))
        };
        let (line, kind) = match &plan.publish {
            Publish::Redis { port, channel } => (socket(*port)?, Kind::Redis(channel.clone())),
            Publish::Http { port, path } => (socket(*port)?, Kind::Http(path.clone())),
            Publish::Lines { command } => (pipe(command)?, Kind::Lines),
            Publish::Marks { command } => (pipe(command)?, Kind::Marks),
            Publish::Nothing => (Line::None, Kind::Marks),
        };
        Ok(Publisher {
            line,
            kind,
            template: Template { size: plan.size },
            classes: plan.classes,
            waiting: Vec::new(),
            program,
            said,
            told: Vec::new(),
        })
    }

    /// The program that takes the messages, if it is one.
    pub(crate) fn program(&self) -> Option<u32> {
        self.program.as_ref().map(Child::id)
    }

    /// Sends a message, now or as soon as there is room.
    pub(crate) fn send(&mut self, mark: Mark) -> anyhow::Result<()> {
        let text = mark.text();
        match &self.kind {
            Kind::Redis(channel) => {
                let message = self.template.message(&text);
                write!(
                    self.waiting,
                    "*3\r\n$7\r\nPUBLISH\r\n${}\r\n{channel}\r\n${}\r\n{message}\r\n",
                    channel.len(),
                    message.len()
                )?;
            }
            Kind::Http(path) => {
                let message = self.template.message(&text);
                write!(
                    self.waiting,
                    "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\n\r\n{message}",
                    message.len()
                )?;
            }
            Kind::Lines => writeln!(self.waiting, "{}", self.template.message(&text))?,
            Kind::Marks => writeln!(self.waiting, "{text} {}", mark.index % self.classes)?,
        }
        self.flush()
    }

    /// The messages the program is done with since this was asked last, and when, in nanoseconds of
    /// the system's clock.
    pub(crate) fn done(&mut self) -> Vec<(Mark, u64)> {
        let mut room = [0; 4096];
        while let Some(said) = &mut self.said
            && let Ok(count @ 1..) = said.read(&mut room)
        {
            self.told
                .extend_from_slice(room.get(..count).unwrap_or_default());
        }
        let Some(end) = memchr::memrchr(b'\n', &self.told) else {
            return Vec::new();
        };
        let lines: Vec<u8> = self.told.drain(..=end).collect();
        let lines = lines.split(|byte| *byte == b'\n').filter_map(|line| {
            let (mark, time) = std::str::from_utf8(line).ok()?.split_once(' ')?;
            Some((Marks::new().find(mark.as_bytes())?, time.parse().ok()?))
        });
        lines.collect()
    }

    /// Writes what waits, reads what the other side answers.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        if let Some(program) = &mut self.program
            && let Some(status) = program.try_wait()?
        {
            bail!("the program that takes the messages ended: {status}");
        }
        while !self.waiting.is_empty() {
            let written = match &mut self.line {
                Line::Socket(stream) => stream.write(&self.waiting),
                Line::Pipe(sender) => sender.write(&self.waiting),
                Line::None => return Ok(()),
            };
            match written {
                Ok(count) => drop(self.waiting.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("publishing"),
            }
        }
        let mut answers = [0; 4096];
        if let Line::Socket(stream) = &mut self.line {
            loop {
                match stream.read(&mut answers) {
                    Ok(0) => bail!("whoever takes the messages hung up"),
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error).context("publishing"),
                }
            }
        }
        Ok(())
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        // Closing the pipe tells the program that this was all.
        self.line = Line::None;
        if let Some(program) = &mut self.program {
            let _ = program.wait();
        }
    }
}
