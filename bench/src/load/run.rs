//! The messages of one phase: who has which, and how long it took.

use std::collections::HashMap;

use super::client::Progress;
use super::frames::{self, Mark, Marks};
use super::histogram::Histogram;
use super::plan::Sent;

/// Deliveries that are kept one by one.
const KEPT: usize = 1_000_000;

/// The messages of one phase.
pub(crate) struct Run {
    number: u64,
    /// Whether the server's own numbers are looked at.
    numbered: bool,
    marks: Marks,
    /// How many still miss each message.
    missing: Vec<u32>,
    /// Readers of each class.
    readers: Vec<u32>,
    /// Messages that somebody misses.
    pub(crate) unfinished: usize,
    /// When the last delivery came.
    pub(crate) last: u64,
    expected: u64,
    received: u64,
    disordered: u64,
    closed: u64,
    bytes: u64,
    latencies: Histogram,
    /// Deliveries with their message, while there are not too many, to be set beside when those
    /// were in the log.
    arrivals: Vec<(usize, u64)>,
    /// When each message was in the log, as far as somebody said so.
    logged: HashMap<usize, u64>,
}

impl Run {
    /// None sent yet. `readers` says how many there are of each class.
    pub(crate) fn new(number: u64, readers: Vec<u32>, numbered: bool) -> Run {
        Run {
            number,
            numbered,
            marks: Marks::new(),
            missing: Vec::new(),
            readers,
            unfinished: 0,
            last: 0,
            expected: 0,
            received: 0,
            disordered: 0,
            closed: 0,
            bytes: 0,
            latencies: Histogram::new(),
            arrivals: Vec::new(),
            logged: HashMap::new(),
        }
    }

    /// How many were sent.
    pub(crate) fn sent(&self) -> usize {
        self.missing.len()
    }

    /// The next message, due at this time.
    pub(crate) fn send(&mut self, time: u64) -> Mark {
        let index = self.sent();
        let readers = self.readers.get(index % self.readers.len().max(1));
        let readers = readers.copied().unwrap_or(0);
        self.missing.push(readers);
        self.expected += u64::from(readers);
        self.unfinished += usize::from(readers > 0);
        Mark {
            time,
            index,
            run: self.number,
        }
    }

    /// Somebody was sent a text.
    pub(crate) fn receive(&mut self, now: u64, progress: &mut Progress, text: &[u8]) {
        let Some(mark) = self.marks.find(text) else {
            return;
        };
        if mark.run != self.number {
            return;
        }
        if mark.index < progress.next {
            self.disordered += 1;
            return;
        }
        progress.next = mark.index + 1;
        if self.numbered {
            progress.since = frames::seq(text).unwrap_or(progress.since);
        }
        self.received += 1;
        self.bytes += text.len() as u64;
        self.last = now;
        self.latencies.add(now.saturating_sub(mark.time));
        if self.arrivals.len() < KEPT {
            self.arrivals.push((mark.index, now));
        }
        self.has(mark.index);
    }

    /// A message was in the log at this time.
    pub(crate) fn logged(&mut self, mark: Mark, time: u64) {
        if mark.run == self.number {
            self.logged.insert(mark.index, time);
        }
    }

    /// Somebody is gone.
    pub(crate) fn gone(&mut self, Progress { class, next, .. }: Progress) {
        self.closed += 1;
        let classes = self.readers.len().max(1);
        for index in (next..self.sent()).filter(|index| index % classes == class) {
            self.has(index);
        }
        if let Some(readers) = self.readers.get_mut(class) {
            *readers = readers.saturating_sub(1);
        }
    }

    fn has(&mut self, index: usize) {
        if let Some(missing) = self.missing.get_mut(index).filter(|missing| **missing > 0) {
            *missing -= 1;
            self.unfinished -= usize::from(*missing == 0);
        }
    }

    /// What came of it, but for what the machine says.
    #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
    pub(crate) fn result(&self, begun: u64) -> Sent {
        let seconds = self.last.saturating_sub(begun) as f64 / 1e9;
        let received = self.received.max(1) as f64;
        let mut behind = Histogram::new();
        for (index, arrival) in &self.arrivals {
            if let Some(logged) = self.logged.get(index) {
                behind.add(arrival.saturating_sub(*logged));
            }
        }
        Sent {
            messages: self.sent(),
            expected: self.expected,
            received: self.received,
            disordered: self.disordered,
            closed: self.closed,
            p50: self.latencies.quantile(0.5),
            p90: self.latencies.quantile(0.9),
            p99: self.latencies.quantile(0.99),
            max: self.latencies.quantile(1.0),
            logged_p50: behind.quantile(0.5),
            logged_p99: behind.quantile(0.99),
            rate: self.received as f64 / seconds.max(1e-9),
            size: self.bytes as f64 / received,
            ..Sent::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(run: u64, index: usize) -> Vec<u8> {
        let mark = Mark {
            time: 5,
            index,
            run,
        };
        mark.text().into_bytes()
    }

    #[test]
    fn a_message_is_finished_when_all_of_its_class_have_it_once() {
        let mut run = Run::new(7, vec![2, 1], false);
        let [mut first, mut second, mut other] = [Progress::default(); 3];
        assert_eq!(
            (run.send(5).index, run.send(5).index, run.unfinished),
            (0, 1, 2)
        );

        run.receive(9, &mut first, &text(7, 0));
        run.receive(9, &mut first, &text(7, 0));
        run.receive(9, &mut other, &text(6, 1));
        assert_eq!(run.unfinished, 2);

        run.receive(9, &mut second, &text(7, 0));
        run.receive(9, &mut other, &text(7, 1));
        assert_eq!(run.unfinished, 0);

        let sent = run.result(0);
        assert_eq!((sent.expected, sent.received, sent.disordered), (3, 3, 1));
        assert_eq!(sent.lost(), 0);
    }

    #[test]
    fn nobody_waits_for_a_client_that_is_gone_but_its_messages_are_lost() {
        let mut run = Run::new(1, vec![2], false);
        run.send(1);
        run.receive(2, &mut Progress::default(), &text(1, 0));
        run.gone(Progress::default());

        assert_eq!((run.unfinished, run.result(0).lost()), (0, 1));
    }

    #[test]
    fn latency_is_also_told_from_when_the_log_had_the_message() {
        let mut run = Run::new(1, vec![1], false);
        let mark = run.send(1_000_000);
        run.logged(mark, 4_000_000);
        run.receive(6_000_000, &mut Progress::default(), &text(1, 0));

        let sent = run.result(0);
        assert!((sent.logged_p99 - 2.0).abs() < 0.02, "{}", sent.logged_p99);
    }

    #[test]
    fn where_to_go_on_is_the_servers_own_number() {
        let mut run = Run::new(1, vec![1], true);
        let mut progress = Progress::default();
        run.send(1);
        run.receive(
            2,
            &mut progress,
            b"{\"seq\":41,\"title\":\"@T1I0R1@\",\"seq\":9}",
        );

        assert_eq!((progress.next, progress.since), (1, 41));
    }
}
