//! One client of many: how it behaves, and what it makes of what it reads.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::Shared;
use super::frames::Frame;
use super::ledger::{FILTERS, Seen};
use super::line::{Line, Read};

/// How a client behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Reads whatever comes.
    Watches,
    /// The same, with a filter.
    Asks(usize),
    /// Leaves every minute and comes back a little later.
    Returns,
    /// Reads less than comes, for a while.
    Sips,
    /// Reads nothing, for a while.
    Sleeps,
}

/// Of a hundred clients: ten ask, six return, two sip, two sleep, eighty watch.
pub(crate) fn manner(number: usize) -> Manner {
    match number % 100 {
        0..=4 => Manner::Asks(0),
        5..=9 => Manner::Asks(1),
        10..=15 => Manner::Returns,
        16..=17 => Manner::Sips,
        18..=19 => Manner::Sleeps,
        _ => Manner::Watches,
    }
}

/// Who returns stays this long.
const STAY: Duration = Duration::from_secs(60);
/// Who is slow is slow for this long, and then reads like everybody for [`CATCH_UP`].
const SLOW: Duration = Duration::from_secs(45);
const CATCH_UP: Duration = Duration::from_secs(25);
/// Bytes a second of who sips: about a third of twenty events.
const SIP: usize = 8 << 10;
/// Bytes of one read of everybody else.
const GULP: usize = 64 << 10;
/// One of so many watchers measures how long events take.
const MEASURES: usize = 20;

/// One client.
pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) manner: Manner,
    pub(crate) seen: Arc<Seen>,
    pub(crate) shared: Arc<Shared>,
}

/// What one connection tells its client of itself.
#[derive(Default)]
struct Told {
    /// To answer.
    ping: Option<Vec<u8>>,
    /// The other side closed.
    closed: bool,
}

impl Client {
    /// Comes, and comes back, for ever.
    pub(crate) async fn run(self) {
        // Not all at once, whatever they do.
        let spread =
            Duration::from_millis(u64::try_from(self.number * 7_919 % 60_000).unwrap_or(0));
        let mut next_turn = Instant::now() + spread;
        loop {
            if let Some(mut line) = self.open().await {
                // Whatever ends a connection, the next one tells whether anything was missing.
                let ended = self.follow(&mut line, &mut next_turn).await;
                if !matches!(ended, Ok(true)) {
                    self.shared.counts.broken.fetch_add(1, Ordering::Relaxed);
                    self.sent_away();
                }
            } else {
                self.shared.counts.refused.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_millis(500)).await;
            }
        }
    }

    async fn open(&self) -> Option<Line> {
        let place = self.seen.place();
        let filter = match self.manner {
            Manner::Asks(filter) => FILTERS[filter].0,
            _ => "",
        };
        let query = match place {
            ..0 => filter.to_owned(),
            place => format!("{filter}&since={place}&log={}", self.shared.log()),
        };
        let narrow = matches!(self.manner, Manner::Sips | Manner::Sleeps);
        let _turn = self.shared.doors.acquire().await.ok()?;
        let line = Line::open(self.shared.address, query.trim_start_matches('&'), narrow);
        let line = line.await.ok()?;
        let counts = &self.shared.counts;
        counts.opened.fetch_add(1, Ordering::Relaxed);
        if place >= 0 {
            counts.back.fetch_add(1, Ordering::Relaxed);
        }
        Some(line)
    }

    /// One connection. Whether it ended in order: we left, or were told why.
    async fn follow(&self, line: &mut Line, next_turn: &mut Instant) -> anyhow::Result<bool> {
        loop {
            let hurry = self.shared.hurry.load(Ordering::Relaxed);
            match self.manner {
                Manner::Watches | Manner::Asks(_) => {
                    if !self.read(line, GULP).await? {
                        return Ok(true);
                    }
                }
                _ if hurry || Instant::now() < *next_turn => {
                    let read = timeout_at(*next_turn, self.read(line, GULP)).await;
                    match read.ok().transpose()? {
                        Some(false) => return Ok(true),
                        // Its turn has come; near the end nobody has one any more.
                        None if hurry => *next_turn = Instant::now() + STAY,
                        _ => {}
                    }
                }
                Manner::Returns => {
                    line.send(8, &1000_u16.to_be_bytes()).await?;
                    let away = u64::try_from(self.number % 10).unwrap_or(0);
                    *next_turn += STAY;
                    sleep(Duration::from_secs(away)).await;
                    return Ok(true);
                }
                Manner::Sips | Manner::Sleeps => {
                    let until = *next_turn + SLOW;
                    *next_turn = until + CATCH_UP;
                    if !self.dawdle(line, until).await? {
                        return Ok(true);
                    }
                }
            }
        }
    }

    /// Reads little, or nothing. Whether the connection goes on.
    async fn dawdle(&self, line: &mut Line, until: Instant) -> anyhow::Result<bool> {
        while Instant::now() < until && !self.shared.hurry.load(Ordering::Relaxed) {
            let beat = Instant::now() + Duration::from_secs(1);
            if self.manner == Manner::Sips
                && let Ok(read) = timeout_at(beat, self.read(line, SIP)).await
                && !read?
            {
                return Ok(false);
            }
            sleep_until(beat).await;
        }
        Ok(true)
    }

    /// Reads once. Whether the connection goes on; an end that nobody explained is an error.
    async fn read(&self, line: &mut Line, most: usize) -> anyhow::Result<bool> {
        let mut told = Told::default();
        let read = line.receive(most, |frame| {
            self.take(frame, &mut told);
            Ok(())
        });
        let read = read.await?;
        if told.closed {
            return Ok(false);
        }
        if let Some(ping) = told.ping {
            line.send(10, &ping).await?;
        }
        anyhow::ensure!(read == Read::Some, "hung up without a word");
        Ok(true)
    }

    fn take(&self, frame: Frame<'_>, told: &mut Told) {
        match frame {
            Frame::Text(text) => match event(text) {
                Some(seq) => self.event(seq, text),
                None => self.note(text),
            },
            Frame::Ping(payload) => told.ping = Some(payload.to_vec()),
            Frame::Close(code, reason) => {
                told.closed = true;
                let counts = &self.shared.counts;
                if code != 1013 {
                    counts.broken.fetch_add(1, Ordering::Relaxed);
                    self.sent_away();
                    return;
                }
                counts.cut_off.fetch_add(1, Ordering::Relaxed);
                self.sent_away();
                // As told: everything up to there was on the line.
                match number(reason, b"since=") {
                    Some(since) => self.promised(since),
                    None => drop(counts.strange.fetch_add(1, Ordering::Relaxed)),
                }
            }
        }
    }

    fn event(&self, seq: i64, text: &[u8]) {
        let counts = &self.shared.counts;
        let place = self.seen.place();
        if seq <= place {
            counts.repeated.fetch_add(1, Ordering::Relaxed);
        } else if self.seen.filter.is_none() && seq > place + 1 {
            counts.lose(seq - place - 1);
        }
        self.seen.event(seq, text);
        if self.manner == Manner::Watches
            && self.number.is_multiple_of(MEASURES)
            && let Some(logged) = logged(text)
        {
            let took = (Utc::now() - logged).num_microseconds().unwrap_or(0);
            self.shared.took(u64::try_from(took).unwrap_or(0));
        }
    }

    fn note(&self, text: &[u8]) {
        let counts = &self.shared.counts;
        let seq = number(text, b"\"seq\":");
        match (word(text, b"\"type\":\""), seq) {
            (Some(b"open"), Some(seq)) => {
                if let Some(log) = word(text, b"\"log\":\"") {
                    self.shared.learn(log);
                }
                if self.seen.place() < 0 {
                    self.seen.begin(seq);
                }
            }
            (Some(b"keepalive"), Some(seq)) => self.promised(seq),
            (Some(b"reset"), Some(seq)) => {
                counts.resets.fetch_add(1, Ordering::Relaxed);
                self.seen.begin(seq);
            }
            _ => drop(counts.strange.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// The server ended the connection. Who reads slowly has to expect that.
    fn sent_away(&self) {
        if !matches!(self.manner, Manner::Sips | Manner::Sleeps) {
            let counts = &self.shared.counts;
            counts.sent_away.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The server says that all up to here was sent.
    fn promised(&self, place: i64) {
        let missing = place - self.seen.place();
        if self.seen.filter.is_none() && missing > 0 {
            self.shared.counts.lose(missing);
        }
        self.seen.reached(place);
    }
}

/// The place of an event; none of another frame.
fn event(text: &[u8]) -> Option<i64> {
    let rest = text.strip_prefix(b"{\"type\":\"activity\",\"seq\":")?;
    digits(rest)
}

fn number(text: &[u8], behind: &[u8]) -> Option<i64> {
    digits(after(text, behind)?)
}

fn digits(text: &[u8]) -> Option<i64> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    let digits = &text[..end.unwrap_or(text.len())];
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn word<'a>(text: &'a [u8], behind: &[u8]) -> Option<&'a [u8]> {
    let rest = after(text, behind)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    rest.get(..end)
}

fn after<'a>(text: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(what.len()).position(|part| part == what)?;
    text.get(at + what.len()..)
}

/// When an event was written. It stands near the begin of its envelope.
fn logged(text: &[u8]) -> Option<DateTime<Utc>> {
    let head = &text[..text.len().min(200)];
    std::str::from_utf8(word(head, b"\"logged\":\"")?)
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_by_its_first_words_and_a_note_by_its_fields() {
        let line = br#"{"type":"activity","seq":1843,"event":"started","logged":"2026-11-21T06:00:00.5Z"}"#;
        assert_eq!(event(line), Some(1843));
        assert_eq!(
            logged(line).map(|at| at.timestamp_millis()),
            Some(1_795_240_800_500)
        );
        let note = br#"{"seq":7,"time":"x","type":"keepalive"}"#;
        assert_eq!(event(note), None);
        assert_eq!(word(note, b"\"type\":\""), Some(&b"keepalive"[..]));
        assert_eq!(number(note, b"\"seq\":"), Some(7));
        assert_eq!(
            number(b"too slow; reconnect with since=12", b"since="),
            Some(12)
        );
    }
}
