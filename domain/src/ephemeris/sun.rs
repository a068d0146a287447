//! The Sun.

use astro::{aberr, coords, parallax, sun};
use chrono::{DateTime, Utc};

use super::place::{Apparent, Site, tilt};
use super::time::julian_day_tt;

/// Seconds between two positions that are computed; those between are interpolated.
const STEP: i64 = 43_200;

/// Altitude of the Sun's centre, degrees, without refraction.
///
/// Costs some 0.2 ms: whoever serves it keeps it for a minute.
#[must_use]
pub fn sun_altitude_deg(site: &Site, t: DateTime<Utc>) -> f64 {
    site.altitude_deg(&position(julian_day_tt(t)), t)
}

/// Apparent ecliptic longitude and latitude without nutation, radians, and distance, AU.
pub(super) fn ecliptic(julian_day_tt: f64) -> (f64, f64, f64) {
    let (point, distance) = sun::geocent_ecl_pos(julian_day_tt);
    let (longitude, latitude) = sun::ecl_coords_to_FK5(julian_day_tt, point.long, point.lat);
    // The aberration comes with its sign.
    (longitude + aberr::sol_aberr(distance), latitude, distance)
}

fn position(julian_day_tt: f64) -> Apparent {
    let (longitude, latitude, distance) = ecliptic(julian_day_tt);
    let (in_longitude, obliquity) = tilt(julian_day_tt);
    let longitude = longitude + in_longitude;
    Apparent {
        asc: coords::asc_frm_ecl(longitude, latitude, obliquity),
        dec: coords::dec_frm_ecl(longitude, latitude, obliquity),
        parallax: parallax::eq_hz_parallax(distance),
    }
}

/// Direction of the Sun's centre, of the true equator of date, and its parallax (radians) as x, y, z,
/// π: numbers that never jump.
pub(super) fn direction(t: DateTime<Utc>) -> [f64; 4] {
    let sun = position(julian_day_tt(t));
    let (sin_asc, cos_asc) = sun.asc.sin_cos();
    let (sin_dec, cos_dec) = sun.dec.sin_cos();
    [cos_dec * cos_asc, cos_dec * sin_asc, sin_dec, sun.parallax]
}

/// The Sun over a few days, from a position every twelve hours: a search asks for hundreds.
///
/// Cubics through four of them are within 0.01″ of the computed position.
pub(super) struct Track {
    /// Second (since 1970) of the first position.
    first: i64,
    /// Directions and parallaxes.
    nodes: Vec<[f64; 4]>,
}

impl Track {
    /// Covers `t` and the `hours` after it.
    pub(super) fn new(t: DateTime<Utc>, hours: i64) -> Track {
        let first = t
            .timestamp()
            .div_euclid(STEP)
            .saturating_sub(1)
            .saturating_mul(STEP);
        let count = hours.max(0).saturating_mul(3600) / STEP + 5;
        let nodes = (0..count)
            .filter_map(|n| DateTime::from_timestamp(first.checked_add(n.checked_mul(STEP)?)?, 0))
            .map(direction)
            .collect();
        Track { first, nodes }
    }

    /// Altitude of the Sun's centre, degrees; computed afresh where the track does not reach.
    pub(super) fn altitude_deg(&self, site: &Site, t: DateTime<Utc>) -> f64 {
        match self.position(t) {
            Some(sun) => site.altitude_deg(&sun, t),
            None => sun_altitude_deg(site, t),
        }
    }

    fn position(&self, t: DateTime<Utc>) -> Option<Apparent> {
        let since = t.timestamp().checked_sub(self.first)?;
        let before = usize::try_from(since / STEP).ok()?.checked_sub(1)?;
        let around: [[f64; 4]; 4] = self.nodes.get(before..before + 4)?.try_into().ok()?;
        let seconds = (since % STEP) as f64 + f64::from(t.timestamp_subsec_micros()) / 1e6;
        let [x, y, z, parallax] = cubic(&around, seconds / STEP as f64);
        Some(Apparent {
            asc: y.atan2(x),
            dec: z.atan2(x.hypot(y)),
            parallax,
        })
    }
}

/// The cubic through values at −1, 0, 1 and 2, read at `u` between 0 and 1.
pub(super) fn cubic(values: &[[f64; 4]; 4], u: f64) -> [f64; 4] {
    let weights = [
        -u * (u - 1.0) * (u - 2.0) / 6.0,
        (u + 1.0) * (u - 1.0) * (u - 2.0) / 2.0,
        -(u + 1.0) * u * (u - 2.0) / 2.0,
        (u + 1.0) * u * (u - 1.0) / 6.0,
    ];
    let mut sum = [0.0; 4];
    for (value, weight) in values.iter().zip(weights) {
        for (total, part) in sum.iter_mut().zip(value) {
            *total += part * weight;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_track_is_the_sun() {
        let site = Site {
            latitude_deg: -24.6,
            longitude_deg: -70.4,
            height_m: 2635.0,
        };
        for start in [
            "2026-03-20T02:46:00Z",
            "2026-11-21T23:59:59.5Z",
            "1969-12-30T11:00:00Z",
        ] {
            let start: DateTime<Utc> = start.parse().unwrap();
            let track = Track::new(start, 48);
            for hour in 0..=48 {
                let t = start + TimeDelta::minutes(60 * hour);
                let wrong = track.altitude_deg(&site, t) - sun_altitude_deg(&site, t);
                assert!(track.position(t).is_some(), "{t}");
                assert!(wrong.abs() < 0.01 / 3600.0, "{t}: {wrong}");
            }
        }
    }

    #[test]
    fn the_ends_of_time_have_a_sun_too() {
        let site = Site {
            latitude_deg: 90.0,
            longitude_deg: 0.0,
            height_m: 0.0,
        };
        for t in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            Track::new(t, 48).altitude_deg(&site, t);
        }
    }
}
