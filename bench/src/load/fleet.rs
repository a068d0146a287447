//! All clients and the one loop that serves them.

mod arrivals;

use std::collections::HashSet;
use std::io::ErrorKind;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use mio::{Events, Poll, Token};

use super::client::{Change, Client, Progress, State};
use super::plan::{Deaf, Pace, Phase, Plan, Publish, Report, Sent};
use super::proc::{self, Cpu};
use super::publisher::Publisher;
use super::run::Run;
use super::watch::{Moment, Watch};

/// What a socket is read into: a window of 64 messages and more at once.
const BUFFER: usize = 1 << 20;
/// Longest without a delivery while some are missing.
const SILENCE: u64 = 4_000_000_000;
/// Longest a phase may take after its last message.
const DRAIN: u64 = 60_000_000_000;
/// Time for the connections and the server to settle.
const SETTLE: Duration = Duration::from_millis(500);
const PUBLISHER: Token = Token(usize::MAX - 1);

/// All clients.
pub(crate) struct Fleet<'a> {
    plan: &'a Plan,
    poll: Poll,
    clients: Vec<Client>,
    buffer: Vec<u8>,
    publisher: Option<Publisher>,
    run: Run,
    begun: Instant,
    /// The same moment, in nanoseconds of the system's clock.
    unix: u64,
    there: usize,
    coming: usize,
    failed: Vec<usize>,
    watch: Watch,
    /// When some are dropped next, and who is first.
    returning: (u64, usize),
}

impl<'a> Fleet<'a> {
    /// Nobody connected yet.
    pub(crate) fn new(plan: &'a Plan) -> anyhow::Result<Fleet<'a>> {
        let classes = plan.classes.max(1);
        let clients = (0..plan.clients + plan.deaf).map(|number| Client::new(number % classes));
        Ok(Fleet {
            plan,
            poll: Poll::new()?,
            clients: clients.collect(),
            buffer: vec![0; BUFFER],
            publisher: None,
            run: Run::new(0, Vec::new(), false),
            begun: Instant::now(),
            unix: u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())?,
            there: 0,
            coming: 0,
            failed: Vec::new(),
            watch: Watch::default(),
            returning: (0, 0),
        })
    }

    /// Does all of the plan.
    pub(crate) fn run(mut self) -> anyhow::Result<Report> {
        if self.plan.hold > 0.0 {
            // What starting took is given back by then.
            std::thread::sleep(Duration::from_secs_f64(self.plan.hold));
        }
        let mut report = Report {
            empty: proc::resident(self.plan.server),
            ..Report::default()
        };
        let before = Cpu::of(&[self.plan.server]);
        report.arrivals.push(self.arrive(&before)?);
        for _ in 0..self.plan.storms {
            self.rest(SETTLE)?;
            let before = Cpu::of(&[self.plan.server]);
            self.clients.iter_mut().for_each(Client::leave);
            self.there = 0;
            report.arrivals.push(self.arrive(&before)?);
        }
        self.rest(SETTLE + Duration::from_secs_f64(self.plan.hold))?;
        report.full = proc::resident(self.plan.server);
        if !matches!(self.plan.publish, Publish::Nothing) {
            self.publisher = Some(Publisher::new(self.plan, self.poll.registry(), PUBLISHER)?);
            self.warm()?;
            for (phase, number) in self.plan.phases.iter().zip(1..) {
                report.phases.push(self.phase(phase, number)?);
                self.rest(SETTLE)?;
            }
        }
        report.grown = (self.watch.memory() - report.full).max(0.0);
        report.deaf = self.heard_out();
        Ok(report)
    }

    /// Serves the sockets for a while.
    fn rest(&mut self, time: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.turn(left.min(Duration::from_millis(50)))?;
        }
        Ok(())
    }

    /// Sends until one message has reached everybody: programs and subscriptions take a moment.
    fn warm(&mut self) -> anyhow::Result<()> {
        for number in 0..15 {
            self.begin(1_000_000 + number);
            let begun = self.now();
            for _ in 0..self.plan.classes.max(1) {
                self.send(begun)?;
            }
            while self.run.unfinished > 0 && self.now() - begun < 2_000_000_000 {
                self.turn(Duration::from_millis(20))?;
            }
            // A server that is slow, not deaf, needs its time; what it has still to send is counted
            // to nobody.
            while self.run.unfinished > 0 && self.now() - self.run.last.max(begun) < 1_000_000_000 {
                self.turn(Duration::from_millis(20))?;
            }
            if self.run.unfinished == 0 {
                return self.rest(SETTLE);
            }
        }
        bail!("no message reaches everybody");
    }

    /// The next run, of which nobody has anything.
    fn begin(&mut self, number: u64) {
        let mut readers = vec![0; self.plan.classes.max(1)];
        for client in &mut self.clients {
            client.progress.next = 0;
            if client.state() == State::There
                && let Some(count) = readers.get_mut(client.progress.class)
            {
                *count += 1;
            }
        }
        self.run = Run::new(number, readers, self.plan.returns);
    }

    fn send(&mut self, time: u64) -> anyhow::Result<()> {
        let mark = self.run.send(time);
        let publisher = self.publisher.as_mut().context("nobody to send by")?;
        publisher.send(mark)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "nanoseconds of a run"
    )]
    fn phase(&mut self, phase: &Phase, number: u64) -> anyhow::Result<Sent> {
        self.begin(number);
        let before = self.moment();
        let begun = self.now();
        let deaf = self.clients.iter().skip(self.plan.clients);
        self.watch.begin(begun, deaf.filter_map(Client::port));
        let stop = begun.saturating_add((phase.seconds * 1e9) as u64);
        let mut over = begun;
        loop {
            let now = self.now();
            if self.watch.look(self.plan, now) {
                self.hear_what_is_logged();
            }
            if self.plan.returns {
                self.come_back(now)?;
            }
            let mut wait = Duration::from_millis(50);
            let sending = self.run.sent() < phase.messages && now < stop;
            match phase.pace {
                _ if !sending => {}
                Pace::Open(rate) => {
                    let due = begun + (self.run.sent() as f64 / rate * 1e9) as u64;
                    if due <= now {
                        self.send(due)?;
                        wait = Duration::ZERO;
                    } else {
                        // Whole milliseconds, since epoll counts so; the rest is waited for awake.
                        let millis = ((due - now) / 1_000_000).min(50);
                        wait = Duration::from_millis(millis);
                    }
                    over = now;
                }
                Pace::Window(window) => {
                    while self.run.sent() < phase.messages && self.run.unfinished < window {
                        let now = self.now();
                        self.send(now)?;
                        over = now;
                    }
                }
            }
            if !sending && self.run.unfinished == 0 {
                break;
            }
            let silent = now.saturating_sub(self.run.last.max(over)) > SILENCE;
            if silent || now.saturating_sub(over) > DRAIN {
                break;
            }
            self.turn(wait)?;
        }
        self.hear_what_is_logged();
        let mut sent = self.run.result(begun);
        before.account(&self.moment(), &mut sent);
        Ok(sent)
    }

    fn hear_what_is_logged(&mut self) {
        for (mark, unix) in self.publisher.iter_mut().flat_map(Publisher::done) {
            self.run.logged(mark, unix.saturating_sub(self.unix));
        }
    }

    /// Waits for sockets, at most so long, and serves those that have something.
    fn turn(&mut self, wait: Duration) -> anyhow::Result<()> {
        thread_local! {
            static EVENTS: std::cell::RefCell<Events> =
                std::cell::RefCell::new(Events::with_capacity(4_096));
        }
        EVENTS.with_borrow_mut(|events| {
            match self.poll.poll(events, Some(wait)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
                polled => polled?,
            }
            for event in events.iter() {
                if event.token() == PUBLISHER {
                    if let Some(publisher) = &mut self.publisher {
                        publisher.flush()?;
                    }
                    continue;
                }
                self.serve(event.token().0, event.is_writable());
            }
            Ok(())
        })
    }

    fn serve(&mut self, number: usize, writable: bool) {
        let Some(client) = self.clients.get_mut(number) else {
            return;
        };
        let mut change = Change::None;
        if client.state() == State::Coming && writable {
            let Progress { class, since, .. } = client.progress;
            let path = self.plan.path.replace("{n}", &number.to_string());
            let mut path = path.replace("{class}", &class.to_string());
            if since > 0 {
                path = format!("{path}?since={since}");
            }
            change = client.ask(&path);
        }
        let was = client.state();
        if change == Change::None && matches!(was, State::Asking | State::There) {
            let (run, begun) = (&mut self.run, self.begun);
            let mut now = 0;
            change = client.read(&mut self.buffer, |progress, text| {
                if now == 0 {
                    now = nanos(begun);
                }
                run.receive(now, progress, text);
            });
        }
        match change {
            Change::None => {}
            Change::Arrived => {
                self.coming -= 1;
                self.there += 1;
                if number >= self.plan.clients {
                    client.go_deaf();
                }
            }
            Change::Failed => {
                self.coming -= 1;
                client.leave();
                self.failed.push(number);
            }
            Change::Closed => {
                self.there -= 1;
                self.run.gone(client.progress);
                client.leave();
            }
        }
    }

    fn now(&self) -> u64 {
        nanos(self.begun)
    }

    fn moment(&self) -> Moment {
        let publisher = self.publisher.as_ref().and_then(Publisher::program);
        Moment::now(self.plan, publisher)
    }

    fn heard_out(&mut self) -> Option<Deaf> {
        if self.plan.deaf == 0 {
            return None;
        }
        // What a socket takes makes room for what the kernel still has: look a few times.
        let mut told = HashSet::new();
        for _ in 0..40 {
            for (number, client) in self.clients.iter_mut().enumerate().skip(self.plan.clients) {
                if client.hear_out(&mut self.buffer) {
                    told.insert(number);
                }
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Some(self.watch.deaf(self.plan.deaf, told.len()))
    }
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
