//! The page `/` until the web app exists: what is in progress, what was last known, what is next,
//! made here. It changes by itself with a small script, and works by reload without one.

mod page;
mod present;
mod routes;
mod sources;

pub use self::routes::{missing, router};
