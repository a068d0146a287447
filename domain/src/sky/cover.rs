//! HEALPix cells, in NESTED numbering, that find regions in an index.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use cdshealpix::nested;

use super::region::Region;
use super::sphere::{TOUCH, Vector, is_position};

/// Finest division of the sky HEALPix numbers fit.
const DEEPEST: u8 = 29;
/// Down to this level centres of cells are kept.
const LARGEST: u8 = 4;
/// Cells looked at on one level before we settle for coarser ones.
const MOST_CELLS: usize = 20_000;

/// What the cell of a shape's centre and a radius tell about a region, without the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// They have no point in common.
    Apart,
    /// Only the shape itself tells.
    Unsure,
    /// They meet.
    Meets,
}

/// The cell at `depth` (0 to 29) a position (degrees) lies in; None if it is no position.
#[must_use]
pub fn cell(ra: f64, dec: f64, depth: u8) -> Option<u64> {
    (depth <= DEEPEST && is_position(ra, dec))
        .then(|| nested::hash(depth, ra.to_radians(), dec.to_radians()))
}

impl Region {
    /// Cells at `depth` that hold every point within `margin_deg` of the region: ranges in order,
    /// apart from each other, at most `max_ranges` (and at least one). It never misses a point; to
    /// keep to the budget it covers more.
    ///
    /// A shape whose bounding circle has its centre in none of them and a radius of at most
    /// `margin_deg` does not meet the region.
    #[must_use]
    pub fn cover(&self, depth: u8, margin_deg: f64, max_ranges: usize) -> Vec<RangeInclusive<u64>> {
        let depth = depth.min(DEEPEST);
        let max_ranges = max_ranges.max(1);
        let margin = margin_deg.to_radians().max(0.0) + 2.0 * TOUCH;
        let all = vec![0..=nested::n_hash(depth) - 1];
        if margin_deg.is_nan() || margin >= std::f64::consts::PI {
            return all;
        }

        let mut whole: Vec<RangeInclusive<u64>> = Vec::new();
        let (first, mut partly) = self.cells_around(margin, depth);
        let mut ranges = all;
        // Level by level: cells outside are dropped, cells inside kept, the others divided.
        for level in first..=depth {
            let below = 2 * u32::from(depth - level);
            let radius = radius_of_cells(level);
            let mut divided = Vec::new();
            for number in partly {
                let distance = self.signed_distance(centre(level, number));
                if distance > margin + radius {
                    continue;
                }
                if distance + radius <= margin {
                    whole.push(span(number, below));
                } else {
                    divided.push(number);
                }
            }
            ranges = joined(&whole, divided.iter().map(|number| span(*number, below)));
            if ranges.len() >= max_ranges || divided.len() > MOST_CELLS || divided.is_empty() {
                break;
            }
            partly = divided
                .iter()
                .flat_map(|number| (number << 2)..=(number << 2 | 3))
                .collect();
        }
        close_gaps(ranges, max_ranges)
    }

    /// A level, `depth` at the deepest, and a few of its cells that hold all within a margin
    /// (radians): where it is small, no more than nine. To come down to them from the twelve
    /// largest took nine tenths of the time of a small circle's cover.
    fn cells_around(&self, margin: f64, depth: u8) -> (u8, Vec<u64>) {
        let (centre, radius) = self.circle_around();
        let reach = radius + margin;
        if !cdshealpix::has_best_starting_depth(reach) {
            return (0, (0..12).collect());
        }
        let level = cdshealpix::best_starting_depth(reach).min(depth);
        let (ra, dec) = centre.position();
        let number = nested::hash(level, ra.to_radians(), dec.to_radians());
        let mut cells = vec![number];
        nested::append_bulk_neighbours(level, number, &mut cells);
        (level, cells)
    }

    /// What is known of a shape that lies within `radius_deg` of a centre somewhere in `cell`.
    /// `holds_centre`: the centre belongs to the shape, as that of a circle does.
    #[must_use]
    pub fn tell(&self, depth: u8, cell: u64, radius_deg: f64, holds_centre: bool) -> Told {
        let depth = depth.min(DEEPEST);
        if cell >= nested::n_hash(depth) {
            return Told::Unsure;
        }
        let distance = self.signed_distance(centre(depth, cell));
        let off = radius_of_cells(depth) + 2.0 * TOUCH;
        if distance > off + radius_deg.to_radians() {
            Told::Apart
        } else if holds_centre && distance + off < 0.0 {
            Told::Meets
        } else {
            Told::Unsure
        }
    }
}

/// The centre of a cell. Those of large cells are worked out once (96 KiB), as covers of wide regions
/// ask for hundreds: a search's covers took 41 µs instead of 52.
fn centre(level: u8, number: u64) -> Vector {
    static LARGE: LazyLock<Vec<Vector>> = LazyLock::new(|| {
        let levels =
            (0..=LARGEST).flat_map(|level| (0..nested::n_hash(level)).map(move |n| (level, n)));
        levels
            .map(|(level, number)| worked_out(level, number))
            .collect()
    });
    let large = (level <= LARGEST).then(|| {
        // Those of the levels above: 12, 48, 192 ...
        let above = 4 * ((1_u64 << (2 * u32::from(level))) - 1);
        LARGE.get(usize::try_from(above + number).ok()?).copied()
    });
    large.flatten().unwrap_or_else(|| worked_out(level, number))
}

fn worked_out(level: u8, number: u64) -> Vector {
    let (ra, dec) = nested::center(level, number);
    Vector::towards(ra.to_degrees(), dec.to_degrees())
}

/// [`cell_radius`], worked out once: for each of hundreds of candidates it would take as long as
/// all else about them.
fn radius_of_cells(level: u8) -> f64 {
    static ALL: LazyLock<Vec<f64>> = LazyLock::new(|| (0..=DEEPEST).map(cell_radius).collect());
    ALL.get(usize::from(level))
        .copied()
        .unwrap_or(std::f64::consts::PI)
}

/// The cells of the deepest level inside a cell `below` bits above it.
fn span(number: u64, below: u32) -> RangeInclusive<u64> {
    (number << below)..=((number + 1) << below) - 1
}

/// An angle (radians) no smaller than that from the centre of any cell of a level to its corners.
///
/// It is reached by the cells beside the middle of a base cell's edge at the transition between
/// the equatorial and polar parts of the projection.
pub(super) fn cell_radius(level: u8) -> f64 {
    let cells_per_side = f64::from(1_u32 << level);
    let up = 1.0 - 1.0 / cells_per_side;
    let at = |z: f64, ra: f64| Vector::towards(ra.to_degrees(), z.asin().to_degrees());
    let centre = at(2.0 / 3.0, std::f64::consts::FRAC_PI_4 / cells_per_side);
    let corner = at(1.0 - up * up / 3.0, 0.0);
    centre.angle(corner) * (1.0 + 1e-9)
}

/// Ranges in order, those without a gap between them made one.
fn joined(
    whole: &[RangeInclusive<u64>],
    partly: impl Iterator<Item = RangeInclusive<u64>>,
) -> Vec<RangeInclusive<u64>> {
    let mut ranges: Vec<_> = whole.iter().cloned().chain(partly).collect();
    ranges.sort_unstable_by_key(|range| *range.start());
    let mut joined: Vec<RangeInclusive<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if *range.start() <= last.end() + 1 => *last = *last.start()..=*range.end(),
            _ => joined.push(range),
        }
    }
    joined
}

/// Joins ranges over the smallest gaps until no more than `most` are left.
fn close_gaps(ranges: Vec<RangeInclusive<u64>>, most: usize) -> Vec<RangeInclusive<u64>> {
    let Some(surplus) = ranges
        .len()
        .checked_sub(most)
        .filter(|surplus| *surplus > 0)
    else {
        return ranges;
    };
    let mut gaps: Vec<(u64, usize)> = ranges
        .windows(2)
        .enumerate()
        .filter_map(|(place, pair)| match pair {
            [left, right] => Some((right.start() - left.end(), place + 1)),
            _ => None,
        })
        .collect();
    gaps.sort_unstable();
    let mut closed = vec![false; ranges.len()];
    for (_, place) in gaps.into_iter().take(surplus) {
        if let Some(flag) = closed.get_mut(place) {
            *flag = true;
        }
    }
    let mut kept: Vec<RangeInclusive<u64>> = Vec::with_capacity(most);
    for (range, closed) in ranges.into_iter().zip(closed) {
        match kept.last_mut() {
            Some(last) if closed => *last = *last.start()..=*range.end(),
            _ => kept.push(range),
        }
    }
    kept
}
