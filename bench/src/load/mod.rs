//! The load generator of the live feed's benches: one thread, one epoll, as many WebSockets as are
//! asked for. It has to be cheaper than the servers it measures, so a client costs no task, no
//! buffer of its own and no look at a message beyond its mark.

mod client;
mod fleet;
pub(crate) mod frames;
mod histogram;
pub(crate) mod plan;
pub(crate) mod proc;
mod publisher;
mod run;
#[cfg(test)]
mod tests;
mod watch;

use anyhow::Context;
use clap::Args;

use self::fleet::Fleet;
use self::plan::Plan;

/// Connects clients and counts what they get
#[derive(Debug, Args)]
pub(crate) struct Load {
    /// What to do, as JSON
    plan: String,
}

impl Load {
    /// Does it, and prints the report as JSON.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let plan: Plan = serde_json::from_str(&self.plan).context("reading the plan")?;
        let report = Fleet::new(&plan)?.run()?;
        println!("{}", serde_json::to_string(&report)?);
        Ok(())
    }
}
