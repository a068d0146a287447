//! ESO's telescopes at Paranal, La Silla and Chajnantor, from the raw files in the ESO archive.
//!
//! TAP's table `dbo.raw` holds a row for each exposure, some ten minutes after it ended. There is
//! no plan: everything told here happened. What we make of the rows:
//!
//! * An activity is one observing block in one night on one telescope, `<telescope>:<ob_id>:<night>`
//!   (`block`); acquisitions belong to their block. A night begins at 16:00 UTC (`night`).
//! * A night's rows are always asked for as a whole, because the hub takes each record for all that
//!   is known of its block (`harvest`).
//! * `t_min` is the start of the first exposure of any kind, `t_max` the end of the last one, a
//!   lower bound since overheads are not published. `n_exposures` and `t_exptime` count and sum the
//!   rows of category SCIENCE, sky offsets among them.
//!
//! Quirks:
//!
//! * `exp_start` loses the leading zeros of its fraction: 01:18:45.0684 stands there as 45.683. So
//!   times come from the header's `date_obs` (UTC without a zone), and where only `exp_start` is
//!   given, `t_uncertainty` says a second. For the same reason pages go on from whole seconds.
//! * Sky offsets (`dp_type` SKY) are SCIENCE, but lie off target: they never give the position.
//! * Calibrations carry sentinel coordinates (−596.5…) or point at the zenith; only science
//!   exposures give a position, and only within the sphere.
//! * `object` is a name for science and a frame type for the rest; some instruments write frame
//!   types (`SEARCH,OBJECT,DISPERSED`) for science too. It stands in when `target` is empty.
//! * All-sky monitors fill the table and observe no target: left out.
//! * `s_region` is the pointing again, not a footprint: left out.
//! * `pi_coi` lists co-investigators: only the first name is kept, in the raw rows too.
//! * Day-time calibrations outnumber all else and are not asked for; a saved file may hold them.

mod block;
mod cursor;
mod exposure;
mod harvest;
mod night;
mod pages;
mod query;
mod raw;
mod target;
mod telescope;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use upstream::table::read_csv;
use upstream::{Ask, Connector, Error, Harvest, Profile, Result, Upstream};

pub use self::query::COLUMNS;

/// The ESO archive.
pub struct Eso;

#[async_trait]
impl Connector for Eso {
    fn profile(&self) -> Profile {
        Profile {
            name: "eso",
            title: "ESO Science Archive",
            home: "https://archive.eso.org/",
            facilities: telescope::KNOWN,
            every: Duration::from_secs(5 * 60),
            late_after: Duration::from_secs(60 * 60),
            credit: "Based on information from the ESO Science Archive Facility, European Southern Observatory",
            policy: "https://archive.eso.org/cms/eso-data-access-policy.html",
        }
    }

    async fn harvest(&self, upstream: &Upstream, ask: &Ask) -> Result<Harvest> {
        match ask.window {
            Some(window) => harvest::window(upstream, window).await,
            None => harvest::news(upstream, ask).await,
        }
    }

    fn read(&self, _name: &str, body: &[u8], _now: DateTime<Utc>) -> Result<Harvest> {
        let table = read_csv(body)?;
        table.require(query::ESSENTIAL)?;
        if table.rows.is_empty() {
            return Err(Error::Unreadable(
                "a `dbo.raw` table of the ESO archive was expected to hold rows, and holds none"
                    .to_owned(),
            ));
        }
        let mut rows = pages::Rows::default();
        rows.add(table);
        Ok(harvest::from_rows(rows))
    }
}
