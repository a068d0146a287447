//! The web app, built into the binary: its pages, its files, and what stands in for it where it was
//! not built.

mod bundle;
mod routes;

pub use self::bundle::Bundle;
pub use self::routes::{PAGES, fallback, router};
