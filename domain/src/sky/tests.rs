//! What regions, shapes and covers promise.

mod cover;
mod meets;
mod parse;
mod polygon;
mod region;
mod shape;
mod sphere;

use proptest::prelude::*;

use super::{Region, Shape};

/// A region from its text.
fn region(text: &str) -> Region {
    Region::parse(text).expect("a region")
}

/// A shape from its text.
fn shape(text: &str) -> Shape {
    Shape::parse_region(text).expect("a footprint")
}

/// The position `distance` degrees from another in the direction `bearing` (from north through
/// east), by the law of cosines, so that it owes nothing to the code it tests.
pub(crate) fn offset((ra, dec): (f64, f64), bearing: f64, distance: f64) -> (f64, f64) {
    let (sin_dec, cos_dec) = dec.to_radians().sin_cos();
    let (sin_far, cos_far) = distance.to_radians().sin_cos();
    let (sin_bearing, cos_bearing) = bearing.to_radians().sin_cos();
    let north = sin_far * cos_bearing * cos_dec + cos_far * sin_dec;
    let out = cos_far * cos_dec - sin_far * cos_bearing * sin_dec;
    let east = sin_far * sin_bearing;
    let turned = (ra + east.atan2(out).to_degrees()).rem_euclid(360.0);
    (turned, north.atan2(out.hypot(east)).to_degrees())
}

/// Anywhere, and more often where the sky is awkward.
pub(crate) fn positions() -> impl Strategy<Value = (f64, f64)> {
    let ra = prop_oneof![
        4 => 0.0..360.0,
        1 => 359.0..360.0,
        1 => 0.0..1.0,
        1 => prop::sample::select(vec![0.0, 45.0, 90.0, 180.0, 270.0, 360.0]),
    ];
    let dec = prop_oneof![
        4 => -90.0..90.0,
        1 => 89.0..90.0,
        1 => -90.0..-89.0,
        1 => prop::sample::select(vec![-90.0, -41.810_314_895_778_6, 0.0, 90.0]),
    ];
    (ra, dec)
}

/// Vertices of an outline around a centre, each seen from it in another direction, and the
/// directions and distances they were made of. It fits in a cap of `widest` degrees.
pub(crate) fn outlines(widest: f64) -> impl Strategy<Value = Vec<(f64, f64)>> {
    let spokes = prop::collection::vec((0.1..0.9, 0.2..1.0), 3..9);
    (positions(), 0.001..1.0, spokes).prop_map(move |(centre, scale, spokes)| {
        let step = 360.0 / spokes.len() as f64;
        spokes
            .iter()
            .enumerate()
            .map(|(place, (turn, reach))| {
                let bearing = step * (place as f64 + turn * 0.9);
                offset(centre, bearing, widest * scale * reach)
            })
            .collect()
    })
}

/// Text of a polygon.
fn polygon_text(vertices: &[(f64, f64)]) -> String {
    vertices
        .iter()
        .fold("POLYGON".to_owned(), |text, (ra, dec)| {
            format!("{text} {ra} {dec}")
        })
}

/// Regions of every kind and size.
pub(crate) fn regions() -> impl Strategy<Value = Region> {
    prop_oneof![circles(), polygons(), ranges()]
}

fn circles() -> impl Strategy<Value = Region> {
    let radius = prop_oneof![
        0.0..180.0,
        0.0..0.01,
        prop::sample::select(vec![0.0, 90.0, 180.0])
    ];
    (positions(), radius)
        .prop_map(|((ra, dec), radius)| region(&format!("CIRCLE {ra} {dec} {radius}")))
}

fn polygons() -> impl Strategy<Value = Region> {
    outlines(85.0).prop_filter_map("simple", |vertices| {
        Region::parse(&polygon_text(&vertices)).ok()
    })
}

fn ranges() -> impl Strategy<Value = Region> {
    let ras = prop_oneof![
        (0.0..360.0, 0.0..360.0),
        (350.0..360.0, 0.0..10.0),
        prop::sample::select(vec![
            (0.0, 360.0),
            (0.0, 180.0),
            (350.0, 10.0),
            (20.0, 10.0)
        ]),
    ];
    let decs = prop_oneof![
        (-90.0..90.0, -90.0..90.0),
        (80.0..90.0, Just(90.0)),
        prop::sample::select(vec![(-90.0, 90.0), (0.0, 0.0), (60.0, 90.0), (90.0, 90.0)]),
    ];
    (ras, decs).prop_map(|((ra1, ra2), (a, b)): ((f64, f64), (f64, f64))| {
        region(&format!("RANGE {ra1} {ra2} {} {}", a.min(b), a.max(b)))
    })
}
