//! A place on the ground, and how the sky turns above it.

use astro::coords::{self, EqPoint, GeographPoint};
use astro::{ecliptic, nutation, parallax, time};
use chrono::{DateTime, Utc};

use super::time::julian_day_utc;

/// A place on the ground. Coordinates are geodetic (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    /// Latitude, degrees, north positive.
    pub latitude_deg: f64,
    /// Longitude, degrees, east positive; −180 to 180 or 0 to 360 alike.
    pub longitude_deg: f64,
    /// Height above the ellipsoid, metres. Above sea level does as well: the difference moves the
    /// Moon by a tenth of an arc second.
    pub height_m: f64,
}

/// Where a body is seen from the Earth's centre: of the true equator and equinox of date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Apparent {
    /// Right ascension, radians.
    pub(super) asc: f64,
    /// Declination, radians.
    pub(super) dec: f64,
    /// Equatorial horizontal parallax, radians: how near it is.
    pub(super) parallax: f64,
}

/// Nutation in longitude and the true obliquity, radians, for a Julian day (TT; UTC does too).
pub(super) fn tilt(julian_day: f64) -> (f64, f64) {
    let (in_longitude, in_obliquity) = nutation::nutation(julian_day);
    (
        in_longitude,
        ecliptic::mn_oblq_laskar(julian_day) + in_obliquity,
    )
}

impl Site {
    /// The altitude at which the site sees the body, degrees.
    pub(super) fn altitude_deg(&self, body: &Apparent, t: DateTime<Utc>) -> f64 {
        let day = julian_day_utc(t);
        let (in_longitude, obliquity) = tilt(day);
        let sidereal = time::apprnt_sidr(time::mn_sidr(day), in_longitude, obliquity);
        // The crate counts longitudes to the west.
        let here = GeographPoint {
            long: -self.longitude_deg.to_radians(),
            lat: self.latitude_deg.to_radians(),
        };
        let centre = EqPoint {
            asc: body.asc,
            dec: body.dec,
        };
        let seen =
            parallax::topocent_eq_coords(&centre, body.parallax, &here, self.height_m, sidereal);
        let hour_angle = coords::hr_angl_frm_observer_long(sidereal, here.long, seen.asc);
        altitude(hour_angle, seen.dec, here.lat).to_degrees()
    }
}

/// Altitude from hour angle and declination, radians. Rounding never takes it out of the sphere.
fn altitude(hour_angle: f64, dec: f64, latitude: f64) -> f64 {
    let sine = latitude.sin() * dec.sin() + latitude.cos() * dec.cos() * hour_angle.cos();
    sine.clamp(-1.0, 1.0).asin()
}
