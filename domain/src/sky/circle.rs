//! A circle on the sky, or a point.

use std::fmt;

use super::sphere::{Vector, canonical, is_position};

/// All directions within a radius of a centre. Radius 0 is the point alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Circle {
    ra: f64,
    dec: f64,
    radius: f64,
    pub(super) centre: Vector,
}

impl Circle {
    /// A circle about a position (0 ≤ ra ≤ 360), radius 0 to 180 degrees.
    ///
    /// # Errors
    /// Says which number is out of range.
    pub fn new(ra: f64, dec: f64, radius: f64) -> Result<Self, String> {
        if !is_position(ra, dec) {
            return Err(not_a_position(ra, dec));
        }
        if !(0.0..=180.0).contains(&radius) {
            return Err(format!("a radius is 0 to 180 degrees, got {radius}"));
        }
        let (ra, dec) = canonical((ra, dec));
        Ok(Self {
            ra,
            dec,
            radius: radius + 0.0,
            centre: Vector::towards(ra, dec),
        })
    }

    /// Right ascension of the centre, degrees, 0 ≤ ra < 360.
    #[must_use]
    pub fn ra(&self) -> f64 {
        self.ra
    }

    /// Declination of the centre, degrees.
    #[must_use]
    pub fn dec(&self) -> f64 {
        self.dec
    }

    /// Radius, degrees.
    #[must_use]
    pub fn radius_deg(&self) -> f64 {
        self.radius
    }

    /// Angle from the circle's line, radians, negative inside.
    pub(super) fn signed_distance(&self, point: Vector) -> f64 {
        self.centre.angle(point) - self.radius.to_radians()
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CIRCLE {} {} {}", self.ra, self.dec, self.radius)
    }
}

/// Why a pair of numbers is no position.
pub(super) fn not_a_position(ra: f64, dec: f64) -> String {
    format!("a position is ra 0 to 360 and dec -90 to 90 degrees, got {ra} {dec}")
}
