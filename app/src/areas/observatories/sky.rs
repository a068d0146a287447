//! The sky above the sites, computed once a minute each, however many ask.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::ephemeris::{self, Coming, Moon, NightState};

use super::fixture::Site;

/// How long a search for what comes next stays good, unless something of it comes.
const SEARCH_AGAIN: TimeDelta = TimeDelta::hours(1);

/// The sky above a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteSky {
    /// The minute this holds for.
    pub at: DateTime<Utc>,
    /// Altitude of the Sun, degrees, without refraction.
    pub sun_altitude_deg: f64,
    /// The Moon.
    pub moon: Moon,
    /// How dark it is.
    pub night_state: NightState,
    /// What comes next.
    pub coming: Coming,
}

impl SiteSky {
    fn compute(site: &Site, at: DateTime<Utc>, coming: Option<Coming>) -> SiteSky {
        let here = ephemeris::Site {
            latitude_deg: site.latitude_deg,
            longitude_deg: site.longitude_deg,
            height_m: site.height_m,
        };
        let sun_altitude_deg = ephemeris::sun_altitude_deg(&here, at);
        SiteSky {
            at,
            sun_altitude_deg,
            moon: ephemeris::moon(&here, at),
            night_state: NightState::of_sun(sun_altitude_deg),
            coming: coming.unwrap_or_else(|| ephemeris::coming(&here, at)),
        }
    }

    /// When the night state changes next, and into what; none when not within two days.
    #[must_use]
    pub fn next_change(&self) -> Option<(DateTime<Utc>, NightState)> {
        let c = &self.coming;
        let changes = [
            (c.sunset, NightState::CivilTwilight),
            (c.civil_dusk, NightState::NauticalTwilight),
            (c.nautical_dusk, NightState::AstronomicalTwilight),
            (c.astronomical_dusk, NightState::Night),
            (c.astronomical_dawn, NightState::AstronomicalTwilight),
            (c.nautical_dawn, NightState::NauticalTwilight),
            (c.civil_dawn, NightState::CivilTwilight),
            (c.sunrise, NightState::Day),
        ];
        let ahead = changes
            .into_iter()
            .filter_map(|(at, state)| Some((at?, state)));
        ahead.min_by_key(|(at, _)| *at)
    }
}

/// The skies last computed, by the site's place in the list.
#[derive(Debug, Default)]
pub(super) struct Skies(Vec<Mutex<Option<Kept>>>);

#[derive(Clone, Copy, Debug)]
struct Kept {
    sky: SiteSky,
    /// When `coming` was searched for.
    searched: DateTime<Utc>,
}

impl Kept {
    /// What comes next, if that is still true at `at`.
    fn still_coming(&self, at: DateTime<Utc>) -> Option<Coming> {
        let c = &self.sky.coming;
        let all = [
            c.sunset,
            c.civil_dusk,
            c.nautical_dusk,
            c.astronomical_dusk,
            c.astronomical_dawn,
            c.nautical_dawn,
            c.civil_dawn,
            c.sunrise,
            c.moonrise,
            c.moonset,
        ];
        let ahead = all.into_iter().flatten().all(|event| event > at);
        let age = at - self.searched;
        (ahead && age >= TimeDelta::zero() && age < SEARCH_AGAIN).then_some(*c)
    }
}

impl Skies {
    pub(super) fn new(sites: usize) -> Skies {
        Skies((0..sites).map(|_| Mutex::new(None)).collect())
    }

    /// The sky above a site in the minute of `now`. Up to some milliseconds of work.
    ///
    /// `place` is where the site stands in the list; without one nothing is kept.
    pub(super) fn above(&self, place: Option<usize>, site: &Site, now: DateTime<Utc>) -> SiteSky {
        let at = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        let Some(place) = place.and_then(|place| self.0.get(place)) else {
            return SiteSky::compute(site, at, None);
        };
        let mut kept = place.lock().unwrap_or_else(PoisonError::into_inner);
        match *kept {
            Some(known) if known.sky.at == at => known.sky,
            Some(known) => {
                let coming = known.still_coming(at);
                let searched = if coming.is_some() { known.searched } else { at };
                let sky = SiteSky::compute(site, at, coming);
                *kept = Some(Kept { sky, searched });
                sky
            }
            None => {
                let sky = SiteSky::compute(site, at, None);
                *kept = Some(Kept { sky, searched: at });
                sky
            }
        }
    }
}
