//! Many notices in one mail.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::wording::{self, quoted};
use super::{Head, Notice, Subscriber, credited, facts, signed, times};
use crate::mail::Mail;
use crate::mail::layout::Letter;

/// Notices told one by one; a reader reads no more.
const MOST: usize = 50;

/// What a digest covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// Besides the notices given, those there was no room for.
    pub uncounted: usize,
}

/// Notices, in the order of their events, as one mail.
#[must_use]
pub fn digest(notices: &[Notice], covers: Digest, subscriber: &Subscriber, head: Head) -> Mail {
    let count = notices.len().saturating_add(covers.uncounted);
    let name = quoted(&subscriber.subscription_name);
    let events = match count {
        1 => "1 event".to_owned(),
        count => format!("{count} events"),
    };
    let verb = if count == 1 { "matches" } else { "match" };
    let demo = notices.iter().any(|notice| notice.envelope.activity.demo);
    let mark = if demo { "[demo] " } else { "" };
    let subject = format!("{mark}{events} {verb} {name}, {}", times::short(covers.to));
    let mut letter = Letter::new(&subject)
        .lead(format!("{events} {verb} your subscription {name}."))
        .paragraph(format!(
            "From {} to {}.",
            times::clock(covers.from, covers.to),
            times::told(covers.to)
        ));
    if demo {
        letter = letter.paragraph("This is demo data: it is made up, and nothing of it happens.");
    }
    let mut told: Vec<&Notice> = notices.iter().collect();
    told.sort_by_key(|notice| notice.envelope.seq);
    for notice in told.iter().take(MOST) {
        letter = one(letter, notice, subscriber);
    }
    let rest = count - told.len().min(MOST);
    if rest > 0 {
        letter = letter
            .heading(format!("And {rest} more"))
            .link("All of them", &subscriber.subscription_url);
    }
    let sources: BTreeSet<&str> = told
        .iter()
        .map(|notice| notice.envelope.activity.source.as_str())
        .collect();
    for source in sources {
        letter = credited(letter, source);
    }
    signed(letter, subject, subscriber, head)
}

fn one(letter: Letter, notice: &Notice, subscriber: &Subscriber) -> Letter {
    let mut letter = letter.heading(wording::sentence(notice));
    if notice.correction {
        letter = letter.paragraph(super::correction::sentence(notice));
    }
    if notice.late {
        letter = letter.paragraph(super::LATE);
    }
    letter
        .facts(facts::few(notice, subscriber.time_zone))
        .link("See the activity", &notice.activity_url)
}
