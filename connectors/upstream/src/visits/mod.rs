//! STScI's visit status reports, for HST and JWST: whether a visit was executed or failed, days
//! before the archive shows its data.
//!
//! Quirks: one report is one programme; every child of a visit may be missing or stand there
//! several times; its times are expected ones as long as the visit is scheduled and actual ones
//! from then on; times of visits are UT, the report's own is US Eastern.

mod asking;
mod report;
#[cfg(test)]
mod tests;

pub use self::asking::{Asking, LOCATION, complete};
pub use self::report::{Report, Span, Standing, Visit, read};
