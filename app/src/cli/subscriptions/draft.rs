//! `starboard subscriptions create`, and what a subscription is made of on the command line.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use domain::filter::{ActivityFilter, Context};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::PATH;
use crate::cli::client::{Client, Server};
use crate::cli::{Usage, filter, out, stretch};
use crate::config::Config;
use crate::words::plain;

/// What is to be told: a filter, events, and how often.
#[derive(Debug, Args)]
pub(super) struct Interest {
    /// key=value: facility, instrument, target, proposal, pi, text, pos, status, …
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// What has to happen; may be repeated [default: started, observed]
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<String>,
    /// Tell an event once of an activity, or of the group it belongs to [default: group]
    #[arg(long, value_enum)]
    once_per: Option<OncePer>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OncePer {
    Group,
    Activity,
}

/// When a mail goes out.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    Now,
    Hourly,
    Nightly,
}

impl Interest {
    /// As JSON of a subscription; fields that were not given are the server's to choose.
    ///
    /// # Errors
    /// Wrong usage, when the filter cannot be understood.
    pub(super) fn to_json(&self) -> anyhow::Result<Map<String, Value>> {
        let read = filter::read(&self.filter, Context::Subscription)?;
        let mut json = Map::new();
        json.insert("filter".to_owned(), given(&read));
        if !self.events.is_empty() {
            json.insert("events".to_owned(), json!(self.events));
        }
        if let Some(once_per) = self.once_per {
            json.insert("once_per".to_owned(), word(once_per));
        }
        Ok(json)
    }
}

/// The filter's keys, each with its values.
fn given(filter: &ActivityFilter) -> Value {
    let mut json: Map<String, Value> = Map::new();
    for (key, value) in filter.to_pairs() {
        let values = json.entry(key).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(value.into());
        }
    }
    json.into()
}

fn word(value: impl ValueEnum) -> Value {
    let known = value.to_possible_value();
    known.map_or(Value::Null, |known| known.get_name().into())
}

/// Makes a subscription
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard subscriptions create \"M 31 by JWST\" facility=JWST 'target=M 31'
  starboard subscriptions create \"near the Crab\" 'pos=CIRCLE 83.6 22 2' --event scheduled --mail nightly
  starboard subscriptions create \"to our chat\" facility=HST --webhook https://example.org/hook

Without --mail and --webhook a mail is sent at once. A webhook's secret is shown this once. See with
`starboard subscriptions preview` what it would have brought.")]
pub(super) struct Create {
    /// What you call it
    name: String,
    #[command(flatten)]
    interest: Interest,
    /// A mail at once, or a digest; may be repeated
    #[arg(long, value_enum)]
    mail: Vec<When>,
    /// Of a nightly mail: your local hour, 0 to 23 [default: 7]
    #[arg(long, requires = "mail", value_parser = clap::value_parser!(u8).range(0..24))]
    hour: Option<u8>,
    /// Post every notification there, signed (Standard Webhooks)
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Hours in which delivery waits, in your time zone: 22:00-07:00
    #[arg(long, value_name = "FROM-TO", value_parser = quiet)]
    quiet: Option<(String, String)>,
    /// Most deliveries an hour; the rest comes as one digest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_per_hour: Option<u32>,
    /// Deliver nothing before (UTC; a date or 2026-11-21T06:00:00Z)
    #[arg(long, value_name = "TIME", value_parser = stretch::time)]
    mute_until: Option<DateTime<Utc>>,
    /// Make it, but match nothing until it is resumed
    #[arg(long)]
    paused: bool,
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object
    #[arg(long)]
    json: bool,
}

/// What is shown of a subscription just made.
#[derive(Debug, Deserialize)]
struct Made {
    id: Uuid,
    name: String,
    webhook_secret: Option<String>,
}

impl Create {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let wanted = self.to_json()?;
        let client = Client::signed_in(self.server.address(config)?)?;
        let whole: Value = client.give(Method::POST, PATH, &wanted).await?;
        if self.json {
            return out::json(&whole);
        }
        let made: Made = client.read(whole.to_string().as_bytes())?;
        eprintln!("{:?} is made; its id:", plain(&made.name));
        out::line(&made.id.to_string())?;
        if let Some(secret) = &made.webhook_secret {
            eprintln!("the secret that signs its webhook, shown this once:");
            out::line(&plain(secret))?;
        }
        Ok(())
    }

    fn to_json(&self) -> anyhow::Result<Value> {
        let mut json = self.interest.to_json()?;
        json.insert("name".to_owned(), self.name.as_str().into());
        let channels = self.channels()?;
        let mut put = |name: &str, value: Value| {
            json.insert(name.to_owned(), value);
        };
        if !channels.is_empty() {
            put("channels", channels.into());
        }
        if let Some((from, to)) = &self.quiet {
            put("quiet", json!({ "from": from, "to": to }));
        }
        if let Some(most) = self.max_per_hour {
            put("max_per_hour", most.into());
        }
        if let Some(until) = self.mute_until {
            put("mute_until", json!(until));
        }
        if self.paused {
            put("active", false.into());
        }
        Ok(json.into())
    }

    fn channels(&self) -> anyhow::Result<Vec<Value>> {
        let nightly = |when: &When| matches!(when, When::Nightly);
        if self.hour.is_some() && !self.mail.iter().any(nightly) {
            return Err(Usage("--hour is for --mail nightly".to_owned()).into());
        }
        let mail = |when: &When| match self.hour.filter(|_| nightly(when)) {
            Some(hour) => json!({ "type": "email", "when": word(*when), "hour": hour }),
            None => json!({ "type": "email", "when": word(*when) }),
        };
        let webhook = |url: &String| json!({ "type": "webhook", "url": url });
        let mails = self.mail.iter().map(mail);
        Ok(mails.chain(self.webhook.iter().map(webhook)).collect())
    }
}

/// `22:00-07:00`; whether these are hours is the server's to judge.
fn quiet(text: &str) -> Result<(String, String), String> {
    let (from, to) = text
        .split_once('-')
        .ok_or_else(|| format!("{text:?} are no hours; it takes 22:00-07:00"))?;
    Ok((from.trim().to_owned(), to.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        create: Create,
    }

    fn wanted(args: &[&str]) -> Result<Value, String> {
        let line = Line::try_parse_from([&["create"], args].concat());
        let line = line.map_err(|error| error.to_string())?;
        line.create.to_json().map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_is_left_to_the_server() {
        assert_eq!(
            wanted(&["mine", "facility=JWST", "facility=HST", "target=M 31"]).unwrap(),
            json!({ "name": "mine", "filter": { "facility": ["JWST", "HST"], "target": ["M 31"] } })
        );
    }

    #[test]
    fn everything_that_can_be_said_is_handed_on() {
        let args = "mine --event started --event ended --once-per activity --mail now --mail nightly \
            --hour 6 --webhook https://example.org/ --quiet 22:00-07:00 --max-per-hour 5 \
            --mute-until 2026-12-01 --paused";
        let args: Vec<&str> = args.split_whitespace().collect();
        assert_eq!(
            wanted(&args).unwrap(),
            json!({
                "name": "mine", "filter": {}, "events": ["started", "ended"], "once_per": "activity",
                "channels": [
                    { "type": "email", "when": "now" },
                    { "type": "email", "when": "nightly", "hour": 6 },
                    { "type": "webhook", "url": "https://example.org/" },
                ],
                "quiet": { "from": "22:00", "to": "07:00" }, "max_per_hour": 5,
                "mute_until": "2026-12-01T00:00:00Z", "active": false,
            })
        );
    }

    #[test]
    fn slips_are_told_before_anybody_is_asked() {
        for (args, said) in [
            (&["mine", "facilty=JWST"][..], "did you mean \"facility\"?"),
            (
                &["mine", "--mail", "now", "--hour", "3"],
                "--hour is for --mail nightly",
            ),
            (&["mine", "--quiet", "late"], "it takes 22:00-07:00"),
            (&["mine", "--mail", "weekly"], "nightly"),
        ] {
            let error = wanted(args).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
