use proptest::prelude::*;

use super::{circles, offset, positions, region, regions};
use crate::sky::{Region, separation_deg};

#[test]
fn a_boundary_belongs_to_its_region() {
    assert!(region("CIRCLE 10 0 1").contains(11.0, 0.0));
    assert!(!region("CIRCLE 10 0 1").contains(11.0 + 1e-8, 0.0));
    assert!(region("RANGE 10 20 0 5").contains(10.0, 5.0));
    assert!(!region("RANGE 10 20 0 5").contains(10.0 - 1e-8, 5.0));
    assert!(region("POLYGON 0 0 10 0 0 10").contains(5.0, 0.0));
    assert!(!region("POLYGON 0 0 10 0 0 10").contains(5.0, -1e-8));
}

#[test]
fn a_circle_of_no_radius_is_its_centre() {
    let point = region("CIRCLE 10 20 0");
    assert!(point.contains(10.0, 20.0));
    assert!(!point.contains(10.0, 20.000_001));
}

#[test]
fn a_circle_of_half_a_turn_is_the_whole_sky() {
    let sky = region("CIRCLE 10 20 180");
    assert!(sky.contains(190.0, -20.0));
    assert!(sky.contains(0.0, 90.0));
}

#[test]
fn a_circle_of_a_quarter_turn_is_a_hemisphere() {
    let north = region("CIRCLE 0 90 90");
    assert!(north.contains(123.0, 0.0));
    assert!(!north.contains(123.0, -1e-6));
    assert!((north.distance_deg(5.0, -90.0) - 90.0).abs() < 1e-12);
}

#[test]
fn a_range_may_run_through_zero() {
    let range = region("RANGE 350 10 -5 5");
    assert!(range.contains(0.0, 0.0) && range.contains(360.0, 0.0));
    assert!(range.contains(355.0, 0.0) && range.contains(5.0, 0.0));
    assert!(!range.contains(180.0, 0.0) && !range.contains(11.0, 0.0));
    assert!((range.distance_deg(12.0, 0.0) - 2.0).abs() < 1e-12);
}

#[test]
fn a_range_to_the_pole_holds_the_pole_at_any_right_ascension() {
    let range = region("RANGE 10 20 80 90");
    assert!(range.contains(200.0, 90.0));
    assert!(!range.contains(200.0, 89.0));
    assert!(
        (range.distance_deg(200.0, 85.0) - 5.0).abs() < 1e-12,
        "over the pole"
    );
}

#[test]
fn a_range_of_the_whole_sky_has_no_edge() {
    let sky = region("RANGE -Inf +Inf -Inf +Inf");
    for (ra, dec) in [(0.0, 0.0), (360.0, 90.0), (180.0, -90.0), (12.3, 45.6)] {
        assert!(sky.contains(ra, dec));
    }
}

#[test]
fn a_range_of_no_width_is_an_arc() {
    let line = region("RANGE 10 10 0 40");
    assert!(line.contains(10.0, 20.0));
    assert!(!line.contains(10.001, 20.0));
    assert!(!region("RANGE 360 360 0 40").contains(180.0, 20.0));
}

#[test]
fn what_is_no_position_is_nowhere() {
    let sky = region("CIRCLE 0 0 180");
    for (ra, dec) in [
        (f64::NAN, 0.0),
        (0.0, f64::INFINITY),
        (-1.0, 0.0),
        (0.0, 90.1),
    ] {
        assert!(!sky.contains(ra, dec));
        assert!(sky.distance_deg(ra, dec).is_nan());
    }
}

proptest! {
    #[test]
    fn a_circle_holds_what_is_within_its_radius(circle in circles(), (ra, dec) in positions()) {
        let Region::Circle(inner) = &circle else { unreachable!() };
        let apart = separation_deg(inner.ra(), inner.dec(), ra, dec);
        prop_assume!((apart - inner.radius_deg()).abs() > 2e-9);
        prop_assert_eq!(circle.contains(ra, dec), apart < inner.radius_deg());
    }

    #[test]
    fn a_range_holds_what_is_between_its_edges(
        ra1 in 0.0..360.0, ra2 in 0.0..360.0, dec1 in -90.0..0.0, dec2 in 0.0..90.0,
        ra in 0.0..360.0, dec in -89.0..89.0,
    ) {
        let between = if ra1 <= ra2 { ra1 <= ra && ra <= ra2 } else { ra >= ra1 || ra <= ra2 };
        let range = region(&format!("RANGE {ra1} {ra2} {dec1} {dec2}"));
        prop_assert_eq!(range.contains(ra, dec), between && dec1 <= dec && dec <= dec2);
    }

    #[test]
    fn the_bounds_of_a_range_hold_all_of_it(
        ra1 in 0.0..360.0, width in 0.0..=360.0, dec1 in -90.0..90.0, height in 0.0..=1.0,
        across in 0.0..=1.0, up in 0.0..=1.0,
    ) {
        let dec2 = dec1 + (90.0 - dec1) * height;
        let ra2 = f64::rem_euclid(ra1 + width, 360.0);
        let range = region(&format!("RANGE {ra1} {ra2} {dec1} {dec2}"));
        let (ra, dec) = (f64::rem_euclid(ra1 + width * across, 360.0), dec1 + (dec2 - dec1) * up);
        prop_assume!(range.contains(ra, dec));
        let bounds = range.bounds();
        let apart = separation_deg(bounds.ra, bounds.dec, ra, dec);
        prop_assert!(apart <= bounds.radius_deg + 1e-9, "{apart} of {bounds:?}");
    }

    #[test]
    fn bounds_hold_their_region(region in regions(), points in prop::collection::vec(positions(), 64)) {
        let bounds = region.bounds();
        for (ra, dec) in points {
            let apart = separation_deg(bounds.ra, bounds.dec, ra, dec);
            prop_assert!(apart <= bounds.radius_deg + 1e-8 || !region.contains(ra, dec));
        }
    }

    #[test]
    fn distance_grows_no_faster_than_we_move(
        region in regions(), from in positions(), bearing in 0.0..360.0, step in 0.0..90.0
    ) {
        let to = offset(from, bearing, step);
        let (before, after) = (region.distance_deg(from.0, from.1), region.distance_deg(to.0, to.1));
        prop_assert!((before - after).abs() <= step + 1e-9, "{before} to {after} in {step}");
    }

    #[test]
    fn just_short_of_the_distance_nothing_is_inside(
        region in regions(), from in positions(), bearing in 0.0..360.0
    ) {
        let distance = region.distance_deg(from.0, from.1);
        for part in [0.2, 0.9, 0.999_999] {
            let to = offset(from, bearing, distance * part);
            prop_assert!(distance < 1e-6 || !region.contains(to.0, to.1));
        }
    }

    #[test]
    fn at_the_distance_something_is_inside(region in regions(), from in positions()) {
        // Going down the distance in the best of the directions around ends in the region.
        let mut at = from;
        for _ in 0..60 {
            let distance = region.distance_deg(at.0, at.1);
            at = (0..72)
                .map(|step| offset(at, f64::from(step) * 5.0, distance))
                .min_by(|a, b| region.distance_deg(a.0, a.1).total_cmp(&region.distance_deg(b.0, b.1)))
                .unwrap_or(at);
        }
        prop_assert!(region.distance_deg(at.0, at.1) < 1e-6);
    }
}
