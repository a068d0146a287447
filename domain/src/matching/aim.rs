//! Where an activity lies, against regions kept in few bytes: sure answers at once, and for the
//! rest none, so that the exact geometry is asked only where a boundary is near.

use std::num::NonZeroU8;

use super::check::Check;
use crate::sky::{Bounds, Polygon, Shape};

/// Units of a direction kept in three small integers.
const UNITS: f64 = 32_767.0;
/// Units that rounding of a direction (0.87) and of a radius (0.5) may come to, and room.
const BLUR: f64 = 2.0;
/// Radians that rounding of corners may move the line between two of them, and room: 0.9 units of
/// 3e-5, twice that between corners 120 degrees apart.
const SWAY: f64 = 1.2e-4;

/// A direction in small integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot(pub(super) [i16; 3]);

impl Spot {
    /// The direction of a position, degrees.
    pub(super) fn of(ra: f64, dec: f64) -> Self {
        // Within ±32,767 as components of a direction are within ±1.
        Spot(towards(ra, dec).map(|part| (part * UNITS).round() as i16))
    }

    fn parts(self) -> [f64; 3] {
        self.0.map(f64::from)
    }
}

/// A circle on the sky in eight bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    centre: Spot,
    /// The straight way from its centre to its line, in units.
    chord: u16,
}

impl Round {
    pub(super) fn of(bounds: &Bounds) -> Self {
        Round {
            centre: Spot::of(bounds.ra, bounds.dec),
            chord: chord(bounds.radius_deg).round() as u16,
        }
    }
}

/// The corners of a polygon that has few.
#[derive(Debug)]
pub(super) struct Outline {
    count: NonZeroU8,
    /// Those after the count mean nothing.
    corners: [Spot; Outline::MOST],
    /// What else must hold.
    pub(super) check: Check,
}

impl Outline {
    /// Corners it may have at most, so that it fits in 64 bytes.
    pub(super) const MOST: usize = 9;

    /// None of a polygon with more corners.
    pub(super) fn of(polygon: &Polygon, check: Check) -> Option<Self> {
        let vertices = polygon.vertices();
        let count = NonZeroU8::new(u8::try_from(vertices.len()).ok()?)?;
        let mut corners = [Spot([0; 3]); Self::MOST];
        for (corner, (ra, dec)) in corners.get_mut(..vertices.len())?.iter_mut().zip(vertices) {
            *corner = Spot::of(*ra, *dec);
        }
        Some(Outline {
            count,
            corners,
            check,
        })
    }

    pub(super) fn corners(&self) -> impl Iterator<Item = Spot> + Clone {
        let count = usize::from(self.count.get());
        self.corners.iter().take(count).copied()
    }
}

/// Where an activity lies.
#[derive(Debug)]
pub(super) struct Aim<'a> {
    pub(super) shape: &'a Shape,
    /// A circle that holds it.
    pub(super) bounds: Bounds,
    /// Its centre in units, and two directions across.
    centre: [f64; 3],
    across: [[f64; 3]; 2],
    /// The straight way from that centre to the circle's line, in units.
    reach: f64,
    /// How far from the centre something of the shape is sure to be: nowhere else than there, or
    /// only within reach.
    inner: f64,
}

impl<'a> Aim<'a> {
    pub(super) fn at(shape: &'a Shape) -> Self {
        let bounds = shape.bounds();
        let centre = towards(bounds.ra, bounds.dec);
        let (sin_ra, cos_ra) = bounds.ra.to_radians().sin_cos();
        let east = [-sin_ra, cos_ra, 0.0];
        let reach = chord(bounds.radius_deg);
        Aim {
            shape,
            bounds,
            centre: centre.map(|part| part * UNITS),
            across: [east, cross(centre, east)],
            reach,
            inner: match shape {
                Shape::Circle(_) => 0.0,
                Shape::Polygon(_) | Shape::Union(_) => reach,
            },
        }
    }

    /// Whether the shape and a circle have a point in common, if that is sure.
    #[inline]
    pub(super) fn meets_round(&self, round: Round) -> Option<bool> {
        let [x, y, z] = round.centre.parts();
        let apart = [x - self.centre[0], y - self.centre[1], z - self.centre[2]];
        let apart = dot(apart, apart);
        let chord = f64::from(round.chord);
        // The way across two angles is no longer than the ways across each.
        let far = chord + self.reach + BLUR;
        if apart > far * far {
            return Some(false);
        }
        let near = chord - self.inner - BLUR;
        (near > 0.0 && apart <= near * near).then_some(true)
    }

    /// Whether the shape and a simple polygon have a point in common, if that is sure.
    ///
    /// In the plane that touches the sphere at the aim great circles are straight lines and the
    /// distance from there is the tangent of the angle.
    pub(super) fn meets_corners(
        &self,
        corners: impl Iterator<Item = Spot> + Clone,
    ) -> Option<bool> {
        let mut nearest = f64::INFINITY;
        let mut inside = false;
        let mut from = self.project(corners.clone().last()?)?;
        for corner in corners {
            let to = self.project(corner)?;
            let way = [to[0] - from[0], to[1] - from[1]];
            let length = way[0] * way[0] + way[1] * way[1];
            let along = -(from[0] * way[0] + from[1] * way[1]);
            let part = if length > 0.0 {
                (along / length).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let foot = [from[0] + way[0] * part, from[1] + way[1] * part];
            nearest = nearest.min(foot[0] * foot[0] + foot[1] * foot[1]);
            if (from[1] > 0.0) != (to[1] > 0.0) {
                let side = from[0] * way[1] - from[1] * way[0];
                inside ^= (side > 0.0) == (way[1] > 0.0);
            }
            from = to;
        }
        let angle = nearest.sqrt().atan();
        let radius = self.bounds.radius_deg.to_radians();
        let sure = if inside && self.inner == 0.0 {
            SWAY
        } else {
            radius + SWAY
        };
        (angle > sure).then_some(inside)
    }

    /// A direction in the plane that touches the sphere at the aim; none over 60 degrees away.
    #[inline]
    fn project(&self, spot: Spot) -> Option<[f64; 2]> {
        let parts = spot.parts();
        let ahead = dot(parts, self.centre);
        let shrink = UNITS / ahead;
        let [east, north] = self.across;
        (ahead > UNITS * UNITS / 2.0)
            .then(|| [dot(parts, east) * shrink, dot(parts, north) * shrink])
    }
}

/// The straight way across an angle of 0 to 180 degrees, in units.
fn chord(angle_deg: f64) -> f64 {
    2.0 * (angle_deg.to_radians() / 2.0).sin() * UNITS
}

/// The direction of a position, degrees.
fn towards(ra: f64, dec: f64) -> [f64; 3] {
    let (sin_ra, cos_ra) = ra.to_radians().sin_cos();
    let (sin_dec, cos_dec) = dec.to_radians().sin_cos();
    [cos_dec * cos_ra, cos_dec * sin_ra, sin_dec]
}

fn dot(one: [f64; 3], other: [f64; 3]) -> f64 {
    one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
}

fn cross(one: [f64; 3], other: [f64; 3]) -> [f64; 3] {
    [
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    ]
}
