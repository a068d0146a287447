//! What is kept of a filter that a list alone cannot answer for: where it stands, and what must
//! hold, in a line of 32-bit words.
//!
//! The words: how many places, the places, then demands. A demand is its kind and a count in one
//! word, and what the count counts.

use chrono::{DateTime, Utc};

use super::aim::{Aim, Outline, Spot};
use super::held::Held;
use super::place::Place;
use crate::activity::Facts;
use crate::filter::TimeSpec;
use crate::sky::{Circle, Polygon, Region, Shape, Zone};

/// One activity, as records are asked about it.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) held: Held,
    pub(super) aim: Option<Aim<'a>>,
    pub(super) facts: &'a Facts,
    pub(super) shape: Option<&'a Shape>,
    pub(super) exptime: Option<f64>,
    /// When the event at hand happened.
    pub(super) at: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

/// The line of words.
#[derive(Debug)]
pub(super) struct Record(Box<[u32]>);

// Kinds of demands.
const ANY: u32 = 1;
const WAYS: u32 = 2;
const EXPTIME: u32 = 3;
const FROM: u32 = 4;
const TO: u32 = 5;
const AT: u32 = 6;
const POS: u32 = 7;

// Kinds of regions.
const CIRCLE: u32 = 1;
const POLYGON: u32 = 2;
const RANGE: u32 = 3;

/// Numbers of a region are kept as millionths.
const NARROW: u32 = 1 << 23;
/// The corners of a polygon follow as directions.
const SPOTS: u32 = 1 << 22;

impl Record {
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        let count = self.0.first().map_or(0, |count| *count as usize);
        let words = self.0.get(1..=2 * count).unwrap_or_default();
        let (pairs, _) = words.as_chunks::<2>();
        pairs.iter().filter_map(|pair| Place::from_words(*pair))
    }

    /// A place of it is another from now on.
    pub(super) fn moved(&mut self, from: Place, to: Place) {
        let count = self.0.first().map_or(0, |count| *count as usize);
        let words = self.0.get_mut(1..=2 * count).unwrap_or_default();
        let (pairs, _) = words.as_chunks_mut::<2>();
        if let Some(pair) = pairs.iter_mut().find(|pair| **pair == from.words()) {
            *pair = to.words();
        }
    }

    /// The terms its demands name, as often as they do.
    pub(super) fn terms(&self) -> Vec<u32> {
        let mut terms = Vec::new();
        let mut words = self.demands();
        while let Some((kind, count)) = words.head() {
            match kind {
                ANY => terms.extend((0..count).map(|_| words.next())),
                WAYS => {
                    for _ in 0..count {
                        let of_way = words.next();
                        terms.extend((0..of_way).map(|_| words.next()));
                    }
                }
                // Terms come first.
                _ => break,
            }
        }
        terms
    }

    /// Whether everything it demands holds.
    pub(super) fn passes(&self, question: &Question) -> bool {
        let mut words = self.demands();
        while let Some((kind, count)) = words.head() {
            // Every word of the demand is read, whatever the first of them decide.
            let holds = match kind {
                ANY => words.any(count, |words| question.held.has(words.next())),
                WAYS => words.any(count, |words| {
                    let of_way = words.next();
                    words.all(of_way, |words| question.held.has(words.next()))
                }),
                EXPTIME => {
                    let least = words.float();
                    question.exptime.is_some_and(|seconds| seconds >= least)
                }
                POS => words.any(count, |words| words.region_meets(question.aim.as_ref())),
                _ => words.any(count, |words| {
                    let time = words.time().resolve(question.now);
                    overlaps(kind, question.facts, time)
                }),
            };
            if !holds {
                return false;
            }
        }
        true
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }

    fn demands(&self) -> Words<'_> {
        let count = self.0.first().map_or(0, |count| *count as usize);
        Words(self.0.get(1 + 2 * count..).unwrap_or_default())
    }
}

/// The rules of `from`, `to` and `at`.
fn overlaps(kind: u32, facts: &Facts, time: DateTime<Utc>) -> bool {
    let Some(start) = facts.t_min else {
        return false;
    };
    let end = facts.t_max.unwrap_or(start);
    match kind {
        FROM => end >= time,
        TO => start <= time,
        _ => (start..=end).contains(&time),
    }
}

/// Reads words.
#[derive(Clone)]
struct Words<'a>(&'a [u32]);

impl Words<'_> {
    /// Kind and count of the next demand.
    fn head(&mut self) -> Option<(u32, u32)> {
        (!self.0.is_empty()).then(|| {
            let head = self.next();
            (head >> 24, head & 0xff_ffff)
        })
    }

    fn next(&mut self) -> u32 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    fn float(&mut self) -> f64 {
        f64::from_bits(self.long())
    }

    fn long(&mut self) -> u64 {
        u64::from(self.next()) << 32 | u64::from(self.next())
    }

    fn any(&mut self, count: u32, holds: impl Fn(&mut Self) -> bool) -> bool {
        (0..count).fold(false, |any, _| holds(self) || any)
    }

    fn all(&mut self, count: u32, holds: impl Fn(&mut Self) -> bool) -> bool {
        (0..count).fold(true, |all, _| holds(self) && all)
    }

    fn time(&mut self) -> TimeSpec {
        let (seconds, nanos) = (self.long().cast_signed(), self.next());
        match nanos {
            u32::MAX => TimeSpec::Now(seconds),
            nanos => TimeSpec::At(DateTime::from_timestamp(seconds, nanos).unwrap_or_default()),
        }
    }

    /// Whether the next region and the aim have a point in common.
    fn region_meets(&mut self, aim: Option<&Aim>) -> bool {
        let head = self.next();
        let (kind, count) = (head >> 24, head & (SPOTS - 1));
        let words_a_number = if head & NARROW == 0 { 2 } else { 1 };
        let numbers = self.skip((count * words_a_number) as usize);
        let spots = count as usize / 2;
        let corners = match head & SPOTS {
            0 => None,
            _ => Some(self.skip((spots * 3).div_ceil(2))),
        };
        let Some(aim) = aim else {
            return false;
        };
        if let Some(corners) = corners
            && let Some(sure) = aim.meets_corners(corners.spots(spots))
        {
            return sure;
        }
        let mut rest = numbers;
        let numbers: Vec<f64> = (0..count)
            .map(|_| match words_a_number {
                1 => f64::from(rest.next().cast_signed()) / 1e6,
                _ => rest.float(),
            })
            .collect();
        region(kind, &numbers).is_some_and(|region| region.meets(aim.shape))
    }

    fn skip(&mut self, count: usize) -> Self {
        let (skipped, rest) = self.0.split_at_checked(count).unwrap_or((self.0, &[]));
        self.0 = rest;
        Words(skipped)
    }

    /// Directions, six halves of words for each two.
    fn spots(&self, count: usize) -> impl Iterator<Item = Spot> + Clone {
        let words = self.0;
        let half = move |at: usize| {
            let word = words.get(at / 2).copied().unwrap_or_default();
            (word >> (16 * (at % 2))) as i16
        };
        (0..count).map(move |spot| Spot([half(3 * spot), half(3 * spot + 1), half(3 * spot + 2)]))
    }
}

/// The region again, from what it was made of.
fn region(kind: u32, numbers: &[f64]) -> Option<Region> {
    match (kind, numbers) {
        (CIRCLE, [ra, dec, radius]) => Circle::new(*ra, *dec, *radius).ok().map(Region::Circle),
        (RANGE, [ra1, ra2, dec1, dec2]) => {
            Zone::new(*ra1, *ra2, *dec1, *dec2).ok().map(Region::Range)
        }
        (POLYGON, numbers) => {
            let (pairs, _) = numbers.as_chunks::<2>();
            let vertices: Vec<_> = pairs.iter().map(|[ra, dec]| (*ra, *dec)).collect();
            Polygon::new(&vertices).ok().map(Region::Polygon)
        }
        _ => None,
    }
}

/// Writes words.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u32>);

impl Writer {
    /// One of the ways must hold.
    pub(super) fn ways(&mut self, ways: &[Vec<u32>]) {
        let plain = ways.iter().all(|way| way.len() == 1);
        self.head(if plain { ANY } else { WAYS }, ways.len());
        for way in ways {
            if !plain {
                self.0.push(way.len() as u32);
            }
            self.0.extend(way);
        }
    }

    /// At least the least of these seconds.
    pub(super) fn exptime(&mut self, seconds: &[f64]) {
        if let Some(least) = seconds.iter().copied().min_by(f64::total_cmp) {
            self.head(EXPTIME, 1);
            self.long(least.to_bits());
        }
    }

    /// The times of `from`, `to` and `at`.
    pub(super) fn times(&mut self, from: &[TimeSpec], to: &[TimeSpec], at: &[TimeSpec]) {
        for (kind, times) in [(FROM, from), (TO, to), (AT, at)] {
            if !times.is_empty() {
                self.head(kind, times.len());
            }
            for time in times {
                let (seconds, nanos) = match time {
                    TimeSpec::Now(seconds) => (*seconds, u32::MAX),
                    TimeSpec::At(time) => (time.timestamp(), time.timestamp_subsec_nanos()),
                };
                self.long(seconds.cast_unsigned());
                self.0.push(nanos);
            }
        }
    }

    /// One of these regions must be met. The corners of those that are not outlined in cells
    /// are kept as directions too.
    pub(super) fn regions(&mut self, regions: &[Region], outlined: bool) {
        if !regions.is_empty() {
            self.head(POS, regions.len());
        }
        for region in regions {
            let spots = match region {
                Region::Polygon(it) => !outlined || it.vertices().len() > Outline::MOST,
                _ => false,
            };
            self.region(region, if spots { SPOTS } else { 0 });
        }
    }

    fn region(&mut self, region: &Region, spots: u32) {
        let (kind, numbers) = match region {
            Region::Circle(circle) => {
                (CIRCLE, vec![circle.ra(), circle.dec(), circle.radius_deg()])
            }
            Region::Polygon(polygon) => {
                let numbers = polygon.vertices().iter().flat_map(|(ra, dec)| [*ra, *dec]);
                (POLYGON, numbers.collect())
            }
            Region::Range(zone) => {
                let ((ra1, ra2), (dec1, dec2)) = (zone.ra(), zone.dec());
                (RANGE, vec![ra1, ra2, dec1, dec2])
            }
        };
        let millionths: Option<Vec<i32>> =
            numbers.iter().map(|number| millionths(*number)).collect();
        match millionths {
            Some(millionths) => {
                self.head(kind, numbers.len() | (NARROW | spots) as usize);
                self.0
                    .extend(millionths.into_iter().map(i32::cast_unsigned));
            }
            None => {
                self.head(kind, numbers.len() | spots as usize);
                numbers
                    .iter()
                    .for_each(|number| self.long(number.to_bits()));
            }
        }
        if spots != 0 {
            let (pairs, _) = numbers.as_chunks::<2>();
            let halves: Vec<i16> = pairs
                .iter()
                .flat_map(|[ra, dec]| Spot::of(*ra, *dec).0)
                .collect();
            for halves in halves.chunks(2) {
                let word = halves
                    .iter()
                    .rev()
                    .fold(0, |word, half| word << 16 | u32::from(half.cast_unsigned()));
                self.0.push(word);
            }
        }
    }

    /// The record, with its places.
    pub(super) fn finish(self, places: &[Place]) -> Record {
        let mut words = Vec::with_capacity(1 + 2 * places.len() + self.0.len());
        words.push(places.len() as u32);
        words.extend(places.iter().flat_map(|place| place.words()));
        words.extend(self.0);
        Record(words.into_boxed_slice())
    }

    fn head(&mut self, kind: u32, count: usize) {
        self.0.push(kind << 24 | count as u32);
    }

    fn long(&mut self, long: u64) {
        self.0.extend([(long >> 32) as u32, long as u32]);
    }
}

/// A number as people write degrees, if that is exactly what it is.
fn millionths(number: f64) -> Option<i32> {
    let whole = (number * 1e6).round() as i32;
    let same = (f64::from(whole) / 1e6).to_bits() == number.to_bits();
    same.then_some(whole)
}
