//! From JSON to a checked subscription: each field's rule, named when it is broken.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Utc};
use domain::filter::{ActivityFilter, Context, Home};
use domain::{EventKind, FilterError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fields::{self, Fields};
use super::model::{Channel, EVENTS, NIGHTLY_HOUR, Names, OncePer, Quiet};
use super::write::{Draft, LONGEST_NAME};
use crate::areas::activities::event_log::json_time;
use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::webhook;

/// Most deliveries an hour somebody may allow.
const MOST_PER_HOUR: u32 = 1_000;

/// The fields of a subscription that are its owner's.
pub(super) const FIELDS: [&str; 9] = [
    "name",
    "filter",
    "events",
    "channels",
    "once_per",
    "quiet",
    "max_per_hour",
    "mute_until",
    "active",
];

/// What reading takes beside the JSON.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The catalogue's names.
    pub(super) names: &'a Names,
    /// Webhooks may go to networks of one's own.
    pub(super) own_networks: bool,
    /// Where the sites of whoever asks are.
    pub(super) homes: &'a HashMap<Uuid, Home>,
}

impl<'a> Reading<'a> {
    /// As this hub reads.
    pub(super) fn of(hub: &'a Hub, homes: &'a HashMap<Uuid, Home>) -> Reading<'a> {
        Reading {
            names: hub.catalogue.as_ref(),
            own_networks: hub.config.allow_private_webhooks,
            homes,
        }
    }

    /// A new subscription, at a path (empty for a whole body).
    pub(super) fn draft(self, json: Value, at: &str) -> Result<Draft> {
        let mut fields = Fields::of(json, at, &FIELDS)?;
        let name = fields.need("name", "a name of your own for it")?;
        let filter = fields.need("filter", "an object such as {\"target\":[\"M31\"]}")?;
        let base = Draft {
            name: name_of(&fields.path("name"), &name)?,
            filter: given(&self.filter(&fields.path("filter"), &filter)?)?,
            events: vec![EventKind::Started, EventKind::Observed],
            channels: vec![Channel::MailNow],
            once_per: OncePer::Group,
            quiet: None,
            max_per_hour: None,
            mute_until: None,
            active: true,
        };
        self.rest(fields, base)
    }

    /// A subscription with the fields that are given changed.
    pub(super) fn patch(self, json: Value, mut base: Draft) -> Result<Draft> {
        let mut fields = Fields::of(json, "", &FIELDS)?;
        if let Some(name) = fields.take("name") {
            base.name = name_of("name", &name)?;
        }
        if let Some(filter) = fields.take("filter") {
            base.filter = given(&self.filter("filter", &filter)?)?;
        }
        self.rest(fields, base)
    }

    /// Every field but name and filter.
    fn rest(self, mut fields: Fields, mut draft: Draft) -> Result<Draft> {
        if let Some(events) = fields.take("events") {
            draft.events = events_of(&fields.path("events"), events)?;
        }
        if let Some(channels) = fields.take("channels") {
            draft.channels = self.channels(&fields.path("channels"), channels)?;
        }
        if let Some(once_per) = fields.take("once_per") {
            draft.once_per = once_per_of(&fields.path("once_per"), &once_per)?;
        }
        if let Some(quiet) = fields.take("quiet") {
            draft.quiet = optional(quiet, |quiet| quiet_of(&fields.path("quiet"), quiet))?;
        }
        if let Some(most) = fields.take("max_per_hour") {
            let at = fields.path("max_per_hour");
            draft.max_per_hour =
                optional(most, |most| fields::number(&at, &most, 1, MOST_PER_HOUR))?;
        }
        if let Some(until) = fields.take("mute_until") {
            let at = fields.path("mute_until");
            draft.mute_until = optional(until, |until| time_of(&at, &until))?;
        }
        if let Some(active) = fields.take("active") {
            draft.active = fields::flag(&fields.path("active"), &active)?;
        }
        Ok(draft)
    }

    /// A filter with the sites it names; an error in it is named with the path of the filter before
    /// its key.
    pub(super) fn filter(self, at: &str, json: &Value) -> Result<ActivityFilter> {
        let read = ActivityFilter::from_json(json, Context::Subscription, self.names);
        read.and_then(|filter| filter.resolve_sites(self.homes))
            .map_err(|error| Error::Filter(placed(at, error)))
    }

    fn channels(self, at: &str, json: Value) -> Result<Vec<Channel>> {
        let takes = "a list of ways to tell, such as [{\"type\":\"email\",\"when\":\"now\"}]";
        let mut channels: Vec<Channel> = Vec::new();
        for (at, member) in fields::list(at, json, takes)? {
            let channel = self.channel(&at, member)?;
            if channels.iter().any(|known| known.name() == channel.name()) {
                return Err(Error::invalid(
                    at,
                    "a second one of its kind; one is enough",
                ));
            }
            channels.push(channel);
        }
        if channels.is_empty() {
            return Err(Error::invalid(
                at,
                "empty; pause a subscription by `active`",
            ));
        }
        Ok(channels)
    }

    fn channel(self, at: &str, json: Value) -> Result<Channel> {
        let kinds = [("email", true), ("webhook", false)];
        let takes = "`email` or `webhook`";
        let kind = json.get("type").cloned().ok_or_else(|| match json {
            Value::Object(_) => {
                Error::invalid(format!("{at}.type"), format!("missing; it takes {takes}"))
            }
            _ => fields::wrong(at, &json, "an object with a `type`"),
        })?;
        if !fields::word(&format!("{at}.type"), &kind, &kinds)? {
            let mut fields = Fields::of(json, at, &["type", "url"])?;
            let url = fields.need("url", "a URL such as https://example.org/hook")?;
            return self.webhook(&fields.path("url"), &url);
        }
        let mut fields = Fields::of(json, at, &["type", "when", "hour"])?;
        let when = fields.need("when", "`now`, `hourly` or `nightly`")?;
        let whens = [
            ("now", Channel::MailNow.name()),
            ("hourly", Channel::MailHourly.name()),
            ("nightly", "mail_nightly"),
        ];
        let when = fields::word(&fields.path("when"), &when, &whens)?;
        let (path, hour) = (fields.path("hour"), fields.take("hour"));
        let hour = hour.filter(|hour| !hour.is_null());
        if when != "mail_nightly" {
            return match hour {
                Some(_) => Err(Error::invalid(path, "only a nightly mail has an hour")),
                None if when == "mail_now" => Ok(Channel::MailNow),
                None => Ok(Channel::MailHourly),
            };
        }
        let hour = hour.map_or(Ok(u32::from(NIGHTLY_HOUR)), |hour| {
            fields::number(&path, &hour, 0, 23)
        })?;
        Ok(Channel::MailNightly {
            hour: u8::try_from(hour).unwrap_or(NIGHTLY_HOUR),
        })
    }

    fn webhook(self, at: &str, json: &Value) -> Result<Channel> {
        let url = fields::text(at, json, "a URL such as https://example.org/hook")?;
        let url = webhook::check_url(&url, self.own_networks)
            .map_err(|refusal| Error::invalid(at, refusal.to_string()))?;
        Ok(Channel::Webhook { url: url.into() })
    }
}

/// Refuses a webhook whose name leads to where nothing is ever posted, so that its owner hears of it
/// at once. A name nobody knows just now passes: it is looked up again at every try.
pub(super) async fn look_up(hub: &Hub, json: &Value) -> Result<()> {
    let channels = json.get("channels").and_then(Value::as_array);
    // A second one is refused whatever it says.
    let webhook = channels.into_iter().flatten().enumerate();
    let mut webhooks = webhook.filter(|(_, channel)| channel["type"] == "webhook");
    let Some((place, url)) = webhooks
        .next()
        .and_then(|(place, channel)| Some((place, channel["url"].as_str()?)))
    else {
        return Ok(());
    };
    let looked = hub.webhooks.check(url).await;
    looked
        .map(drop)
        .map_err(|refusal| Error::invalid(format!("channels[{place}].url"), refusal.to_string()))
}

/// A filter's JSON: its values as they were given, in lists, in the order of the grammar.
fn given(filter: &ActivityFilter) -> Result<Value> {
    Ok(serde_json::to_value(filter).map_err(anyhow::Error::from)?)
}

/// A null is none.
fn optional<T>(json: Value, read: impl FnOnce(Value) -> Result<T>) -> Result<Option<T>> {
    match json {
        Value::Null => Ok(None),
        value => read(value).map(Some),
    }
}

fn placed(at: &str, mut error: FilterError) -> FilterError {
    error.key = match error.key.as_str() {
        "filter" => at.to_owned(),
        key => format!("{at}.{key}"),
    };
    error
}

fn name_of(at: &str, json: &Value) -> Result<String> {
    let takes = format!("a name of 1 to {LONGEST_NAME} characters in one line");
    let name = fields::text(at, json, &takes)?.trim().to_owned();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    match fits && !name.chars().any(char::is_control) {
        true => Ok(name),
        false => Err(fields::wrong(at, json, &takes)),
    }
}

/// Events somebody can subscribe to, in the order of the contract, each once.
pub(super) fn events_of(at: &str, json: Value) -> Result<Vec<EventKind>> {
    let known = EVENTS.map(|event| (event.as_str(), event));
    let mut wanted = Vec::new();
    for (at, member) in fields::list(at, json, "a list of events such as [\"started\"]")? {
        let live_only = member
            .as_str()
            .and_then(|word| word.parse::<EventKind>().ok())
            .is_some_and(|event| !EVENTS.contains(&event));
        if live_only {
            return Err(Error::invalid(
                at,
                format!("{member} is for live streams only, never notified"),
            ));
        }
        wanted.push(fields::word(&at, &member, &known)?);
    }
    if wanted.is_empty() {
        return Err(Error::invalid(
            at,
            "empty; pause a subscription by `active`",
        ));
    }
    let in_order = EVENTS.into_iter().filter(|event| wanted.contains(event));
    Ok(in_order.collect())
}

/// `group` or `activity`.
pub(super) fn once_per_of(at: &str, json: &Value) -> Result<OncePer> {
    let known = [OncePer::Group, OncePer::Activity].map(|word| (word.as_str(), word));
    fields::word(at, json, &known)
}

fn quiet_of(at: &str, json: Value) -> Result<Quiet> {
    let mut fields = Fields::of(json, at, &["from", "to"])?;
    let takes = "a local time such as 22:00";
    let mut minute = |name: &str| {
        let given = fields.need(name, takes)?;
        let field = fields.path(name);
        let read = given.as_str().and_then(minute_of);
        read.ok_or_else(|| fields::wrong(&field, &given, takes))
    };
    let quiet = Quiet {
        from: minute("from")?,
        to: minute("to")?,
    };
    if quiet.from == quiet.to {
        return Err(Error::invalid(
            at,
            "begins when it ends; a whole day of silence is a pause",
        ));
    }
    Ok(quiet)
}

/// `22:00` as minutes of the day.
fn minute_of(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, most: u16| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number: u16 = text.parse().ok().filter(|_| digits)?;
        (number <= most).then_some(number)
    };
    Some(number(hour, 23)? * 60 + number(minute, 59)?)
}

/// Minutes of the day as `22:00`.
pub(super) fn clock_face(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn time_of(at: &str, json: &Value) -> Result<DateTime<Utc>> {
    let takes = "a time such as 2026-11-21T06:00:00Z";
    let parsed = json
        .as_str()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    parsed
        .map(|time| time.to_utc())
        .filter(|time| (1..=9999).contains(&time.year()))
        .ok_or_else(|| fields::wrong(at, json, takes))
}

/// A draft as its owner could have written it: what exports hold.
pub(super) fn written_out(draft: &Draft) -> Value {
    let quiet = draft
        .quiet
        .map(|quiet| json!({ "from": clock_face(quiet.from), "to": clock_face(quiet.to) }));
    json!({
        "name": draft.name, "filter": draft.filter, "events": draft.events,
        "channels": draft.channels, "once_per": draft.once_per, "quiet": quiet,
        "max_per_hour": draft.max_per_hour,
        "mute_until": draft.mute_until.map(json_time),
        "active": draft.active,
    })
}
