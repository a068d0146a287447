//! Compared with astropy, from pole to pole.

mod reference;
mod sight_figures;
mod sights;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;

struct Position {
    name: &'static str,
    site: Site,
    t: DateTime<Utc>,
    sun: f64,
    moon: f64,
    illumination: f64,
}

fn positions() -> Vec<Position> {
    let read = |line: &'static str| {
        let words: Vec<&'static str> = line.split_whitespace().collect();
        let number = |index: usize| words[index].parse::<f64>().unwrap();
        Position {
            name: words[0],
            site: Site {
                latitude_deg: number(1),
                longitude_deg: number(2),
                height_m: number(3),
            },
            t: words[4].parse().unwrap(),
            sun: number(5),
            moon: number(6),
            illumination: number(7),
        }
    };
    reference::POSITIONS.lines().map(read).collect()
}

fn sites() -> BTreeMap<&'static str, Site> {
    positions()
        .into_iter()
        .map(|row| (row.name, row.site))
        .collect()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const PARANAL: Site = Site {
    latitude_deg: -24.627,
    longitude_deg: -70.404,
    height_m: 2635.0,
};
const TROMSO: Site = Site {
    latitude_deg: 69.65,
    longitude_deg: 18.96,
    height_m: 100.0,
};

#[test]
fn the_sun_stands_where_astropy_puts_it() {
    let wrong = |row: &Position| (sun_altitude_deg(&row.site, row.t) - row.sun).abs();
    let worst = positions().iter().map(wrong).fold(0.0, f64::max);
    assert!(worst < 0.0005, "{worst}");
}

#[test]
fn the_moon_stands_where_astropy_puts_it() {
    let wrong = |row: &Position| (moon(&row.site, row.t).altitude_deg - row.moon).abs();
    let worst = positions().iter().map(wrong).fold(0.0, f64::max);
    assert!(worst < 0.0005, "{worst}");
}

#[test]
fn the_moon_is_as_full_as_astropy_says() {
    let wrong = |row: &Position| (moon(&row.site, row.t).illumination - row.illumination).abs();
    let worst = positions().iter().map(wrong).fold(0.0, f64::max);
    assert!(worst < 0.00001, "{worst}");
}

#[test]
fn what_comes_next_comes_when_astropy_says() {
    let sites = sites();
    let mut worst: BTreeMap<&str, i64> = BTreeMap::new();
    for line in reference::CROSSINGS.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let start = at(words[1]);
        let c = coming(&sites[words[0]], start);
        let found = [
            c.sunset,
            c.sunrise,
            c.civil_dusk,
            c.civil_dawn,
            c.nautical_dusk,
            c.nautical_dawn,
            c.astronomical_dusk,
            c.astronomical_dawn,
            c.moonrise,
            c.moonset,
        ];
        for (index, (found, expected)) in found.into_iter().zip(&words[2..]).enumerate() {
            let found = found.map(|t| (t - start).num_seconds());
            let expected = expected.parse::<i64>().ok();
            assert_eq!(found.is_some(), expected.is_some(), "{line}: {index}");
            let wrong = (found.unwrap_or(0) - expected.unwrap_or(0)).abs();
            let so_far = worst.entry(words[0]).or_default();
            *so_far = wrong.max(*so_far);
        }
    }
    assert!(worst.values().all(|seconds| *seconds <= 1), "{worst:?}");
}

#[test]
fn longitudes_count_both_ways_round() {
    let west = Site {
        longitude_deg: 289.596,
        ..PARANAL
    };
    let t = at("2026-11-21T06:00:00Z");
    let wrong = sun_altitude_deg(&west, t) - sun_altitude_deg(&PARANAL, t);
    assert!(wrong.abs() < 1e-9, "{wrong}");
}

#[test]
fn the_state_changes_into_the_next_one_at_the_second_given() {
    let mut t = at("2026-11-21T12:00:00Z");
    let mut states = vec![night_state(&PARANAL, t)];
    for _ in 0..8 {
        let (change, state) = next_change(&PARANAL, t).unwrap();
        assert!(change > t);
        assert_eq!(night_state(&PARANAL, change), state);
        let before = change - TimeDelta::seconds(1);
        assert_eq!(Some(&night_state(&PARANAL, before)), states.last());
        states.push(state);
        t = change;
    }
    use NightState::{AstronomicalTwilight, CivilTwilight, Day, NauticalTwilight, Night};
    let down = [
        Day,
        CivilTwilight,
        NauticalTwilight,
        AstronomicalTwilight,
        Night,
    ];
    assert_eq!(states[..5], down);
    assert!(states[4..].iter().eq(down.iter().rev()));
}

#[test]
fn polar_night_and_midnight_sun_bring_neither_sunrise_nor_sunset() {
    let summer = coming(&TROMSO, at("2026-06-21T00:00:00Z"));
    assert_eq!(
        (summer.sunset, summer.sunrise, summer.astronomical_dawn),
        (None, None, None)
    );
    assert_eq!(next_change(&TROMSO, at("2026-06-21T00:00:00Z")), None);

    let winter = coming(&TROMSO, at("2026-12-21T00:00:00Z"));
    assert_eq!((winter.sunset, winter.sunrise), (None, None));
    assert!(winter.civil_dawn < winter.civil_dusk);
    assert!(winter.civil_dawn.is_some());
}

#[test]
fn what_comes_lies_ahead_and_within_two_days() {
    for site in sites().values() {
        let t = at("2026-09-22T23:59:59.999Z");
        let c = coming(site, t);
        for time in [c.sunset, c.sunrise, c.nautical_dusk, c.moonrise, c.moonset]
            .into_iter()
            .flatten()
        {
            assert!(
                time > t && time <= t + TimeDelta::hours(HORIZON_HOURS) + TimeDelta::seconds(1)
            );
        }
    }
}

#[test]
fn the_ends_of_time_bring_nothing() {
    assert_eq!(
        coming(&PARANAL, DateTime::<Utc>::MAX_UTC),
        Coming::default()
    );
    assert_eq!(next_change(&PARANAL, DateTime::<Utc>::MAX_UTC), None);
    let earliest = coming(&PARANAL, DateTime::<Utc>::MIN_UTC);
    assert!(earliest.sunset.is_none_or(|t| t > DateTime::<Utc>::MIN_UTC));
    assert!(moon(&PARANAL, DateTime::<Utc>::MIN_UTC).illumination <= 1.0);
}

#[test]
fn a_site_with_no_place_harms_nobody() {
    let nowhere = Site {
        latitude_deg: f64::NAN,
        longitude_deg: f64::INFINITY,
        height_m: 0.0,
    };
    assert_eq!(
        coming(&nowhere, at("2026-11-21T12:00:00Z")),
        Coming::default()
    );
}
