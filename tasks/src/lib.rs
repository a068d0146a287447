//! The job kit: what may be slow or fail runs here, outside of any request.
//!
//! A [`Job`] is a small serialisable struct of identifiers. A [`Queue`] keeps jobs in SQLite
//! (embedded) or PostgreSQL (production); [`Workers`] run them, retry them with a growing delay,
//! and keep the dead for a person to look at. This crate is the only user of apalis and knows
//! no area of the hub.
//!
//! **Every job runs at least once.** A process that is killed between finishing a job and writing
//! it down runs it again, so running a job twice has to leave the hub as running it once.
//!
//! Metrics: `jobs_total` by job and outcome, `job_duration_seconds` by job. Sentry hears once of
//! a job that dies, and of every panic.

mod backoff;
mod bell;
#[cfg(any(test, feature = "conformance"))]
#[doc(hidden)]
pub mod conformance;
mod drain;
mod job;
mod kind;
mod queue;
mod schedule;
mod seat;
mod store;
#[cfg(test)]
mod tests;
mod ticker;
mod workers;

pub use self::backoff::exponential;
pub use self::drain::Ran;
pub use self::job::{GiveUp, Job, Later};
pub use self::kind::Outcome;
pub use self::queue::Queue;
pub use self::schedule::Schedule;
pub use self::store::{Count, DeadJob, Migrations, State};
pub use self::workers::Workers;
