//! How dark it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::Site;
use super::sun::sun_altitude_deg;

/// Altitude of the Sun's centre when its upper limb touches the horizon, degrees: 34′ of
/// refraction and 16′ of radius. The dip of a high site's horizon is left out. The Moon's is taken
/// to be the same.
pub(super) const LIMB: f64 = -0.833;
pub(super) const CIVIL: f64 = -6.0;
pub(super) const NAUTICAL: f64 = -12.0;
pub(super) const ASTRONOMICAL: f64 = -18.0;

/// How dark it is, by the altitude of the Sun's centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NightState {
    /// The Sun is up: above −0.833°.
    Day,
    /// Down to −6°.
    CivilTwilight,
    /// Down to −12°.
    NauticalTwilight,
    /// Down to −18°.
    AstronomicalTwilight,
    /// Darker.
    Night,
}

impl NightState {
    /// The state the Sun makes at this altitude, degrees.
    #[must_use]
    pub fn of_sun(altitude_deg: f64) -> NightState {
        match altitude_deg {
            a if a >= LIMB => NightState::Day,
            a if a >= CIVIL => NightState::CivilTwilight,
            a if a >= NAUTICAL => NightState::NauticalTwilight,
            a if a >= ASTRONOMICAL => NightState::AstronomicalTwilight,
            _ => NightState::Night,
        }
    }

    /// The word of it: `day`, `civil_twilight`, …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            NightState::Day => "day",
            NightState::CivilTwilight => "civil_twilight",
            NightState::NauticalTwilight => "nautical_twilight",
            NightState::AstronomicalTwilight => "astronomical_twilight",
            NightState::Night => "night",
        }
    }
}

/// How dark it is at a site.
#[must_use]
pub fn night_state(site: &Site, t: DateTime<Utc>) -> NightState {
    NightState::of_sun(sun_altitude_deg(site, t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_one_in_json() {
        for state in [
            NightState::Day,
            NightState::CivilTwilight,
            NightState::NauticalTwilight,
            NightState::AstronomicalTwilight,
            NightState::Night,
        ] {
            let json = serde_json::to_value(state).unwrap();
            assert_eq!(json, state.as_str());
        }
    }

    #[test]
    fn a_limit_belongs_to_the_brighter_side() {
        assert_eq!(NightState::of_sun(-0.833), NightState::Day);
        assert_eq!(NightState::of_sun(-0.834), NightState::CivilTwilight);
        assert_eq!(NightState::of_sun(-6.001), NightState::NauticalTwilight);
        assert_eq!(
            NightState::of_sun(-12.001),
            NightState::AstronomicalTwilight
        );
        assert_eq!(NightState::of_sun(-18.001), NightState::Night);
    }
}
