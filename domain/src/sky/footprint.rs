//! Reading `s_region`, the footprint of an observation, as archives write it.
//!
//! Quirks: it is STC-S in parts, with or without a frame (`ICRS`, `J2000`, `FK5`, MAST's `GSC1`)
//! and further words of that grammar; MAST puts polygons one after another, ALMA unites them in
//! brackets and takes holes out with `Not (…)`; outlines repeat vertices and cross themselves.

use super::circle::Circle;
use super::parse::{number, quoted};
use super::polygon::Polygon;
use super::shape::Shape;
use super::sphere::{TOUCH, separation_deg};

/// Most numbers of a footprint we keep.
const MOST_NUMBERS: usize = 10_000;
/// Frames that are ICRS at our precision, and words of STC-S that say nothing about the place.
const PASSED_OVER: [&str; 12] = [
    "ICRS",
    "J2000",
    "FK5",
    "GSC1",
    "SPHER2",
    "SPHERICAL2",
    "GEOCENTER",
    "TOPOCENTER",
    "BARYCENTER",
    "HELIOCENTER",
    "UNKNOWNREFPOS",
    "UNKNOWNFRAME",
];

/// Reads a footprint of any number of parts.
pub(super) fn read(text: &str) -> Result<Shape, String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let mut parts = Parts::default();
    let mut left = MOST_NUMBERS;

    while let Some(word) = words.next() {
        let keyword = word.to_ascii_uppercase();
        match keyword.as_str() {
            "(" => parts.open(),
            ")" => parts.close(),
            "NOT" => parts.excludes_next = true,
            "UNION" | "POLYGON" | "CIRCLE" | "POSITION" => {
                while words.next_if(|word| is_passed_over(word)).is_some() {}
                let mut numbers = Vec::new();
                while let Some(value) = words.peek().and_then(|word| number(word)) {
                    words.next();
                    left = left
                        .checked_sub(1)
                        .ok_or("a footprint of too many numbers")?;
                    numbers.push(value);
                }
                if let Some(part) = part(&keyword, &numbers)? {
                    parts.add(part)?;
                }
            }
            _ => return Err(format!("{} is no footprint we read", quoted(word))),
        }
    }
    parts
        .shape()
        .ok_or_else(|| format!("no footprint in {}", quoted(text)))
}

fn is_passed_over(word: &str) -> bool {
    PASSED_OVER
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// One part; none for the word that only opens a bracket.
fn part(keyword: &str, numbers: &[f64]) -> Result<Option<Shape>, String> {
    let unread = || format!("{keyword} with {} numbers is no footprint", numbers.len());
    if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
        return Err(format!("{number} in a footprint"));
    }
    match (keyword, numbers) {
        ("UNION", []) => Ok(None),
        ("CIRCLE", [ra, dec, radius]) => circle(*ra, *dec, *radius).map(Some),
        ("POSITION", [ra, dec]) => circle(*ra, *dec, 0.0).map(Some),
        ("POLYGON", [_, _, ..]) => {
            let vertices = super::parse::pairs(numbers).ok_or_else(unread)?;
            polygon(&vertices).map(Some)
        }
        _ => Err(unread()),
    }
}

fn circle(ra: f64, dec: f64, radius: f64) -> Result<Shape, String> {
    Circle::new(ra.rem_euclid(360.0), dec, radius).map(Shape::Circle)
}

/// A polygon, or the point all its vertices are.
fn polygon(vertices: &[(f64, f64)]) -> Result<Shape, String> {
    let first = vertices.first().copied().unwrap_or_default();
    let vertices: Vec<_> = vertices
        .iter()
        .map(|(ra, dec)| (ra.rem_euclid(360.0), *dec))
        .collect();
    if let Some((_, dec)) = vertices.iter().find(|(_, dec)| dec.abs() > 90.0) {
        return Err(format!("a declination of {dec} in a footprint"));
    }
    let is_point = vertices
        .iter()
        .all(|(ra, dec)| separation_deg(*ra, *dec, first.0, first.1) <= 4.0 * TOUCH.to_degrees());
    if is_point {
        return circle(first.0, first.1, 0.0);
    }
    Polygon::drawn(&vertices).map(Shape::Polygon)
}

/// What has been read so far, and whether we are inside a `Not (…)`.
#[derive(Default)]
struct Parts {
    shapes: Vec<Shape>,
    depth: usize,
    excludes_next: bool,
    /// Depth of the bracket after `Not`.
    excludes_from: Option<usize>,
}

impl Parts {
    fn open(&mut self) {
        self.depth += 1;
        if std::mem::take(&mut self.excludes_next) && self.excludes_from.is_none() {
            self.excludes_from = Some(self.depth);
        }
    }

    fn close(&mut self) {
        if self.excludes_from == Some(self.depth) {
            self.excludes_from = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Adds a part, or takes it out of the one before it.
    fn add(&mut self, part: Shape) -> Result<(), String> {
        let excluded = std::mem::take(&mut self.excludes_next) || self.excludes_from.is_some();
        if !excluded {
            self.shapes.push(part);
            return Ok(());
        }
        match (self.shapes.last_mut(), part) {
            (Some(Shape::Polygon(polygon)), Shape::Polygon(hole)) => {
                polygon.cut_out(hole);
                Ok(())
            }
            _ => Err("a footprint with a hole that is not a polygon in a polygon".to_owned()),
        }
    }

    fn shape(mut self) -> Option<Shape> {
        match self.shapes.len() {
            0 => None,
            1 => self.shapes.pop(),
            _ => Some(Shape::Union(self.shapes)),
        }
    }
}
