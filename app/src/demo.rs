//! What the demo plays.

/// Demo.
#[derive(Debug)]
pub struct Demo {}
