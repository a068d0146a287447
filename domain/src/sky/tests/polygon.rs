use proptest::prelude::*;

use super::{offset, outlines, polygon_text, positions, region};
use crate::sky::Region;
use crate::sky::sphere::Vector;

fn refusal(text: &str) -> String {
    Region::parse(text).expect_err("no polygon")
}

/// Whether a position is inside an outline, in the plane great circles are straight in: the
/// gnomonic projection about a centre that sees all vertices.
fn is_inside(vertices: &[(f64, f64)], centre: (f64, f64), point: (f64, f64)) -> Option<bool> {
    let project = |(ra, dec): (f64, f64)| {
        let (sin, cos) = dec.to_radians().sin_cos();
        let (sin0, cos0) = centre.1.to_radians().sin_cos();
        let (sin_ra, cos_ra) = (ra - centre.0).to_radians().sin_cos();
        let depth = sin0 * sin + cos0 * cos * cos_ra;
        (depth > 1e-3).then(|| {
            (
                cos * sin_ra / depth,
                (cos0 * sin - sin0 * cos * cos_ra) / depth,
            )
        })
    };
    let corners: Vec<_> = vertices
        .iter()
        .map(|vertex| project(*vertex))
        .collect::<Option<_>>()?;
    let (x, y) = project(point)?;
    let mut inside = false;
    for (place, (x1, y1)) in corners.iter().enumerate() {
        let (x2, y2) = corners[(place + 1) % corners.len()];
        if (*y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
            inside = !inside;
        }
    }
    Some(inside)
}

#[test]
fn a_polygon_over_the_pole_holds_the_pole() {
    for vertices in ["0 80 90 80 180 80 270 80", "270 80 180 80 90 80 0 80"] {
        let cap = region(&format!("POLYGON {vertices}"));
        assert!(cap.contains(0.0, 90.0) && cap.contains(217.0, 90.0) && cap.contains(33.0, 85.0));
        assert!(!cap.contains(0.0, -90.0) && !cap.contains(45.0, 80.0));
    }
}

#[test]
fn a_polygon_may_run_through_zero() {
    let field = region("POLYGON 359 -1 1 -1 1 1 359 1");
    assert!(field.contains(0.0, 0.0) && field.contains(360.0, 0.5) && field.contains(359.5, 0.0));
    assert!(!field.contains(180.0, 0.0) && !field.contains(2.0, 0.0));
}

#[test]
fn an_edge_is_a_great_circle() {
    let field = region("POLYGON 0 60 90 60 45 50");
    assert!(field.contains(45.0, 67.0), "the edge rises to 67.8 degrees");
    assert!(!field.contains(45.0, 68.0));
}

#[test]
fn a_polygon_of_eighth_a_sky_holds_its_corners() {
    let octant = region("POLYGON 0 0 90 0 0 90");
    assert!(
        octant.contains(0.0, 0.0) && octant.contains(300.0, 90.0) && octant.contains(45.0, 1.0)
    );
    assert!(!octant.contains(225.0, -35.0) && !octant.contains(91.0, 10.0));
    assert!((octant.distance_deg(45.0, -90.0) - 90.0).abs() < 1e-9);
}

#[test]
fn a_band_around_most_of_the_equator_is_the_smaller_side() {
    let north = (0..=34).map(|step| (f64::from(step) * 10.0, 10.0));
    let south = (0..=34).rev().map(|step| (f64::from(step) * 10.0, -10.0));
    let vertices: Vec<_> = north.chain(south).collect();
    let reversed: Vec<_> = vertices.iter().rev().copied().collect();
    for vertices in [vertices, reversed] {
        let band = region(&polygon_text(&vertices));
        assert!(band.contains(5.0, 0.0) && band.contains(170.0, 5.0) && band.contains(339.0, -9.0));
        assert!(!band.contains(350.0, 0.0), "the gap");
        assert!(
            !band.contains(0.0, 90.0) && !band.contains(0.0, -90.0) && !band.contains(90.0, 12.0)
        );
    }
}

#[test]
fn a_polygon_of_nearly_half_the_sky_takes_the_smaller_side() {
    let north = region("POLYGON 0 0.1 90 0.1 180 0.1 270 0.1");
    assert!(north.contains(0.0, 90.0) && north.contains(45.0, 1.0));
    assert!(!north.contains(0.0, -90.0) && !north.contains(0.0, -1.0));
    let south = region("POLYGON 0 -0.1 90 -0.1 180 -0.1 270 -0.1");
    assert!(south.contains(0.0, -90.0) && !south.contains(0.0, 90.0));
}

#[test]
fn a_polygon_of_half_the_sky_has_no_smaller_side() {
    assert!(
        refusal("POLYGON 0 0 120 0 240 0")
            .starts_with("both sides of the polygon are half the sky")
    );
}

#[test]
fn a_polygon_that_is_none_is_refused() {
    let crossing = refusal("POLYGON 0 0 10 10 10 0 0 10");
    assert!(
        crossing.starts_with("edges 1 and 3 of the polygon cross or touch"),
        "{crossing}"
    );
    let flat = refusal("POLYGON 0 0 10 0 20 0");
    assert!(flat.contains("cross or touch"), "{flat}");
    let spike = refusal("POLYGON 0 0 10 0 20 0 10 0 10 10");
    assert!(spike.contains("cross or touch"), "{spike}");
    let repeated = refusal("POLYGON 0 0 10 0 10 0 0 10");
    assert!(
        repeated.starts_with("vertices 2 and 3 of the polygon are equal or opposite"),
        "{repeated}"
    );
    let opposite = refusal("POLYGON 0 0 180 0 90 10");
    assert!(
        opposite.starts_with("vertices 1 and 2 of the polygon are equal or opposite"),
        "{opposite}"
    );
    let pole = refusal("POLYGON 0 90 50 90 0 0");
    assert!(
        pole.starts_with("vertices 1 and 2 of the polygon are equal or opposite"),
        "{pole}"
    );
    let touching = refusal("POLYGON 0 0 10 0 10 10 5 0 0 10");
    assert!(touching.contains("edges 1 and 3"), "{touching}");
}

#[test]
fn a_field_of_an_arcsecond_is_told_to_its_edge() {
    let side = 1.0 / 3600.0;
    let field = region(&format!(
        "POLYGON 200 30 {} 30 {} {} 200 {}",
        200.0 + side,
        200.0 + side,
        30.0 + side,
        30.0 + side
    ));
    assert!(field.contains(200.0 + side / 2.0, 30.0 + side / 2.0));
    assert!(field.contains(200.0 + 1e-7, 30.0 + side / 2.0));
    assert!(!field.contains(200.0 - 1e-8, 30.0 + side / 2.0));
}

proptest! {
    #[test]
    fn a_polygon_holds_what_its_projection_holds(
        vertices in outlines(70.0), bearing in 0.0..360.0, far in 0.0..1.2
    ) {
        let Ok(polygon) = Region::parse(&polygon_text(&vertices)) else { return Ok(()) };
        let Region::Polygon(inner) = &polygon else { unreachable!() };
        let centre = inner.centre.position();
        let point = offset(centre, bearing, far * inner.radius.to_degrees());
        prop_assume!(polygon.signed_distance(Vector::towards(point.0, point.1)).abs() > 1e-9);
        if let Some(inside) = is_inside(&vertices, centre, point) {
            prop_assert_eq!(polygon.contains(point.0, point.1), inside);
        }
    }

    #[test]
    fn winding_and_starting_vertex_do_not_matter(
        vertices in outlines(85.0), start in 0..8_usize, (ra, dec) in positions()
    ) {
        let Ok(polygon) = Region::parse(&polygon_text(&vertices)) else { return Ok(()) };
        let mut other = vertices.clone();
        other.rotate_left(start % vertices.len());
        other.reverse();
        let other = region(&polygon_text(&other));
        prop_assert_eq!(polygon.contains(ra, dec), other.contains(ra, dec));
        let (one, two) = (polygon.distance_deg(ra, dec), other.distance_deg(ra, dec));
        prop_assert!((one - two).abs() < 1e-9);
    }

    #[test]
    fn a_polygon_and_its_opposite_share_nothing(vertices in outlines(60.0), (ra, dec) in positions()) {
        let opposite: Vec<_> = vertices.iter().map(|(ra, dec)| ((ra + 180.0) % 360.0, -dec)).collect();
        let Ok(polygon) = Region::parse(&polygon_text(&vertices)) else { return Ok(()) };
        let opposite = region(&polygon_text(&opposite));
        prop_assert!(!(polygon.contains(ra, dec) && opposite.contains(ra, dec)));
    }
}
