//! The Moon.

use astro::{coords, lunar};
use chrono::{DateTime, Utc};

use super::place::{Apparent, Site, tilt};
use super::sun;
use super::time::julian_day_tt;

const KM_PER_AU: f64 = 149_597_870.7;

/// The Moon as a site sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moon {
    /// Altitude of the centre, degrees, topocentric and without refraction.
    pub altitude_deg: f64,
    /// Illuminated part of the disk: 0 new, 1 full.
    pub illumination: f64,
}

/// The Moon above a site.
#[must_use]
pub fn moon(site: &Site, t: DateTime<Utc>) -> Moon {
    let day = julian_day_tt(t);
    let (point, distance) = lunar::geocent_ecl_pos(day);
    let (sun_longitude, _, sun_distance) = sun::ecliptic(day);
    let illumination = lunar::illum_frac_frm_ecl_coords(
        point.long,
        point.lat,
        sun_longitude,
        distance,
        sun_distance * KM_PER_AU,
    );
    Moon {
        altitude_deg: altitude_deg(site, t),
        illumination: illumination.clamp(0.0, 1.0),
    }
}

/// Altitude of the Moon's centre, degrees. Costs a few microseconds.
pub(super) fn altitude_deg(site: &Site, t: DateTime<Utc>) -> f64 {
    let day = julian_day_tt(t);
    let (point, distance) = lunar::geocent_ecl_pos(day);
    let (in_longitude, obliquity) = tilt(day);
    let longitude = point.long + in_longitude;
    let moon = Apparent {
        asc: coords::asc_frm_ecl(longitude, point.lat, obliquity),
        dec: coords::dec_frm_ecl(longitude, point.lat, obliquity),
        parallax: lunar::eq_hz_parllx(distance),
    };
    site.altitude_deg(&moon, t)
}
