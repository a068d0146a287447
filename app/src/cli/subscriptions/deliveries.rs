//! `starboard subscriptions deliveries`.

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::client::{Client, Server, pages};
use crate::cli::out;
use crate::cli::table::{self, Column, Table};
use crate::config::Config;
use crate::words;

/// Deliveries listed when nothing is said.
const SOME: usize = 50;

/// Lists what a subscription has sent, newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard subscriptions deliveries \"M 31 by JWST\"
  starboard subscriptions deliveries 0199a5a0-0000-7000-8000-000000000001 --limit 500 --json")]
pub(super) struct Deliveries {
    /// The subscription's id, or its name
    subscription: String,
    /// Most deliveries listed [default: 50]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object a line
    #[arg(long)]
    json: bool,
}

/// What the table shows of a delivery.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    created_at: Option<DateTime<Utc>>,
    event: String,
    channel: String,
    state: String,
    attempts: u32,
    sample: bool,
    activity: Of,
    why: Option<String>,
    answer: Option<String>,
}

/// Whose event it is; unknown once the event is not kept any more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Of {
    facility_name: Option<String>,
    target_name: Option<String>,
}

impl Deliveries {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let client = Client::signed_in(self.server.address(config)?)?;
        let path = super::path(&client, &self.subscription).await?;
        let path = format!("{path}/deliveries");
        let most = Some(self.limit.map_or(SOME, |limit| limit as usize));
        if self.json {
            let print = |items: Vec<Box<RawValue>>| items.iter().try_for_each(out::json);
            return pages(&client, &path, &[], most, print).await;
        }
        let mut rows: Vec<Row> = Vec::new();
        pages(&client, &path, &[], most, |items| {
            rows.extend(items);
            Ok(())
        })
        .await?;
        if rows.is_empty() {
            eprintln!("nothing was sent so far");
            return Ok(());
        }
        table(&rows)
            .lines(table::width())
            .iter()
            .try_for_each(|line| out::line(line))
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&[
        Column::whole("MADE (UTC)"),
        Column::whole("EVENT"),
        Column::whole("BY"),
        Column::whole("STATE"),
        Column::whole("TRIES"),
        Column::elastic("ACTIVITY"),
        Column::elastic("WHY"),
        Column::elastic("ANSWER"),
    ]);
    for row in rows {
        let event = match row.sample {
            true => format!("{} (sample)", row.event),
            false => row.event.clone(),
        };
        let names = [&row.activity.facility_name, &row.activity.target_name];
        let of: Vec<&str> = names.into_iter().filter_map(Option::as_deref).collect();
        table.row([
            row.created_at.map(words::minute).unwrap_or_default(),
            event,
            row.channel.replace('_', " "),
            row.state.clone(),
            row.attempts.to_string(),
            of.join(" "),
            row.why.clone().unwrap_or_default(),
            row.answer.clone().unwrap_or_default(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_delivery_is_a_line_with_the_answer_it_got() {
        let row = json!({
            "id": "0199a5a0-0000-7000-8000-000000000001", "created_at": "2026-11-21T06:00:00Z",
            "event": "started", "channel": "mail_now", "state": "sent", "attempts": 1,
            "why": "facility JWST", "answer": "250 ok", "sample": true,
            "activity": { "id": "0199a5a0-0000-7000-8000-000000000002", "facility_name": "JWST", "target_name": "M-31" },
        });
        assert_eq!(
            table(&[serde_json::from_value(row).unwrap()]).lines(100),
            [
                "MADE (UTC)        EVENT             BY        STATE  TRIES  ACTIVITY   WHY            ANSWER",
                "2026-11-21 06:00  started (sample)  mail now  sent   1      JWST M-31  facility JWST  250 ok",
            ]
        );
    }
}
