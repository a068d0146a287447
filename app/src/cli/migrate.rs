//! `starboard migrate`.

use clap::Args;
use serde_json::json;

use crate::config::Config;
use crate::db::Db;
use crate::{schema, start};

/// Brings the database, the queue's tables included, to this version
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard migrate
  starboard migrate --status           what is missing; changes nothing")]
pub(super) struct Migrate {
    /// Only tell what is missing
    #[arg(long)]
    status: bool,
    /// Machine output
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let db = Db::connect(&config.database_url).await?;
        let queue = start::queue(&config).await?;
        let rights = queue.missing_rights().await?;
        if !self.status {
            if let [first, ..] = rights.as_slice() {
                eprintln!("Rights are missing: {first}");
            }
            schema::migrate(&db).await?;
            queue.migrate().await?;
        }
        let hub = schema::standing(&db).await?;
        let of_queue = queue.migrations().await?;
        if self.json {
            println!(
                "{}",
                json!({ "hub": hub, "queue": of_queue, "missing_rights": rights })
            );
        } else {
            describe("hub", &hub.pending, &hub.unknown);
            describe("queue", &of_queue.pending, &of_queue.unknown);
            for right in &rights {
                eprintln!("missing right: {right}");
            }
        }
        db.close().await;
        queue.close().await;
        Ok(())
    }
}

fn describe(what: &str, pending: &[String], unknown: &[String]) {
    if pending.is_empty() && unknown.is_empty() {
        eprintln!("{what}: up to date");
    }
    for step in pending {
        eprintln!("{what}: to be done: {step}");
    }
    for step in unknown {
        eprintln!("{what}: from a newer version: {step}");
    }
}
