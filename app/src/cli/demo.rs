//! `starboard demo`.

use clap::Args;
use domain::Clock;

use crate::config::Config;
use crate::start::{self, Role};
use crate::{secrets, server};

/// Runs the hub on a throw-away database, with cassettes instead of the network
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  starboard demo              then open http://localhost:8080
  PORT=9000 starboard demo

Everything it shows is marked as demo data.")]
pub(super) struct Demo {}

impl Demo {
    pub(super) async fn run(self, mut config: Config) -> anyhow::Result<()> {
        let folder = std::env::temp_dir().join(format!("starboard-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        config.database_url = format!("sqlite://{}", folder.join("demo.db").display());
        config.redis_url = None;
        config.sources = None;
        config.demo = true;
        eprintln!("Starboard demo: {}", config.public_url);
        eprintln!("Throw-away data in {}; Ctrl-C ends it.", folder.display());
        let config = secrets::kept_beside(config)?;
        let ran = match start::hub(config, Role::All, Clock::system()).await {
            Ok(ready) => server::run(ready).await,
            Err(error) => Err(error),
        };
        if let Err(error) = std::fs::remove_dir_all(&folder) {
            tracing::debug!(%error, "The demo's folder stays: {}", folder.display());
        }
        ran
    }
}
