use proptest::prelude::*;

use super::{offset, outlines, polygon_text, positions, region, regions, shape};
use crate::sky::sphere::Vector;
use crate::sky::{Region, Shape, Told, cell};

/// Positions spread over a shape, its boundary among them.
fn samples(shape: &Shape) -> Vec<(f64, f64)> {
    match shape {
        Shape::Union(parts) => parts.iter().flat_map(samples).collect(),
        Shape::Circle(circle) => (0..=4)
            .flat_map(|ring| {
                let radius = circle.radius_deg() * f64::from(ring) / 4.0;
                (0..24).map(move |step| {
                    offset((circle.ra(), circle.dec()), f64::from(step) * 15.0, radius)
                })
            })
            .collect(),
        Shape::Polygon(polygon) => polygon
            .arcs()
            .flat_map(|arc| {
                (0..=20).filter_map(move |step| {
                    let part = f64::from(step) / 20.0;
                    let point = arc.from * (1.0 - part) + arc.to * part;
                    point.direction().map(|point| point.position())
                })
            })
            .collect(),
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let circle = (positions(), 0.0..120.0)
        .prop_map(|((ra, dec), radius)| shape(&format!("CIRCLE ICRS {ra} {dec} {radius}")));
    let polygon = outlines(60.0).prop_map(|vertices| shape(&polygon_text(&vertices)));
    prop_oneof![circle, polygon]
}

#[test]
fn touching_counts() {
    assert!(region("CIRCLE 0 0 1").meets(&shape("CIRCLE ICRS 3 0 2")));
    assert!(!region("CIRCLE 0 0 1").meets(&shape("CIRCLE ICRS 3 0 1.99999")));
    assert!(region("CIRCLE 5 -2 2").meets(&shape("POLYGON ICRS 0 0 10 0 5 10")));
    assert!(!region("CIRCLE 5 -2 1.99999").meets(&shape("POLYGON ICRS 0 0 10 0 5 10")));
    assert!(region("RANGE 0 10 -5 0").meets(&shape("POLYGON ICRS 4 0 6 0 5 10")));
    assert!(region("POLYGON 0 0 10 0 5 -10").meets(&shape("POLYGON ICRS 4 0 6 0 5 10")));
    assert!(region("POLYGON 0 0 10 0 5 -10").meets(&shape("POSITION ICRS 5 0")));
}

#[test]
fn one_inside_the_other_counts_either_way() {
    for (outer, inner) in [
        ("CIRCLE 180 0 30", "POLYGON 179 -1 181 -1 180 1"),
        (
            "POLYGON 150 -20 210 -20 180 30",
            "POLYGON 179 -1 181 -1 180 1",
        ),
        ("RANGE 150 210 -20 30", "POLYGON 179 -1 181 -1 180 1"),
        ("POLYGON 150 -20 210 -20 180 30", "CIRCLE 180 0 1"),
        ("CIRCLE 180 0 30", "CIRCLE 180 0 1"),
    ] {
        assert!(region(outer).meets(&shape(inner)), "{inner} in {outer}");
    }
    for (inner, outer) in [
        ("CIRCLE 180 0 1", "POLYGON 150 -20 210 -20 180 30"),
        (
            "POLYGON 179 -1 181 -1 180 1",
            "POLYGON 150 -20 210 -20 180 30",
        ),
        ("RANGE 179 181 -1 1", "POLYGON 150 -20 210 -20 180 30"),
        ("RANGE 179 181 -1 1", "CIRCLE 180 0 30"),
        ("RANGE 0 360 89 90", "POLYGON 0 80 120 80 240 80"),
    ] {
        assert!(region(inner).meets(&shape(outer)), "{inner} in {outer}");
    }
}

#[test]
fn a_range_cuts_a_polygon_without_a_corner_of_either_in_the_other() {
    let range = region("RANGE 178 182 -30 30");
    assert!(range.meets(&shape("POLYGON 170 -1 190 -1 190 1 170 1")));
    let belt = region("RANGE 0 360 67 70");
    assert!(
        belt.meets(&shape("POLYGON 0 60 90 60 45 50")),
        "its edge bulges to 67.8"
    );
    assert!(!region("RANGE 0 360 68 70").meets(&shape("POLYGON 0 60 90 60 45 50")));
    assert!(!region("RANGE 50 360 67.5 70").meets(&shape("POLYGON 0 60 80 60 40 50")));
}

#[test]
fn polygons_cross_without_a_corner_of_either_in_the_other() {
    let tall = region("POLYGON 359 -20 1 -20 1 20 359 20");
    assert!(tall.meets(&shape("POLYGON 340 -1 20 -1 20 1 340 1")));
    assert!(
        !tall.meets(&shape("POLYGON 160 -1 200 -1 200 1 160 1")),
        "the other side"
    );
}

#[test]
fn a_region_in_a_hole_meets_nothing() {
    let ring = shape("Polygon ICRS 0 -10 20 -10 20 10 0 10 Not (Polygon 5 -5 15 -5 15 5 5 5)");
    assert!(!region("CIRCLE 10 0 4").meets(&ring));
    assert!(region("CIRCLE 10 0 5.1").meets(&ring));
    assert!(!region("POLYGON 8 -1 12 -1 10 3").meets(&ring));
    assert!(region("POLYGON 8 -1 12 -1 10 7").meets(&ring));
    assert!(!region("RANGE 8 12 -4 4").meets(&ring));
    assert!(region("RANGE 2 4 -1 1").meets(&ring));
}

#[test]
fn any_part_of_a_union_counts() {
    let chips = shape("Union ICRS (Polygon 10 0 11 0 11 1 10 1 Polygon 20 0 21 0 21 1 20 1)");
    assert!(region("CIRCLE 20.5 0.5 0.1").meets(&chips));
    assert!(!region("CIRCLE 15 0.5 1").meets(&chips));
}

#[test]
fn the_whole_sky_meets_everything() {
    for sky in ["CIRCLE 77 -12 180", "RANGE 0 360 -90 90"] {
        for text in [
            "POSITION ICRS 257 12",
            "POSITION ICRS 0 90",
            "POLYGON 256 11 258 11 257 13",
        ] {
            assert!(region(sky).meets(&shape(text)), "{text} in {sky}");
        }
    }
}

#[test]
fn more_than_a_hemisphere_leaves_only_its_opposite() {
    let most = region("CIRCLE 0 0 170");
    assert!(!most.meets(&shape("CIRCLE ICRS 180 0 9.9")));
    assert!(most.meets(&shape("CIRCLE ICRS 180 0 10")));
    assert!(!most.meets(&shape("POLYGON 175 -5 185 -5 185 5 175 5")));
    assert!(most.meets(&shape("POLYGON 169 -5 185 -5 185 5 169 5")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_shares_a_point_meets(region in regions(), shape in shapes()) {
        let shared = samples(&shape).iter().any(|(ra, dec)| region.contains(*ra, *dec));
        prop_assert!(!shared || region.meets(&shape));
    }

    #[test]
    fn what_meets_is_near(region in regions(), shape in shapes()) {
        let bounds = shape.bounds();
        let distance = region.distance_deg(bounds.ra, bounds.dec);
        prop_assert!(!region.meets(&shape) || distance <= bounds.radius_deg + 1e-8);
    }

    #[test]
    fn what_no_point_of_an_edge_is_near_meets_only_as_a_whole(region in regions(), shape in shapes()) {
        let points = samples(&shape);
        let step = 4.0_f64; // no sample of an edge is farther from the next than this
        let near = points.iter().any(|(ra, dec)| region.distance_deg(*ra, *dec) < step);
        if let (false, Shape::Polygon(polygon)) = (near, &shape) {
            let inside = anchor(&region).is_some_and(|at| polygon.contains(Vector::towards(at.0, at.1)));
            prop_assert_eq!(region.meets(&shape), inside);
        }
    }

    #[test]
    fn what_a_cell_and_a_radius_tell_is_true(
        region in regions(), shape in shapes(), depth in prop_oneof![Just(10), Just(15), 0..=29_u8],
        more in prop_oneof![Just(1.0), 1.0..1.1],
    ) {
        let bounds = shape.bounds();
        let cell = cell(bounds.ra, bounds.dec, depth).expect("a position");
        let holds_centre = matches!(shape, Shape::Circle(_));
        let told = region.tell(depth, cell, bounds.radius_deg * more, holds_centre);
        let meets = region.meets(&shape);
        prop_assert!(told != Told::Apart || !meets);
        prop_assert!(told != Told::Meets || meets);
    }

    #[test]
    fn polygons_meet_the_same_both_ways(one in outlines(60.0), two in outlines(60.0)) {
        let (one, two) = (polygon_text(&one), polygon_text(&two));
        let (Ok(first), Ok(second)) = (Region::parse(&one), Region::parse(&two)) else { return Ok(()) };
        prop_assert_eq!(first.meets(&shape(&two)), second.meets(&shape(&one)));
    }

    #[test]
    fn a_circle_meets_a_polygon_as_it_is_met(
        outline in outlines(60.0), (ra, dec) in positions(), radius in 0.0..120.0
    ) {
        let (polygon, circle) = (polygon_text(&outline), format!("CIRCLE {ra} {dec} {radius}"));
        let Ok(asked) = Region::parse(&polygon) else { return Ok(()) };
        prop_assert_eq!(asked.meets(&shape(&circle)), region(&circle).meets(&shape(&polygon)));
    }

    #[test]
    fn a_range_from_the_equator_to_the_pole_is_a_triangle(
        ra in 0.0..360.0, width in 1.0..179.0, shape in shapes()
    ) {
        let end = (ra + width) % 360.0;
        let range = region(&format!("RANGE {ra} {end} 0 90")).meets(&shape);
        prop_assert_eq!(range, region(&format!("POLYGON {ra} 0 {end} 0 77 90")).meets(&shape));
    }

    #[test]
    fn a_range_of_a_cap_is_a_circle(dec in -89.0..89.0_f64, shape in shapes()) {
        let cap = region(&format!("RANGE 0 360 {dec} 90")).meets(&shape);
        prop_assert_eq!(cap, region(&format!("CIRCLE 0 90 {}", 90.0 - dec)).meets(&shape));
    }
}

/// A position in the region.
fn anchor(region: &Region) -> Option<(f64, f64)> {
    match region {
        Region::Circle(circle) => Some((circle.ra(), circle.dec())),
        Region::Polygon(polygon) => polygon.vertices().first().copied(),
        Region::Range(zone) => Some((zone.ra().0, zone.dec().0)),
    }
}
