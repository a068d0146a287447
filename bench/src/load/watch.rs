//! What the machine says while messages are sent.

use std::collections::HashSet;
use std::time::Instant;

use super::plan::{Deaf, Plan, Sent};
use super::proc::{self, Cpu};

/// Between two looks, nanoseconds.
const PAUSE: u64 = 250_000_000;

/// What a look at the server, from time to time, has shown.
#[derive(Default)]
pub(crate) struct Watch {
    next: u64,
    memory: f64,
    /// Ports of those that never read.
    deaf: HashSet<u16>,
    /// Most that the kernel held for one of them.
    kernel: u64,
    open: usize,
    since: u64,
    until: Option<u64>,
}

impl Watch {
    /// Begins to watch those that never read, by their ports.
    pub(crate) fn begin(&mut self, now: u64, deaf: impl Iterator<Item = u16>) {
        self.deaf = deaf.collect();
        self.open = self.deaf.len();
        self.since = now;
    }

    /// Looks, if it is time; whether it was.
    pub(crate) fn look(&mut self, plan: &Plan, now: u64) -> bool {
        if now < self.next {
            return false;
        }
        self.next = now + PAUSE;
        self.memory = self.memory.max(proc::resident(plan.server));
        if self.deaf.is_empty() {
            return true;
        }
        let ends = proc::ends(plan.port, &self.deaf);
        self.open = ends.open;
        self.kernel = self.kernel.max(ends.most);
        if ends.open == 0 && self.until.is_none() {
            self.until = Some(now.saturating_sub(self.since));
        }
        true
    }

    /// Most resident memory of the server, bytes.
    pub(crate) fn memory(&self) -> f64 {
        self.memory
    }

    /// What became of those that never read, of whom so many found a reason.
    #[expect(clippy::cast_precision_loss, reason = "bytes and nanoseconds of a run")]
    pub(crate) fn deaf(&self, clients: usize, told: usize) -> Deaf {
        Deaf {
            clients,
            closed: clients.saturating_sub(self.open),
            told,
            until: self.until.map(|nanos| nanos as f64 / 1e9),
            kernel: self.kernel as f64,
        }
    }
}

/// The machine at one moment.
pub(crate) struct Moment {
    at: Instant,
    server: Cpu,
    own: Cpu,
    carriers: Cpu,
    busy: f64,
}

impl Moment {
    /// This one.
    pub(crate) fn now(plan: &Plan, publisher: Option<u32>) -> Moment {
        let mut carriers = plan.carriers.clone();
        carriers.extend(publisher);
        Moment {
            at: Instant::now(),
            server: Cpu::of(&[plan.server]),
            own: Cpu::of(&[std::process::id()]),
            carriers: Cpu::of(&carriers),
            busy: proc::busy(),
        }
    }

    /// What a phase between this and a later one took.
    #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
    pub(crate) fn account(&self, after: &Moment, sent: &mut Sent) {
        let each = 1e6 / sent.received.max(1) as f64;
        let server = after.server.since(&self.server);
        let own = after.own.since(&self.own);
        let carriers = after.carriers.since(&self.carriers);
        sent.cpu = server * each;
        sent.own = own * each;
        let seconds = after.at.duration_since(self.at).as_secs_f64();
        let others = after.busy - self.busy - server - own - carriers;
        sent.others = (others / seconds).max(0.0);
    }
}
