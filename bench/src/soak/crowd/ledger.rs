//! What clients saw, held against what the log says.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What some clients ask for: the query, and what an envelope that passes has in it.
pub(crate) const FILTERS: [(&str, &str); 2] = [
    ("facility=JWST", "\"facility_name\":\"JWST\""),
    ("event=changed", "\"event\":\"changed\""),
];

/// What one client saw: places and sums only. Written by the client alone.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Index in [`FILTERS`]; none asks for everything.
    pub(crate) filter: Option<usize>,
    /// The place it began behind; below zero before it did.
    first: AtomicI64,
    /// The place it has come to.
    place: AtomicI64,
    count: AtomicU64,
    sum: AtomicU64,
}

impl Seen {
    /// Nothing yet.
    pub(crate) fn new(filter: Option<usize>) -> Seen {
        Seen {
            filter,
            first: AtomicI64::new(-1),
            place: AtomicI64::new(-1),
            count: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    /// Begins behind a place, forgetting what was.
    pub(crate) fn begin(&self, place: i64) {
        self.first.store(place, Ordering::Relaxed);
        self.place.store(place, Ordering::Relaxed);
        self.count.store(0, Ordering::Relaxed);
        self.sum.store(0, Ordering::Relaxed);
    }

    /// The place it has come to; below zero before it began.
    pub(crate) fn place(&self) -> i64 {
        self.place.load(Ordering::Relaxed)
    }

    /// All that passes up to there was sent.
    pub(crate) fn reached(&self, place: i64) {
        self.place.fetch_max(place, Ordering::Relaxed);
    }

    /// An event was read.
    pub(crate) fn event(&self, seq: i64, text: &[u8]) {
        self.reached(seq);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(digest(text), Ordering::Relaxed);
    }

    /// Events read.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// The whole log, as sums up to each place.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Of everything, then of each filter: events up to `seq`, and the sum of their digests.
    sums: [Vec<(u64, u64)>; FILTERS.len() + 1],
}

impl Ledger {
    /// The next line. Lines come in order, from 1, without holes.
    pub(crate) fn add(&mut self, envelope: &str) {
        let digest = digest(envelope.as_bytes());
        for (index, sums) in self.sums.iter_mut().enumerate() {
            let passes = index == 0 || envelope.contains(FILTERS[index - 1].1);
            let (count, sum) = sums.last().copied().unwrap_or_default();
            sums.push(match passes {
                true => (count + 1, sum.wrapping_add(digest)),
                false => (count, sum),
            });
        }
    }

    /// Lines so far.
    pub(crate) fn len(&self) -> usize {
        self.sums[0].len()
    }

    /// How many events a client should have seen and how many it did, when it saw other than that.
    pub(crate) fn differs(&self, seen: &Seen) -> Option<(u64, u64)> {
        let sums = &self.sums[seen.filter.map_or(0, |filter| filter + 1)];
        let up_to = |place: i64| match usize::try_from(place) {
            Ok(place) if place > 0 => sums.get(place - 1).copied(),
            _ => Some((0, 0)),
        };
        let seen_sum = seen.sum.load(Ordering::Relaxed);
        let (from, to) = (
            up_to(seen.first.load(Ordering::Relaxed)),
            up_to(seen.place()),
        );
        let (Some(from), Some(to)) = (from, to) else {
            return Some((0, seen.count()));
        };
        let (count, sum) = (to.0 - from.0, to.1.wrapping_sub(from.1));
        (seen.count() != count || seen_sum != sum).then_some((count, seen.count()))
    }
}

/// Tells one text from another, eight bytes at a time.
fn digest(text: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut parts = text.chunks_exact(8);
    let mut sum = u64::try_from(text.len()).unwrap_or_default();
    for part in &mut parts {
        let part = <[u8; 8]>::try_from(part).map_or(0, u64::from_le_bytes);
        sum = (sum.rotate_left(29) ^ part).wrapping_mul(ODD);
    }
    for byte in parts.remainder() {
        sum = (sum.rotate_left(29) ^ u64::from(*byte)).wrapping_mul(ODD);
    }
    sum ^ (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 4] = [
        r#"{"seq":1,"event":"scheduled"}"#,
        r#"{"seq":2,"event":"changed"}"#,
        r#"{"seq":3,"event":"scheduled"}"#,
        r#"{"seq":4,"event":"changed"}"#,
    ];

    fn seen(filter: Option<usize>, first: i64, lines: &[usize]) -> Seen {
        let seen = Seen::new(filter);
        seen.begin(first);
        for line in lines {
            seen.event(
                i64::try_from(*line).unwrap_or(0),
                LINES[line - 1].as_bytes(),
            );
        }
        seen
    }

    #[test]
    fn whoever_missed_repeated_or_misread_an_event_differs_from_the_log() {
        let mut ledger = Ledger::default();
        LINES.iter().for_each(|line| ledger.add(line));
        for right in [
            seen(None, 0, &[1, 2, 3, 4]),
            seen(None, 2, &[3, 4]),
            seen(None, 4, &[]),
            seen(Some(1), 0, &[2, 4]),
            seen(Some(1), 2, &[4]),
        ] {
            assert_eq!(ledger.differs(&right), None, "{right:?}");
        }
        for wrong in [
            seen(None, 0, &[1, 3, 4]),
            seen(None, 0, &[1, 2, 2, 3, 4]),
            seen(None, 0, &[1, 2, 2, 4]),
            seen(Some(1), 0, &[4]),
            seen(Some(1), 0, &[2, 3, 4]),
        ] {
            assert!(ledger.differs(&wrong).is_some(), "{wrong:?}");
        }
    }
}
