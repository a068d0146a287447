//! Polygons of great circle arcs.

use std::f64::consts::{FRAC_PI_2, PI};
use std::fmt;

use super::circle::not_a_position;
use super::ring::{Ring, edges, is_simple};
use super::sphere::{Arc, TOUCH, Vector, canonical, is_position, separation_deg};

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
        let vertices: Vec<(f64, f64)> = vertices.iter().copied().map(canonical).collect();
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
            vertices,
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

fn is_same(one: (f64, f64), other: (f64, f64)) -> bool {
    separation_deg(one.0, one.1, other.0, other.1) <= TOUCH.to_degrees()
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
