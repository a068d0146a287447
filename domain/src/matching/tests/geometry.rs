//! The few bytes kept of regions, against the regions.

use cdshealpix::nested;
use proptest::prelude::*;

use crate::matching::aim::{Aim, Round, Spot};
use crate::matching::cells;
use crate::sky::tests::{offset, outlines, positions, regions};
use crate::sky::{Circle, Polygon, Region, Shape, separation_deg};

fn circle((ra, dec): (f64, f64), radius: f64) -> Shape {
    Shape::Circle(Circle::new(ra, dec, radius).unwrap())
}

#[test]
fn most_answers_are_sure() {
    let region = Region::parse("POLYGON 10 10 12 10 12 12 11 11 10 12").unwrap();
    let Region::Polygon(polygon) = &region else {
        unreachable!()
    };
    let spots: Vec<Spot> = polygon
        .vertices()
        .iter()
        .map(|(ra, dec)| Spot::of(*ra, *dec))
        .collect();
    let mut unsure = 0;
    for step in 0..10_000 {
        let (ra, dec) = (
            9.5 + f64::from(step % 100) * 0.03,
            9.5 + f64::from(step / 100) * 0.03,
        );
        let shape = circle((ra, dec), 0.0);
        match Aim::at(&shape).meets_corners(spots.iter().copied()) {
            Some(sure) => assert_eq!(sure, region.meets(&shape), "{ra} {dec}"),
            None => unsure += 1,
        }
    }
    assert!(unsure < 150, "{unsure} of 10,000");
}

#[test]
fn no_point_of_a_cell_is_beyond_its_own_radius() {
    for level in 0..=6 {
        for number in 0..nested::n_hash(level) {
            let (ra, dec) = nested::center(level, number);
            let most = cells::radius_deg(level, ra, dec);
            for (other_ra, other_dec) in nested::grid(level, number, 4) {
                let other = (other_ra.to_degrees(), other_dec.to_degrees());
                let apart = separation_deg(ra.to_degrees(), dec.to_degrees(), other.0, other.1);
                assert!(
                    apart <= most,
                    "cell {number} of level {level}: {apart} of {most}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_sure_of_a_circle_is_true(
        place in positions(), radius in prop_oneof![0.0..0.01, 0.0..2.0, 0.0..180.0_f64],
        bearing in 0.0..360.0, part in 0.0..2.0_f64, size in prop_oneof![Just(0.0), 0.0..0.01, 0.0..60.0_f64],
    ) {
        let region = Region::Circle(Circle::new(place.0, place.1, radius).unwrap());
        let shape = circle(offset(place, bearing, (part * (radius + size)).min(180.0)), size);
        let round = Round::of(&cells::bounds(&region));
        if let Some(sure) = Aim::at(&shape).meets_round(round) {
            prop_assert_eq!(sure, region.meets(&shape));
        }
    }

    #[test]
    fn what_is_sure_of_corners_is_true(
        outline in outlines(85.0), at in 0.0..1.2_f64, toward in any::<prop::sample::Index>(),
        size in prop_oneof![Just(0.0), 0.0..0.01, 0.0..60.0], drawn in outlines(40.0), is_drawn: bool,
    ) {
        let Ok(polygon) = Polygon::new(&outline) else { return Ok(()) };
        let region = Region::Polygon(polygon.clone());
        let around = cells::bounds(&region);
        let corner = polygon.vertices()[toward.index(polygon.vertices().len())];
        let place = (
            around.ra + (corner.0 - around.ra) * at,
            (around.dec + (corner.1 - around.dec) * at).clamp(-90.0, 90.0),
        );
        let place = (place.0.rem_euclid(360.0), place.1);
        let shape = match is_drawn {
            true => {
                let corners = drawn.iter().map(|(ra, dec)| format!(" {ra} {dec}"));
                Shape::parse_region(&format!("POLYGON{}", corners.collect::<String>())).unwrap()
            }
            false => circle(place, size),
        };
        let aim = Aim::at(&shape);
        let spots = polygon.vertices().iter().map(|(ra, dec)| Spot::of(*ra, *dec));
        if let Some(sure) = aim.meets_corners(spots) {
            prop_assert_eq!(sure, region.meets(&shape));
        }
        if aim.meets_round(Round::of(&around)) == Some(false) {
            prop_assert!(!region.meets(&shape));
        }
    }

    #[test]
    fn a_circle_around_a_region_holds_it(region in regions(), place in positions()) {
        let around = cells::bounds(&region);
        if region.contains(place.0, place.1) {
            let apart = separation_deg(place.0, place.1, around.ra, around.dec);
            prop_assert!(apart <= around.radius_deg + 1e-7, "{apart} of {}", around.radius_deg);
        }
    }
}
