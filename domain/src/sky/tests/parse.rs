use proptest::prelude::*;

use super::{region, regions};
use crate::sky::Region;

fn refusal(text: &str) -> String {
    Region::parse(text).expect_err("no region")
}

#[test]
fn a_region_is_written_back_canonically() {
    let pairs = [
        ("circle 83.6 22 2", "CIRCLE 83.6 22 2"),
        ("  CIRCLE\t360.0  -0.0 0.5 ", "CIRCLE 0 0 0.5"),
        ("Polygon 10 0 20 0 15 10", "POLYGON 10 0 20 0 15 10"),
        ("POLYGON 10 0 20 0 15 10 10 0", "POLYGON 10 0 20 0 15 10"),
        ("POLYGON 360 0 20 0 15 10 0 0", "POLYGON 0 0 20 0 15 10"),
        ("range 350 10 -5 +5.0", "RANGE 350 10 -5 5"),
        ("RANGE -Inf +Inf -inf inf", "RANGE 0 360 -90 90"),
        ("RANGE 0 360 89 +Inf", "RANGE 0 360 89 90"),
        ("RANGE 360 10 1e1 20", "RANGE 0 10 10 20"),
    ];
    for (text, canonical) in pairs {
        assert_eq!(region(text).to_string(), canonical, "{text}");
    }
}

#[test]
fn a_region_that_is_none_says_what_it_takes() {
    let pairs = [
        (
            "",
            "takes CIRCLE ra dec radius, POLYGON ra1 dec1 ra2 dec2 ra3 dec3 …, or RANGE ra1 ra2 dec1 dec2, in ``",
        ),
        (
            "BOX 1 2 3 4",
            "takes CIRCLE ra dec radius, POLYGON ra1 dec1 ra2 dec2 ra3 dec3 …, or RANGE ra1 ra2 dec1 dec2, in `BOX 1 2 3 4`",
        ),
        (
            "CIRCLE 1 2",
            "CIRCLE takes ra dec radius in degrees, got 2 numbers, in `CIRCLE 1 2`",
        ),
        ("CIRCLE 1 2 3d", "`3d` is no number, in `CIRCLE 1 2 3d`"),
        ("CIRCLE 1 NaN 3", "`NaN` is no number, in `CIRCLE 1 NaN 3`"),
        (
            "CIRCLE 1 91 3",
            "a position is ra 0 to 360 and dec -90 to 90 degrees, got 1 91, in `CIRCLE 1 91 3`",
        ),
        (
            "CIRCLE -1 9 3",
            "a position is ra 0 to 360 and dec -90 to 90 degrees, got -1 9, in `CIRCLE -1 9 3`",
        ),
        (
            "CIRCLE 1 2 180.1",
            "a radius is 0 to 180 degrees, got 180.1, in `CIRCLE 1 2 180.1`",
        ),
        (
            "CIRCLE 1 2 -1",
            "a radius is 0 to 180 degrees, got -1, in `CIRCLE 1 2 -1`",
        ),
        (
            "CIRCLE 1 2 inf",
            "a radius is 0 to 180 degrees, got inf, in `CIRCLE 1 2 inf`",
        ),
        (
            "RANGE 1",
            "RANGE takes ra1 ra2 dec1 dec2 in degrees, got 1 number, in `RANGE 1`",
        ),
        (
            "RANGE +Inf 10 0 1",
            "right ascensions are 0 to 360 degrees, got inf 10, in `RANGE +Inf 10 0 1`",
        ),
        (
            "RANGE 0 10 2 1",
            "the lower declination comes first, got 2 1, in `RANGE 0 10 2 1`",
        ),
        (
            "RANGE 0 10 -91 1",
            "declinations are -90 to 90 degrees, got -91 1, in `RANGE 0 10 -91 1`",
        ),
        (
            "POLYGON 1 2 3",
            "POLYGON takes pairs ra dec in degrees, got 3 numbers, in `POLYGON 1 2 3`",
        ),
        (
            "POLYGON 1 2 3 4",
            "a polygon has 3 to 200 vertices, got 2, in `POLYGON 1 2 3 4`",
        ),
        (
            "POLYGON 1 2 3 4 1 2",
            "vertices 3 and 1 of the polygon are equal or opposite, in `POLYGON 1 2 3 4 1 2`",
        ),
    ];
    for (text, message) in pairs {
        assert_eq!(refusal(text), message);
    }
}

#[test]
fn a_message_quotes_only_the_beginning() {
    let message = refusal(&format!("é{}", "x".repeat(10_000)));
    assert!(message.chars().count() < 250, "{message}");
    assert!(message.ends_with("x…`"));
}

#[test]
fn a_polygon_of_two_hundred_vertices_is_the_largest() {
    let around = |count: u32| {
        (0..count).fold("POLYGON".to_owned(), |text, place| {
            let (sin, cos) =
                (f64::from(place) / f64::from(count) * std::f64::consts::TAU).sin_cos();
            format!("{text} {} {}", 180.0 + 10.0 * cos, 10.0 * sin)
        })
    };
    assert!(Region::parse(&around(200)).is_ok());
    assert!(
        Region::parse(&format!("{} 190 0", around(200))).is_ok(),
        "closed by hand"
    );
    assert!(refusal(&around(201)).starts_with("a polygon has 3 to 200 vertices, got 201"));
}

proptest! {
    #[test]
    fn canonical_text_means_the_same_region(region in regions()) {
        prop_assert_eq!(Region::parse(&region.to_string()), Ok(region));
    }

    #[test]
    fn no_text_makes_it_panic(text in "(?i)(circle|polygon|range)( [-+]?([0-9]{1,3}(\\.[0-9])?|inf|1e308|nan)){0,9}|\\PC{0,40}") {
        let _ = Region::parse(&text);
    }
}
