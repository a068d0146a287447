//! What subscribers are written, never surer than the source.

mod correction;
mod digest;
mod facts;
mod position;
mod times;
mod wording;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::Envelope;
use uuid::Uuid;

pub use self::digest::{Digest, digest};
use self::wording::{cut, quoted};
use crate::areas::observatories::{Catalogue, Place};
use crate::mail::Mail;
use crate::mail::layout::{Letter, plain};

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 150;
/// Pages of the upstream's shown at most.
const MOST_LINKS: usize = 6;
/// Said of what matches only since more became known of it.
const LATE: &str = "You are told late: only what became known of it since makes it match.";

/// What is the same for every mail: to whom, and how mail programs put it in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The address.
    pub to: String,
    /// The same for every try: see [`crate::mail::Mailer::message_id`].
    pub message_id: String,
    /// Earlier mails of the thread, oldest first.
    pub references: Vec<String>,
    /// The subscription as a list: see [`crate::mail::Mailer::list_id`].
    pub list_id: String,
}

/// The subscription a mail is for, and its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// The subscription.
    pub subscription_id: Uuid,
    /// As its owner calls it.
    pub subscription_name: String,
    /// The zone of the owner's times.
    pub time_zone: Tz,
    /// Its page.
    pub subscription_url: String,
    /// Where one POST ends its mails.
    pub unsubscribe_url: String,
}

/// One thing to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What happened, with the snapshot as it stood right after.
    pub envelope: Envelope,
    /// The telescope as people call it: see [`telescope`].
    pub facility: String,
    /// When its source was last read; none: unknown.
    pub source_read: Option<DateTime<Utc>>,
    /// Which conditions held, in words.
    pub why: String,
    /// Matches only since more became known of it.
    pub late: bool,
    /// Takes back, or moves, what was told before.
    pub correction: bool,
    /// Asked for by the owner, to see what such a mail looks like.
    pub sample: bool,
    /// The activity's page.
    pub activity_url: String,
    /// When it is told.
    pub now: DateTime<Utc>,
}

/// One notice as a mail of its own.
#[must_use]
pub fn notification(notice: &Notice, subscriber: &Subscriber, head: Head) -> Mail {
    let activity = &notice.envelope.activity;
    let mut subject = wording::subject(notice);
    if notice.correction {
        subject = format!("Correction: {subject}");
    }
    if notice.sample {
        subject = format!("Sample: {subject}");
    }
    if activity.demo {
        subject = format!("[demo] {subject}");
    }
    let mut letter = Letter::new(&subject).lead(wording::sentence(notice));
    for caution in cautions(notice) {
        letter = letter.paragraph(caution);
    }
    letter = letter
        .facts(facts::all(notice, subscriber.time_zone))
        .button("See the activity", &notice.activity_url);
    for link in activity.facts.links.iter().take(MOST_LINKS) {
        letter = letter.link(cut(&link.title), &link.url);
    }
    let letter = credited(letter, &activity.source);
    signed(letter, subject, subscriber, head)
}

/// That a webhook was switched off: it has failed since `since`, last with `why`.
#[must_use]
pub fn webhook_off(since: DateTime<Utc>, why: &str, subscriber: &Subscriber, head: Head) -> Mail {
    let name = quoted(&subscriber.subscription_name);
    let subject = format!("Your webhook of {name} was switched off");
    let letter = Letter::new(&subject)
        .lead(format!("The webhook of your subscription {name} was switched off."))
        .paragraph(format!(
            "It has failed since {}, the last time with: {}.",
            times::told(since),
            cut(why)
        ))
        .paragraph(
            "What it should have got is kept with the subscription's deliveries: switch it on again \
             and have it replayed.",
        )
        .button("See the subscription", &subscriber.subscription_url);
    signed(letter, subject, subscriber, head)
}

/// The telescope as people call it: `VLT UT4` for `ESO-VLT-U4`.
#[must_use]
pub fn telescope(catalogue: &Catalogue, name: &str) -> String {
    let Some(facility) = catalogue.facility(name) else {
        return plain(name);
    };
    let spelt_for_programs =
        name.contains(['-', '_', '/']) || name.starts_with(|c: char| c.is_lowercase());
    match (&facility.place, facility.aliases.first()) {
        (Place::Orbit(_), _) => facility.name.clone(),
        (Place::Site(_), _) if !spelt_for_programs => facility.name.clone(),
        (Place::Site(_), Some(alias)) => alias.replace('-', " "),
        (Place::Site(_), None) => facility.title.clone(),
    }
}

/// What the reader has to know before anything else.
fn cautions(notice: &Notice) -> Vec<String> {
    let mut cautions = Vec::new();
    if notice.envelope.activity.demo {
        cautions.push("This is demo data: it is made up, and nothing of it happens.".to_owned());
    }
    if notice.sample {
        cautions.push("You asked for this sample; it is an event of the past.".to_owned());
    }
    if notice.correction {
        cautions.push(correction::sentence(notice));
    }
    if notice.late {
        cautions.push(LATE.to_owned());
    }
    cautions
}

/// Below the line: whose subscription it is, and how to end it.
fn signed(letter: Letter, subject: String, subscriber: &Subscriber, head: Head) -> Mail {
    let name = quoted(&subscriber.subscription_name);
    let letter = letter
        .foot(format!(
            "You get this mail because of your subscription {name}."
        ))
        .foot_link("Change the subscription", &subscriber.subscription_url)
        .foot_link("Unsubscribe", &subscriber.unsubscribe_url);
    Mail {
        to: head.to,
        subject: plain(&subject).chars().take(LONGEST_SUBJECT).collect(),
        text: letter.text(),
        html: letter.html(),
        message_id: head.message_id,
        references: head.references,
        unsubscribe: Some(subscriber.unsubscribe_url.clone()),
        list_id: Some(head.list_id),
        auto: true,
    }
}

/// With who is to be credited, and the page of the data policy.
fn credited(letter: Letter, source: &str) -> Letter {
    let Some(connector) = registry::find(source) else {
        return letter;
    };
    let profile = connector.profile();
    letter
        .note(format!("Credit: {}", profile.credit))
        .link("Data policy", profile.policy)
}

#[cfg(test)]
mod tests;
