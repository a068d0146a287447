//! A patch between two meridians and two parallels: `RANGE` in SIA2.

use std::fmt;

use super::polygon::Polygon;
use super::sphere::{Arc, TOUCH, Vector, separation_deg};

/// Directions from `ra1` eastwards to `ra2`, and from `dec1` up to `dec2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    ra1: f64,
    ra2: f64,
    dec1: f64,
    dec2: f64,
    middle_ra: f64,
    /// Half of what it spans in right ascension, degrees; 180 is all around.
    half_width: f64,
}

impl Zone {
    /// `ra1 > ra2` runs through 0. An open end is `-Inf` for `ra1` and `dec1`, `+Inf` for `ra2`
    /// and `dec2`: to the end of the axis.
    ///
    /// # Errors
    /// Says which number is out of range.
    pub fn new(ra1: f64, ra2: f64, dec1: f64, dec2: f64) -> Result<Self, String> {
        let first = |value: f64, end: f64| {
            if value == f64::NEG_INFINITY {
                end
            } else {
                value
            }
        };
        let last = |value: f64, end: f64| if value == f64::INFINITY { end } else { value };
        let (ra1, ra2) = (first(ra1, 0.0), last(ra2, 360.0));
        let (dec1, dec2) = (first(dec1, -90.0), last(dec2, 90.0));

        if ![ra1, ra2].iter().all(|ra| (0.0..=360.0).contains(ra)) {
            return Err(format!(
                "right ascensions are 0 to 360 degrees, got {ra1} {ra2}"
            ));
        }
        if ![dec1, dec2].iter().all(|dec| (-90.0..=90.0).contains(dec)) {
            return Err(format!(
                "declinations are -90 to 90 degrees, got {dec1} {dec2}"
            ));
        }
        if dec1 > dec2 {
            return Err(format!(
                "the lower declination comes first, got {dec1} {dec2}"
            ));
        }
        // A start at 360 is one at 0, but does not open a span to 360 into the whole circle.
        let (ra1, ra2) = match (ra1.abs(), ra2.abs()) {
            (360.0, 360.0) => (0.0, 0.0),
            (360.0, ra2) => (0.0, ra2),
            other => other,
        };
        let width = if ra1 <= ra2 {
            ra2 - ra1
        } else {
            ra2 - ra1 + 360.0
        };
        Ok(Self {
            ra1,
            ra2,
            dec1: dec1 + 0.0,
            dec2: dec2 + 0.0,
            middle_ra: ra1 + width / 2.0,
            half_width: width / 2.0,
        })
    }

    /// Western and eastern edge, degrees, 0 to 360; the first is the larger where it runs through 0.
    #[must_use]
    pub fn ra(&self) -> (f64, f64) {
        (self.ra1, self.ra2)
    }

    /// Southern and northern edge, degrees.
    #[must_use]
    pub fn dec(&self) -> (f64, f64) {
        (self.dec1, self.dec2)
    }

    fn is_all_around(&self) -> bool {
        self.half_width >= 180.0
    }

    /// Centre and radius (radians) of a circle that holds it.
    pub(super) fn circle_around(&self) -> (Vector, f64) {
        let middle_dec = f64::midpoint(self.dec1, self.dec2);
        // No way is shorter than the arc: from any place of the zone along its meridian to the
        // middle parallel, and along that one to the centre.
        let along = self.half_width * middle_dec.to_radians().cos();
        let across = (self.dec2 - self.dec1) / 2.0;
        let centre = Vector::towards(self.middle_ra.rem_euclid(360.0), middle_dec);
        (centre, (along + across).to_radians() + TOUCH)
    }

    /// Angle from the nearest edge, radians, negative inside; without bound if there is no edge.
    pub(super) fn signed_distance(&self, point: Vector) -> f64 {
        let (ra, dec) = point.position();
        let aside = ((ra - self.middle_ra + 180.0).rem_euclid(360.0) - 180.0).abs();
        let beyond = (dec - self.dec2).max(self.dec1 - dec);

        if !self.is_all_around() && aside > self.half_width {
            // At any declination the nearer meridian is the nearest of the zone.
            return self
                .past_meridian(aside - self.half_width, dec)
                .to_radians();
        }
        if beyond > 0.0 {
            return beyond.to_radians();
        }
        let mut depth = f64::INFINITY;
        if self.dec2 < 90.0 {
            depth = depth.min(self.dec2 - dec);
        }
        if self.dec1 > -90.0 {
            depth = depth.min(dec - self.dec1);
        }
        if !self.is_all_around() {
            let far = self.half_width + aside;
            depth = depth
                .min(self.past_meridian(self.half_width - aside, dec))
                .min(self.past_meridian(far.min(360.0 - far), dec));
        }
        -depth.to_radians()
    }

    /// Angle to an edge along a meridian `across` degrees of right ascension away, degrees.
    fn past_meridian(&self, across: f64, dec: f64) -> f64 {
        let (sin, cos) = dec.to_radians().sin_cos();
        let foot = sin.atan2(cos * across.to_radians().cos()).to_degrees();
        let distance = |other: f64| separation_deg(0.0, dec, across, other);
        if (self.dec1..=self.dec2).contains(&foot) {
            distance(foot)
        } else {
            distance(self.dec1).min(distance(self.dec2))
        }
    }

    fn touches(&self, point: Vector) -> bool {
        self.signed_distance(point) <= TOUCH
    }

    /// Whether the zone and a polygon have a point in common.
    pub(super) fn meets(&self, polygon: &Polygon) -> bool {
        // Either an edge of the polygon enters the zone, or an edge of the zone lies wholly inside
        // the polygon or wholly outside. All around, the two parallels are apart from each other.
        polygon.arcs().any(|arc| self.meets_arc(arc))
            || polygon.contains(Vector::towards(self.ra1, self.dec1))
            || polygon.contains(Vector::towards(self.ra1, self.dec2))
    }

    /// An arc that enters the zone starts or ends in it, or does so where it crosses an edge.
    fn meets_arc(&self, arc: &Arc) -> bool {
        self.touches(arc.from)
            || self.touches(arc.to)
            || self
                .crossings(arc)
                .into_iter()
                .flatten()
                .any(|point| arc.spans(point) && self.touches(point))
    }

    /// Where the great circle of an arc crosses those of the edges; where it passes a parallel by,
    /// the point nearest to it.
    fn crossings(&self, arc: &Arc) -> [Option<Vector>; 8] {
        let mut points = [None; 8];
        if !self.is_all_around() {
            for (slot, ra) in [(0, self.ra1), (2, self.ra2)] {
                let node = arc.pole.cross(Vector::towards(ra + 90.0, 0.0)).direction();
                points[slot] = node;
                points[slot + 1] = node.map(|node| -node);
            }
        }
        let north = Vector {
            x: 0.0,
            y: 0.0,
            z: 1.0,
        };
        if let Some(top) = (north - arc.pole * arc.pole.z).direction() {
            let east = arc.pole.cross(top);
            for (slot, dec) in [(4, self.dec1), (6, self.dec2)] {
                let cos = (dec.to_radians().sin() / top.z).clamp(-1.0, 1.0);
                let aside = east * (1.0 - cos * cos).sqrt();
                points[slot] = Some(top * cos + aside);
                points[slot + 1] = Some(top * cos - aside);
            }
        }
        points
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            ra1,
            ra2,
            dec1,
            dec2,
            ..
        } = self;
        write!(f, "RANGE {ra1} {ra2} {dec1} {dec2}")
    }
}
