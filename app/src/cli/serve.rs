//! `starboard serve`.

use clap::Args;
use domain::Clock;

use super::Usage;
use crate::config::Config;
use crate::start::{self, Role};
use crate::{secrets, server};

/// Runs the hub: HTTP, live streams, jobs and clock in one process
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard serve
  PORT=8000 DATABASE_URL=postgres://… REDIS_URL=redis://… starboard serve
  starboard serve --role web       HTTP and live streams only (PostgreSQL)
  starboard serve --role worker    clock and jobs only (PostgreSQL)")]
pub(super) struct Serve {
    /// What of the hub's work this process does
    #[arg(long, value_enum, default_value = "all")]
    role: Role,
}

impl Serve {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let sqlite = config.database_url.starts_with("sqlite:");
        if sqlite && self.role != Role::All {
            return Err(Usage(
                "a single role needs several processes, and SQLite serves one only: set \
                 DATABASE_URL to a PostgreSQL database"
                    .to_owned(),
            )
            .into());
        }
        if !sqlite && config.secret_key.is_none() {
            return Err(Usage(
                "SECRET_KEY is not set: with PostgreSQL it takes at least 32 random characters, \
                 the same in every process"
                    .to_owned(),
            )
            .into());
        }
        let config = secrets::kept_beside(config)?;
        server::run(start::hub(config, self.role, Clock::system()).await?).await
    }
}
