//! Polygons of great circle arcs.

use std::f64::consts::{FRAC_PI_2, PI};
use std::fmt;

use super::circle::not_a_position;
use super::sphere::{Arc, TOUCH, Vector, is_position, separation_deg};

/// Most vertices a polygon may be asked with.
const MOST_VERTICES: usize = 200;
/// A polygon within a circle of this radius (radians) leaves no doubt which side is the smaller.
const HALF_SKY: f64 = FRAC_PI_2 - 1e-6;

/// The smaller of the two sides of a closed line of great circle arcs, the line included.
///
/// One asked for is simple: its line meets itself nowhere. One read from an upstream may cross
/// itself (what the line winds around is inside) and have holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    vertices: Vec<(f64, f64)>,
    outline: Ring,
    holes: Vec<Ring>,
    /// A circle around all of it, radians.
    pub(super) centre: Vector,
    pub(super) radius: f64,
}

impl Polygon {
    /// A simple polygon from its vertices (ra, dec) in either direction, 3 to 200; the first may be
    /// repeated at the end.
    ///
    /// # Errors
    /// Says which vertices or edges make it none.
    pub fn new(vertices: &[(f64, f64)]) -> Result<Self, String> {
        let vertices = match vertices {
            [first, .., last] if vertices.len() > 3 && is_same(*first, *last) => {
                &vertices[..vertices.len() - 1]
            }
            all => all,
        };
        if !(3..=MOST_VERTICES).contains(&vertices.len()) {
            return Err(format!(
                "a polygon has 3 to {MOST_VERTICES} vertices, got {}",
                vertices.len()
            ));
        }
        if let Some(&(ra, dec)) = vertices.iter().find(|(ra, dec)| !is_position(*ra, *dec)) {
            return Err(not_a_position(ra, dec));
        }
        let corners: Vec<Vector> = vertices
            .iter()
            .map(|(ra, dec)| Vector::towards(*ra, *dec))
            .collect();
        let arcs = edges(&corners)?;
        is_simple(&arcs)?;

        let (centre, radius) = circle_around(&corners);
        let (outline, radius) = if radius < HALF_SKY {
            (Ring::around(arcs, centre), radius)
        } else {
            (Ring::of_smaller_side(arcs)?, PI)
        };
        Ok(Self {
            vertices: vertices.iter().map(|vertex| canonical(*vertex)).collect(),
            outline,
            holes: Vec::new(),
            centre,
            radius,
        })
    }

    /// A polygon as an upstream draws it: repeated vertices, no area and crossings are put up with.
    pub(super) fn drawn(vertices: &[(f64, f64)]) -> Result<Self, String> {
        let mut corners: Vec<Vector> = Vec::with_capacity(vertices.len());
        for (ra, dec) in vertices {
            let corner = Vector::towards(*ra, *dec);
            if corners
                .last()
                .is_none_or(|last| last.angle(corner) > 2.0 * TOUCH)
            {
                corners.push(corner);
            }
        }
        while let [first, .., last] = corners.as_slice()
            && first.angle(*last) <= 2.0 * TOUCH
        {
            corners.pop();
        }
        let (centre, radius) = circle_around(&corners);
        if radius >= HALF_SKY {
            return Self::new(vertices);
        }
        Ok(Self {
            vertices: vertices.to_vec(),
            outline: Ring::around(edges(&corners)?, centre),
            holes: Vec::new(),
            centre,
            radius,
        })
    }

    /// Takes the inside of another polygon out.
    pub(super) fn cut_out(&mut self, hole: Self) {
        self.holes.push(hole.outline);
    }

    /// The vertices as given, (ra, dec) in degrees, without those of holes.
    #[must_use]
    pub fn vertices(&self) -> &[(f64, f64)] {
        &self.vertices
    }

    /// Angle from the nearest edge, radians, negative inside.
    pub(super) fn signed_distance(&self, point: Vector) -> f64 {
        let distance = self
            .rings()
            .map(|ring| ring.distance(point))
            .fold(f64::INFINITY, f64::min);
        if self.contains(point) {
            -distance
        } else {
            distance
        }
    }

    /// Whether a direction is inside. On an edge, rounding decides.
    pub(super) fn contains(&self, point: Vector) -> bool {
        self.outline.contains(point) && !self.holes.iter().any(|hole| hole.contains(point))
    }

    /// Whether two polygons have a point in common.
    pub(super) fn meets(&self, other: &Self) -> bool {
        if self.centre.angle(other.centre) > self.radius + other.radius + TOUCH {
            return false;
        }
        self.arcs()
            .any(|mine| other.arcs().any(|theirs| mine.touches(theirs)))
            || self.contains(other.outline.start())
            || other.contains(self.outline.start())
    }

    /// The edges, those of holes too.
    pub(super) fn arcs(&self) -> impl Iterator<Item = &Arc> {
        self.rings().flat_map(|ring| &ring.arcs)
    }

    fn rings(&self) -> impl Iterator<Item = &Ring> {
        std::iter::once(&self.outline).chain(&self.holes)
    }
}

impl fmt::Display for Polygon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("POLYGON")?;
        self.vertices
            .iter()
            .try_for_each(|(ra, dec)| write!(f, " {ra} {dec}"))
    }
}

/// A closed line, and a direction off the line whose side is known.
#[derive(Clone, Debug, PartialEq)]
struct Ring {
    arcs: Vec<Arc>,
    known: Vector,
    known_inside: bool,
}

impl Ring {
    /// The ring of arcs near a centre, less than half the sky around: the other end is outside.
    fn around(arcs: Vec<Arc>, centre: Vector) -> Self {
        Self {
            arcs,
            known: -centre,
            known_inside: false,
        }
    }

    /// The ring of a simple line of any size. By the sum of its turns (Gauss and Bonnet: 2π less
    /// the area to its left) we know which side is the smaller, and beside an edge with room
    /// around it we are on that side.
    fn of_smaller_side(arcs: Vec<Arc>) -> Result<Self, String> {
        let next = arcs.iter().cycle().skip(1);
        let turns: f64 = arcs
            .iter()
            .zip(next)
            .map(|(arc, next)| {
                let (pole, other) = (arc.pole, next.pole);
                pole.cross(other).dot(arc.to).atan2(pole.dot(other))
            })
            .sum();
        if turns.abs() < 1e-9 {
            return Err("both sides of the polygon are half the sky".to_owned());
        }
        let mut best: Option<(f64, &Arc)> = None;
        for (place, arc) in arcs.iter().enumerate() {
            let middle = arc.middle();
            let room = arcs
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != place)
                .map(|(_, other)| other.distance(middle))
                .fold(FRAC_PI_2, f64::min);
            if best.is_none_or(|(most, _)| room > most) {
                best = Some((room, arc));
            }
        }
        let (room, arc) = best.ok_or("a polygon has edges")?;
        let (sin, cos) = (room / 2.0).sin_cos();
        let known = arc.middle() * cos + arc.pole * (sin * turns.signum());
        Ok(Self {
            arcs,
            known,
            known_inside: true,
        })
    }

    fn start(&self) -> Vector {
        self.arcs.first().map_or(self.known, |arc| arc.from)
    }

    /// Angle to the nearest point of the line, radians.
    fn distance(&self, point: Vector) -> f64 {
        let mut corner = (f64::INFINITY, None);
        let mut edge = (f64::INFINITY, None);
        // Cheap measures that order as the angles do; the angle itself only for the least.
        for arc in &self.arcs {
            let apart = point - arc.from;
            let apart = apart.dot(apart);
            if apart < corner.0 {
                corner = (apart, Some(arc));
            }
            let sine = arc.pole.dot(point).abs();
            if sine < edge.0 && arc.spans(point) {
                edge = (sine, Some(arc));
            }
        }
        let corner = corner.1.map_or(f64::INFINITY, |arc| arc.from.angle(point));
        let edge = edge.1.map_or(f64::INFINITY, |arc| arc.height(point));
        corner.min(edge)
    }

    /// Counts how often the line crosses the way from a direction to the one we know, and to which
    /// side. A vertex on the way belongs to its left, so that an edge is never counted twice.
    fn contains(&self, point: Vector) -> bool {
        if point.angle(self.known) <= TOUCH {
            return self.known_inside;
        }
        let pole = (point - self.known)
            .cross(point + self.known)
            .direction()
            .unwrap_or_else(|| point.perpendicular());
        let ahead = pole.cross(point);
        let back = self.known.cross(pole);
        let mut winds = 0_i32;
        for arc in &self.arcs {
            let (from, to) = (pole.dot(arc.from), pole.dot(arc.to));
            if (from >= 0.0) == (to >= 0.0) {
                continue;
            }
            let crossing = arc.from * to.abs() + arc.to * from.abs();
            if ahead.dot(crossing) > 0.0 && back.dot(crossing) > 0.0 {
                winds += if from < 0.0 { 1 } else { -1 };
            }
        }
        (winds == 0) == self.known_inside
    }
}

fn is_same(one: (f64, f64), other: (f64, f64)) -> bool {
    separation_deg(one.0, one.1, other.0, other.1) <= TOUCH.to_degrees()
}

/// A position with 0 ≤ ra < 360 and no negative zeros.
fn canonical((ra, dec): (f64, f64)) -> (f64, f64) {
    (if ra < 360.0 { ra + 0.0 } else { 0.0 }, dec + 0.0)
}

/// The arcs from each corner to the next and back to the first.
fn edges(corners: &[Vector]) -> Result<Vec<Arc>, String> {
    let next = corners.iter().cycle().skip(1);
    corners
        .iter()
        .zip(next)
        .enumerate()
        .map(|(place, (from, to))| {
            Arc::between(*from, *to).ok_or_else(|| {
                let (this, that) = (place + 1, (place + 1) % corners.len() + 1);
                format!("vertices {this} and {that} of the polygon are equal or opposite")
            })
        })
        .collect()
}

/// Whether the line meets itself nowhere.
fn is_simple(arcs: &[Arc]) -> Result<(), String> {
    for (i, arc) in arcs.iter().enumerate() {
        for (j, other) in arcs.iter().enumerate().skip(i + 1) {
            let follows = j == i + 1;
            let precedes = i == 0 && j == arcs.len() - 1;
            let clash = if follows {
                arc.distance(other.to) <= TOUCH || other.distance(arc.from) <= TOUCH
            } else if precedes {
                arc.distance(other.from) <= TOUCH || other.distance(arc.to) <= TOUCH
            } else {
                arc.touches(other)
            };
            if clash {
                return Err(format!(
                    "edges {} and {} of the polygon cross or touch",
                    i + 1,
                    j + 1
                ));
            }
        }
    }
    Ok(())
}

/// Centre and radius (radians) of a circle around all corners, not much larger than it must be.
///
/// If the radius is less than a right angle it holds the edges between them as well.
fn circle_around(corners: &[Vector]) -> (Vector, f64) {
    let Some(first) = corners.first() else {
        return (Vector::towards(0.0, 0.0), PI);
    };
    let farthest = |centre: Vector| {
        corners
            .iter()
            .map(|corner| (centre.dot(*corner), *corner))
            .fold((f64::INFINITY, *first), |far, next| {
                if next.0 < far.0 { next } else { far }
            })
    };
    let sum = corners
        .iter()
        .fold(Vector::NONE, |sum, corner| sum + *corner);
    let mut centre = sum.direction().unwrap_or(*first);
    let mut best = farthest(centre);
    let mut trial = centre;
    // Walking towards the farthest corner in ever shorter steps ends near the best centre.
    for step in 1..=16 {
        let (_, corner) = farthest(trial);
        let Some(next) = (trial + (corner - trial) * (1.0 / f64::from(step + 1))).direction()
        else {
            break;
        };
        trial = next;
        let far = farthest(trial);
        if far.0 > best.0 {
            (centre, best) = (trial, far);
        }
    }
    (centre, centre.angle(best.1) + TOUCH)
}
