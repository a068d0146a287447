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

/// Largest radius of each class of extent, degrees. What is larger still has class 3 and no cell.
const EXTENTS: [f64; 3] = [0.1, 1.5, 12.0];
const BOUNDLESS: i64 = 3;
/// Longest duration of each class. What lasts longer still has class 2 and no bucket.
const SPANS: [TimeDelta; 2] = [TimeDelta::days(1), TimeDelta::days(32)];
const ENDLESS: i64 = 2;

/// Stretches of cells a region may become, for each class of extent. Each is looked up in every
/// bucket: of what is rare it is cheaper to read some in vain than to look in more places.
const MOST_RANGES: [usize; 3] = [24, 12, 6];
/// As many for what lasts longer than a day, which is rare as well.
const MOST_RANGES_LASTING: usize = 4;

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
    let extent = class_of(&EXTENTS, bounds.radius_deg);
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

/// The stretches that hold every activity that may meet one of `regions`, at `when`.
#[must_use]
pub fn stretches(regions: &[Region], when: When) -> Vec<Stretch> {
    let mut found = Vec::new();
    for (extent, (margin, most)) in (0..).zip(EXTENTS.into_iter().zip(MOST_RANGES)) {
        let cells = cells(regions, margin, most);
        let coarse = coarser(&cells, MOST_RANGES_LASTING);
        for (span, bucket) in buckets(when) {
            for &(first, last) in if span == 0 { &cells } else { &coarse } {
                found.push(
                    compose(extent, span, bucket, first)..=compose(extent, span, bucket, last),
                );
            }
        }
    }
    for (span, bucket) in buckets(when) {
        let one = compose(BOUNDLESS, span, bucket, 0);
        found.push(one..=one);
    }
    found
}

/// The cells regions lie in, at any time: for keys that are at hand already.
pub(super) struct Cells {
    /// For each class of extent, in order and apart from each other.
    of: Vec<Vec<(i64, i64)>>,
}

impl Cells {
    /// The cells of `regions`.
    pub(super) fn of(regions: &[Region]) -> Cells {
        Cells {
            of: EXTENTS
                .iter()
                .map(|margin| cells(regions, *margin, MOST_RANGES[0]))
                .collect(),
        }
    }

    /// Whether an activity of this key may meet one of the regions.
    pub(super) fn may_hold(&self, key: i64) -> bool {
        let extent = usize::try_from(key >> (2 + BUCKET_BITS + CELL_BITS));
        let Some(cells) = extent.ok().and_then(|extent| self.of.get(extent)) else {
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
        let cells = self.of.first().map_or(&[][..], Vec::as_slice);
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

fn bucket_of(t: DateTime<Utc>) -> i64 {
    (t.timestamp() - EPOCH)
        .div_euclid(BUCKET.num_seconds())
        .clamp(0, TIMELESS - 1)
}

fn class_of<T: PartialOrd + Copy>(bounds: &[T], value: T) -> i64 {
    let fits = bounds.iter().position(|most| value <= *most);
    i64::try_from(fits.unwrap_or(bounds.len())).unwrap_or(BOUNDLESS)
}

fn compose(extent: i64, span: i64, bucket: i64, cell: i64) -> i64 {
    ((((extent << 2) | span) << BUCKET_BITS | bucket) << CELL_BITS) | cell
}

#[cfg(test)]
mod tests {
    use domain::Facts;

    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_763_000_000, 0).unwrap() + TimeDelta::days(n)
    }

    fn point(ra: f64, dec: f64, fov: Option<f64>) -> Option<Shape> {
        Shape::of(&Facts {
            s_ra: Some(ra),
            s_dec: Some(dec),
            s_fov: fov,
            ..Facts::default()
        })
    }

    fn holds(stretches: &[Stretch], key: i64) -> bool {
        stretches.iter().any(|stretch| stretch.contains(&key))
    }

    #[test]
    fn every_size_and_duration_is_found_by_a_region_it_touches() {
        let region = [Region::parse("CIRCLE 359.95 10 0.2").unwrap()];
        let window = stretches(&region, When::Between(day(0), day(30)));
        for (ra, fov) in [
            (0.0, None),
            (1.0, Some(2.0)),
            (10.0, Some(20.0)),
            (90.0, Some(360.0)),
        ] {
            for lasting in [0, 1, 20, 400] {
                let shape = point(ra, 10.0, fov);
                let key = key(shape.as_ref(), Some(day(1 - lasting)), Some(day(1))).unwrap();
                assert!(
                    holds(&window, key),
                    "ra {ra}, field {fov:?}, lasting {lasting} d"
                );
            }
        }
    }

    #[test]
    fn what_is_elsewhere_or_at_another_time_is_not_read() {
        let region = [Region::parse("CIRCLE 83.6 22.0 1").unwrap()];
        let window = stretches(&region, When::Between(day(0), day(30)));
        let far = key(point(100.0, 22.0, None).as_ref(), Some(day(1)), None).unwrap();
        let old = key(point(83.6, 22.0, None).as_ref(), Some(day(-60)), None).unwrap();
        assert!(!holds(&window, far));
        assert!(!holds(&window, old));
    }

    #[test]
    fn stretches_are_joined_over_their_smallest_gaps() {
        let cells = [(0, 5), (7, 9), (20, 30), (32, 40), (90, 91)];
        assert_eq!(coarser(&cells, 3), [(0, 9), (20, 40), (90, 91)]);
        assert_eq!(coarser(&cells, 9), cells);
        assert_eq!(coarser(&[(0, 1), (3, 4), (6, 7)], 2), [(0, 1), (3, 7)]);
        assert_eq!(coarser(&[], 3), []);
    }

    #[test]
    fn a_region_and_a_month_are_looked_up_in_few_places() {
        for radius in [0.1, 1.0, 10.0] {
            let region = [Region::parse(&format!("CIRCLE 80.9 -69.7 {radius}")).unwrap()];
            let places = stretches(&region, When::Between(day(0), day(30))).len();
            assert!(places < 250, "radius {radius}: {places}");
        }
    }

    #[test]
    fn keys_at_hand_are_held_or_not_whatever_their_time() {
        let cells = Cells::of(&[Region::parse("CIRCLE 359.95 10 0.2").unwrap()]);
        for (ra, fov, held) in [
            (0.0, None, true),
            (1.0, Some(2.0), true),
            (10.0, Some(20.0), true),
            (90.0, Some(360.0), true),
            (5.0, None, false),
            (90.0, Some(20.0), false),
        ] {
            for start in [None, Some(day(1)), Some(day(-900))] {
                let key = key(point(ra, 10.0, fov).as_ref(), start, start).unwrap();
                assert_eq!(cells.may_hold(key), held, "ra {ra}, field {fov:?}");
            }
        }
    }

    #[test]
    fn a_part_of_the_sky_is_told_roughly() {
        for (region, part) in [
            ("CIRCLE 10 10 180", 1.0),
            ("CIRCLE 10 10 90", 0.5),
            ("CIRCLE 10 10 10", 0.0076),
        ] {
            let told = Cells::of(&[Region::parse(region).unwrap()]).part_of_the_sky();
            assert!(
                (0.99 * part..2.0 * part + 0.01).contains(&told),
                "{region}: {told}"
            );
        }
    }

    #[test]
    fn what_has_no_time_is_found_without_a_window() {
        let region = [Region::parse("CIRCLE 83.6 22.0 1").unwrap()];
        let timeless = key(point(83.6, 22.0, None).as_ref(), None, None).unwrap();
        assert!(holds(&stretches(&region, When::Timeless), timeless));
        assert_eq!(key(None, Some(day(0)), None), None);
    }
}
