//! Damaged answers: whatever reaches a connector, nothing panics or hangs, and nothing is withdrawn.
//!
//! Each variant has dice of its own, so that `STARBOARD_SEED` and its number tell it again.

mod answers;
mod dice;
mod harvesting;
mod mangle;
mod reading;
mod taking_in;
