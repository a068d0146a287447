//! Where an activity lies on the sky.

use crate::activity::Facts;

use super::circle::Circle;
use super::footprint;
use super::polygon::Polygon;
use super::sphere::{TOUCH, Vector};

/// Where an activity lies: its footprint, its field of view, or its pointing.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A circle; with radius 0 a point.
    Circle(Circle),
    /// One outline.
    Polygon(Polygon),
    /// Several circles and outlines.
    Union(Vec<Shape>),
}

/// A circle that holds a shape or a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Right ascension of its centre, degrees, 0 ≤ ra < 360.
    pub ra: f64,
    /// Declination of its centre, degrees.
    pub dec: f64,
    /// Its radius, degrees, 0 to 180.
    pub radius_deg: f64,
}

impl Bounds {
    /// From centre and radius (radians).
    pub(super) fn around((centre, radius): (Vector, f64)) -> Self {
        let (ra, dec) = centre.position();
        Bounds {
            ra,
            dec,
            radius_deg: radius.to_degrees().min(180.0),
        }
    }
}

impl Shape {
    /// Where an activity lies: the footprint `s_region` if it can be read and is more than a
    /// point, else the circle of `s_fov` (a diameter) about the pointing, else the pointing.
    ///
    /// The pointing is `s_ra`, `s_dec`, else the point `s_region` names. None without coordinates.
    #[must_use]
    pub fn of(facts: &Facts) -> Option<Self> {
        let footprint = facts
            .s_region
            .as_deref()
            .and_then(|text| Self::parse_region(text).ok());
        let named = match footprint {
            Some(Self::Circle(circle)) if circle.radius_deg() == 0.0 => Some(circle),
            Some(shape) => return Some(shape),
            None => None,
        };
        let pointing = facts
            .s_ra
            .zip(facts.s_dec)
            .and_then(|(ra, dec)| Circle::new(ra, dec, 0.0).ok())
            .or(named)?;
        let field = facts
            .s_fov
            .filter(|diameter| diameter.is_finite())
            .map(|diameter| (diameter / 2.0).min(180.0))
            .and_then(|radius| Circle::new(pointing.ra(), pointing.dec(), radius).ok());
        Some(Self::Circle(field.unwrap_or(pointing)))
    }

    /// Reads an ObsCore `s_region` in the spellings archives use: `POLYGON`, `CIRCLE`, `POSITION`
    /// and `UNION`, in any case, with or without a frame that is ICRS at our precision.
    ///
    /// # Errors
    /// Says what stands in the way. Numbers without a keyword are ambiguous and not read.
    pub fn parse_region(text: &str) -> Result<Self, String> {
        footprint::read(text)
    }

    /// A circle that holds the shape; not the smallest, but never too small.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds::around(self.circle_around())
    }

    /// Centre and radius (radians) of a circle that holds the shape.
    fn circle_around(&self) -> (Vector, f64) {
        match self {
            Self::Circle(circle) => (circle.centre, circle.radius_deg().to_radians()),
            Self::Polygon(polygon) => (polygon.centre, polygon.radius),
            Self::Union(parts) => {
                let circles: Vec<_> = parts.iter().map(Self::circle_around).collect();
                let sum = circles
                    .iter()
                    .fold(Vector::NONE, |sum, (centre, _)| sum + *centre);
                let north = Vector::towards(0.0, 90.0);
                let centre = sum.direction().unwrap_or(north);
                let radius = circles
                    .iter()
                    .map(|(other, radius)| centre.angle(*other) + radius + TOUCH)
                    .fold(0.0, f64::max);
                (centre, radius)
            }
        }
    }
}
