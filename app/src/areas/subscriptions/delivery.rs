//! Sending what was claimed, and writing down how it ended.

use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::claim::{self, Claimed};
use super::mails::{self, Digest, Head, Notice, Subscriber};
use super::model::{self, Subscription};
use super::parcel::{self, Outcome, Parcel};
use super::tasks::TellSwitchedOff;
use super::webhooks::{self, Webhook};
use super::{digest, endpoint, unsubscribe};
use crate::areas::accounts::{self, Reach};
use crate::areas::archives;
use crate::db::Attempts;
use crate::hub::Hub;
use crate::mail::{Mail, MailError};
use crate::webhook::{Answer, Endpoint, WebhookError};

/// Sends a parcel, if it is due and nobody else is at it. Running this twice sends it once, but for
/// the window of a claim whose outcome nobody wrote down.
///
/// # Errors
/// Those of the database. What was sent by then is sent again once its claim has run out.
pub(super) async fn deliver(hub: &Hub, parcel: Parcel) -> anyhow::Result<()> {
    match parcel {
        Parcel::Delivery(id) => match claim::claim(hub, id).await? {
            None => Ok(()),
            Some(claimed) => match &claimed.webhook {
                Some(webhook) => post(hub, &claimed, webhook).await,
                None => write_to(hub, &claimed).await,
            },
        },
        Parcel::Digest(id) => match digest::claim(hub, id).await? {
            None => Ok(()),
            Some(claimed) => send_digest(hub, id, &claimed).await,
        },
    }
}

async fn write_to(hub: &Hub, claimed: &Claimed) -> anyhow::Result<()> {
    let activity = &claimed.envelope.activity;
    let notice = Notice {
        facility: mails::telescope(&hub.catalogue, &activity.facts.facility_name),
        source_read: source_read(hub, &activity.source).await?,
        why: claimed.why.clone(),
        late: claimed.late,
        correction: claimed.correction,
        sample: claimed.sample,
        activity_url: activity_url(hub, activity.id),
        now: hub.clock.now(),
        envelope: claimed.envelope.clone(),
    };
    let (subscriber, mut head) = addressed(hub, &claimed.subscription, &claimed.reach);
    head.message_id.clone_from(&claimed.message_id);
    head.references.clone_from(&claimed.references);
    let mail = mails::notification(&notice, &subscriber, head);
    let tried = Tried {
        parcel: Parcel::Delivery(claimed.id),
        attempt: claimed.attempt,
        since: claimed.since,
    };
    send(hub, tried, &claimed.subscription, &mail).await
}

async fn send_digest(hub: &Hub, id: Uuid, claimed: &digest::Claimed) -> anyhow::Result<()> {
    let now = hub.clock.now();
    let mut notices = Vec::with_capacity(claimed.items.len());
    for item in &claimed.items {
        let activity = &item.envelope.activity;
        notices.push(Notice {
            facility: mails::telescope(&hub.catalogue, &activity.facts.facility_name),
            source_read: source_read(hub, &activity.source).await?,
            why: item.why.clone(),
            late: item.late,
            correction: item.correction,
            sample: false,
            activity_url: activity_url(hub, activity.id),
            now,
            envelope: item.envelope.clone(),
        });
    }
    let covers = Digest {
        from: claimed.from,
        to: claimed.to.min(now),
        uncounted: claimed.count.saturating_sub(notices.len()),
    };
    let (subscriber, mut head) = addressed(hub, &claimed.subscription, &claimed.reach);
    head.message_id.clone_from(&claimed.message_id);
    let mail = mails::digest(&notices, covers, &subscriber, head);
    let tried = Tried {
        parcel: Parcel::Digest(id),
        attempt: claimed.attempt,
        since: claimed.since,
    };
    send(hub, tried, &claimed.subscription, &mail).await
}

/// A claimed parcel.
#[derive(Clone, Copy)]
struct Tried {
    parcel: Parcel,
    attempt: i32,
    since: Instant,
}

impl Tried {
    /// Whether sending it now surely ends before somebody else may claim it.
    fn in_time(self, hub: &Hub) -> bool {
        let pace = &hub.config.pace;
        self.since.elapsed() + pace.sending() < pace.claim / 6 * 5
    }
}

/// The subscription and its owner, as mails show them.
fn addressed(hub: &Hub, subscription: &Subscription, reach: &Reach) -> (Subscriber, Head) {
    let public = &hub.config.public_url;
    let id = subscription.id;
    let subscriber = Subscriber {
        subscription_id: id,
        subscription_name: subscription.name.clone(),
        time_zone: reach.time_zone,
        subscription_url: format!("{public}/subscriptions/{id}"),
        unsubscribe_url: unsubscribe::url(hub, id),
    };
    let head = Head {
        to: reach.email.clone(),
        message_id: String::new(),
        references: Vec::new(),
        list_id: hub.mailer.list_id(&format!("subscription-{}", id.simple())),
    };
    (subscriber, head)
}

fn activity_url(hub: &Hub, id: Uuid) -> String {
    format!("{}/activities/{id}", hub.config.public_url)
}

async fn source_read(hub: &Hub, source: &str) -> anyhow::Result<Option<DateTime<Utc>>> {
    let source = archives::by_name(hub.db.own(), source).await?;
    Ok(source.last_success)
}

async fn send(
    hub: &Hub,
    tried: Tried,
    subscription: &Subscription,
    mail: &Mail,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let sent = match tried.in_time(hub) {
        true => hub.mailer.send(mail, hub.clock.now()).await,
        false => Err(MailError::Later {
            text: "this hub was too busy to send it in time".to_owned(),
        }),
    };
    metrics::histogram!("starboard_delivery_seconds", "channel" => "mail")
        .record(began.elapsed().as_secs_f64());
    let (outcome, refused) = match sent {
        Ok(answer) => (Outcome::Sent(answer), None),
        Err(MailError::Rejected { code, text }) => {
            let answer = format!("{code} {text}");
            (Outcome::Failed(answer.clone()), Some(answer))
        }
        Err(MailError::Later { text }) => (Outcome::Later(text, None), None),
        Err(MailError::Unknown { text }) => (Outcome::Unknown(text), None),
    };
    let mut attempts = Attempts::default();
    loop {
        let settled = settle_mail(
            hub,
            tried,
            &outcome,
            subscription,
            refused.as_deref().map(|why| (mail.to.as_str(), why)),
        );
        match settled.await {
            Err(error) if attempts.again(&error).await => {}
            done => return done.context("writing down how a mail ended"),
        }
    }
}

/// An address that refused a mail gets no more, unless its owner has another one by now.
async fn settle_mail(
    hub: &Hub,
    tried: Tried,
    outcome: &Outcome,
    subscription: &Subscription,
    refused: Option<(&str, &str)>,
) -> anyhow::Result<()> {
    let now = hub.clock.now();
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let Tried {
        parcel, attempt, ..
    } = tried;
    let ours = parcel::settle(tx, parcel, attempt, outcome, &hub.config.pace, now).await?;
    if let Some((address, why)) = refused {
        let account = subscription.account;
        let reach = accounts::reach(tx, &[account]).await?;
        if reach
            .get(&account)
            .is_some_and(|reach| reach.email == address)
        {
            accounts::pause_mail(tx, account, why, now).await?;
        }
    }
    write.commit().await?;
    if ours && matches!(outcome, Outcome::Unknown(_)) {
        claim::count_possible_repeat();
    }
    Ok(())
}

async fn post(hub: &Hub, claimed: &Claimed, hook: &Webhook) -> anyhow::Result<()> {
    let mut body = serde_json::to_value(&claimed.envelope)?;
    if let Some(body) = body.as_object_mut() {
        let delivery = json!({
            "id": claimed.id,
            "subscription": claimed.subscription.id,
            "name": claimed.subscription.name,
            "why": claimed.why,
            "late": claimed.late,
            "correction": claimed.correction,
            "sample": claimed.sample,
        });
        body.insert("delivery".to_owned(), delivery);
    }
    let id = format!("msg_{}", claimed.id.simple());
    let began = Instant::now();
    let now = hub.clock.now();
    let answered = match hook.secrets.is_empty() {
        true => Err(WebhookError::Later {
            why: "its secret cannot be read any more: rotate it".to_owned(),
            answer: None,
            retry_after: None,
        }),
        false => {
            let caller = &hub.webhooks;
            caller
                .post(&hook.url, &hook.secrets, &id, body.to_string(), now)
                .await
        }
    };
    metrics::histogram!("starboard_delivery_seconds", "channel" => "webhook")
        .record(began.elapsed().as_secs_f64());
    let mut attempts = Attempts::default();
    loop {
        match settle_post(hub, claimed, hook, &answered).await {
            Err(error) if attempts.again(&error).await => {}
            done => return done.context("writing down how a webhook ended"),
        }
    }
}

async fn settle_post(
    hub: &Hub,
    claimed: &Claimed,
    hook: &Webhook,
    answered: &Result<Answer, WebhookError>,
) -> anyhow::Result<()> {
    let now = hub.clock.now();
    let outcome = match answered {
        Ok(answer) => Outcome::Sent(said(answer)),
        Err(error) => {
            let mut text = error.to_string();
            if let Some(answer) = error.answer() {
                text = format!("{text}\n{}", said(answer));
            }
            match error {
                WebhookError::Unknown { .. } => Outcome::Unknown(text),
                _ if error.may_pass() => Outcome::Later(text, error.retry_after()),
                _ => Outcome::Failed(text),
            }
        }
    };
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let parcel = Parcel::Delivery(claimed.id);
    let pace = &hub.config.pace;
    let mut off = false;
    let ours = parcel::settle(tx, parcel, claimed.attempt, &outcome, pace, now).await?;
    if ours {
        let subscription = claimed.subscription.id;
        let stands = endpoint::did(tx, subscription, &hook.url, answered, now).await?;
        off = matches!(stands, Some(Endpoint::Off { .. }));
    }
    write.commit().await?;
    if ours && matches!(outcome, Outcome::Unknown(_)) {
        claim::count_possible_repeat();
    }
    if off {
        let job = TellSwitchedOff {
            subscription: claimed.subscription.id,
        };
        hub.queue.push(job).await?;
    }
    Ok(())
}

/// Status and the beginning of the body.
fn said(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.body)
}

/// Tells the owner of a webhook that was switched off by mail, unless it is on again by now.
///
/// # Errors
/// When the mail was not taken, or those of the database: then it is tried again.
pub(super) async fn tell_switched_off(hub: &Hub, subscription: Uuid) -> anyhow::Result<()> {
    let db = hub.db.own();
    let names = hub.catalogue.as_ref();
    let Some(subscription) = model::by_id(db, names, subscription).await? else {
        return Ok(());
    };
    let hook = webhooks::of(hub, db, subscription.id).await?;
    let reach = accounts::reach(db, &[subscription.account]).await?;
    let (Some(hook), Some(reach)) = (hook, reach.get(&subscription.account)) else {
        return Ok(());
    };
    let Some(off_at) = hook.off_at else {
        return Ok(());
    };
    if claim::unreachable(reach).is_some() || !hub.mailer.works() {
        return Ok(());
    }
    let (subscriber, mut head) = addressed(hub, &subscription, reach);
    let name = format!("off-{}-{}", subscription.id.simple(), off_at.timestamp());
    head.message_id = hub.mailer.message_id(&name);
    let since = hook.failing_since.unwrap_or(off_at);
    let why = hook.off_why.unwrap_or_default();
    let mail = mails::webhook_off(since, &why, &subscriber, head);
    match hub.mailer.send(&mail, hub.clock.now()).await {
        Ok(_) => Ok(()),
        Err(MailError::Rejected { code, .. }) => {
            tracing::info!(
                smtp.code = code,
                "A mail about a webhook was refused for good"
            );
            Ok(())
        }
        Err(MailError::Later { .. } | MailError::Unknown { .. }) => {
            anyhow::bail!("the mail server takes no mail now")
        }
    }
}
