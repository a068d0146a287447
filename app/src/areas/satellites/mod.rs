//! Observatories in space: where they are.
//!
//! Spacecraft and telescopes on the ground share one catalogue, `observatories::Catalogue`; what is
//! true of spacecraft alone stands here.

mod orbit;

pub use self::orbit::{Orbit, OrbitClass};

/// The spacecraft, as compiled in.
pub const FIXTURE: &str = include_str!("../../../../fixtures/satellites.yaml");
