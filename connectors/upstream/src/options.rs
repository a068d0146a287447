//! How politely, how patiently and how much at most an [`Upstream`](crate::Upstream) asks.

use std::net::SocketAddr;
use std::time::Duration;

use domain::Clock;

use crate::Pace;
use crate::sleeper::Sleeper;

/// How to ask.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address a person at the upstream finds us under; goes into the `User-Agent`.
    pub contact: String,
    /// Dates recordings, and turns a `Retry-After` date into a wait.
    pub clock: Clock,
    /// Who asks which host when; by default one for the whole process.
    pub pace: Pace,
    /// Largest body taken, compressed or not, in bytes.
    pub largest: usize,
    /// Time to connect.
    pub connect: Duration,
    /// Time for one request, its body included.
    pub total: Duration,
    /// Longest `Retry-After` waited for here; for longer ones the harvest ends with `Busy`.
    pub patience: Duration,
    /// How often one request is tried, the first time included.
    pub tries: u32,
    /// How waits are spent.
    pub(crate) sleeper: Sleeper,
    /// Names a test gives to its own servers; asked without proxies.
    pub(crate) hosts: Vec<(String, SocketAddr)>,
}

impl Options {
    /// The usual manners, signed with `contact` (a URL).
    #[must_use]
    pub fn new(contact: impl Into<String>, clock: Clock) -> Self {
        Options {
            contact: contact.into(),
            clock,
            pace: Pace::process(),
            largest: 64 << 20,
            connect: Duration::from_secs(10),
            total: Duration::from_secs(120),
            patience: Duration::from_secs(60),
            tries: 4,
            sleeper: Sleeper::Real,
            hosts: Vec::new(),
        }
    }

    /// What we call ourselves.
    #[must_use]
    pub fn user_agent(&self) -> String {
        format!(
            "Starboard/{} (+{})",
            env!("CARGO_PKG_VERSION"),
            self.contact
        )
    }
}
