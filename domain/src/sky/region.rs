//! A part of the sky somebody asks about, in the words of SIA2 `POS`.

use std::fmt;
use std::str::FromStr;

use super::circle::Circle;
use super::parse::{keyword, numbers, pairs, quoted};
use super::polygon::Polygon;
use super::shape::{Bounds, Shape};
use super::sphere::{TOUCH, Vector, is_position};
use super::zone::Zone;

/// A part of the sky somebody asks about. It is closed: its boundary belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Region {
    /// `CIRCLE ra dec radius`: radius 0 to 180 degrees. With radius 0 it asks what covers a point.
    Circle(Circle),
    /// `POLYGON ra1 dec1 ra2 dec2 …`: great circle edges, the smaller of both sides.
    Polygon(Polygon),
    /// `RANGE ra1 ra2 dec1 dec2`: between meridians and parallels; `ra1 > ra2` runs through 0.
    Range(Zone),
}

impl Region {
    /// Reads SIA2 `POS`; the keyword in any case, numbers apart by blanks.
    ///
    /// # Errors
    /// Says what was got and what it takes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (word, rest) = keyword(text);
        let read = match word.as_str() {
            "CIRCLE" => circle(rest),
            "POLYGON" => polygon(rest),
            "RANGE" => range(rest),
            _ => Err(
                "takes CIRCLE ra dec radius, POLYGON ra1 dec1 ra2 dec2 ra3 dec3 …, \
                      or RANGE ra1 ra2 dec1 dec2"
                    .to_owned(),
            ),
        };
        read.map_err(|why| format!("{why}, in {}", quoted(text)))
    }

    /// A circle that holds the region; not the smallest, but never too small.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds::around(self.circle_around())
    }

    /// Centre and radius (radians) of a circle that holds the region.
    pub(super) fn circle_around(&self) -> (Vector, f64) {
        match self {
            Self::Circle(circle) => (circle.centre, circle.radius_deg().to_radians()),
            Self::Polygon(polygon) => (polygon.centre, polygon.radius),
            Self::Range(zone) => zone.circle_around(),
        }
    }

    /// Whether a shape and the region have a point in common.
    #[must_use]
    pub fn meets(&self, shape: &Shape) -> bool {
        match (self, shape) {
            (_, Shape::Union(parts)) => parts.iter().any(|part| self.meets(part)),
            (_, Shape::Circle(circle)) => {
                self.signed_distance(circle.centre) <= circle.radius_deg().to_radians() + TOUCH
            }
            (Self::Circle(circle), Shape::Polygon(polygon)) => {
                polygon.signed_distance(circle.centre) <= circle.radius_deg().to_radians() + TOUCH
            }
            (Self::Polygon(mine), Shape::Polygon(theirs)) => mine.meets(theirs),
            (Self::Range(zone), Shape::Polygon(polygon)) => zone.meets(polygon),
        }
    }

    /// Whether a position (degrees) is in the region; never if it is no position.
    #[must_use]
    pub fn contains(&self, ra: f64, dec: f64) -> bool {
        is_position(ra, dec) && self.signed_distance(Vector::towards(ra, dec)) <= TOUCH
    }

    /// Angle from a position to the nearest point of the region, degrees; 0 inside. Not a number
    /// if it is no position.
    #[must_use]
    pub fn distance_deg(&self, ra: f64, dec: f64) -> f64 {
        if !is_position(ra, dec) {
            return f64::NAN;
        }
        self.signed_distance(Vector::towards(ra, dec))
            .max(0.0)
            .to_degrees()
    }

    /// Angle from the boundary, radians, negative inside; without bound where there is none.
    pub(super) fn signed_distance(&self, point: Vector) -> f64 {
        match self {
            Self::Circle(circle) => circle.signed_distance(point),
            Self::Polygon(polygon) => polygon.signed_distance(point),
            Self::Range(zone) => zone.signed_distance(point),
        }
    }
}

fn circle(text: &str) -> Result<Region, String> {
    match numbers(text)?.as_slice() {
        [ra, dec, radius] => Circle::new(*ra, *dec, *radius).map(Region::Circle),
        other => Err(format!(
            "CIRCLE takes ra dec radius in degrees, got {}",
            counted(other.len())
        )),
    }
}

fn polygon(text: &str) -> Result<Region, String> {
    let numbers = numbers(text)?;
    let vertices = pairs(&numbers).ok_or_else(|| {
        format!(
            "POLYGON takes pairs ra dec in degrees, got {}",
            counted(numbers.len())
        )
    })?;
    Polygon::new(&vertices).map(Region::Polygon)
}

fn range(text: &str) -> Result<Region, String> {
    match numbers(text)?.as_slice() {
        [ra1, ra2, dec1, dec2] => Zone::new(*ra1, *ra2, *dec1, *dec2).map(Region::Range),
        other => Err(format!(
            "RANGE takes ra1 ra2 dec1 dec2 in degrees, got {}",
            counted(other.len())
        )),
    }
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 number".to_owned(),
        _ => format!("{count} numbers"),
    }
}

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Circle(circle) => circle.fmt(f),
            Self::Polygon(polygon) => polygon.fmt(f),
            Self::Range(zone) => zone.fmt(f),
        }
    }
}
