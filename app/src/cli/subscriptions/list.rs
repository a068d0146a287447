//! `starboard subscriptions list`.

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::PATH;
use crate::cli::client::{Client, Server, pages};
use crate::cli::out;
use crate::cli::table::{self, Column, Table};
use crate::config::Config;
use crate::words;

/// Lists your subscriptions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard subscriptions list
  starboard subscriptions list --json")]
pub(super) struct List {
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object a line
    #[arg(long)]
    json: bool,
}

/// What the table shows of a subscription.
#[derive(Debug, Deserialize)]
struct Row {
    id: Uuid,
    name: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    channels: Vec<Channel>,
    active: bool,
    mute_until: Option<DateTime<Utc>>,
    webhook: Option<Webhook>,
    fault: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    #[serde(rename = "type")]
    kind: String,
    when: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Webhook {
    failing_since: Option<DateTime<Utc>>,
    off_at: Option<DateTime<Utc>>,
}

impl List {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let client = Client::signed_in(self.server.address(config)?)?;
        if self.json {
            // As the server sent them: fields this version does not know stay.
            let print = |items: Vec<Box<RawValue>>| items.iter().try_for_each(out::json);
            return pages(&client, PATH, &[], None, print).await;
        }
        let mut rows: Vec<Value> = Vec::new();
        pages(&client, PATH, &[], None, |items| {
            rows.extend(items);
            Ok(())
        })
        .await?;
        if rows.is_empty() {
            eprintln!("no subscriptions yet: see `starboard subscriptions create --help`");
            return Ok(());
        }
        let rows: Vec<Row> = serde_json::from_value(Value::Array(rows))?;
        table(&rows, Utc::now())
            .lines(table::width())
            .iter()
            .try_for_each(|line| out::line(line))
    }
}

fn table(rows: &[Row], now: DateTime<Utc>) -> Table {
    let mut table = Table::new(&[
        Column::whole("ID"),
        Column::elastic("NAME"),
        Column::elastic("EVENTS"),
        Column::elastic("BY"),
        Column::elastic("STATE"),
    ]);
    for row in rows {
        let by: Vec<String> = row.channels.iter().map(channel).collect();
        table.row([
            row.id.to_string(),
            row.name.clone(),
            row.events.join(", "),
            by.join(", "),
            state(row, now),
        ]);
    }
    table
}

fn channel(channel: &Channel) -> String {
    match (channel.kind.as_str(), channel.when.as_deref()) {
        ("email", Some("now") | None) => "mail".to_owned(),
        ("email", Some(when)) => format!("{when} mail"),
        (other, _) => other.to_owned(),
    }
}

fn state(row: &Row, now: DateTime<Utc>) -> String {
    if !row.active {
        return "paused".to_owned();
    }
    if row.fault.is_some() {
        return "filter unreadable".to_owned();
    }
    if let Some(until) = row.mute_until.filter(|until| *until > now) {
        return format!("muted until {}", words::minute(until));
    }
    match &row.webhook {
        Some(Webhook {
            off_at: Some(_), ..
        }) => "webhook switched off".to_owned(),
        Some(Webhook {
            failing_since: Some(_),
            ..
        }) => "webhook failing".to_owned(),
        _ => "active".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(more: Value) -> Row {
        let mut whole = json!({
            "id": "0199a5a0-0000-7000-8000-000000000001", "name": "M 31", "filter": {},
            "events": ["started"], "active": true,
            "channels": [{"type": "email", "when": "nightly", "hour": 7}, {"type": "webhook", "url": "https://example.org"}],
        });
        let more = more.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(more);
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn a_subscription_is_a_line_with_how_it_does() {
        let now: DateTime<Utc> = "2026-11-21T06:00:00Z".parse().unwrap();
        assert_eq!(
            table(&[row(json!({}))], now).lines(120),
            [
                "ID                                    NAME  EVENTS   BY                     STATE",
                "0199a5a0-0000-7000-8000-000000000001  M 31  started  nightly mail, webhook  active",
            ]
        );
        for (more, expected) in [
            (json!({ "active": false, "fault": "x" }), "paused"),
            (
                json!({ "mute_until": "2026-11-22T06:00:00Z" }),
                "muted until 2026-11-22 06:00",
            ),
            (json!({ "mute_until": "2026-11-20T06:00:00Z" }), "active"),
            (
                json!({ "webhook": { "failing_since": "2026-11-20T06:00:00Z" } }),
                "webhook failing",
            ),
            (
                json!({ "webhook": { "off_at": "2026-11-20T06:00:00Z" } }),
                "webhook switched off",
            ),
        ] {
            assert_eq!(state(&row(more), now), expected);
        }
    }
}
