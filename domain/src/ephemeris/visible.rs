//! When a target stands high enough above a site, with the Sun low enough.
//!
//! The target's altitude over a day has a closed form, its passages of a limit too; the Sun's
//! passages are computed once per site and day and kept. A search intersects both, day by day.

use std::f64::consts::{PI, TAU};
use std::sync::Arc;

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::dark::{dark, ever, overlap};
use super::day::{self, Day, TURN};
use super::place::Site;

/// Longest time looked at, days: after a year everything repeats.
pub const MOST_DAYS: i64 = 366;

/// Years the figures mean something in; nothing is visible in others.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// Degrees by which the declination of date may differ from the catalogue's in [`YEARS`].
pub const DRIFT_DEG: f64 = 1.5;

/// How high, and how dark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Least altitude of the target, degrees, geometric.
    pub min_alt_deg: f64,
    /// The Sun's centre is below this altitude, degrees, geometric; none asks nothing of it.
    pub sun_below_deg: Option<f64>,
}

/// A time during which a target is visible, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}

/// Seconds after 0 h UTC of a day, both ends included.
pub(super) type Stretch = (f64, f64);

/// A site in the numbers altitudes are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observer {
    pub(super) sin_lat: f64,
    pub(super) cos_lat: f64,
    /// East, radians.
    pub(super) longitude: f64,
}

impl Observer {
    pub(super) fn of(site: &Site) -> Self {
        let (sin_lat, cos_lat) = site.latitude_deg.to_radians().sin_cos();
        Observer {
            sin_lat,
            cos_lat,
            longitude: site.longitude_deg.to_radians(),
        }
    }
}

/// Whether a target (ICRS right ascension and declination, degrees) meets a demand at some time of
/// `from..=to`, of which at most the first [`MOST_DAYS`] are looked at.
///
/// Costs a few microseconds a day, and the Sun's position once for each day nobody asked for lately
/// (0.2 ms).
#[must_use]
pub fn is_visible(
    site: &Site,
    target: (f64, f64),
    demand: &Demand,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> bool {
    search(site, target, demand, from, to).next().is_some()
}

/// When a target meets a demand within `from..=to`, in order; see [`is_visible`].
#[must_use]
pub fn sights(
    site: &Site,
    target: (f64, f64),
    demand: &Demand,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Sight> {
    let mut all: Vec<Sight> = Vec::new();
    for sight in search(site, target, demand, from, to) {
        match all.last_mut() {
            // Days meet at midnight.
            Some(last) if sight.from - last.to <= TimeDelta::seconds(1) => {
                last.to = last.to.max(sight.to);
            }
            _ => all.push(sight),
        }
    }
    all
}

/// What is visible of each day, in order; none goes over midnight.
fn search<'a>(
    site: &'a Site,
    target: (f64, f64),
    demand: &'a Demand,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = Sight> + use<'a> {
    let last = from.checked_add_signed(TimeDelta::days(MOST_DAYS));
    let to = last.map_or(to, |last| last.min(to));
    let given = [site.latitude_deg, site.longitude_deg, target.0, target.1];
    let hopeless = from > to
        || !given.iter().all(|number| number.is_finite())
        || !YEARS.contains(&from.year())
        || !YEARS.contains(&to.year())
        || 90.0 - (site.latitude_deg - target.1).abs() < demand.min_alt_deg - DRIFT_DEG
        || demand.sun_below_deg.is_some_and(|limit| !ever(site, limit));
    let days = (!hopeless).then(|| day::number(from)..=day::number(to));
    days.into_iter().flatten().flat_map(move |number| {
        let window = (seconds_of(number, from), seconds_of(number, to));
        of_day(site, target, demand, number, window)
            .into_iter()
            .filter_map(move |stretch| sight(number, stretch))
    })
}

/// What is visible of one day, within a window of it.
fn of_day(
    site: &Site,
    target: (f64, f64),
    demand: &Demand,
    number: i64,
    window: Stretch,
) -> Vec<Stretch> {
    let whole = (0.0, day::LENGTH as f64);
    let (Some(day), Some(window)) = (Day::of(number), overlap(window, whole)) else {
        return Vec::new();
    };
    let high = high(&day, &Observer::of(site), target, demand.min_alt_deg);
    let high: Vec<Stretch> = high.filter_map(|up| overlap(up, window)).collect();
    let Some(limit) = demand.sun_below_deg.filter(|_| !high.is_empty()) else {
        return high;
    };
    let dark: Arc<[Stretch]> = dark(site, limit, number);
    let both = high
        .iter()
        .flat_map(|up| dark.iter().filter_map(|night| overlap(*up, *night)));
    both.collect()
}

/// When a target stands at or above an altitude on a day, in order. May reach out of the day.
fn high(
    day: &Day,
    here: &Observer,
    target: (f64, f64),
    min_alt_deg: f64,
) -> impl Iterator<Item = Stretch> + use<> {
    let (asc, dec) = day.apparent(target);
    // sin(altitude) is `still + swing · cos(hour angle)`.
    let still = here.sin_lat * dec.sin();
    let swing = here.cos_lat * dec.cos();
    let cosine = (min_alt_deg.to_radians().sin() - still) / swing;
    let half = match cosine {
        always if always <= -1.0 => Some(PI),
        some if some <= 1.0 => Some(some.acos()),
        _ => None,
    };
    let at_midnight = day.sidereal + here.longitude - asc;
    let at_midnight = (at_midnight + PI).rem_euclid(TAU) - PI;
    // Culminations from the one before the day to the one after it.
    half.into_iter().flat_map(move |half| {
        (-1..=2).map(move |n| {
            let culmination = f64::from(n) * TAU - at_midnight;
            ((culmination - half) / TURN, (culmination + half) / TURN)
        })
    })
}

/// Seconds from 0 h of a day to a time.
fn seconds_of(number: i64, t: DateTime<Utc>) -> f64 {
    let whole = t
        .timestamp()
        .saturating_sub(number.saturating_mul(day::LENGTH));
    whole as f64 + f64::from(t.timestamp_subsec_micros()) / 1e6
}

fn sight(number: i64, (from, to): Stretch) -> Option<Sight> {
    let midnight = number.checked_mul(day::LENGTH)?.checked_mul(1_000_000)?;
    let time = |seconds: f64| {
        let micros = (seconds * 1e6).round() as i64;
        DateTime::from_timestamp_micros(midnight.checked_add(micros)?)
    };
    Some(Sight {
        from: time(from)?,
        to: time(to)?,
    })
}
