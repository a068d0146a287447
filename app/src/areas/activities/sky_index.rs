//! One number that orders activities by place and time, and what to read of it for a query.
//!
//! From its highest bits down: class of extent (how large a shape may be, so that a query widens
//! its region by no more than needed), class of duration (so that a window reaches back no further
//! than needed), a bucket of 16 days, and the HEALPix cell of the centre at depth 10 (3.4′). A
//! region and a window of time become a few dozen short stretches of one index, whose rows all lie
//! near the region and the window.
//!
//! Around a small circle one row in ten that the stretches hold is a hit, and to read a row takes as
//! long as to pass over several keys: the index tells, beside the key, what lies elsewhere (see
//! `sieve`). The lowest bits say more than the stretches need: the centre's cell at depth 15 (6″) and
//! how large the shape is. By them most rows that are read are known to meet the region, or not to
//! ([`Cells::look`]); of the others an exact check in memory follows.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use domain::sky::{Region, Shape, Told, cell};

/// HEALPix depth of the cells.
const DEPTH: u8 = 10;
const CELL_BITS: u32 = 24;
const BUCKET_BITS: u32 = 16;
/// Bits below all those: of the cell at [`FINE_DEPTH`], and the size.
const FINE_BITS: u32 = 2 * (FINE_DEPTH - DEPTH) as u32 + SIZE_BITS;
/// HEALPix depth to which the centre is known.
const FINE_DEPTH: u8 = 15;
/// Seven bits of radius, and one that says whether the centre belongs to the shape.
const SIZE_BITS: u32 = 8;
/// The radius says nothing but its class, and the centre's cell is known to [`DEPTH`] only: rows
/// from before there was more in a key.
const UNKNOWN: i64 = 127;
/// The smallest radius that is told from none, degrees, and how much larger each next one is.
const FIRST_SIZE: f64 = 0.001;
const NEXT_SIZE: f64 = 1.085;
/// Bucket of what has no time.
const TIMELESS: i64 = (1 << BUCKET_BITS) - 1;
const BUCKET: TimeDelta = TimeDelta::days(16);
/// 1990-01-01, before everything an upstream may say.
const EPOCH: i64 = 631_152_000;

/// A class of extent.
struct Extent {
    /// Its number in the key.
    class: i64,
    /// Largest radius, degrees.
    largest: f64,
    /// HEALPix depth of the smallest cells that are worth telling apart.
    depth: u8,
    /// Stretches of cells a region may become, each of which is looked up in every bucket.
    most_ranges: usize,
    /// Cells between two stretches that make them one: to find where a stretch begins takes as long
    /// as to pass over some keys, and of what is rare hardly any lie in between.
    gap: i64,
}

/// The classes of extent, smallest first: most instruments', surveys', and what sees a whole
/// constellation. What is larger still is [`BOUNDLESS`] and has no cell. Few classes with many ranges
/// each have less to read than many with few: around 0.1° and 1°, among five million, 45 and 51
/// stretches with 111 and 155 keys, where classes up to 0.1°, 1.5°, 12° and 24° had 75 and 99 with 369
/// and 404.
const EXTENTS: [Extent; 3] = [
    extent(0, 0.3, (8, 12), square_degrees(4)),
    extent(1, 2.0, (5, 8), square_degrees(30)),
    extent(2, 18.0, (4, 10), square_degrees(120)),
];
const BOUNDLESS: i64 = 3;
/// Longest duration of each class. What lasts longer still has class 2 and no bucket.
const SPANS: [TimeDelta; 2] = [TimeDelta::days(1), TimeDelta::days(32)];
const ENDLESS: i64 = 2;
/// Buckets of 16 days that are one for what lasts longer than a day: it is looked for in all the
/// months before a window as well, and one that is found in vain costs as much as a dozen rows.
const BUCKETS_LASTING: u32 = 2;

/// How much wider the gaps are that are read over for what lasts longer than a day, as it is rarer.
const GAP_LASTING: i64 = 100;

/// A stretch of the key, both ends included.
pub type Stretch = RangeInclusive<i64>;

/// The key of an activity; none without a place.
#[must_use]
pub fn key(
    shape: Option<&Shape>,
    t_min: Option<DateTime<Utc>>,
    t_max: Option<DateTime<Utc>>,
) -> Option<i64> {
    let bounds = shape?.bounds();
    let fits = |extent: &&Extent| bounds.radius_deg <= extent.largest;
    let extent = EXTENTS
        .iter()
        .find(fits)
        .map_or(BOUNDLESS, |extent| extent.class);
    let cell = match extent {
        BOUNDLESS => 0,
        _ => i64::try_from(cell(bounds.ra, bounds.dec, FINE_DEPTH)?).ok()?,
    };
    let size = match extent {
        BOUNDLESS => UNKNOWN << 1,
        _ => size_of(bounds.radius_deg) << 1 | i64::from(matches!(shape, Some(Shape::Circle(_)))),
    };
    let (span, bucket) = match (t_min, t_max) {
        (None, _) => (0, TIMELESS),
        (Some(start), end) => {
            let span = class_of(&SPANS, end.unwrap_or(start) - start);
            (span, bucket_in(span, start))
        }
    };
    let key = compose(extent, span, bucket, 0);
    Some(key | cell << SIZE_BITS | size)
}

/// When to look: a window by overlap, or what has no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Everything whose `t_min..t_max` overlaps `from..=to`.
    Between(DateTime<Utc>, DateTime<Utc>),
    /// Everything whose `t_min` lies in `from..=to`.
    Starting(DateTime<Utc>, DateTime<Utc>),
    /// What has no `t_min`.
    Timeless,
}

/// The cells some regions lie in, at any time.
pub(super) struct Cells<'a> {
    regions: &'a [Region],
    /// For each class of extent, by its number.
    of: Vec<(i64, Ranges)>,
}

/// Stretches of cells, in order and apart from each other.
struct Ranges {
    fine: Vec<(i64, i64)>,
    /// The same as few, for what is rare.
    coarse: Vec<(i64, i64)>,
}

impl<'a> Cells<'a> {
    /// The cells of `regions`.
    pub(super) fn of(regions: &'a [Region]) -> Cells<'a> {
        let ranges = |extent: &Extent| {
            let cells = cells(regions, extent);
            let ranges = Ranges {
                fine: joined(&cells, extent.gap),
                coarse: joined(&cells, extent.gap * GAP_LASTING),
            };
            (extent.class, ranges)
        };
        Cells {
            regions,
            of: EXTENTS.iter().map(ranges).collect(),
        }
    }

    /// The stretches that hold every activity that may meet one of the regions, at `when`.
    pub(super) fn stretches(&self, when: When) -> Vec<Stretch> {
        let mut found = Vec::new();
        let buckets = buckets(when);
        for (class, ranges) in &self.of {
            for &(span, bucket) in &buckets {
                let cells = match span {
                    0 => &ranges.fine,
                    _ => &ranges.coarse,
                };
                let of_bucket = |cell| compose(*class, span, bucket, cell);
                let stretch =
                    |&(first, last): &(i64, i64)| of_bucket(first)..=end_of(of_bucket(last));
                found.extend(cells.iter().map(stretch));
            }
        }
        // Without cells, buckets that follow each other are one stretch.
        for of_span in buckets.chunk_by(|(span, _), (next, _)| span == next) {
            if let [(span, first), ..] = of_span
                && let Some((_, last)) = of_span.last()
            {
                let of_bucket = |bucket| compose(BOUNDLESS, *span, bucket, 0);
                found.push(of_bucket(*first)..=end_of(of_bucket(*last)));
            }
        }
        found
    }

    /// What an activity's key tells of it and the regions: with several, the most that one does.
    pub(super) fn look(&self, key: i64) -> Told {
        let class = key >> (2 + BUCKET_BITS + CELL_BITS + FINE_BITS);
        let largest = EXTENTS.iter().find(|extent| extent.class == class);
        let Some(Extent { largest, .. }) = largest else {
            return Told::Unsure;
        };
        let fine = key & ((1 << (CELL_BITS + FINE_BITS)) - 1);
        let (size, holds_centre) = ((fine >> 1) & UNKNOWN, fine & 1 == 1);
        let (depth, cell, radius) = match size {
            UNKNOWN => (DEPTH, fine >> FINE_BITS, *largest),
            _ => (FINE_DEPTH, fine >> SIZE_BITS, radius_of(size)),
        };
        let Ok(cell) = u64::try_from(cell) else {
            return Told::Unsure;
        };
        let mut told = Told::Apart;
        for region in self.regions {
            match region.tell(depth, cell, radius, holds_centre) {
                Told::Meets => return Told::Meets,
                Told::Unsure => told = Told::Unsure,
                Told::Apart => {}
            }
        }
        told
    }

    /// Whether an activity of this key may meet one of the regions.
    pub(super) fn may_hold(&self, key: i64) -> bool {
        let class = key >> (2 + BUCKET_BITS + CELL_BITS + FINE_BITS);
        let Some((_, Ranges { fine: cells, .. })) = self.of.iter().find(|(of, _)| *of == class)
        else {
            // Boundless.
            return true;
        };
        let cell = (key >> FINE_BITS) & ((1 << CELL_BITS) - 1);
        let next = cells.partition_point(|(first, _)| *first <= cell);
        next.checked_sub(1)
            .and_then(|at| cells.get(at))
            .is_some_and(|(_, last)| cell <= *last)
    }

    /// Which part of the sky the regions are, for the smallest extents: 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "24 bits")]
    pub(super) fn part_of_the_sky(&self) -> f64 {
        let cells = self.of.first().map_or(&[][..], |(_, ranges)| &ranges.fine);
        count(cells) as f64 / (12_i64 << (2 * DEPTH)) as f64
    }
}

/// The cells of regions widened by the largest radius of a class, as at most so many stretches a
/// region, in order.
fn cells(regions: &[Region], extent: &Extent) -> Vec<(i64, i64)> {
    let Extent {
        largest,
        depth,
        most_ranges,
        ..
    } = *extent;
    let below = 2 * u32::from(DEPTH - depth);
    let mut cells: Vec<(i64, i64)> = regions
        .iter()
        .flat_map(|region| region.cover(depth, largest, most_ranges))
        .filter_map(|range| {
            let first = i64::try_from(*range.start() << below).ok()?;
            let last = i64::try_from(((*range.end() + 1) << below) - 1).ok()?;
            Some((first, last))
        })
        .collect();
    cells.sort_unstable();
    joined(&cells, 0)
}

/// How many cells stretches are.
fn count(stretches: &[(i64, i64)]) -> i64 {
    stretches.iter().map(|(first, last)| last - first + 1).sum()
}

/// Stretches in order, one where they overlap or no more than `gap` cells lie between them.
fn joined(cells: &[(i64, i64)], gap: i64) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = Vec::with_capacity(cells.len());
    for &(first, last) in cells {
        match all.last_mut() {
            Some((_, end)) if first <= *end + 1 + gap => *end = last.max(*end),
            _ => all.push((first, last)),
        }
    }
    all
}

fn buckets(when: When) -> Vec<(i64, i64)> {
    let (from, to, reaching_in) = match when {
        When::Timeless => return vec![(0, TIMELESS)],
        When::Between(from, to) => (from, to, true),
        When::Starting(from, to) => (from, to, false),
    };
    let mut all = Vec::new();
    for (span, longest) in (0..).zip(SPANS) {
        let back = if reaching_in {
            longest
        } else {
            TimeDelta::zero()
        };
        let first = from.checked_sub_signed(back);
        let first = first.map_or(0, |first| bucket_in(span, first));
        all.extend((first..=bucket_in(span, to)).map(|bucket| (span, bucket)));
    }
    all.push((ENDLESS, 0));
    all
}

/// When the bucket of `t` begins.
#[must_use]
pub fn bucket_start(t: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let seconds = bucket_of(t).checked_mul(BUCKET.num_seconds())?;
    DateTime::from_timestamp(EPOCH.checked_add(seconds)?, 0)
}

/// The bucket of a start in a class of duration.
fn bucket_in(span: i64, start: DateTime<Utc>) -> i64 {
    match span {
        0 => bucket_of(start),
        ENDLESS => 0,
        _ => bucket_of(start) >> BUCKETS_LASTING,
    }
}

fn bucket_of(t: DateTime<Utc>) -> i64 {
    (t.timestamp() - EPOCH)
        .div_euclid(BUCKET.num_seconds())
        .clamp(0, TIMELESS - 1)
}

const fn extent(class: i64, largest: f64, (depth, most_ranges): (u8, usize), gap: i64) -> Extent {
    Extent {
        class,
        largest,
        depth,
        most_ranges,
        gap,
    }
}

/// Cells that are this much of the sky, which has 41,253 square degrees.
const fn square_degrees(wide: i64) -> i64 {
    wide * (12 << (2 * DEPTH)) / 41_253
}

fn class_of<T: PartialOrd + Copy>(bounds: &[T], value: T) -> i64 {
    let fits = bounds.iter().position(|most| value <= *most);
    i64::try_from(fits.unwrap_or(bounds.len())).unwrap_or(BOUNDLESS)
}

/// The first key of a cell.
fn compose(extent: i64, span: i64, bucket: i64, cell: i64) -> i64 {
    (((((extent << 2) | span) << BUCKET_BITS | bucket) << CELL_BITS) | cell) << FINE_BITS
}

/// The last key of the cell that `first` is the first key of.
fn end_of(first: i64) -> i64 {
    first | ((1 << FINE_BITS) - 1)
}

/// The number of the smallest of the sizes that are told apart which is no less than `radius`.
#[expect(clippy::cast_possible_truncation, reason = "some hundred at most")]
fn size_of(radius: f64) -> i64 {
    if radius <= 0.0 {
        return 0;
    }
    let near = ((radius / FIRST_SIZE).ln() / NEXT_SIZE.ln()).floor() as i64;
    let first = near.clamp(1, UNKNOWN);
    let fits = |size: &i64| radius <= radius_of(*size);
    (first..UNKNOWN).find(fits).unwrap_or(UNKNOWN)
}

/// The radius of that number, degrees.
#[expect(clippy::cast_possible_truncation, reason = "seven bits")]
fn radius_of(size: i64) -> f64 {
    match size {
        0 => 0.0,
        _ => FIRST_SIZE * NEXT_SIZE.powi(size as i32 - 1),
    }
}

#[cfg(test)]
mod tests;
