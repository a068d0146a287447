//! Errors named after what happens next.

use std::time::Duration;

/// Why an upstream gave us nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing to do but try again later.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The upstream asks for patience.
    #[error("busy: it asks to wait {} s", .0.as_secs())]
    Busy(Duration),
    /// A person must look: the answer as a whole is not what we know how to read.
    #[error("unreadable: {0}")]
    Unreadable(String),
}

/// Shorthand for this crate's results.
pub type Result<T, E = Error> = std::result::Result<T, E>;
