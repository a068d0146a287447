//! Sockets and the bus between processes. Knows topics, no area.

pub mod bus;

pub use self::bus::{Bus, Signal};
