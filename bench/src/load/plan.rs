//! What the generator is told to do, and what it answers: JSON, since it is a process of its own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Port of the server, on the loopback address.
    pub(crate) port: u16,
    /// Path and query; `{n}` is the client's number, `{class}` its class.
    pub(crate) path: String,
    /// Clients that read.
    pub(crate) clients: usize,
    /// Clients that never read.
    pub(crate) deaf: usize,
    /// Connections on their way at a time; 0: all.
    pub(crate) pace: usize,
    /// How often all are dropped and come back at once.
    pub(crate) storms: u32,
    /// During each phase all are dropped, some at a time, about every three seconds, and come back
    /// with `since`.
    pub(crate) returns: bool,
    /// Seconds of silence once all are there, before memory is read.
    pub(crate) hold: f64,
    /// How messages reach the server.
    pub(crate) publish: Publish,
    /// Bytes of a message, where the generator makes it.
    pub(crate) size: usize,
    /// A message is for the clients of one class only; 1: for all.
    pub(crate) classes: usize,
    /// What is sent, in order.
    pub(crate) phases: Vec<Phase>,
    /// The server's process; its children count too.
    pub(crate) server: u32,
    /// Processes that carry messages to it: not part of the rest of the machine.
    pub(crate) carriers: Vec<u32>,
}

/// How messages reach a server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Publish {
    /// `PUBLISH` on a Redis channel.
    Redis { port: u16, channel: String },
    /// `POST` on one connection that is kept.
    Http { port: u16, path: String },
    /// A message a line to a program.
    Lines { command: Vec<String> },
    /// A mark and a class a line to a program, which makes the message.
    Marks { command: Vec<String> },
    /// Nothing is sent.
    Nothing,
}

/// A stretch of sending.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Phase {
    /// How fast.
    pub(crate) pace: Pace,
    /// Messages at most.
    pub(crate) messages: usize,
    /// Seconds of sending at most.
    pub(crate) seconds: f64,
}

/// How fast messages are sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Pace {
    /// So many a second, whatever becomes of them; a message's time is when it was due.
    Open(f64),
    /// At most so many that not everybody has yet.
    Window(usize),
}

impl Phase {
    /// So many a second.
    pub(crate) fn open(rate: f64, messages: usize) -> Phase {
        Phase {
            pace: Pace::Open(rate),
            messages,
            seconds: f64::INFINITY,
        }
        .finite()
    }

    /// At most so many on their way.
    pub(crate) fn window(window: usize, messages: usize, longest: Duration) -> Phase {
        Phase {
            pace: Pace::Window(window),
            messages,
            seconds: longest.as_secs_f64(),
        }
    }

    /// JSON knows no infinity.
    fn finite(mut self) -> Phase {
        self.seconds = self.seconds.min(1e6);
        self
    }
}

/// What happened.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The first connecting, then a line a storm.
    pub(crate) arrivals: Vec<Arrival>,
    /// Resident memory of the server without clients, bytes.
    pub(crate) empty: f64,
    /// With all of them, after the silence.
    pub(crate) full: f64,
    /// Most it had beyond that while messages were sent.
    pub(crate) grown: f64,
    /// A line a phase.
    pub(crate) phases: Vec<Sent>,
    /// Those that never read.
    pub(crate) deaf: Option<Deaf>,
}

impl Report {
    /// What it says, for whoever watches.
    pub(crate) fn told(&self) -> String {
        let arrivals = self.arrivals.iter().map(|arrival| {
            format!(
                "\n    {} there in {:.2} s, {} failed, {:.0} us each",
                arrival.there, arrival.seconds, arrival.failed, arrival.cpu
            )
        });
        let phases = self.phases.iter().map(|sent| {
            format!(
                "\n    {} messages, p50 {:.1} p99 {:.1} ms (logged {:.1} {:.1}), {:.0}/s, {:.2} us each (own {:.2}), \
                 {} lost, {} disordered, {} closed, others {:.2}",
                sent.messages,
                sent.p50,
                sent.p99,
                sent.logged_p50,
                sent.logged_p99,
                sent.rate,
                sent.cpu,
                sent.own,
                sent.lost(),
                sent.disordered,
                sent.closed,
                sent.others
            )
        });
        arrivals.chain(phases).collect()
    }
}

/// Everybody connecting.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Arrival {
    /// Clients that are there.
    pub(crate) there: usize,
    /// Handshakes that failed, also when they were tried again.
    pub(crate) failed: usize,
    /// Until the last one was there.
    pub(crate) seconds: f64,
    /// The server's CPU for each, microseconds; in a storm that of tidying up too.
    pub(crate) cpu: f64,
}

/// A phase.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// Messages.
    pub(crate) messages: usize,
    /// Deliveries that had to come.
    pub(crate) expected: u64,
    /// Deliveries that came.
    pub(crate) received: u64,
    /// Deliveries that came twice or behind a later one.
    pub(crate) disordered: u64,
    /// Connections the server closed.
    pub(crate) closed: u64,
    /// Milliseconds.
    pub(crate) p50: f64,
    /// Milliseconds.
    pub(crate) p90: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
    /// Milliseconds.
    pub(crate) max: f64,
    /// Milliseconds from when the log had the message; 0 where there is no log.
    pub(crate) logged_p50: f64,
    /// Milliseconds.
    pub(crate) logged_p99: f64,
    /// Deliveries a second, from the first message to the last delivery.
    pub(crate) rate: f64,
    /// The server's CPU for each delivery, of all its threads, microseconds.
    pub(crate) cpu: f64,
    /// The generator's own, microseconds.
    pub(crate) own: f64,
    /// Cores used meanwhile by anybody who is neither server, generator nor carrier.
    pub(crate) others: f64,
    /// Bytes of a message, on average.
    pub(crate) size: f64,
}

impl Sent {
    /// Deliveries that never came.
    pub(crate) fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }
}

/// Clients that never read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Deaf {
    /// How many.
    pub(crate) clients: usize,
    /// Whom the server let go.
    pub(crate) closed: usize,
    /// Who found a reason at the end of what it had not read.
    pub(crate) told: usize,
    /// Until the last one was let go, seconds from the first message; none: some never were.
    pub(crate) until: Option<f64>,
    /// Most that the kernel held for one of them on the server's side, bytes.
    pub(crate) kernel: f64,
}
