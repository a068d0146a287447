//! How long one activity takes against very many subscriptions, beside a linear scan and a simple
//! index, all three giving the same checksum.
//!
//! The subscriptions are those of a folder with `subs.tsv` and `acts.tsv` (`--files`, or
//! `STARBOARD_MATCHGEN`), else composed with the same statistics.

mod rows;
mod simple;

use std::time::Instant;

use anyhow::ensure;
use chrono::{DateTime, Utc};
use domain::matching::Index;
use domain::{Activity, ActivityFilter, Basis, Context, Facts, Keys, NoAliases, Pattern, Status};
use uuid::Uuid;

use self::rows::{Act, Rows, Sub};
use self::simple::{Plain, Simple};
use crate::Options;
use crate::measure::{Figure, Goal, median, quantile};
use crate::random::Random;

/// How many subscriptions, how many activities, how many of those by scan, how many times as fast as
/// the simple index we aim to be, and as a scan we must be.
const SIZES: [(usize, usize, usize, f64, f64); 2] = [
    (100_000, 3_000, 200, 2.0, 60.0),
    (1_000_000, 2_000, 40, 4.0, 29.0),
];
/// Subscriptions that go and come back while they are timed.
const CHANGES: usize = 10_000;

/// Both sizes.
pub(crate) fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let rows = Rows::of(options.files.as_deref())?;
    let mut figures = Vec::new();
    for (subs, acts, scanned, aim, over_scan) in SIZES {
        let (subs, acts) = (subs.min(rows.subs.len()), acts.min(rows.acts.len()));
        let bed = Bed::lay(&rows.subs[..subs], &rows.acts[..acts], scanned)?;
        figures.extend(bed.measure(options.repeats, aim, over_scan)?);
    }
    Ok(figures)
}

/// One size, ready to be asked.
struct Bed<'a> {
    subs: &'a [Sub],
    acts: Vec<(Activity, Keys)>,
    scanned: usize,
    index: Index,
    /// Resident memory it took, bytes.
    resident: f64,
    simple: Simple,
    plain: Vec<Plain>,
    now: DateTime<Utc>,
}

/// Microseconds each, and what was found.
struct Pass {
    took: Vec<f64>,
    /// Of each activity; see [`checksum`].
    sums: Vec<u64>,
}

impl<'a> Bed<'a> {
    fn lay(subs: &'a [Sub], acts: &[Act], scanned: usize) -> anyhow::Result<Self> {
        let before = resident();
        let mut index = Index::default();
        for (sub, slot) in subs.iter().zip(0..) {
            index.insert(slot, &filter(sub)?);
        }
        let resident = resident() - before;
        let simple = Simple::of(subs);
        Ok(Bed {
            subs,
            plain: acts.iter().map(|act| simple.plain(act)).collect(),
            acts: acts.iter().map(activity).collect(),
            scanned: scanned.min(acts.len()),
            index,
            resident,
            simple,
            now: DateTime::UNIX_EPOCH,
        })
    }

    fn measure(mut self, repeats: u32, aim: f64, over_scan: f64) -> anyhow::Result<Vec<Figure>> {
        let (mut ours, mut simple, mut scan) = (Vec::new(), Vec::new(), Vec::new());
        let (mut inserting, mut removing, mut busy) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..repeats {
            let mine = self.ours();
            let other = self.others(self.acts.len(), Simple::matching);
            let scanned = self.others(self.scanned, Simple::scan);
            ensure!(mine.sums == other.sums, "the simple index finds others");
            ensure!(
                mine.sums.starts_with(&scanned.sums),
                "the scan finds others"
            );
            let (insert, remove) = self.changes()?;
            let changing = self.changing()?;
            busy.push(quantile(&changing, 0.99) / quantile(&mine.took, 0.99));
            inserting.push(insert);
            removing.push(remove);
            ours.push(mine.took);
            simple.push(other.took);
            scan.push(scanned.took);
        }
        eprintln!(
            "{} subscriptions, {} activities: checksum {:016x}",
            self.subs.len(),
            self.acts.len(),
            self.ours()
                .sums
                .iter()
                .fold(0_u64, |sum, one| sum.wrapping_add(*one))
        );
        let of = |all: &[Vec<f64>], part: f64| -> Vec<f64> {
            all.iter().map(|took| quantile(took, part)).collect()
        };
        let ratio = |all: &[Vec<f64>]| -> Vec<f64> {
            let pairs = all.iter().zip(&ours);
            pairs
                .map(|(other, mine)| median(other) / median(mine))
                .collect()
        };
        // What an earlier size gave back may be used again, and is not seen growing.
        let (count, counted) = (self.subs.len() as f64, self.index.bytes() as f64);
        let named = |what: &str| format!("match: {what}, {} subscriptions", self.subs.len());
        let figure = |what: &str, unit, values| Figure::new(named(what), unit, values);
        let p99s = of(&ours, 0.99).into_iter().zip(of(&ours, 0.5));
        Ok(vec![
            figure("an activity, p50", "us", of(&ours, 0.5))
                .naive("a simple index: equality by hash, a grid", of(&simple, 0.5)),
            figure("an activity, p99", "us", of(&ours, 0.99)).naive(
                "a simple index: equality by hash, a grid",
                of(&simple, 0.99),
            ),
            figure("times as fast as the simple index", "x", ratio(&simple))
                .of("X1")
                .goal(Goal::AtLeast(1.0))
                .reach(Goal::AtLeast(aim)),
            figure("times as fast as a scan", "x", ratio(&scan))
                .of("X1")
                .goal(Goal::AtLeast(over_scan)),
            figure(
                "p99 over p50",
                "x",
                p99s.map(|(p99, p50)| p99 / p50).collect(),
            )
            .of("X2")
            .goal(Goal::AtMost(4.0))
            .reach(Goal::AtMost(3.0)),
            figure(
                "memory each",
                "bytes",
                vec![self.resident.max(counted) / count],
            )
            .of("X3")
            .goal(Goal::AtMost(210.0))
            .reach(Goal::AtMost(100.0)),
            figure("inserting one, p50", "us", of(&inserting, 0.5))
                .of("X4")
                .goal(Goal::Below(10.0)),
            figure("inserting one, p99", "us", of(&inserting, 0.99)),
            figure("removing one, p50", "us", of(&removing, 0.5))
                .of("X4")
                .goal(Goal::Below(10.0)),
            figure("removing one, p99", "us", of(&removing, 0.99)),
            figure("p99 with a change before each, over p99", "x", busy)
                .of("X4")
                .goal(Goal::AtMost(1.1)),
        ])
    }

    fn ours(&self) -> Pass {
        let mut pass = Pass::with_room(self.acts.len());
        let mut found = Vec::new();
        for (nth, (activity, keys)) in self.acts.iter().enumerate() {
            found.clear();
            let begun = Instant::now();
            self.index.matching(activity, keys, self.now, &mut found);
            pass.note(begun, nth, &found);
        }
        pass
    }

    fn others(&self, acts: usize, matching: fn(&Simple, &Plain, &mut Vec<u32>)) -> Pass {
        let mut pass = Pass::with_room(acts);
        let mut found = Vec::new();
        for (nth, plain) in self.plain.iter().take(acts).enumerate() {
            found.clear();
            let begun = Instant::now();
            matching(&self.simple, plain, &mut found);
            pass.note(begun, nth, &found);
        }
        pass
    }

    /// Microseconds of putting in and of taking out, one by one.
    fn changes(&mut self) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
        let mut random = Random::new(11);
        let (mut inserting, mut removing) = (Vec::new(), Vec::new());
        for _ in 0..CHANGES {
            let slot = random.below(self.subs.len());
            let filter = filter(&self.subs[slot])?;
            let slot = u32::try_from(slot)?;
            let begun = Instant::now();
            self.index.remove(slot);
            removing.push(micros(begun));
            let begun = Instant::now();
            self.index.insert(slot, &filter);
            inserting.push(micros(begun));
        }
        Ok((inserting, removing))
    }

    /// Microseconds of an activity when a subscription was changed just before.
    fn changing(&mut self) -> anyhow::Result<Vec<f64>> {
        let mut random = Random::new(12);
        let mut took = Vec::with_capacity(self.acts.len());
        let mut found = Vec::new();
        for (activity, keys) in &self.acts {
            let slot = random.below(self.subs.len());
            let filter = filter(&self.subs[slot])?;
            self.index.insert(u32::try_from(slot)?, &filter);
            found.clear();
            let begun = Instant::now();
            self.index.matching(activity, keys, self.now, &mut found);
            took.push(micros(begun));
        }
        Ok(took)
    }
}

impl Pass {
    fn with_room(acts: usize) -> Self {
        Pass {
            took: Vec::with_capacity(acts),
            sums: Vec::with_capacity(acts),
        }
    }

    fn note(&mut self, begun: Instant, nth: usize, found: &[u32]) {
        self.took.push(micros(begun));
        self.sums.push(checksum(nth, found));
    }
}

fn micros(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6
}

/// The same for the same pairs of activity and subscription, in any order.
fn checksum(nth: usize, found: &[u32]) -> u64 {
    found.iter().fold(0, |sum: u64, slot| {
        let pair = (nth as u64) << 32 | u64::from(*slot);
        sum.wrapping_add(pair.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    })
}

/// A subscription in the grammar. It has no parts of words; that a target holds a text is asked as
/// the beginning of a word, of an activity that has every end of its target for a word.
fn filter(sub: &Sub) -> anyhow::Result<ActivityFilter> {
    let region = sub.region();
    let pairs = [
        ("facility", &sub.telescope),
        ("instrument", &sub.instrument),
        ("pi", &sub.pi),
        ("proposal", &sub.programme),
        ("pos", &region),
    ];
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let mut filter = ActivityFilter::from_pairs(pairs, Context::Subscription, &NoAliases)?;
    if !sub.part.is_empty() {
        filter.text = vec![vec![Pattern::Starts(sub.part.clone())]];
    }
    Ok(filter)
}

fn activity(act: &Act) -> (Activity, Keys) {
    let activity = Activity {
        id: Uuid::nil(),
        source: "bench".to_owned(),
        obs_id: "1".to_owned(),
        attempt: 1,
        repeat_of: None,
        parallel_of: None,
        revision: 1,
        seq: 1,
        status: Status::Performed,
        basis: Basis::Archived,
        demo: false,
        first_seen: DateTime::UNIX_EPOCH,
        last_changed: DateTime::UNIX_EPOCH,
        facts: Facts {
            facility_name: act.telescope.clone(),
            instrument_name: Some(act.instrument.clone()),
            proposal_pi: Some(act.pi.clone()),
            proposal_id: Some(act.programme.clone()),
            s_ra: Some(act.ra),
            s_dec: Some(act.dec),
            ..Facts::default()
        },
    };
    let mut keys = Keys::of(&activity);
    let target = act.target.to_lowercase();
    let ends = target.char_indices().filter_map(|(at, _)| target.get(at..));
    keys.text = ends.map(str::to_owned).collect();
    (activity, keys)
}

/// Resident memory of this process, bytes.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.map_or(f64::NAN, |pages: f64| pages * 4096.0)
}
