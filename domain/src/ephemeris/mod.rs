//! Sun and Moon above a ground site: how high they stand, how dark it is, what comes next.
//!
//! Positions come from the crate `astro`, of which only the functions found safe are called (its
//! rise and set solver and its ΔT are wrong, and its azimuths and longitudes run the other way).
//! Altitudes are topocentric and geometric: of the centre of the disk, without refraction, which
//! is what the conventional limits (−0.833°, −6°, −12°, −18°) are defined on.
//!
//! Against astropy 8.0.2 at 16 sites from pole to pole, at six epochs from 2024 to 2026: the
//! altitudes of Sun and Moon are within 0.0005°, the Moon's illuminated part within 0.00001, the
//! times of rise, set and twilights within the second they are rounded to. `docs/ephemeris.md` has
//! the table, and what limits the figures: UTC stands for UT1 in the Earth's rotation, which was
//! within 0.1 s in those years and may be 0.9 s (13″) off.

mod coming;
mod dark;
mod day;
mod memo;
mod moon;
mod night;
mod place;
mod sun;
mod time;
mod visible;

#[cfg(test)]
mod tests;

pub use self::coming::{Coming, HORIZON_HOURS, coming, next_change};
pub use self::moon::{Moon, moon};
pub use self::night::{NightState, night_state};
pub use self::place::Site;
pub use self::sun::sun_altitude_deg;
pub use self::visible::{DRIFT_DEG, Demand, MOST_DAYS, Sight, is_visible, sights};
