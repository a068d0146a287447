use proptest::prelude::*;

use super::{offset, positions};
use crate::sky::separation_deg;

#[test]
fn a_position_is_not_apart_from_itself() {
    assert_eq!(separation_deg(10.0, 20.0, 10.0, 20.0), 0.0);
    assert_eq!(separation_deg(0.0, 90.0, 0.0, 90.0), 0.0);
}

#[test]
fn a_nanoarcsecond_is_told_to_a_part_in_ten_million() {
    let step = 1e-9 / 3600.0;
    assert!((separation_deg(0.0, step, 0.0, 0.0) / step - 1.0).abs() < 1e-7);
    assert!((separation_deg(0.0, 0.0, step, 0.0) / step - 1.0).abs() < 1e-7);
}

#[test]
fn opposite_positions_are_half_a_turn_apart() {
    assert!((separation_deg(10.0, 20.0, 190.0, -20.0) - 180.0).abs() < 1e-12);
    assert_eq!(separation_deg(0.0, 90.0, 77.0, -90.0), 180.0);
    let near = separation_deg(0.0, 0.0, 180.0, 1e-7);
    assert!((near - (180.0 - 1e-7)).abs() < 1e-12, "{near}");
}

#[test]
fn right_ascension_runs_through_zero() {
    assert!((separation_deg(359.5, 0.0, 0.5, 0.0) - 1.0).abs() < 1e-12);
    assert_eq!(separation_deg(0.0, 12.0, 360.0, 12.0).round(), 0.0);
}

#[test]
fn what_is_not_finite_is_no_angle() {
    assert!(separation_deg(f64::NAN, 0.0, 0.0, 0.0).is_nan());
    assert!(separation_deg(0.0, 0.0, f64::INFINITY, 0.0).is_nan());
}

proptest! {
    #[test]
    fn separation_undoes_an_offset(
        from in positions(), bearing in 0.0..360.0, distance in 0.0..180.0
    ) {
        let to = offset(from, bearing, distance);
        let found = separation_deg(from.0, from.1, to.0, to.1);
        prop_assert!((found - distance).abs() < 1e-11, "{found} for {distance}");
    }

    #[test]
    fn separation_is_the_same_both_ways(from in positions(), to in positions()) {
        let there = separation_deg(from.0, from.1, to.0, to.1);
        let back = separation_deg(to.0, to.1, from.0, from.1);
        prop_assert!((there - back).abs() < 1e-12);
    }
}
