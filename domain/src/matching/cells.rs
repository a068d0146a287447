//! The sky in HEALPix cells: which filters look at which part of it.
//!
//! A region stands in the cells it touches, few and about as large as itself; small ones in cells
//! of the deepest level. Every point lies in one cell of each level.

use cdshealpix::nested;
use hashbrown::HashTable;

use super::aim::{Aim, Round};
use super::check::Check;
use super::pages::{Pages, push, trim};
use crate::sky::{Bounds, Region, Shape, separation_deg};

/// The deepest level: cells of half a degree. Finer ones would be many and nearly empty.
const DEEPEST: u8 = 7;
/// The level whose cells cover what is too large for a few; four of them make one of the level
/// above.
const LARGE: u8 = 2;
/// Radius (radians) up to which the cell of its centre and the eight around it hold a circle on
/// some level.
const MOST_RADIUS: f64 = 0.7;

/// A filter that looks at a cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) slot: u32,
    pub(super) check: Check,
    /// Around the region, or the region itself.
    pub(super) round: Round,
}

/// A cell of some level, with who looks at it.
#[derive(Debug)]
struct Cell {
    name: Name,
    looks: Vec<Look>,
}

/// Level and number of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(u32);

impl Name {
    fn new(level: u8, number: u64) -> Self {
        // Numbers up to level 7 have 18 bits.
        Name(u32::from(level) << 24 | number as u32)
    }

    fn level(self) -> u8 {
        (self.0 >> 24) as u8
    }

    fn number(self) -> u64 {
        u64::from(self.0 & 0xff_ffff)
    }

    fn hash(self) -> u64 {
        let mixed = u64::from(self.0).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    }
}

/// All cells anybody looks at.
#[derive(Debug, Default)]
pub(super) struct Cells {
    all: Pages<Cell>,
    table: HashTable<u32>,
}

impl Cells {
    /// Has a filter look at a cell. Answers where: the cell, and the place in it.
    pub(super) fn add(&mut self, name: Name, look: Look) -> (u32, u32) {
        let id = self.find(name).unwrap_or_else(|| self.begin(name));
        let looks = self.all.get_mut(id).map(|cell| &mut cell.looks);
        let at = looks.map_or(0, |looks| {
            push(looks, look);
            looks.len() - 1
        });
        (id, at as u32)
    }

    /// Takes out what stands in a cell at a place, and says whose place that is from now on.
    pub(super) fn remove(&mut self, id: u32, at: u32) -> Option<(Look, Option<u32>)> {
        let looks = &mut self.all.get_mut(id)?.looks;
        let at = at as usize;
        if at >= looks.len() {
            return None;
        }
        let gone = looks.swap_remove(at);
        let moved = looks.get(at).map(|look| look.slot);
        trim(looks);
        if looks.is_empty() {
            self.forget(id);
        }
        Some((gone, moved))
    }

    /// How many look at a cell.
    pub(super) fn len_of(&self, id: u32) -> u32 {
        self.all.get(id).map_or(0, |cell| cell.looks.len() as u32)
    }

    fn find(&self, name: Name) -> Option<u32> {
        let same = |id: &u32| self.all.get(*id).is_some_and(|cell| cell.name == name);
        self.table.find(name.hash(), same).copied()
    }

    fn begin(&mut self, name: Name) -> u32 {
        let looks = Vec::new();
        let id = self.all.add(Cell { name, looks });
        let all = &self.all;
        self.table
            .insert_unique(name.hash(), id, |id| hash_of(all, *id));
        id
    }

    fn forget(&mut self, id: u32) {
        let hash = hash_of(&self.all, id);
        if let Ok(entry) = self.table.find_entry(hash, |other| *other == id) {
            entry.remove();
        }
        self.all.take(id);
        if self.table.len() < self.table.capacity() / 4 {
            let all = &self.all;
            self.table
                .shrink_to(self.table.len() * 2, |id| hash_of(all, *id));
        }
    }

    /// Shows those who look at a cell the aim touches. Answers whether it may touch several cells
    /// of a level, so that some are shown more than once.
    pub(super) fn show(&self, aim: &Aim, mut show: impl FnMut(&Look)) -> bool {
        let mut show = |cell: &Cell| cell.looks.iter().for_each(&mut show);
        let touched = touched(&aim.bounds);
        let (level, cells) = match &touched {
            Touched::Cells(level, cells) => (*level, cells.as_slice()),
            Touched::Anything => (0, [].as_slice()),
        };
        // Cells below those touched count by fours.
        let below = cells.len() << (2 * usize::from(DEEPEST - level));
        if cells.is_empty() || below > self.all.len() + 64 {
            for cell in self.all.iter() {
                if cells.is_empty() || cells.iter().any(|other| related(cell.name, level, *other)) {
                    show(cell);
                }
            }
            return true;
        }
        let mut at = |level: u8, number: u64| {
            if let Some(cell) = self
                .find(Name::new(level, number))
                .and_then(|id| self.all.get(id))
            {
                show(cell);
            }
        };
        for up in 1..=level {
            let mut last = None;
            // Ordered, so that those of the same parent are neighbours.
            for parent in cells.iter().map(|number| number >> (2 * u32::from(up))) {
                if last.replace(parent) != Some(parent) {
                    at(level - up, parent);
                }
            }
        }
        for down in 0..=DEEPEST - level {
            let bits = 2 * u32::from(down);
            for number in cells {
                ((number << bits)..((number + 1) << bits))
                    .for_each(|below| at(level + down, below));
            }
        }
        cells.len() > 1 || level < DEEPEST
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Memory of the cells and of their lists.
    pub(super) fn bytes(&self) -> usize {
        let of_cell = |cell: &Cell| cell.looks.capacity() * size_of::<Look>();
        self.all.bytes()
            + self.table.allocation_size()
            + self.all.iter().map(of_cell).sum::<usize>()
    }
}

fn hash_of(all: &Pages<Cell>, id: u32) -> u64 {
    all.get(id).map_or(0, |cell| cell.name.hash())
}

/// Whether one of two cells lies in the other.
fn related(name: Name, level: u8, number: u64) -> bool {
    let (own, own_level) = (name.number(), name.level());
    let apart = 2 * u32::from(own_level.abs_diff(level));
    if own_level < level {
        own == number >> apart
    } else {
        own >> apart == number
    }
}

/// The cells a circle may touch, of the level that suits it, in order.
enum Touched {
    Cells(u8, Vec<u64>),
    /// More than is worth naming.
    Anything,
}

fn touched(bounds: &Bounds) -> Touched {
    let (ra, dec) = (bounds.ra.to_radians(), bounds.dec.to_radians());
    if bounds.radius_deg == 0.0 {
        return Touched::Cells(DEEPEST, vec![nested::hash(DEEPEST, ra, dec)]);
    }
    let Some((level, mut cells)) = around(bounds) else {
        return Touched::Anything;
    };
    cells.retain(|number| {
        let (ra, dec) = nested::center(level, *number);
        let apart = separation_deg(ra.to_degrees(), dec.to_degrees(), bounds.ra, bounds.dec);
        // A centre that rounding put beyond a pole has no distance, and is near.
        apart.is_nan() || apart <= bounds.radius_deg + radius_deg(level, ra, dec)
    });
    cells.sort_unstable();
    Touched::Cells(level, cells)
}

/// A level where the cells around a circle's centre hold all of it, and those cells; none for
/// circles that are too large.
fn around(bounds: &Bounds) -> Option<(u8, Vec<u64>)> {
    let radius = bounds.radius_deg.to_radians() + 1e-8;
    if !(0.0..=MOST_RADIUS).contains(&radius) {
        return None;
    }
    let level = cdshealpix::best_starting_depth(radius).min(DEEPEST);
    if level == 0 {
        return Some((0, (0..12).collect()));
    }
    let centre = nested::hash(level, bounds.ra.to_radians(), bounds.dec.to_radians());
    Some((level, nested::neighbours(level, centre, true).values_vec()))
}

/// No point of the cell with this centre (radians) is farther from it than these degrees.
pub(super) fn radius_deg(level: u8, ra: f64, dec: f64) -> f64 {
    let radius = match level {
        0 => cdshealpix::largest_center_to_vertex_distance(0, ra, dec),
        // The bound for the centre alone is too small where the projection changes; that for about
        // as far as a cell reaches is not.
        _ => {
            let far = 1.0 / f64::from(1_u32 << level);
            cdshealpix::largest_center_to_vertex_distance_with_radius(level, ra, dec, far)
        }
    };
    radius.to_degrees() * (1.0 + 1e-6) + 1e-7
}

/// The cells a region is found in: no two hold the same point, and none of its points is missed.
pub(super) fn cover(region: &Region, bounds: &Bounds) -> Vec<Name> {
    if let Some((level, cells)) = around(bounds) {
        return cells
            .into_iter()
            .filter(|number| touches(region, level, *number, 2))
            .map(|number| Name::new(level, number))
            .collect();
    }
    let mut names = Vec::new();
    for range in region.cover(LARGE, 0.0, usize::MAX) {
        let (mut next, end) = (*range.start(), range.end() + 1);
        while next < end {
            let whole = |up: &u8| {
                let size = 1_u64 << (2 * u32::from(*up));
                next % size == 0 && next + size <= end
            };
            let up = (0..=LARGE).rev().find(whole).unwrap_or(0);
            names.push(Name::new(LARGE - up, next >> (2 * u32::from(up))));
            next += 1 << (2 * u32::from(up));
        }
    }
    names
}

/// Whether a region may touch a cell; looking at its parts makes it surer.
fn touches(region: &Region, level: u8, number: u64, looks: u8) -> bool {
    let (ra, dec) = nested::center(level, number);
    let distance = region.distance_deg(ra.to_degrees(), dec.to_degrees());
    if distance == 0.0 || distance.is_nan() {
        return true;
    }
    if distance > radius_deg(level, ra, dec) {
        return false;
    }
    looks == 0 || (0..4).any(|part| touches(region, level + 1, number << 2 | part, looks - 1))
}

/// A circle that holds a region.
pub(super) fn bounds(region: &Region) -> Bounds {
    match region {
        Region::Circle(circle) => Bounds {
            ra: circle.ra(),
            dec: circle.dec(),
            radius_deg: circle.radius_deg(),
        },
        Region::Polygon(polygon) => Shape::Polygon(polygon.clone()).bounds(),
        Region::Range(zone) => {
            let ((ra1, ra2), (dec1, dec2)) = (zone.ra(), zone.dec());
            let width = if ra1 <= ra2 {
                ra2 - ra1
            } else {
                ra2 - ra1 + 360.0
            };
            let (ra, dec) = (
                (ra1 + width / 2.0).rem_euclid(360.0),
                f64::midpoint(dec1, dec2),
            );
            let corners = [dec1, dec2].map(|corner| separation_deg(ra, dec, ra1, corner));
            let radius = corners[0].max(corners[1]) + 1e-9;
            // Up to a quarter of a turn to either side, nothing is farther than a corner.
            let fits = width <= 180.0 && radius < 90.0;
            Bounds {
                ra,
                dec,
                radius_deg: if fits { radius } else { 180.0 },
            }
        }
    }
}
