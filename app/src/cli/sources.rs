//! `starboard sources`.

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::client::{Client, Page, Server};
use super::out;
use super::table::{self, Column, Table};
use crate::config::Config;
use crate::words;

/// Lists the sources of a server and how they do
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard sources
  starboard sources --server https://starboard.example.org --json")]
pub(super) struct Sources {
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object a line
    #[arg(long)]
    json: bool,
}

/// What the table shows of a source. Unknown fields of a newer server are none of its business.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    name: String,
    health: String,
    last_success: Option<DateTime<Utc>>,
    next_run: Option<DateTime<Utc>>,
    horizon: Option<DateTime<Utc>>,
    rows_read: i64,
    unreadable_rows: i64,
    last_error: Option<String>,
}

impl Sources {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let client = Client::new(self.server.address(&config)?)?;
        if self.json {
            let page: Page<Value> = client.get("/api/sources", &[]).await?;
            return page.items.iter().try_for_each(out::json);
        }
        let page: Page<Row> = client.get("/api/sources", &[]).await?;
        table(&page.items, Utc::now())
            .lines(table::width())
            .iter()
            .try_for_each(|l| out::line(l))
    }
}

fn table(rows: &[Row], now: DateTime<Utc>) -> Table {
    let mut table = Table::new(&[
        Column::whole("SOURCE"),
        Column::whole("HEALTH"),
        Column::whole("LAST SUCCESS"),
        Column::whole("NEXT"),
        Column::whole("PLAN UNTIL"),
        Column::whole("ROWS"),
        Column::whole("UNREADABLE"),
        Column::elastic("LAST ERROR"),
    ]);
    for row in rows {
        let beside = |time: Option<DateTime<Utc>>| time.map(|time| words::beside(time, now));
        // An error that was followed by a success is over.
        let error = row.last_error.clone().filter(|_| row.health == "failing");
        table.row([
            row.name.clone(),
            row.health.clone(),
            beside(row.last_success).unwrap_or_else(|| "never".to_owned()),
            beside(row.next_run).unwrap_or_default(),
            row.horizon.map(words::minute).unwrap_or_default(),
            row.rows_read.to_string(),
            row.unreadable_rows.to_string(),
            error.unwrap_or_default(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};

    use super::*;

    #[test]
    fn a_source_is_told_by_its_health_and_its_newest_success() {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        let good = Row {
            name: "jwst".into(),
            health: "good".into(),
            last_success: Some(now - TimeDelta::minutes(3)),
            last_error: Some("unreachable: once".into()),
            rows_read: 1200,
            ..Row::default()
        };
        let failing = Row {
            name: "eso".into(),
            health: "failing".into(),
            last_error: Some("unreachable: archive.eso.org answered 503".into()),
            ..Row::default()
        };

        let lines = table(&[good, failing], now).lines(100);

        assert_eq!(
            lines,
            [
                "SOURCE  HEALTH   LAST SUCCESS  NEXT  PLAN UNTIL  ROWS  UNREADABLE  LAST ERROR",
                "jwst    good     3 min ago                       1200  0",
                "eso     failing  never                           0     0           unreachable: archive.eso.org ans…",
            ]
        );
    }
}
