//! Harvests, by hand and as jobs: what they print, what they change, and what they leave alone.

mod backfill;
mod command;
mod kept;
mod leases;
mod refused;
mod standing;
mod withdrawal;

use std::path::PathBuf;

use chrono::TimeDelta;
use domain::{Clock, Record};
use serde_json::{Value, json};
use upstream::{Cassette, Connector, Harvest, Scope, Upstream};

use crate::harness::cassette;
use crate::harness::hub::TestHub;
use crate::harness::process::{self, Ran};
use crate::harness::scratch::Scratch;

/// The name under which the report of [`report`] is saved.
const WEEK: &str = "20250804_report_20250802.txt";

/// The body of an answer of a cassette.
fn body(path: &str, answer: usize) -> String {
    let body = &cassette(path)["http_interactions"][answer]["response"]["body"]["string"];
    body.as_str().unwrap().to_owned()
}

/// The weekly report of our cassette of JWST.
pub(crate) fn report() -> String {
    body("jwst/one-week.json", 1)
}

/// An upstream that answers from our cassette of JWST, with this report in it.
pub(crate) fn answering(report: &str) -> Upstream {
    let mut tape = cassette("jwst/one-week.json");
    let response = &mut tape["http_interactions"][1]["response"];
    response["body"]["string"] = json!(report);
    response["headers"]["content-length"] = json!([report.len().to_string()]);
    let tape = Cassette::parse(tape.to_string().as_bytes()).unwrap();
    let clock = Clock::fixed("2025-08-04T00:00:00Z".parse().unwrap());
    Upstream::playing(vec![tape], move || clock.now())
}

fn jwst() -> &'static dyn Connector {
    registry::find("jwst").unwrap()
}

/// A folder for a command, with a saved answer in it.
struct Desk {
    folder: Scratch,
}

impl Desk {
    fn new() -> Desk {
        Desk {
            folder: Scratch::new(),
        }
    }

    fn with(name: &str, body: impl AsRef<[u8]>) -> Desk {
        let desk = Desk::new();
        std::fs::write(desk.file(name), body).unwrap();
        desk
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.file(name)
    }

    /// What is in the folder.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Runs `starboard fetch`, by default on a database in the folder.
    async fn fetch(&self, args: &[&str]) -> Ran {
        let args = [&["fetch"], args].concat();
        process::run(&args, self.folder.path(), &[]).await
    }
}

/// A harvest of these records that provably covers the days around the time now.
fn whole(hub: &TestHub, records: &[Record]) -> Harvest {
    let now = hub.hub.clock.now();
    Harvest {
        covers: vec![Scope {
            from: now - TimeDelta::days(2),
            to: now + TimeDelta::days(2),
        }],
        ..partial(records)
    }
}

/// A harvest of these records that proves nothing.
fn partial(records: &[Record]) -> Harvest {
    Harvest {
        read: records.len(),
        records: records.iter().cloned().map(Ok).collect(),
        ..Harvest::default()
    }
}

/// The events so far, as `obs_id` and what happened.
async fn told(hub: &TestHub) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = hub.events().await;
    let told = |event: &Value| (text(&event["activity"]["obs_id"]), text(&event["event"]));
    events.iter().map(told).collect()
}
