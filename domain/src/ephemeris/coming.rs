//! What comes next: sunset, twilights, moonrise.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::moon;
use super::night::{ASTRONOMICAL, CIVIL, LIMB, NAUTICAL, NightState};
use super::place::Site;
use super::sun::Track;

/// How far ahead is looked, hours.
pub const HORIZON_HOURS: i64 = 48;

/// Minutes between two samples. What lasts less may be missed: at high latitudes the Sun can dip
/// below a limit, or rise above it, for a few minutes only.
const SAMPLE_MINUTES: i64 = 10;

/// The next time of each, UTC, to the second (the first whole second after it); none when it does
/// not come within [`HORIZON_HOURS`], as in polar summer and winter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coming {
    /// The Sun's centre goes below −0.833°.
    pub sunset: Option<DateTime<Utc>>,
    /// Below −6°: civil twilight ends.
    pub civil_dusk: Option<DateTime<Utc>>,
    /// Below −12°.
    pub nautical_dusk: Option<DateTime<Utc>>,
    /// Below −18°: the night begins.
    pub astronomical_dusk: Option<DateTime<Utc>>,
    /// Above −18°: the night ends.
    pub astronomical_dawn: Option<DateTime<Utc>>,
    /// Above −12°.
    pub nautical_dawn: Option<DateTime<Utc>>,
    /// Above −6°: civil twilight begins.
    pub civil_dawn: Option<DateTime<Utc>>,
    /// The Sun's centre comes above −0.833°.
    pub sunrise: Option<DateTime<Utc>>,
    /// The Moon's centre comes above −0.833°.
    pub moonrise: Option<DateTime<Utc>>,
    /// The Moon's centre goes below −0.833°.
    pub moonset: Option<DateTime<Utc>>,
}

/// What comes next at a site. Costs about 1 ms.
#[must_use]
pub fn coming(site: &Site, t: DateTime<Utc>) -> Coming {
    let times = samples(t);
    let track = Track::new(t, HORIZON_HOURS);
    let sun = Curve::new(&times, |t| track.altitude_deg(site, t));
    let moon = Curve::new(&times, |t| moon::altitude_deg(site, t));
    Coming {
        sunset: sun.falls_below(LIMB),
        civil_dusk: sun.falls_below(CIVIL),
        nautical_dusk: sun.falls_below(NAUTICAL),
        astronomical_dusk: sun.falls_below(ASTRONOMICAL),
        astronomical_dawn: sun.rises_to(ASTRONOMICAL),
        nautical_dawn: sun.rises_to(NAUTICAL),
        civil_dawn: sun.rises_to(CIVIL),
        sunrise: sun.rises_to(LIMB),
        moonrise: moon.rises_to(LIMB),
        moonset: moon.falls_below(LIMB),
    }
}

/// When the night state changes next, and into what; none when not within [`HORIZON_HOURS`].
#[must_use]
pub fn next_change(site: &Site, t: DateTime<Utc>) -> Option<(DateTime<Utc>, NightState)> {
    let track = Track::new(t, HORIZON_HOURS);
    let state = |t| NightState::of_sun(track.altitude_deg(site, t));
    let now = state(t);
    let times = samples(t);
    let pair = times.windows(2).find(|pair| state(pair[1]) != now)?;
    let at = bisect(pair[0], pair[1], |t| state(t) != now);
    Some((at, state(at)))
}

/// An altitude sampled over the time looked at.
struct Curve<'a, F: Fn(DateTime<Utc>) -> f64> {
    times: &'a [DateTime<Utc>],
    altitudes: Vec<f64>,
    altitude: F,
}

impl<'a, F: Fn(DateTime<Utc>) -> f64> Curve<'a, F> {
    fn new(times: &'a [DateTime<Utc>], altitude: F) -> Self {
        let altitudes = times.iter().map(|t| altitude(*t)).collect();
        Curve {
            times,
            altitudes,
            altitude,
        }
    }

    fn rises_to(&self, limit: f64) -> Option<DateTime<Utc>> {
        self.first(|altitude| altitude >= limit)
    }

    fn falls_below(&self, limit: f64) -> Option<DateTime<Utc>> {
        self.first(|altitude| altitude < limit)
    }

    /// When the altitude is `there`, having been not: the first time.
    fn first(&self, there: impl Fn(f64) -> bool) -> Option<DateTime<Utc>> {
        let arrives = |pair: &[f64]| !there(pair[0]) && there(pair[1]);
        let index = self.altitudes.windows(2).position(arrives)?;
        let (before, after) = (*self.times.get(index)?, *self.times.get(index + 1)?);
        Some(bisect(before, after, |t| there((self.altitude)(t))))
    }
}

fn samples(t: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    (0..=HORIZON_HOURS * 60 / SAMPLE_MINUTES)
        .map_while(|n| t.checked_add_signed(TimeDelta::minutes(n * SAMPLE_MINUTES)))
        .collect()
}

/// The first whole second of `(before, after]` when `there` holds, as it does at `after` and not
/// at `before`.
fn bisect(
    before: DateTime<Utc>,
    after: DateTime<Utc>,
    there: impl Fn(DateTime<Utc>) -> bool,
) -> DateTime<Utc> {
    let start = before.trunc_subsecs(0);
    let (mut low, mut high) = (0, after.timestamp().saturating_sub(start.timestamp()) + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match start.checked_add_signed(TimeDelta::seconds(middle)) {
            Some(t) if !there(t) => low = middle,
            _ => high = middle,
        }
    }
    start
        .checked_add_signed(TimeDelta::seconds(high))
        .unwrap_or(after)
}
