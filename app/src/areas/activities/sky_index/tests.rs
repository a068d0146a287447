use domain::Facts;

use super::*;

fn day(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_000_000, 0).unwrap() + TimeDelta::days(n)
}

fn point(ra: f64, dec: f64, fov: Option<f64>) -> Option<Shape> {
    Shape::of(&Facts {
        s_ra: Some(ra),
        s_dec: Some(dec),
        s_fov: fov,
        ..Facts::default()
    })
}

fn holds(stretches: &[Stretch], key: i64) -> bool {
    stretches.iter().any(|stretch| stretch.contains(&key))
}

#[test]
fn every_size_and_duration_is_found_by_a_region_it_touches() {
    let region = [Region::parse("CIRCLE 359.95 10 0.2").unwrap()];
    let window = Cells::of(&region).stretches(When::Between(day(0), day(30)));
    for (ra, fov) in [
        (0.0, None),
        (1.0, Some(2.0)),
        (10.0, Some(20.0)),
        (20.0, Some(44.0)),
        (90.0, Some(360.0)),
    ] {
        for lasting in [0, 1, 20, 400] {
            let shape = point(ra, 10.0, fov);
            let key = key(shape.as_ref(), Some(day(1 - lasting)), Some(day(1))).unwrap();
            assert!(
                holds(&window, key),
                "ra {ra}, field {fov:?}, lasting {lasting} d"
            );
        }
    }
}

#[test]
fn what_is_elsewhere_or_at_another_time_is_not_read() {
    let region = [Region::parse("CIRCLE 83.6 22.0 1").unwrap()];
    let window = Cells::of(&region).stretches(When::Between(day(0), day(30)));
    let far = key(point(100.0, 22.0, None).as_ref(), Some(day(1)), None).unwrap();
    let old = key(point(83.6, 22.0, None).as_ref(), Some(day(-60)), None).unwrap();
    assert!(!holds(&window, far));
    assert!(!holds(&window, old));
}

#[test]
fn stretches_are_joined_where_hardly_anything_lies_between() {
    let cells = [(0, 5), (6, 9), (12, 30), (31, 40), (90, 91)];
    assert_eq!(joined(&cells, 0), [(0, 9), (12, 40), (90, 91)]);
    assert_eq!(joined(&cells, 1), [(0, 9), (12, 40), (90, 91)]);
    assert_eq!(joined(&cells, 2), [(0, 40), (90, 91)]);
    assert_eq!(joined(&cells, 49), [(0, 91)]);
    assert_eq!(joined(&[(0, 9), (3, 4), (8, 12)], 0), [(0, 12)]);
    assert_eq!(joined(&[], 3), []);
}

#[test]
fn a_region_and_a_month_are_looked_up_in_few_places() {
    for radius in [0.1, 1.0, 10.0] {
        let region = [Region::parse(&format!("CIRCLE 80.9 -69.7 {radius}")).unwrap()];
        let places = Cells::of(&region)
            .stretches(When::Between(day(0), day(30)))
            .len();
        assert!(places < 120, "radius {radius}: {places}");
    }
}

#[test]
fn keys_at_hand_are_held_or_not_whatever_their_time() {
    let region = [Region::parse("CIRCLE 359.95 10 0.2").unwrap()];
    let cells = Cells::of(&region);
    for (ra, fov, held) in [
        (0.0, None, true),
        (1.0, Some(2.0), true),
        (10.0, Some(20.0), true),
        (90.0, Some(360.0), true),
        (5.0, None, false),
        (90.0, Some(20.0), false),
        (16.0, Some(34.0), true),
        (20.0, Some(44.0), true),
        (90.0, Some(34.0), false),
    ] {
        for start in [None, Some(day(1)), Some(day(-900))] {
            let key = key(point(ra, 10.0, fov).as_ref(), start, start).unwrap();
            assert_eq!(cells.may_hold(key), held, "ra {ra}, field {fov:?}");
        }
    }
}

#[test]
fn a_part_of_the_sky_is_told_roughly() {
    for (region, part) in [
        ("CIRCLE 10 10 180", 1.0),
        ("CIRCLE 10 10 90", 0.5),
        ("CIRCLE 10 10 10", 0.0076),
    ] {
        let told = Cells::of(&[Region::parse(region).unwrap()]).part_of_the_sky();
        assert!(
            (0.99 * part..2.0 * part + 0.01).contains(&told),
            "{region}: {told}"
        );
    }
}

#[test]
fn what_has_no_time_is_found_without_a_window() {
    let region = [Region::parse("CIRCLE 83.6 22.0 1").unwrap()];
    let timeless = key(point(83.6, 22.0, None).as_ref(), None, None).unwrap();
    assert!(holds(
        &Cells::of(&region).stretches(When::Timeless),
        timeless
    ));
    assert_eq!(key(None, Some(day(0)), None), None);
}

#[test]
fn a_size_is_no_smaller_than_the_radius_and_hardly_larger() {
    for radius in [
        0.0, 1e-9, 0.001, 0.0011, 0.3, 0.300_1, 1.999, 2.0, 17.9, 18.0, 24.0,
    ] {
        let size = size_of(radius);
        assert!((0..UNKNOWN).contains(&size), "{radius}");
        let kept = radius_of(size);
        assert!(
            kept >= radius && kept <= (radius * NEXT_SIZE).max(FIRST_SIZE),
            "{radius}: {kept}"
        );
    }
}

#[test]
fn a_key_tells_what_lies_apart_and_what_surely_meets() {
    let region = [Region::parse("CIRCLE 359.95 10 0.2").unwrap()];
    let cells = Cells::of(&region);
    for (ra, fov, told) in [
        (0.0, None, Told::Meets),
        (0.0, Some(4.0), Told::Meets),
        (0.153, None, Told::Unsure),
        (0.17, None, Told::Apart),
        (0.17, Some(0.1), Told::Unsure),
        (1.0, Some(1.0), Told::Apart),
        (10.0, Some(18.0), Told::Apart),
        (90.0, Some(360.0), Told::Unsure),
    ] {
        let key = key(point(ra, 10.0, fov).as_ref(), Some(day(1)), None).unwrap();
        assert_eq!(cells.look(key), told, "ra {ra}, field {fov:?}");
    }
    let outline = Shape::parse_region("POLYGON 359.9 9.9 0.1 9.9 0.1 10.1 359.9 10.1").unwrap();
    let key = key(Some(&outline), Some(day(1)), None).unwrap();
    assert_eq!(cells.look(key), Told::Unsure);
}

#[test]
fn keys_from_before_there_was_more_in_them_are_left_to_the_exact_check() {
    let region = [Region::parse("CIRCLE 83.6 22.0 1").unwrap()];
    let cells = Cells::of(&region);
    let older = |ra| {
        let key = key(point(ra, 22.0, Some(0.1)).as_ref(), Some(day(1)), None).unwrap();
        (key >> FINE_BITS << FINE_BITS) | UNKNOWN << 1
    };
    assert_eq!(cells.look(older(83.6)), Told::Unsure);
    assert_eq!(cells.look(older(86.0)), Told::Apart);
    assert!(holds(
        &cells.stretches(When::Between(day(0), day(2))),
        older(83.6)
    ));
}
