//! The James Webb Space Telescope: the weekly schedule of STScI says when, MAST says where, who and
//! what was taken, and the visit status reports whether a visit was executed or failed before that.
//!
//! Quirks:
//! * A report is a plan of a week in columns under a ruler. A line without a visit id belongs to
//!   the visit above: a coordinated parallel is a further instrument of it, a further target is
//!   kept in `raw` alone, for an activity has one target.
//! * Visits `^ATTACHED TO PRIME^` run beside the nearest prime above and share its interval, but
//!   neither its target nor its pointing.
//! * A week that is planned anew replaces its report: the name ends in the day of issue. A visit
//!   may begin some hours outside the week its report is named after; it counts all the same, and
//!   a week is only taken as shown whole when its neighbours were read as well.
//! * A visit that comes again with another start is a repeat if its first start has passed, and has
//!   otherwise been moved: then the report issued last is believed.
//! * MAST joins by the visit in `obs_id`. Moving targets have placeholder coordinates there. Its
//!   wavelengths are nanometres. Data of level 1 and above confirm a visit; exposures carry no
//!   overheads, so that the end they give is a lower bound.
//! * The visit status report of a programme is asked for while visits of it that have begun, or
//!   ended within four days, are without data: executed ones are reported with their actual times,
//!   failed and skipped ones are aborted. What MAST shows is surer and stands.
//! * The class of target `Calibration` makes a visit a calibration.

mod describe;
mod join;
mod plan;
mod report;
mod table;
mod visit;

pub mod index;

pub use self::join::join;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use upstream::{Ask, Connector, Harvest, Profile, Result, Upstream};

/// The telescope and its collection, as MAST spells them.
pub(crate) const JWST: &str = "JWST";

/// Time between two harvests.
pub(crate) const EVERY: Duration = Duration::from_secs(2 * 60 * 60);

/// The James Webb Space Telescope.
pub struct Jwst;

#[async_trait]
impl Connector for Jwst {
    fn profile(&self) -> Profile {
        Profile {
            name: "jwst",
            title: "James Webb Space Telescope",
            home: plan::INDEX,
            facilities: &[JWST],
            every: EVERY,
            late_after: Duration::from_secs(12 * 60 * 60),
            credit: "STScI, MAST",
            policy: "https://archive.stsci.edu/publishing/data-use",
        }
    }

    async fn harvest(&self, upstream: &Upstream, ask: &Ask) -> Result<Harvest> {
        plan::harvest(upstream, ask).await
    }

    fn read(&self, name: &str, body: &[u8], _now: DateTime<Utc>) -> Result<Harvest> {
        report::read(name, body)
    }
}

#[cfg(test)]
mod tests;
