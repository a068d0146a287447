//! When targets are visible, compared with astropy.

use super::*;
use crate::ephemeris::tests::sight_figures::SIGHTS;

/// Seconds a passage may be off: where target or Sun graze a limit, a tiny angle is a long time.
const TOLERANCE: i64 = 20;

struct Asked {
    site: Site,
    target: (f64, f64),
    demand: Demand,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// Seconds after `from`.
    expected: Vec<(i64, i64)>,
}

fn asked(line: &str) -> Asked {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |index: usize| words[index].parse::<f64>().unwrap();
    let from = at(words[8]);
    let expected = words[10..].iter().map(|span| {
        let (begin, end) = span.split_once('-').unwrap();
        (begin.parse().unwrap(), end.parse().unwrap())
    });
    Asked {
        site: Site {
            latitude_deg: number(1),
            longitude_deg: number(2),
            height_m: number(3),
        },
        target: (number(4), number(5)),
        demand: Demand {
            min_alt_deg: number(6),
            sun_below_deg: (words[7] != "-").then(|| number(7)),
        },
        from,
        to: from + TimeDelta::seconds(words[9].parse().unwrap()),
        expected: expected.collect(),
    }
}

fn found(asked: &Asked) -> Vec<(i64, i64)> {
    let seconds = |t: DateTime<Utc>| (t - asked.from).num_seconds();
    sights(
        &asked.site,
        asked.target,
        &asked.demand,
        asked.from,
        asked.to,
    )
    .iter()
    .map(|sight| (seconds(sight.from), seconds(sight.to)))
    .collect()
}

#[test]
fn what_astropy_sees_is_visible_and_when() {
    let mut worst = 0;
    for line in SIGHTS.lines() {
        let asked = asked(line);
        let found = found(&asked);
        assert_eq!(found.len(), asked.expected.len(), "{line}: {found:?}");
        for (found, expected) in found.iter().zip(&asked.expected) {
            let wrong = (found.0 - expected.0)
                .abs()
                .max((found.1 - expected.1).abs());
            assert!(wrong <= TOLERANCE, "{line}: {found:?}");
            worst = worst.max(wrong);
        }
    }
    assert!(worst > 0, "the figures are somebody else's");
}

#[test]
fn something_is_visible_exactly_when_there_is_a_time_it_is() {
    for line in SIGHTS.lines() {
        let asked = asked(line);
        let Asked {
            site,
            target,
            demand,
            from,
            to,
            ..
        } = &asked;
        let visible = is_visible(site, *target, demand, *from, *to);
        assert_eq!(visible, !asked.expected.is_empty(), "{line}");
    }
}

/// The Crab from Munich: it rises late in summer and is up all night in winter.
const CRAB: (f64, f64) = (83.6331, 22.0145);
const MUNICH: Site = Site {
    latitude_deg: 48.137,
    longitude_deg: 11.575,
    height_m: 520.0,
};
const AT_NIGHT: Demand = Demand {
    min_alt_deg: 30.0,
    sun_below_deg: Some(-18.0),
};

#[test]
fn an_instant_is_visible_when_it_lies_in_a_sight() {
    let (from, to) = (at("2026-11-21T12:00:00Z"), at("2026-11-22T12:00:00Z"));
    let [sight] = sights(&MUNICH, CRAB, &AT_NIGHT, from, to)[..] else {
        panic!("one night")
    };
    let seen = |t: DateTime<Utc>| is_visible(&MUNICH, CRAB, &AT_NIGHT, t, t);
    let second = TimeDelta::seconds(1);
    assert!(seen(sight.from + second) && seen(sight.to - second));
    assert!(!seen(sight.from - second) && !seen(sight.to + second));
    assert!(!is_visible(&MUNICH, CRAB, &AT_NIGHT, to, from), "no time");
}

#[test]
fn a_night_over_midnight_is_one_sight() {
    // Midnight UTC is within the night of all these, and no reason to end it.
    for (longitude_deg, midnights) in [(0.0, 2), (30.0, 2), (-30.0, 2)] {
        let site = Site {
            longitude_deg,
            ..MUNICH
        };
        let pole = (0.0, 89.9);
        let (from, to) = (at("2026-11-21T12:00:00Z"), at("2026-11-23T12:00:00Z"));
        assert_eq!(sights(&site, pole, &AT_NIGHT, from, to).len(), midnights);
    }
}

#[test]
fn no_more_than_a_year_is_looked_at() {
    let never_dark = Demand {
        sun_below_deg: Some(-63.0),
        ..AT_NIGHT
    };
    let from = at("2026-01-01T00:00:00Z");
    let forever = at("2199-12-31T00:00:00Z");
    let year = from + TimeDelta::days(MOST_DAYS);
    let all = sights(&MUNICH, CRAB, &never_dark, from, forever);
    assert!(all.iter().all(|sight| sight.to <= year), "{all:?}");
    assert!(is_visible(&MUNICH, CRAB, &AT_NIGHT, from, forever));
}

#[test]
fn what_makes_no_sense_is_never_visible() {
    let t = at("2026-11-21T22:00:00Z");
    let later = t + TimeDelta::hours(24);
    let seen =
        |site: Site, target, demand: Demand, from, to| is_visible(&site, target, &demand, from, to);
    assert!(seen(MUNICH, CRAB, AT_NIGHT, t, later));
    for wrong in [f64::NAN, f64::INFINITY] {
        let nowhere = Site {
            latitude_deg: wrong,
            ..MUNICH
        };
        assert!(!seen(nowhere, CRAB, AT_NIGHT, t, later));
        let nowhere = Site {
            longitude_deg: wrong,
            ..MUNICH
        };
        assert!(!seen(nowhere, CRAB, AT_NIGHT, t, later));
        assert!(!seen(MUNICH, (wrong, 0.0), AT_NIGHT, t, later));
        assert!(!seen(MUNICH, (0.0, wrong), AT_NIGHT, t, later));
        assert!(!seen(
            MUNICH,
            CRAB,
            Demand {
                min_alt_deg: f64::NAN,
                ..AT_NIGHT
            },
            t,
            later
        ));
    }
    for (from, to) in [
        (DateTime::<Utc>::MIN_UTC, later),
        (DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MAX_UTC),
        (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MIN_UTC),
    ] {
        assert!(!seen(MUNICH, CRAB, AT_NIGHT, from, to), "{from}");
    }
}
