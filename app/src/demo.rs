//! What the demo plays.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Clock;
use upstream::{Harvest, Upstream};

/// Demo.
#[derive(Debug)]
pub struct Demo {}

/// When a connector is asked.
#[derive(Clone, Copy, Debug)]
pub struct DemoAsk {
    /// The time in the material.
    pub now: DateTime<Utc>,
    /// How often the material has begun anew.
    pub loop_no: u32,
}

impl Demo {
    /// Loads.
    pub fn load(_clock: Clock) -> anyhow::Result<Demo> {
        Ok(Demo {})
    }

    /// Upstream.
    pub fn upstream(&self) -> Upstream {
        Upstream::replay(Vec::new(), Clock::system())
    }

    /// Ask.
    pub fn ask(&self, now: DateTime<Utc>) -> DemoAsk {
        DemoAsk { now, loop_no: 0 }
    }

    /// Shift.
    pub fn shift(&self, _harvest: &mut Harvest) {}

    /// Every.
    pub fn every(&self) -> Duration {
        Duration::from_secs(10)
    }
}
