//! What everybody's sky has in common on one UTC day.

use std::f64::consts::TAU;
use std::sync::LazyLock;

use astro::time;
use chrono::{DateTime, Utc};

use super::memo::Memo;
use super::place::tilt;
use super::sun;
use super::time::{julian_day_tt, julian_day_utc};

/// Seconds of a UTC day. (A leap second belongs to the second before.)
pub(super) const LENGTH: i64 = 86_400;

/// Radians the sky turns in a second.
pub(super) const TURN: f64 = 1.002_737_909_35 * TAU / 86_400.0;

/// Constant of aberration, radians: 20.49552″.
const ABERRATION: f64 = 20.495_52 / 3600.0 * (TAU / 360.0);

const ARC_SECOND: f64 = TAU / 360.0 / 3600.0;

/// Days kept: some 100 bytes each.
const DAYS: usize = 4096;

type Vector = [f64; 3];

/// The sky of a UTC day: how it stands to the stars' catalogue, and to the Earth at 0 h.
///
/// Precession, nutation and aberration are those of noon; within the day they move a direction by
/// less than 0.5″.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    /// From ICRS to the true equator and equinox of date.
    to_date: [Vector; 3],
    /// Velocity of the Earth, in units of that of light, of date.
    velocity: Vector,
    /// Apparent sidereal time at Greenwich at 0 h UTC, radians.
    pub(super) sidereal: f64,
}

/// The number of the day, since 1970, that a time is in.
pub(super) fn number(t: DateTime<Utc>) -> i64 {
    t.timestamp().div_euclid(LENGTH)
}

impl Day {
    /// The sky of a day; none outside the calendar.
    pub(super) fn of(number: i64) -> Option<Day> {
        static DAYS_KEPT: LazyLock<Memo<i64, Option<Day>>> = LazyLock::new(|| Memo::new(DAYS));
        DAYS_KEPT.get(number, || Day::compute(number))
    }

    fn compute(number: i64) -> Option<Day> {
        let midnight = DateTime::from_timestamp(number.checked_mul(LENGTH)?, 0)?;
        let begin = julian_day_utc(midnight);
        let noon = julian_day_tt(midnight) + 0.5;
        let (in_longitude, obliquity) = tilt(noon);
        let centuries = (noon - 2_451_545.0) / 36_525.0;
        Some(Day {
            to_date: product(
                &nutation(noon, in_longitude, obliquity),
                &precession(centuries),
            ),
            velocity: velocity(centuries, obliquity),
            sidereal: time::apprnt_sidr(time::mn_sidr(begin), in_longitude, obliquity),
        })
    }

    /// Where a direction of the catalogue (ICRS, degrees) is seen from the Earth's centre: right
    /// ascension and declination of date, radians.
    pub(super) fn apparent(&self, (ra, dec): (f64, f64)) -> (f64, f64) {
        let (sin_ra, cos_ra) = ra.to_radians().sin_cos();
        let (sin_dec, cos_dec) = dec.to_radians().sin_cos();
        let catalogue = [cos_dec * cos_ra, cos_dec * sin_ra, sin_dec];
        let mut seen = self.velocity;
        for (axis, row) in seen.iter_mut().zip(&self.to_date) {
            *axis += dot(row, &catalogue);
        }
        let [x, y, z] = seen;
        (y.atan2(x), z.atan2(x.hypot(y)))
    }
}

/// Direction of the Sun's centre and parallax at 0 h of a day: x, y, z of date, radians.
pub(super) fn sun_at_midnight(number: i64) -> Option<[f64; 4]> {
    static SUNS_KEPT: LazyLock<Memo<i64, Option<[f64; 4]>>> = LazyLock::new(|| Memo::new(DAYS));
    SUNS_KEPT.get(number, || {
        let midnight = DateTime::from_timestamp(number.checked_mul(LENGTH)?, 0)?;
        Some(sun::direction(midnight))
    })
}

/// From the mean equator of J2000 to that of date: the three angles of IAU 2006, arc seconds.
fn precession(t: f64) -> [Vector; 3] {
    let zeta = 2.650_545 + t * (2_306.083_227 + t * (0.298_849_9 + t * 0.018_018_28));
    let z = -2.650_545 + t * (2_306.077_181 + t * (1.092_734_8 + t * 0.018_268_37));
    let theta = t * (2_004.191_903 - t * (0.429_493_4 + t * 0.041_822_64));
    let tilted = product(&about_y(theta * ARC_SECOND), &about_z(-zeta * ARC_SECOND));
    product(&about_z(-z * ARC_SECOND), &tilted)
}

/// From the mean equator of date to the true one; `obliquity` is the true one.
fn nutation(julian_day: f64, in_longitude: f64, obliquity: f64) -> [Vector; 3] {
    let mean = astro::ecliptic::mn_oblq_laskar(julian_day);
    let turned = product(&about_z(-in_longitude), &about_x(mean));
    product(&about_x(-obliquity), &turned)
}

/// Velocity of the Earth on its ellipse, in units of that of light, on the true equator of date.
fn velocity(t: f64, obliquity: f64) -> Vector {
    let anomaly = (357.529_11 + 35_999.050_29 * t).to_radians();
    let centre = 1.914_602 * anomaly.sin() + 0.019_993 * (2.0 * anomaly).sin();
    let sun = (280.466_46 + 36_000.769_83 * t + centre).to_radians();
    let perihelion = (102.937_35 + 1.719_46 * t).to_radians();
    let eccentricity = 0.016_708_634 - 0.000_042_037 * t;
    let x = ABERRATION * (sun.sin() - eccentricity * perihelion.sin());
    let y = ABERRATION * (eccentricity * perihelion.cos() - sun.cos());
    [x, y * obliquity.cos(), y * obliquity.sin()]
}

fn about_x(angle: f64) -> [Vector; 3] {
    let (sin, cos) = angle.sin_cos();
    [[1.0, 0.0, 0.0], [0.0, cos, sin], [0.0, -sin, cos]]
}

fn about_y(angle: f64) -> [Vector; 3] {
    let (sin, cos) = angle.sin_cos();
    [[cos, 0.0, -sin], [0.0, 1.0, 0.0], [sin, 0.0, cos]]
}

fn about_z(angle: f64) -> [Vector; 3] {
    let (sin, cos) = angle.sin_cos();
    [[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]]
}

/// The rotation that is `first` and then `second`.
fn product(second: &[Vector; 3], first: &[Vector; 3]) -> [Vector; 3] {
    let column = |n: usize| [first[0][n], first[1][n], first[2][n]];
    let columns = [column(0), column(1), column(2)];
    second.map(|row| [0, 1, 2].map(|n| dot(&row, &columns[n])))
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
