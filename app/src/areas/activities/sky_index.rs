//! One number that orders activities by place and time, and what to read of it for a query.
//!
//! From its highest bits down: class of extent (how large a shape may be, so that a query widens
//! its region by no more than needed), class of duration (so that a window reaches back no further
//! than needed), a bucket of 16 days, and the HEALPix cell of the centre at depth 10 (3.4′). A
//! region and a window of time become a few dozen short stretches of one index, whose rows all lie
//! near the region and the window; an exact check follows in memory.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use domain::sky::{Region, Shape, cell};

/// HEALPix depth of the cells.
const DEPTH: u8 = 10;
const CELL_BITS: u32 = 24;
const BUCKET_BITS: u32 = 16;
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
    /// Stretches of cells a region may become. Each is looked up in every bucket: of what is rare
    /// it is cheaper to read some in vain than to look in more places.
    most_ranges: usize,
}

/// The classes of extent, smallest first. What is larger still is [`BOUNDLESS`] and has no cell.
/// (Class 4 is younger than class 3, where older rows of its sizes are found as well.)
const EXTENTS: [Extent; 4] = [
    extent(0, 0.1, 16),
    extent(1, 1.5, 5),
    extent(2, 12.0, 4),
    extent(4, 24.0, 4),
];
const BOUNDLESS: i64 = 3;
/// Longest duration of each class. What lasts longer still has class 2 and no bucket.
const SPANS: [TimeDelta; 2] = [TimeDelta::days(1), TimeDelta::days(32)];
const ENDLESS: i64 = 2;

/// As many for what lasts longer than a day, which is rare as well.
const MOST_RANGES_LASTING: usize = 2;

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
        _ => i64::try_from(cell(bounds.ra, bounds.dec, DEPTH)?).ok()?,
    };
    let (span, bucket) = match (t_min, t_max) {
        (None, _) => (0, TIMELESS),
        (Some(start), end) => {
            let span = class_of(&SPANS, end.unwrap_or(start) - start);
            (span, if span == ENDLESS { 0 } else { bucket_of(start) })
        }
    };
    Some(compose(extent, span, bucket, cell))
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
pub(super) struct Cells {
    /// For each class of extent, by its number.
    of: Vec<(i64, Ranges)>,
}

/// Stretches of cells, in order and apart from each other.
struct Ranges {
    fine: Vec<(i64, i64)>,
    /// The same as few, for what is rare.
    coarse: Vec<(i64, i64)>,
}

impl Cells {
    /// The cells of `regions`.
    pub(super) fn of(regions: &[Region]) -> Cells {
        let ranges = |extent: &Extent| {
            let fine = cells(regions, extent.largest, extent.most_ranges);
            let coarse = coarser(&fine, MOST_RANGES_LASTING);
            (extent.class, Ranges { fine, coarse })
        };
        Cells {
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
                let stretch = |&(first, last): &(i64, i64)| of_bucket(first)..=of_bucket(last);
                found.extend(cells.iter().map(stretch));
            }
        }
        for (span, bucket) in buckets {
            let one = compose(BOUNDLESS, span, bucket, 0);
            found.push(one..=one);
        }
        found
    }

    /// Whether an activity of this key may meet one of the regions.
    pub(super) fn may_hold(&self, key: i64) -> bool {
        let class = key >> (2 + BUCKET_BITS + CELL_BITS);
        let Some((_, Ranges { fine: cells, .. })) = self.of.iter().find(|(of, _)| *of == class)
        else {
            // Boundless.
            return true;
        };
        let cell = key & ((1 << CELL_BITS) - 1);
        let next = cells.partition_point(|(first, _)| *first <= cell);
        next.checked_sub(1)
            .and_then(|at| cells.get(at))
            .is_some_and(|(_, last)| cell <= *last)
    }

    /// Which part of the sky the regions are, for the smallest extents: 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "24 bits")]
    pub(super) fn part_of_the_sky(&self) -> f64 {
        let cells = self.of.first().map_or(&[][..], |(_, ranges)| &ranges.fine);
        let covered: i64 = cells.iter().map(|(first, last)| last - first + 1).sum();
        covered as f64 / (12_i64 << (2 * DEPTH)) as f64
    }
}

/// The cells of regions widened by a margin in degrees, as at most so many stretches a region, in
/// order.
fn cells(regions: &[Region], margin: f64, most: usize) -> Vec<(i64, i64)> {
    let mut cells: Vec<(i64, i64)> = regions
        .iter()
        .flat_map(|region| region.cover(DEPTH, margin, most))
        .filter_map(|range| {
            let first = i64::try_from(*range.start()).ok()?;
            Some((first, i64::try_from(*range.end()).ok()?))
        })
        .collect();
    merged(&mut cells)
}

/// Overlapping stretches of several regions as one, so that no row is read twice.
fn merged(cells: &mut [(i64, i64)]) -> Vec<(i64, i64)> {
    cells.sort_unstable();
    let mut all: Vec<(i64, i64)> = Vec::with_capacity(cells.len());
    for &(first, last) in cells.iter() {
        match all.last_mut() {
            Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
            _ => all.push((first, last)),
        }
    }
    all
}

/// Stretches joined over the smallest gaps between them until no more than `most` are left.
fn coarser(cells: &[(i64, i64)], most: usize) -> Vec<(i64, i64)> {
    let gap = |pair: &[(i64, i64)]| pair[1].0 - pair[0].1;
    let mut gaps: Vec<i64> = cells.windows(2).map(gap).collect();
    gaps.sort_unstable_by(|a, b| b.cmp(a));
    // The widest gaps stay.
    let narrowest = gaps.get(most.saturating_sub(2)).copied().unwrap_or(0);
    let mut all: Vec<(i64, i64)> = Vec::with_capacity(most);
    for &(first, last) in cells {
        let full = all.len() == most;
        match all.last_mut() {
            Some((_, end)) if full || first - *end < narrowest => *end = last,
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
        let first = from.checked_sub_signed(back).map_or(0, bucket_of);
        all.extend((first..=bucket_of(to)).map(|bucket| (span, bucket)));
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

fn bucket_of(t: DateTime<Utc>) -> i64 {
    (t.timestamp() - EPOCH)
        .div_euclid(BUCKET.num_seconds())
        .clamp(0, TIMELESS - 1)
}

const fn extent(class: i64, largest: f64, most_ranges: usize) -> Extent {
    Extent {
        class,
        largest,
        most_ranges,
    }
}

fn class_of<T: PartialOrd + Copy>(bounds: &[T], value: T) -> i64 {
    let fits = bounds.iter().position(|most| value <= *most);
    i64::try_from(fits.unwrap_or(bounds.len())).unwrap_or(BOUNDLESS)
}

fn compose(extent: i64, span: i64, bucket: i64, cell: i64) -> i64 {
    ((((extent << 2) | span) << BUCKET_BITS | bucket) << CELL_BITS) | cell
}

#[cfg(test)]
mod tests;
