use std::f64::consts::FRAC_PI_2;
use std::ops::RangeInclusive;

use cdshealpix::nested;
use proptest::prelude::*;

use super::{offset, positions, region, regions};
use crate::sky::cover::cell_radius;
use crate::sky::{Region, cell, separation_deg};

fn holds(cover: &[RangeInclusive<u64>], (ra, dec): (f64, f64), depth: u8) -> bool {
    cell(ra, dec, depth).is_some_and(|cell| cover.iter().any(|range| range.contains(&cell)))
}

/// Part of the sky covered.
fn area(cover: &[RangeInclusive<u64>], depth: u8) -> f64 {
    let cells: u64 = cover
        .iter()
        .map(|range| range.end() - range.start() + 1)
        .sum();
    cells as f64 / nested::n_hash(depth) as f64
}

#[test]
fn a_cell_needs_a_position() {
    assert_eq!(cell(0.0, 0.0, 0), Some(4));
    assert_eq!(cell(0.0, 12.0, 5), cell(360.0, 12.0, 5));
    assert!(cell(10.0, 90.0, 29).is_some() && cell(10.0, -90.0, 29).is_some());
    for (ra, dec, depth) in [
        (f64::NAN, 0.0, 5),
        (0.0, f64::NAN, 5),
        (f64::INFINITY, 0.0, 5),
        (-0.1, 0.0, 5),
        (360.1, 0.0, 5),
        (0.0, 90.1, 5),
        (0.0, 0.0, 30),
    ] {
        assert_eq!(cell(ra, dec, depth), None, "{ra} {dec} {depth}");
    }
}

#[test]
fn the_whole_sky_is_one_range() {
    let all = vec![0..=nested::n_hash(10) - 1];
    assert_eq!(region("RANGE 0 360 -90 90").cover(10, 0.0, 32), all);
    assert_eq!(region("CIRCLE 10 20 180").cover(10, 0.0, 32), all);
    assert_eq!(region("CIRCLE 10 20 1").cover(10, 180.0, 32), all);
    assert_eq!(region("CIRCLE 10 20 1").cover(10, f64::NAN, 32), all);
    assert_eq!(region("CIRCLE 10 20 1").cover(10, f64::INFINITY, 32), all);
}

#[test]
fn a_budget_of_one_is_one_range_around_it() {
    let cover = region("CIRCLE 0 0 1").cover(10, 0.0, 1);
    assert_eq!(cover.len(), 1);
    assert_eq!(region("CIRCLE 0 0 1").cover(10, 0.0, 0), cover);
}

#[test]
fn a_cover_is_not_much_larger_than_its_region() {
    let cases = [
        ("CIRCLE 100 10 10", 2.0),
        ("CIRCLE 100 10 1", 2.0),
        ("CIRCLE 0 89 10", 2.0),
        ("RANGE 100 120 0 20", 2.0),
        ("POLYGON 100 0 120 0 120 20 100 20", 2.0),
    ];
    for (text, most) in cases {
        let region = region(text);
        let exact = area(&region.cover(9, 0.0, usize::MAX), 9);
        let coarse = area(&region.cover(9, 0.0, 32), 9);
        assert!(coarse < exact * most, "{text}: {coarse} for {exact}");
    }
}

#[test]
fn the_deepest_cells_and_no_budget_still_end() {
    let cover = region("CIRCLE 100 10 50").cover(29, 0.0, usize::MAX);
    assert!(!cover.is_empty());
    let point = region("CIRCLE 100 10 0").cover(29, 0.0, 8);
    assert!(holds(&point, (100.0, 10.0), 29) && area(&point, 29) < 1e-15);
}

#[test]
fn no_point_of_a_cell_is_beyond_its_radius() {
    for depth in 0..=5 {
        let radius = cell_radius(depth).to_degrees();
        for number in 0..nested::n_hash(depth) {
            let centre = nested::center(depth, number);
            for (ra, dec) in nested::grid(depth, number, 4) {
                let apart = separation_deg(
                    centre.0.to_degrees(),
                    centre.1.to_degrees(),
                    ra.to_degrees(),
                    dec.clamp(-FRAC_PI_2, FRAC_PI_2).to_degrees(),
                );
                assert!(
                    apart <= radius,
                    "cell {number} at {depth}: {apart} of {radius}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn no_position_is_beyond_the_radius_of_its_cell((ra, dec) in positions(), depth in 0..=29_u8) {
        let centre = nested::center(depth, cell(ra, dec, depth).expect("a position"));
        let apart = separation_deg(centre.0.to_degrees(), centre.1.to_degrees(), ra, dec);
        prop_assert!(apart <= cell_radius(depth).to_degrees() + 1e-10);
    }

    #[test]
    fn a_cover_never_misses(
        region in regions(), margin in prop_oneof![Just(0.0), 0.0..0.1, 0.0..60.0],
        depth in 0..=12_u8, most in 1..64_usize,
        points in prop::collection::vec(positions(), 64),
    ) {
        let cover = region.cover(depth, margin, most);
        for point in points {
            let near = region.distance_deg(point.0, point.1) <= margin;
            prop_assert!(!near || holds(&cover, point, depth), "{point:?}");
        }
    }

    #[test]
    fn a_cover_holds_what_is_just_within_the_margin(
        region in regions(), margin in prop_oneof![Just(0.0), 0.0..0.1, 0.0..60.0],
        depth in prop_oneof![0..=12_u8, Just(29)], most in 1..64_usize,
        bearings in prop::collection::vec((0.0..360.0, 0.0..=1.0), 32),
    ) {
        let starts = match &region {
            Region::Circle(circle) => vec![(circle.ra(), circle.dec())],
            Region::Polygon(polygon) => polygon.vertices().to_vec(),
            Region::Range(zone) => vec![
                (zone.ra().0, zone.dec().0), (zone.ra().1, zone.dec().0),
                (zone.ra().0, zone.dec().1), (zone.ra().1, zone.dec().1),
            ],
        };
        let inner = if let Region::Circle(circle) = &region { circle.radius_deg() } else { 0.0 };
        let cover = region.cover(depth, margin, most);
        for start in starts {
            for (bearing, part) in &bearings {
                let far = ((inner + margin) * f64::sqrt(*part)).min(180.0);
                let point = offset(start, *bearing, far);
                prop_assert!(holds(&cover, point, depth), "{point:?}");
            }
        }
    }

    #[test]
    fn a_cover_is_in_order_apart_and_within_the_budget(
        region in regions(), margin in 0.0..20.0, depth in 0..=29_u8, most in 1..64_usize,
    ) {
        let cover = region.cover(depth, margin, most);
        prop_assert!(!cover.is_empty() && cover.len() <= most);
        prop_assert!(cover.iter().all(|range| range.start() <= range.end()));
        prop_assert!(cover.iter().all(|range| *range.end() < nested::n_hash(depth)));
        prop_assert!(cover.windows(2).all(|pair| pair[0].end() + 1 < *pair[1].start()));
    }
}
