//! `starboard record`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use domain::Clock;
use upstream::{Ask, Cassette, Connector, Options, Upstream};

use super::stretch::Stretch;
use super::{Usage, fetch, out};
use crate::config::Config;

/// Asks a source for real and writes its answers to a cassette, secrets removed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard record jwst
  starboard record eso --from 2026-11-01 --to 2026-11-02 --out night.json

What it writes are the source's own words: they are under its data policy.")]
pub(super) struct Record {
    /// The source: eso, hst, jwst, swift
    source: String,
    #[command(flatten)]
    stretch: Stretch,
    /// Where to write it; a file that is there is replaced
    /// [default: fixtures/cassettes/<SOURCE>/<DATE>.json]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Record {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let connector = fetch::connector(&self.source)?;
        if config.demo {
            bail!("the demo asks nobody, so there is nothing to record");
        }
        let clock = Clock::system();
        let now = clock.now();
        let window = self.stretch.window(now)?;
        let file = self.file(connector, &now.format("%Y-%m-%d").to_string())?;

        let (upstream, recorder) = Upstream::recording(Options::new(config.public_url, clock))?;
        let harvest = connector
            .harvest(
                &upstream,
                &Ask {
                    now,
                    cursor: None,
                    window,
                },
            )
            .await;
        // What was heard before a failure is what a person wants to look at then.
        let cassette = recorder.cassette();
        if !cassette.is_empty() {
            write(&file, &cassette)?;
            out::line(&told(&cassette, &file))?;
        }
        let harvest = harvest.context("not everything could be asked")?;
        eprintln!(
            "{} rows read, {} activities, {} rows unreadable",
            harvest.read,
            harvest.readable().count(),
            harvest.unreadable().count()
        );
        Ok(())
    }

    fn file(&self, connector: &dyn Connector, date: &str) -> anyhow::Result<PathBuf> {
        if let Some(file) = &self.out {
            return Ok(file.clone());
        }
        let folder = Path::new("fixtures/cassettes").join(connector.profile().name);
        let file = folder.join(format!("{date}.json"));
        if file.exists() {
            let why = format!(
                "{} is there already: name another with --out",
                file.display()
            );
            return Err(Usage(why).into());
        }
        Ok(file)
    }
}

fn told(cassette: &Cassette, file: &Path) -> String {
    match cassette.len() {
        1 => format!("1 interaction in {}", file.display()),
        many => format!("{many} interactions in {}", file.display()),
    }
}

fn write(file: &Path, cassette: &Cassette) -> anyhow::Result<()> {
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
    }
    std::fs::write(file, cassette.to_json()).with_context(|| format!("writing {}", file.display()))
}
