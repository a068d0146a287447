//! `starboard subscriptions preview`.

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::PATH;
use super::draft::Interest;
use crate::cli::client::{Client, Server};
use crate::cli::{activities, out, table};
use crate::config::Config;
use crate::words::plain;

/// Shows what a subscription would have brought; needs no account
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard subscriptions preview facility=JWST 'target=M 31'
  starboard subscriptions preview 'pos=CIRCLE 83.6 22 2' --event scheduled --days 7
  starboard subscriptions preview proposal=JWST/4501 --json")]
pub(super) struct Preview {
    #[command(flatten)]
    interest: Interest,
    /// How far back
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=30))]
    days: u32,
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object
    #[arg(long)]
    json: bool,
}

/// What is shown of a preview.
#[derive(Debug, Deserialize)]
struct Seen {
    count: u64,
    #[serde(default)]
    items: Vec<Value>,
    mails_per_day: f64,
    hint: Option<Hint>,
    #[serde(default)]
    partial: bool,
}

#[derive(Debug, Deserialize)]
struct Hint {
    text: String,
}

impl Preview {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let mut wanted = self.interest.to_json()?;
        wanted.insert("days".to_owned(), self.days.into());
        let client = Client::signed_in(self.server.address(config)?)?;
        let path = format!("{PATH}/preview");
        let whole: Value = client.give(Method::POST, &path, &wanted.into()).await?;
        if self.json {
            return out::json(&whole);
        }
        let seen: Seen = client.read(whole.to_string().as_bytes())?;
        in_words(&seen, self.days)
            .iter()
            .try_for_each(|line| out::line(line))?;
        let rows: Vec<activities::Row> = serde_json::from_value(seen.items.into())?;
        if rows.is_empty() {
            return Ok(());
        }
        out::line("")?;
        activities::table(&rows)
            .lines(table::width())
            .iter()
            .try_for_each(|line| out::line(line))
    }
}

fn in_words(seen: &Seen, days: u32) -> Vec<String> {
    let least = if seen.partial { "at least " } else { "" };
    let notifications = match seen.count {
        1 => "1 notification".to_owned(),
        count => format!("{count} notifications"),
    };
    let days = match days {
        1 => "day".to_owned(),
        days => format!("{days} days"),
    };
    let mails = seen.mails_per_day;
    let mut lines = vec![format!(
        "{least}{notifications} in the last {days}, {mails:.1} mails a day"
    )];
    if seen.partial {
        lines.push("there was no time to look at all of it".to_owned());
    }
    lines.extend(seen.hint.as_ref().map(|hint| plain(&hint.text)));
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_preview_in_words_says_what_to_expect_and_what_to_change() {
        let seen = json!({
            "count": 12, "per_day": [], "items": [], "mails_per_day": 0.4, "partial": true,
            "hint": { "kind": "narrower", "text": "name an instrument" },
        });
        assert_eq!(
            in_words(&serde_json::from_value(seen).unwrap(), 30),
            [
                "at least 12 notifications in the last 30 days, 0.4 mails a day",
                "there was no time to look at all of it",
                "name an instrument",
            ]
        );
    }
}
