//! What one would write first: a scan of all subscriptions, and an index of equal names by hash,
//! parts of names by hash, and regions in a grid of the sky.

use std::collections::HashMap;

use super::rows::{Act, Sub};

type Vector = [f64; 3];

/// No name.
const NONE: u32 = 0;
/// A name no subscription has.
const UNKNOWN: u32 = u32::MAX;

/// Heights of the grid's cells, degrees: a region stands in the first that is not much smaller.
const HEIGHTS: [f64; 4] = [0.3, 1.2, 5.0, 15.0];

/// Subscriptions, checked by comparing numbers, and where to look for them.
pub(crate) struct Simple {
    names: HashMap<String, u32>,
    subs: Vec<Checks>,
    by_name: HashMap<u32, Vec<u32>>,
    by_part: HashMap<Box<str>, Vec<u32>>,
    longest_part: usize,
    by_cell: HashMap<(usize, u32, u32), Vec<u32>>,
}

/// All that one subscription asks.
struct Checks {
    names: [u32; 4],
    part: Option<Box<str>>,
    /// Centre and cosine of the radius.
    cone: Option<(Vector, f64)>,
    /// Normals of the planes through the edges, inwards.
    planes: Box<[Vector]>,
}

/// An activity in the same terms.
pub(crate) struct Plain {
    names: [u32; 4],
    target: String,
    ra: f64,
    dec: f64,
    towards: Vector,
}

impl Simple {
    pub(crate) fn of(subs: &[Sub]) -> Self {
        let mut simple = Simple {
            names: HashMap::new(),
            subs: Vec::with_capacity(subs.len()),
            by_name: HashMap::new(),
            by_part: HashMap::new(),
            longest_part: 0,
            by_cell: HashMap::new(),
        };
        for (sub, slot) in subs.iter().zip(0..) {
            simple.add(sub, slot);
        }
        simple
    }

    fn add(&mut self, sub: &Sub, slot: u32) {
        let texts = [&sub.programme, &sub.pi, &sub.instrument, &sub.telescope];
        let names = texts.map(|text| self.number(text));
        let (planes, around) = match sub.polygon.is_empty() {
            false => planes(&sub.polygon),
            true => (Box::default(), None),
        };
        let cone = sub.cone.map(|[ra, dec, radius]| {
            let centre = towards(ra, dec);
            (centre, radius.to_radians().cos())
        });
        let checks = Checks {
            names,
            part: Some(sub.part.as_str())
                .filter(|part| !part.is_empty())
                .map(Into::into),
            cone,
            planes,
        };
        let around = sub.cone.or(around);
        // Programme and PI are rarer than regions and parts, instrument and telescope are not.
        if let Some(name) = names[..2].iter().find(|name| **name != NONE) {
            self.by_name.entry(*name).or_default().push(slot);
        } else if let Some(around) = around {
            self.add_to_cells(around, slot);
        } else if let Some(part) = &checks.part {
            self.longest_part = self.longest_part.max(part.len());
            self.by_part.entry(part.clone()).or_default().push(slot);
        } else if let Some(name) = names[2..].iter().find(|name| **name != NONE) {
            self.by_name.entry(*name).or_default().push(slot);
        }
        self.subs.push(checks);
    }

    fn number(&mut self, name: &str) -> u32 {
        if name.is_empty() {
            return NONE;
        }
        let next = u32::try_from(self.names.len() + 1).unwrap_or(UNKNOWN);
        *self.names.entry(name.to_owned()).or_insert(next)
    }

    fn add_to_cells(&mut self, [ra, dec, radius]: [f64; 3], slot: u32) {
        let radius = radius + 1e-6;
        let level = HEIGHTS.iter().position(|height| radius <= height * 1.3);
        let level = level.unwrap_or(HEIGHTS.len() - 1);
        let widest = if dec.abs() + radius >= 90.0 {
            180.0
        } else {
            (radius.to_radians().sin() / dec.to_radians().cos())
                .min(1.0)
                .asin()
                .to_degrees()
        };
        for row in row(level, dec - radius)..=row(level, dec + radius) {
            let columns = columns(level, row);
            let column = |ra: f64| (ra / 360.0 * f64::from(columns)).floor() as i64;
            let (first, last) = (column(ra - widest - 1e-6), column(ra + widest + 1e-6));
            let last = last.min(first + i64::from(columns) - 1);
            for column in first..=last {
                let column = column.rem_euclid(i64::from(columns)) as u32;
                let cell = (level, row, column);
                self.by_cell.entry(cell).or_default().push(slot);
            }
        }
    }

    /// The activity in these terms.
    pub(crate) fn plain(&self, act: &Act) -> Plain {
        let texts = [&act.programme, &act.pi, &act.instrument, &act.telescope];
        Plain {
            names: texts.map(|text| self.names.get(text).copied().unwrap_or(UNKNOWN)),
            target: act.target.to_lowercase(),
            ra: act.ra,
            dec: act.dec,
            towards: towards(act.ra, act.dec),
        }
    }

    /// Every subscription, one after the other.
    pub(crate) fn scan(&self, act: &Plain, found: &mut Vec<u32>) {
        let passing = self.subs.iter().zip(0..).filter(|(sub, _)| sub.pass(act));
        found.extend(passing.map(|(_, slot)| slot));
    }

    /// Those the index leads to.
    pub(crate) fn matching(&self, act: &Plain, found: &mut Vec<u32>) {
        let mut check = |slots: Option<&Vec<u32>>| {
            let slots = slots.into_iter().flatten().copied();
            found.extend(slots.filter(|slot| self.subs[*slot as usize].pass(act)));
        };
        for name in act.names {
            check(self.by_name.get(&name));
        }
        for level in 0..HEIGHTS.len() {
            let row = row(level, act.dec);
            let columns = columns(level, row);
            let column = (act.ra / 360.0 * f64::from(columns)).floor() as u32 % columns;
            check(self.by_cell.get(&(level, row, column)));
        }
        let mut parts: Vec<&str> = Vec::new();
        for start in 0..act.target.len() {
            let ends = start + 1..=act.target.len().min(start + self.longest_part);
            parts.extend(ends.filter_map(|end| act.target.get(start..end)));
        }
        parts.sort_unstable();
        parts.dedup();
        for part in parts {
            check(self.by_part.get(part));
        }
    }
}

impl Checks {
    #[inline]
    fn pass(&self, act: &Plain) -> bool {
        let names = self.names.iter().zip(&act.names);
        names
            .into_iter()
            .all(|(wanted, is)| *wanted == NONE || wanted == is)
            && self
                .part
                .as_ref()
                .is_none_or(|part| act.target.contains(&**part))
            && self
                .cone
                .is_none_or(|(centre, least)| dot(centre, act.towards) >= least)
            && self
                .planes
                .iter()
                .all(|plane| dot(*plane, act.towards) >= 0.0)
    }
}

/// The planes through the edges, and a circle around the corners.
fn planes(corners: &[(f64, f64)]) -> (Box<[Vector]>, Option<[f64; 3]>) {
    let corners: Vec<Vector> = corners.iter().map(|(ra, dec)| towards(*ra, *dec)).collect();
    let sum = corners.iter().fold([0.0; 3], |sum, corner| {
        [sum[0] + corner[0], sum[1] + corner[1], sum[2] + corner[2]]
    });
    let length = dot(sum, sum).sqrt();
    let centre = sum.map(|part| part / length);
    let next = corners.iter().cycle().skip(1);
    let planes = corners.iter().zip(next).map(|(from, to)| {
        let plane = cross(*from, *to);
        match dot(plane, centre) < 0.0 {
            true => plane.map(|part| -part),
            false => plane,
        }
    });
    let angles = corners
        .iter()
        .map(|corner| dot(*corner, centre).clamp(-1.0, 1.0).acos());
    let radius = angles.fold(0.0, f64::max).to_degrees();
    let ra = centre[1].atan2(centre[0]).to_degrees().rem_euclid(360.0);
    let around = [ra, centre[2].clamp(-1.0, 1.0).asin().to_degrees(), radius];
    (planes.collect(), Some(around))
}

/// The row of cells a declination is in.
fn row(level: usize, dec: f64) -> u32 {
    let rows = (180.0 / HEIGHTS[level]).ceil() - 1.0;
    ((dec + 90.0) / HEIGHTS[level]).floor().clamp(0.0, rows) as u32
}

/// Cells in a row: about as wide as high where the row is widest.
fn columns(level: usize, row: u32) -> u32 {
    let south = f64::from(row) * HEIGHTS[level] - 90.0;
    let north = south + HEIGHTS[level];
    let nearest = if south < 0.0 && north > 0.0 {
        0.0
    } else {
        south.abs().min(north.abs())
    };
    (360.0 * nearest.to_radians().cos() / HEIGHTS[level])
        .ceil()
        .max(1.0) as u32
}

fn towards(ra: f64, dec: f64) -> Vector {
    let (sin_ra, cos_ra) = ra.to_radians().sin_cos();
    let (sin_dec, cos_dec) = dec.to_radians().sin_cos();
    [cos_dec * cos_ra, cos_dec * sin_ra, sin_dec]
}

fn dot(one: Vector, other: Vector) -> f64 {
    one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
}

fn cross(one: Vector, other: Vector) -> Vector {
    [
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    ]
}
