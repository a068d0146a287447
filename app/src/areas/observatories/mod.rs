//! Observatories: sites on the ground, telescopes and spacecraft, their instruments and names.

mod catalogue;
mod check;
mod fixture;
mod names;
mod payloads;
mod routes;
mod sky;

#[cfg(test)]
mod tests;

pub use self::catalogue::{Catalogue, Facility, Place};
pub use self::fixture::{Instrument, Site};
pub use self::payloads::{FacilityOut, FacilityPage, SiteOut, facility_out, site_out};
pub use self::routes::{computed, router};
pub use self::sky::SiteSky;
