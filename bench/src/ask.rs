//! Which server is measured, and what it is asked.

use crate::load::plan::Phase;
use crate::peers::Peer;

/// A server that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// A bare `send` for each message and client.
    Floor,
    /// The same with up to 16 waiting messages in one.
    Together,
    /// `starboard serve`.
    Ours,
    /// Another.
    Peer(Peer),
}

impl Server {
    /// For tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Server::Floor => "floor",
            Server::Together => "floor, 16 together",
            Server::Ours => "ours",
            Server::Peer(peer) => peer.name(),
        }
    }
}

/// What is asked of a server.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Clients that read.
    pub(crate) clients: usize,
    /// Clients that never read.
    pub(crate) deaf: usize,
    /// All at once, without a pace.
    pub(crate) at_once: bool,
    /// How often all are dropped and come back at once.
    pub(crate) storms: u32,
    /// They are dropped and come back with `since` while messages are sent.
    pub(crate) returns: bool,
    /// Seconds of silence before memory is read.
    pub(crate) hold: f64,
    /// Bytes of a message; none: those of a common one.
    pub(crate) size: Option<usize>,
    /// Each client has a filter of its own, which a tenth of the messages pass.
    pub(crate) filtered: bool,
    /// What is sent.
    pub(crate) phases: Vec<Phase>,
}

impl Ask {
    /// Readers only, and nothing sent yet.
    pub(crate) fn of(clients: usize) -> Ask {
        Ask {
            clients,
            deaf: 0,
            at_once: false,
            storms: 0,
            returns: false,
            hold: 0.0,
            size: None,
            filtered: false,
            phases: Vec::new(),
        }
    }

    /// With these phases.
    pub(crate) fn send(mut self, phases: impl IntoIterator<Item = Phase>) -> Ask {
        self.phases = phases.into_iter().collect();
        self
    }
}
