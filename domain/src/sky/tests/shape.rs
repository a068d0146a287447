use proptest::prelude::*;

use super::{region, shape};
use crate::activity::Facts;
use crate::sky::sphere::Vector;
use crate::sky::{Bounds, Shape, separation_deg};

fn at(ra: f64, dec: f64, s_fov: Option<f64>, s_region: Option<&str>) -> Facts {
    Facts {
        s_ra: Some(ra),
        s_dec: Some(dec),
        s_fov,
        s_region: s_region.map(str::to_owned),
        ..Facts::default()
    }
}

fn bounds(facts: &Facts) -> Option<(f64, f64, f64)> {
    let Bounds {
        ra,
        dec,
        radius_deg,
    } = Shape::of(facts)?.bounds();
    let round = |value: f64| (value * 1e6).round() / 1e6;
    Some((round(ra), round(dec), round(radius_deg)))
}

#[test]
fn a_footprint_comes_before_a_field_and_a_field_before_a_pointing() {
    let circle = Some("CIRCLE ICRS 10 20 3");
    assert_eq!(
        bounds(&at(1.0, 2.0, Some(0.5), circle)),
        Some((10.0, 20.0, 3.0))
    );
    assert_eq!(
        bounds(&at(1.0, 2.0, Some(0.5), None)),
        Some((1.0, 2.0, 0.25))
    );
    assert_eq!(bounds(&at(1.0, 2.0, None, None)), Some((1.0, 2.0, 0.0)));
    assert_eq!(bounds(&Facts::default()), None);
}

#[test]
fn a_footprint_that_cannot_be_read_gives_way() {
    for text in ["", "10 20 3", "POLYGON ICRS 1 2 3", "somewhere"] {
        assert_eq!(
            bounds(&at(1.0, 2.0, Some(0.5), Some(text))),
            Some((1.0, 2.0, 0.25)),
            "{text}"
        );
    }
}

#[test]
fn a_point_is_no_footprint_but_may_stand_for_the_pointing() {
    let position = Some("POSITION J2000 1.1 2.1");
    assert_eq!(
        bounds(&at(1.0, 2.0, Some(0.5), position)),
        Some((1.0, 2.0, 0.25))
    );
    let alone = Facts {
        s_region: position.map(str::to_owned),
        ..Facts::default()
    };
    assert_eq!(bounds(&alone), Some((1.1, 2.1, 0.0)));
}

#[test]
fn absurd_numbers_are_no_shape() {
    assert_eq!(Shape::of(&at(f64::NAN, 2.0, None, None)), None);
    assert_eq!(Shape::of(&at(10.0, 99.0, Some(1.0), None)), None);
    assert_eq!(
        bounds(&at(10.0, 20.0, Some(-1.0), None)),
        Some((10.0, 20.0, 0.0))
    );
    assert_eq!(
        bounds(&at(10.0, 20.0, Some(f64::NAN), None)),
        Some((10.0, 20.0, 0.0))
    );
    assert_eq!(
        bounds(&at(10.0, 20.0, Some(720.0), None)),
        Some((10.0, 20.0, 180.0))
    );
}

#[test]
fn the_spellings_of_archives_are_read() {
    for text in [
        "POLYGON ICRS 10 20 11 20 11 21 10 21",
        "Polygon 10 20 11 20 11 21 10 21",
        "POLYGON J2000 10.0 20.0 11.0 20.0 11.0 21.0 10.0 21.0 10.0 20.0",
        "POLYGON GSC1  10  20  11  20  11  21  10  21",
        "polygon fk5 370 20 371 20 371 21 370 21",
        "POLYGON ICRS GEOCENTER SPHER2 10 20 10 20 11 20 11 21 10 21",
        "Union ICRS ( Polygon 10 20 11 20 11 21 10 21 )",
    ] {
        let Shape::Polygon(polygon) = shape(text) else {
            panic!("{text} is one outline");
        };
        assert!(polygon.contains(Vector::towards(10.5, 20.5)), "{text}");
    }
    assert!(matches!(
        shape("CIRCLE ICRS  23.49  60.66 0.625"),
        Shape::Circle(_)
    ));
    assert!(matches!(
        shape("POSITION J2000 145.29 -24.53"),
        Shape::Circle(_)
    ));
}

#[test]
fn polygons_in_a_row_are_a_union() {
    let chips =
        shape("POLYGON J2000 10 0 11 0 11 1 10 1 POLYGON J2000 20 0 21 0 21 1 20 1 CIRCLE 30 0 1");
    assert!(matches!(&chips, Shape::Union(parts) if parts.len() == 3));
    let mixed = shape(
        "Union ICRS (Polygon 1 1 2 1 2 2 Not (Polygon 1.5 1.1 1.8 1.1 1.8 1.3) Circle 9 9 1)",
    );
    assert!(matches!(&mixed, Shape::Union(parts) if parts.len() == 2));
}

#[test]
fn what_is_no_footprint_is_refused() {
    for text in [
        "",
        "   ",
        "Union ICRS ( )",
        "10 20 3",
        "CIRCLE GALACTIC 1 2 3",
        "CIRCLE ICRS 1 2",
        "CIRCLE ICRS 1 2 -3",
        "CIRCLE ICRS 1 99 3",
        "CIRCLE ICRS inf 9 3",
        "POSITION ICRS 1 2 3",
        "POLYGON ICRS 1 2 3 4 5",
        "POLYGON ICRS 1 2 3 94 5 6",
        "BOX ICRS 1 2 3 4",
        "Not (Polygon 1 1 2 1 2 2)",
        "Circle 1 1 3 Not (Circle 1 1 1)",
        "POLYGON 0 0 120 0 240 0",
        "b'POLYGON 1 1 2 1 2 2'",
    ] {
        assert!(Shape::parse_region(text).is_err(), "{text}");
    }
    let endless = format!("POLYGON {}", "1 2 ".repeat(20_000));
    assert!(Shape::parse_region(&endless).is_err());
}

#[test]
fn a_footprint_without_area_still_meets() {
    let slit = shape("POLYGON ICRS 10 20 11 20 10 20");
    assert!(region("CIRCLE 10.5 20 0.01").meets(&slit));
    assert!(!region("CIRCLE 10.5 21 0.5").meets(&slit));
    let point = shape("POLYGON ICRS 10 20 10 20 10 20 10 20");
    assert!(region("CIRCLE 10 20.1 0.1").meets(&point));
}

#[test]
fn a_footprint_that_crosses_itself_holds_both_halves() {
    let bow = shape("POLYGON ICRS 10 0 12 2 12 0 10 2");
    assert!(region("CIRCLE 10.3 1 0.1").meets(&bow));
    assert!(region("CIRCLE 11.7 1 0.1").meets(&bow));
    assert!(!region("CIRCLE 11 1.8 0.1").meets(&bow));
}

#[test]
fn bounds_of_a_union_hold_its_parts() {
    let bounds = shape("CIRCLE 359 0 1 CIRCLE 3 0 1").bounds();
    assert!(
        (bounds.ra - 1.0).abs() < 1e-9 && (bounds.radius_deg - 3.0).abs() < 1e-6,
        "{bounds:?}"
    );
    let opposite = shape("CIRCLE 0 0 1 CIRCLE 180 0 1").bounds();
    assert!(
        opposite.radius_deg >= 91.0 && opposite.radius_deg <= 180.0,
        "{opposite:?}"
    );
}

proptest! {
    #[test]
    fn bounds_hold_every_corner(vertices in super::outlines(80.0)) {
        let bounds = shape(&super::polygon_text(&vertices)).bounds();
        for (ra, dec) in vertices {
            prop_assert!(separation_deg(bounds.ra, bounds.dec, ra, dec) <= bounds.radius_deg);
        }
    }

    #[test]
    fn no_text_makes_it_panic(
        text in "((polygon|circle|position|union|not|icrs|j2000|\\(|\\)|[-+]?[0-9]{1,3}|1e300|inf|nan|é) ?){0,24}"
    ) {
        let _ = Shape::parse_region(&text);
    }
}
