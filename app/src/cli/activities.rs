//! `starboard activities`.

use chrono::{DateTime, Utc};
use clap::Args;
use domain::filter::Context;
use domain::{Basis, Facts, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{Client, Server, pages};
use super::table::{self, Column, Table};
use super::{filter, out};
use crate::config::Config;
use crate::words;

/// Activities listed when nothing is said.
const SOME: usize = 50;

/// Lists activities of a server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard activities facility=JWST status=scheduled --sort t_min
  starboard activities 'target=M 31' 'target=M 33'
  starboard activities 'pos=CIRCLE 83.6 22 2' from=now-2d --all --json

Different keys must all hold; of a key given twice either may. Times are UTC.")]
pub(super) struct Activities {
    /// key=value: source, status, facility, instrument, target, proposal, pi, text, pos, from, …
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    #[command(flatten)]
    server: Server,
    /// Most activities listed [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Newest start first, oldest start first, or by place in the log
    #[arg(long, allow_hyphen_values = true, default_value = "-t_min")]
    #[arg(value_parser = ["-t_min", "t_min", "seq"])]
    sort: String,
    /// Every activity, however many
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Machine output: one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Activities {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let filter = filter::read(&self.filter, Context::Lists)?;
        let client = Client::new(self.server.address(&config)?)?;
        let mut query = filter.to_pairs();
        query.push(("sort", &self.sort));
        let most = match self.all {
            true => None,
            false => Some(self.limit.map_or(SOME, |limit| limit as usize)),
        };
        let path = "/api/activities";
        if self.json {
            // As the server sent them: fields this version does not know stay.
            let print = |items: Vec<Box<RawValue>>| items.iter().try_for_each(out::json);
            return pages(&client, path, &query, most, print).await;
        }
        let mut rows: Vec<Row> = Vec::new();
        pages(&client, path, &query, most, |items| {
            rows.extend(items);
            Ok(())
        })
        .await?;
        if rows.is_empty() {
            eprintln!("nothing passes the filter");
            return Ok(());
        }
        table(&rows)
            .lines(table::width())
            .iter()
            .try_for_each(|line| out::line(line))
    }
}

/// What the table shows of an activity.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    status: Status,
    basis: Basis,
    #[serde(flatten)]
    facts: Facts,
}

/// A table of activities.
pub(super) fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&[
        Column::whole("START (UTC)"),
        Column::elastic("FACILITY"),
        Column::elastic("INSTRUMENT"),
        Column::elastic("TARGET"),
        Column::whole("STATUS"),
        Column::elastic("PROGRAMME"),
        Column::elastic("PI"),
    ]);
    for Row {
        status,
        basis,
        facts,
    } in rows
    {
        table.row([
            start(facts.t_min),
            facts.facility_name.clone(),
            facts.instrument_name.clone().unwrap_or_default(),
            facts.target_name.clone().unwrap_or_default(),
            format!("{}, {}", words::status(*status), words::basis(*basis)),
            facts.proposal_id.clone().unwrap_or_default(),
            facts.proposal_pi.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn start(time: Option<DateTime<Utc>>) -> String {
    time.map(words::minute).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(more: serde_json::Value) -> Row {
        let mut activity = json!({
            "obs_collection": "ESO", "role": "prime", "facility_name": "ESO-VLT-U1",
            "status": "performed", "basis": "archived",
        });
        let fields = more.as_object().unwrap().clone();
        activity.as_object_mut().unwrap().extend(fields);
        serde_json::from_value(activity).unwrap()
    }

    #[test]
    fn what_is_unknown_stays_empty_and_how_we_know_is_said() {
        let known = row(json!({
            "t_min": "2026-11-21T02:04:59Z", "instrument_name": "FORS2", "target_name": "NGC 300",
            "proposal_id": "114.27LW.001",
        }));
        let by_plan = row(json!({
            "facility_name": "JWST", "status": "in_progress", "basis": "scheduled",
        }));

        assert_eq!(
            table(&[known, by_plan]).lines(100),
            [
                "START (UTC)       FACILITY    INSTRUMENT  TARGET   STATUS                PROGRAMME     PI",
                "2026-11-21 02:04  ESO-VLT-U1  FORS2       NGC 300  performed, archived   114.27LW.001",
                "                  JWST                             in progress, by plan",
            ]
        );
    }

    #[test]
    fn the_table_fits_a_hundred_columns() {
        let long = "x".repeat(300);
        let row = row(json!({
            "t_min": "2026-11-21T02:04:59Z", "facility_name": long, "instrument_name": long,
            "target_name": long, "proposal_id": long, "proposal_pi": long,
            "status": "in_progress", "basis": "reported",
        }));
        for line in table(&[row]).lines(100) {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
