//! Points and great circle arcs on the unit sphere.

use std::ops::{Add, Mul, Neg, Sub};

/// Rounding allowed for where sets touch: 1e-9 degrees, in radians.
pub(super) const TOUCH: f64 = 1e-9 * std::f64::consts::PI / 180.0;

/// Angle on the sky between two positions, degrees, 0 to 180.
///
/// Vincenty's formula, with the cancelling terms taken apart: as good for microarcseconds and for
/// opposite directions as in between. Not a number if an argument is not finite.
#[must_use]
pub fn separation_deg(ra1: f64, dec1: f64, ra2: f64, dec2: f64) -> f64 {
    let (sin1, cos1) = dec1.to_radians().sin_cos();
    let (sin2, cos2) = dec2.to_radians().sin_cos();
    let (sin_ra, cos_ra) = (ra2 - ra1).to_radians().sin_cos();
    let half = ((ra2 - ra1).to_radians() / 2.0).sin();
    let north = (dec2 - dec1).to_radians().sin() + 2.0 * sin1 * cos2 * half * half;
    let across = (cos2 * sin_ra).hypot(north);
    across
        .atan2(sin1 * sin2 + cos1 * cos2 * cos_ra)
        .to_degrees()
}

/// Whether a position lies on the sphere as we write it: 0 ≤ ra ≤ 360, −90 ≤ dec ≤ 90.
pub(super) fn is_position(ra: f64, dec: f64) -> bool {
    (0.0..=360.0).contains(&ra) && (-90.0..=90.0).contains(&dec)
}

/// A position with 0 ≤ ra < 360 and without negative zeros.
pub(super) fn canonical((ra, dec): (f64, f64)) -> (f64, f64) {
    (if ra < 360.0 { ra + 0.0 } else { 0.0 }, dec + 0.0)
}

/// A vector; a direction where its length is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Vector {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) z: f64,
}

impl Vector {
    pub(super) const NONE: Self = Self {
        x: 0.0,
        y: 0.0,
        z: 0.0,
    };

    /// The direction of a position in degrees.
    pub(super) fn towards(ra: f64, dec: f64) -> Self {
        let (sin_ra, cos_ra) = ra.to_radians().sin_cos();
        let (sin_dec, cos_dec) = dec.to_radians().sin_cos();
        Self {
            x: cos_dec * cos_ra,
            y: cos_dec * sin_ra,
            z: sin_dec,
        }
    }

    /// Right ascension (0 ≤ ra < 360) and declination in degrees.
    pub(super) fn position(self) -> (f64, f64) {
        let ra = self.y.atan2(self.x).to_degrees().rem_euclid(360.0);
        let dec = self.z.atan2(self.x.hypot(self.y)).to_degrees();
        // A tiny negative angle is rounded up to 360 by the remainder.
        (if ra < 360.0 { ra } else { 0.0 }, dec)
    }

    pub(super) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(super) fn cross(self, other: Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    pub(super) fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The direction of this vector, unless it is too short to have one.
    pub(super) fn direction(self) -> Option<Self> {
        let length = self.length();
        (length > 1e-150).then(|| self * (1.0 / length))
    }

    /// Angle to another vector, radians, 0 to π; good at both ends.
    pub(super) fn angle(self, other: Self) -> f64 {
        let apart = self - other;
        let together = self + other;
        2.0 * apart.length().atan2(together.length())
    }

    /// Some direction at right angles to this one.
    pub(super) fn perpendicular(self) -> Self {
        let axis = if self.x.abs() < 0.6 {
            Self {
                x: 1.0,
                y: 0.0,
                z: 0.0,
            }
        } else {
            Self {
                x: 0.0,
                y: 1.0,
                z: 0.0,
            }
        };
        // At least 0.8 from the axis chosen, so the cross product has a direction.
        self.cross(axis).direction().unwrap_or(axis)
    }
}

impl Add for Vector {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            x: self.x + other.x,
            y: self.y + other.y,
            z: self.z + other.z,
        }
    }
}

impl Sub for Vector {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Vector {
    type Output = Self;

    fn neg(self) -> Self {
        self * -1.0
    }
}

impl Mul<f64> for Vector {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self {
            x: self.x * factor,
            y: self.y * factor,
            z: self.z * factor,
        }
    }
}

/// The shorter great circle arc between two directions that are neither equal nor opposite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Arc {
    pub(super) from: Vector,
    pub(super) to: Vector,
    /// Pole of its great circle: the arc runs anticlockwise around it.
    pub(super) pole: Vector,
    /// Poles of the great circles that cut the arc off at its ends, both towards the arc.
    ends: [Vector; 2],
}

impl Arc {
    /// None when the ends are so near each other, or so nearly opposite, that they name no arc.
    pub(super) fn between(from: Vector, to: Vector) -> Option<Self> {
        let (apart, together) = (from - to, from + to);
        if apart.length() <= TOUCH || together.length() <= TOUCH {
            return None;
        }
        // The difference is exact for near ends, which the plain product of the ends is not.
        let pole = apart.cross(together).direction()?;
        let ends = [pole.cross(from), to.cross(pole)];
        Some(Self {
            from,
            to,
            pole,
            ends,
        })
    }

    /// Whether the foot of the direction on the great circle lies on the arc.
    pub(super) fn spans(&self, point: Vector) -> bool {
        self.ends.iter().all(|end| end.dot(point) >= 0.0)
    }

    /// Angle from a direction to the nearest point of the great circle, radians.
    pub(super) fn height(&self, point: Vector) -> f64 {
        let sine = self.pole.dot(point);
        sine.abs().atan2((point - self.pole * sine).length())
    }

    /// Angle from a direction to the nearest point of the arc, radians.
    pub(super) fn distance(&self, point: Vector) -> f64 {
        if self.spans(point) {
            self.height(point)
        } else {
            point.angle(self.from).min(point.angle(self.to))
        }
    }

    /// The middle of the arc.
    pub(super) fn middle(&self) -> Vector {
        (self.from + self.to).direction().unwrap_or(self.from)
    }

    /// Whether two arcs have a point in common, up to rounding.
    pub(super) fn touches(&self, other: &Self) -> bool {
        if self.is_to_one_side(other) || other.is_to_one_side(self) {
            return false;
        }
        self.crosses(other)
            || self.distance(other.from) <= TOUCH
            || self.distance(other.to) <= TOUCH
            || other.distance(self.from) <= TOUCH
            || other.distance(self.to) <= TOUCH
    }

    /// Whether another arc keeps clear of the whole great circle of this one.
    fn is_to_one_side(&self, other: &Self) -> bool {
        let (from, to) = (self.pole.dot(other.from), self.pole.dot(other.to));
        from.min(to) > 2.0 * TOUCH || from.max(to) < -2.0 * TOUCH
    }

    /// Whether two arcs cross inside both; where one ends on the other, rounding decides.
    fn crosses(&self, other: &Self) -> bool {
        let turns = [
            self.pole.dot(other.from),
            -self.pole.dot(other.to),
            -other.pole.dot(self.from),
            other.pole.dot(self.to),
        ];
        turns.iter().all(|turn| *turn > 0.0) || turns.iter().all(|turn| *turn < 0.0)
    }
}
