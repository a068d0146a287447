//! The JSON of subscriptions, their webhooks and previews.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{Channel, Subscription};
use super::reading::clock_face;
use super::webhooks::Webhook;
use super::write::Written;
use crate::error::Result;
use crate::hub::Hub;
use crate::openapi::ActivityOut;

/// What a subscription's owner says of it. Of a new one `name` and `filter` are needed; of a change
/// only what is to change, and null clears what may be null.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read: `reading` reads the fields")]
pub struct SubscriptionIn {
    /// As its owner calls it, 1 to 200 characters.
    pub name: Option<String>,
    /// The filter: keys with lists of values, `{"facility":["JWST"],"pos":["CIRCLE 83.6 22.0 2"]}`.
    pub filter: Option<BTreeMap<String, Vec<String>>>,
    /// `planned`, `scheduled`, `changed`, `started`, `ended`, `confirmed`, `observed`, `aborted`,
    /// `withdrawn`; `started` and `observed` when nothing is said.
    pub events: Option<Vec<String>>,
    /// Ways to tell, at most one of each kind; a mail at once when nothing is said.
    pub channels: Option<Vec<ChannelIn>>,
    /// `group`: an event of a `group_id` is told once; or `activity`. `group` when nothing is said.
    pub once_per: Option<String>,
    /// Hours of the local day in which delivery waits.
    pub quiet: Option<QuietHours>,
    /// Deliveries an hour, 1 to 1000. Mails over it come together at the next full hour; webhooks over
    /// it are dropped, and can be replayed.
    pub max_per_hour: Option<u32>,
    /// Nothing is delivered before.
    pub mute_until: Option<DateTime<Utc>>,
    /// False pauses it.
    pub active: Option<bool>,
}

/// A way to tell.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read: `reading` reads the fields")]
pub struct ChannelIn {
    /// `email` or `webhook`.
    #[schema(rename = "type")]
    pub kind: String,
    /// Of a mail: `now`, `hourly` or `nightly`.
    pub when: Option<String>,
    /// Of a nightly mail: its local hour, 0 to 23; 7 when nothing is said.
    pub hour: Option<u8>,
    /// Of a webhook: where to, `https`.
    pub url: Option<String>,
}

/// Hours of the local day, through midnight when `from` is the later.
#[derive(Serialize, ToSchema)]
pub struct QuietHours {
    /// `22:00`.
    pub from: String,
    /// `07:00`.
    pub to: String,
}

/// A subscription.
#[derive(Serialize, ToSchema)]
pub struct SubscriptionOut {
    /// Ours, stable for ever.
    pub id: Uuid,
    /// As its owner calls it.
    pub name: String,
    /// The filter.
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub filter: serde_json::Value,
    /// The events.
    pub events: Vec<String>,
    /// The ways to tell.
    #[schema(value_type = Vec<ChannelIn>)]
    pub channels: Vec<Channel>,
    /// `group` or `activity`.
    pub once_per: String,
    /// When delivery waits.
    pub quiet: Option<QuietHours>,
    /// Deliveries an hour: mails over it come together at the next full hour, webhooks over it are
    /// dropped.
    pub max_per_hour: Option<u32>,
    /// Nothing is delivered before.
    pub mute_until: Option<DateTime<Utc>>,
    /// Not paused.
    pub active: bool,
    /// How its webhook does; null without one.
    pub webhook: Option<WebhookOut>,
    /// Why its filter cannot be read any more; it matches nothing until it is edited.
    pub fault: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// The secret that signs its webhook (`whsec_…`), in the one answer to the request that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
}

/// How a webhook does.
#[derive(Serialize, ToSchema)]
pub struct WebhookOut {
    /// Since when every delivery has failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it was switched off.
    pub off_at: Option<DateTime<Utc>>,
    /// Why.
    pub off_why: Option<String>,
}

/// A page of subscriptions.
#[derive(Serialize, ToSchema)]
pub struct SubscriptionPage {
    /// The subscriptions, oldest first.
    pub items: Vec<SubscriptionOut>,
    /// The `cursor` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A secret, shown this once.
#[derive(Serialize, ToSchema)]
pub struct SecretOut {
    /// The new secret, `whsec_…`.
    pub secret: String,
    /// Until when deliveries are also signed with the secret before.
    pub old_until: DateTime<Utc>,
}

/// Subscriptions as a file.
#[derive(Serialize, ToSchema)]
pub struct PortableOut {
    /// Of the format.
    pub version: u32,
    /// When it was written.
    pub exported_at: DateTime<Utc>,
    /// The subscriptions, as they would be made.
    #[schema(value_type = Vec<SubscriptionIn>)]
    pub subscriptions: Vec<serde_json::Value>,
}

/// Subscriptions from a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read: `port` reads the fields")]
pub struct PortableIn {
    /// Of the format: 1.
    pub version: u32,
    /// Ignored.
    pub exported_at: Option<DateTime<Utc>>,
    /// The subscriptions.
    pub subscriptions: Vec<SubscriptionIn>,
}

/// What to look back for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read: `preview` reads the fields")]
pub struct PreviewIn {
    /// The filter.
    pub filter: BTreeMap<String, Vec<String>>,
    /// The events; `started` and `observed` when nothing is said.
    pub events: Option<Vec<String>>,
    /// `group` or `activity`; `group` when nothing is said.
    pub once_per: Option<String>,
    /// How far back, 1 to 30 days; 30 when nothing is said.
    pub days: Option<u32>,
}

/// What a subscription would have brought.
#[derive(Serialize, ToSchema)]
pub struct PreviewOut {
    /// Notifications it would have sent to each of its channels, `since` then.
    pub count: usize,
    /// The same by UTC day, oldest first.
    pub per_day: Vec<DayCount>,
    /// The activities last told of, newest first, as they stood then.
    #[schema(value_type = Vec<ActivityOut>)]
    pub items: Vec<serde_json::Value>,
    /// Mails a day, were each sent at once.
    pub mails_per_day: f64,
    /// What to change, when there is nothing or too much.
    pub hint: Option<Hint>,
    /// There was no time to look at all: what lies before `since` is not counted.
    pub partial: bool,
    /// From when on it was counted.
    pub since: DateTime<Utc>,
}

/// The notifications of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCount {
    /// The day, UTC.
    pub date: NaiveDate,
    /// How many.
    pub count: usize,
}

/// What to change about a subscription.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Hint {
    /// `wider` or `narrower`.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    /// The key of the filter to change, or `events`.
    pub key: Option<String>,
    /// The filter with that change.
    #[schema(value_type = Option<BTreeMap<String, Vec<String>>>)]
    pub filter: Option<serde_json::Value>,
    /// The events with that change.
    pub events: Option<Vec<String>>,
    /// How many notifications it would have been then.
    pub count: Option<usize>,
}

impl SubscriptionOut {
    /// A subscription with its webhook, if it has one.
    pub(super) fn of(subscription: &Subscription, webhook: Option<Webhook>) -> Self {
        let events = subscription.events.iter().map(ToString::to_string);
        SubscriptionOut {
            id: subscription.id,
            name: subscription.name.clone(),
            filter: subscription.given.clone(),
            events: events.collect(),
            channels: subscription.channels.clone(),
            once_per: subscription.once_per.as_str().to_owned(),
            quiet: subscription.quiet.map(|quiet| QuietHours {
                from: clock_face(quiet.from),
                to: clock_face(quiet.to),
            }),
            max_per_hour: subscription.max_per_hour,
            mute_until: subscription.mute_until,
            active: subscription.active,
            webhook: webhook.map(|webhook| WebhookOut {
                failing_since: webhook.failing_since,
                off_at: webhook.off_at,
                off_why: webhook.off_why,
            }),
            fault: subscription.fault.clone(),
            created_at: subscription.created_at,
            changed_at: subscription.changed_at,
            webhook_secret: None,
        }
    }

    /// A subscription as it stands, its webhook looked up.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn load(hub: &Hub, subscription: &Subscription) -> Result<Self> {
        let has_one = |channel: &Channel| matches!(channel, Channel::Webhook { .. });
        let webhook = match subscription.channels.iter().any(has_one) {
            true => super::webhooks::of(hub, hub.db.read(), subscription.id).await?,
            false => None,
        };
        Ok(SubscriptionOut::of(subscription, webhook))
    }

    /// A subscription just written, with the secret that was made for it.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn just_written(hub: &Hub, written: &Written) -> Result<Self> {
        let mut out = SubscriptionOut::load(hub, &written.subscription).await?;
        out.webhook_secret = written.secret.as_ref().map(|secret| secret.reveal());
        Ok(out)
    }
}
