//! `starboard demo`.

use anyhow::bail;
use clap::Args;
use domain::Clock;
use sea_orm::ConnectionTrait;

use crate::config::Config;
use crate::db::{Db, sql};
use crate::start::{self, Role};
use crate::{secrets, server};

/// Runs the hub on a throw-away database, with cassettes instead of the network
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  starboard demo              then open http://localhost:8080
  PORT=9000 starboard demo

Everything it shows is marked as demo data.")]
pub(super) struct Demo {
    /// A database to play on instead of a throw-away file; nothing may be in it. For soaks
    #[arg(long, hide = true)]
    database: Option<String>,
    /// Carries hints between processes on that database
    #[arg(long, hide = true, requires = "database")]
    redis: Option<String>,
}

impl Demo {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        match self.database {
            Some(database) => on(config, database, self.redis).await,
            None => Demo::thrown_away(config).await,
        }
    }

    async fn thrown_away(mut config: Config) -> anyhow::Result<()> {
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

/// Plays on a database that somebody set up for it.
async fn on(config: Config, database: String, redis: Option<String>) -> anyhow::Result<()> {
    let db = Db::connect(&database).await?;
    let text = "select 1 from activities limit 1";
    let used = db.own().query_one_raw(sql(db.own(), text, vec![])).await;
    db.close().await;
    // No such table yet: nothing is in it.
    if matches!(used, Ok(Some(_))) {
        bail!("there are activities in that database, which the demo would mix with its own");
    }
    let config = Config {
        database_url: database,
        redis_url: redis,
        sources: None,
        demo: true,
        ..config
    };
    server::run(start::hub(config, Role::All, Clock::system()).await?).await
}
