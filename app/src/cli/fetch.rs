//! `starboard fetch`.

use std::path::PathBuf;

use anyhow::Context;
use chrono::Utc;
use clap::Args;
use upstream::Connector;

use super::stretch::Stretch;
use super::{Usage, hub, out};
use crate::areas::activities::{self, take_in};
use crate::config::Config;
use crate::words::plain;

/// Runs one connector once, now
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard fetch jwst
  starboard fetch eso --from 2026-11-01 --to 2026-11-08
  starboard fetch jwst --file 20260817_report_20260814.txt --dry-run --json")]
pub(super) struct Fetch {
    /// The source: eso, hst, jwst, swift
    source: String,
    #[command(flatten)]
    stretch: Stretch,
    /// Read a saved upstream answer instead of asking
    #[arg(long, conflicts_with_all = ["from", "to"])]
    file: Option<PathBuf>,
    /// Change nothing; tell what would change
    #[arg(long)]
    dry_run: bool,
    /// Machine output
    #[arg(long)]
    json: bool,
}

impl Fetch {
    pub(super) async fn run(self, mut config: Config) -> anyhow::Result<()> {
        let connector = connector(&self.source)?;
        let window = self.stretch.window(Utc::now())?;
        // A dry run leaves no file behind.
        if self.dry_run && config.sqlite_file().is_some_and(|file| !file.exists()) {
            config.database_url = "sqlite::memory:".to_owned();
        }
        // An unreadable answer is told before any database is touched.
        let read = match &self.file {
            None => None,
            Some(file) => {
                let body =
                    std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                Some(connector.read(&name, &body, Utc::now())?)
            }
        };
        let hub = hub::open(config).await?;
        let report = match read {
            Some(harvest) if self.dry_run => {
                take_in::rehearse(&hub, connector.profile().name, &harvest).await?
            }
            Some(harvest) => activities::take_file(&hub, connector, &harvest).await?,
            None if self.dry_run => activities::rehearse(&hub, connector, window).await?,
            None => activities::harvest(&hub, connector, window).await?,
        };
        if self.json {
            return out::json(&report);
        }
        self.tell(&report)
    }

    fn tell(&self, report: &take_in::Report) -> anyhow::Result<()> {
        let counts = report.counts;
        out::line(&format!(
            "{}{}: {} rows read, {} activities: {} new, {} changed, {} unchanged, {} withdrawn",
            if self.dry_run { "dry run, " } else { "" },
            report.source,
            report.read,
            report.activities,
            counts.new,
            counts.changed,
            counts.unchanged,
            counts.withdrawn
        ))?;
        for (reason, rows) in &report.skipped {
            out::line(&format!("left out: {rows} rows, {}", plain(reason)))?;
        }
        for row in &report.unreadable {
            out::line(&format!("unreadable: {}", plain(&row.to_string())))?;
        }
        Ok(())
    }
}

/// The connector of this name.
pub(super) fn connector(name: &str) -> anyhow::Result<&'static dyn Connector> {
    let names: Vec<_> = registry::ALL.iter().map(|c| c.profile().name).collect();
    registry::find(name)
        .ok_or_else(|| Usage(format!("no source {name:?}; it takes {}", names.join(", "))).into())
}
