//! Closed lines of great circle arcs.

use std::f64::consts::FRAC_PI_2;

use super::sphere::{Arc, TOUCH, Vector};

/// A closed line, and a direction off the line whose side is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ring {
    pub(super) arcs: Vec<Arc>,
    known: Vector,
    known_inside: bool,
}

impl Ring {
    /// The ring of arcs near a centre, less than half the sky around: the other end is outside.
    pub(super) fn around(arcs: Vec<Arc>, centre: Vector) -> Self {
        Self {
            arcs,
            known: -centre,
            known_inside: false,
        }
    }

    /// The ring of a simple line of any size. By the sum of its turns (Gauss and Bonnet: 2π less
    /// the area to its left) we know which side is the smaller, and beside an edge with room
    /// around it we are on that side.
    pub(super) fn of_smaller_side(arcs: Vec<Arc>) -> Result<Self, String> {
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

    pub(super) fn start(&self) -> Vector {
        self.arcs.first().map_or(self.known, |arc| arc.from)
    }

    /// Angle to the nearest point of the line, radians.
    pub(super) fn distance(&self, point: Vector) -> f64 {
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
    pub(super) fn contains(&self, point: Vector) -> bool {
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

/// The arcs from each corner to the next and back to the first.
pub(super) fn edges(corners: &[Vector]) -> Result<Vec<Arc>, String> {
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
pub(super) fn is_simple(arcs: &[Arc]) -> Result<(), String> {
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
