//! What is to be told of a page of the log, and to whom.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{Activity, Envelope, EventKind};
use uuid::Uuid;

use super::model::MAX_AGE;
use super::roster::{Entry, Roster};

/// Rows after which a page ends: they are written in one transaction.
const MOST: usize = 20_000;

/// A row of the ledger about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) subscription: Uuid,
    /// The line of the log that is told.
    pub(super) seq: i64,
    /// The line whose snapshot is shown.
    pub(super) snapshot_seq: i64,
    pub(super) event: EventKind,
    pub(super) channel: &'static str,
    pub(super) activity: Uuid,
    pub(super) once_key: String,
    pub(super) late: bool,
    pub(super) correction: bool,
    /// Whose nightly digest it waits for, and at which local hour.
    pub(super) nightly: Option<(Uuid, u8)>,
}

/// What came before a line, of the same activity.
#[derive(Clone, Debug, Default)]
pub(super) struct Earlier {
    /// The snapshot before.
    pub(super) before: Option<Activity>,
    /// The newest line before that made its life, other than a change of plan.
    pub(super) life: Option<Life>,
}

/// A line of an activity's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) seq: i64,
    pub(super) event: EventKind,
    pub(super) at: DateTime<Utc>,
    pub(super) backfill: bool,
}

/// What deciding asks the database for, gathered for a page before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// By the place of the line they come before.
    pub(super) earlier: HashMap<i64, Earlier>,
    /// Who was told that an activity is scheduled or has started.
    pub(super) told: HashMap<Uuid, HashSet<Uuid>>,
}

/// What the lines of a page need to [`Known`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Questions {
    /// Lines whose predecessors are asked for.
    pub(super) earlier: Vec<i64>,
    /// Activities somebody may have been told of.
    pub(super) told: BTreeSet<Uuid>,
}

/// Whether an event is told at all.
fn is_told(envelope: &Envelope, now: DateTime<Utc>) -> bool {
    let live_only = matches!(envelope.event, EventKind::Progress | EventKind::Redacted);
    !envelope.backfill && !live_only && is_fresh(envelope.at, now)
}

fn is_fresh(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now.signed_duration_since(at) <= MAX_AGE
}

/// Whether who was told of the plan has to hear of this, whatever they chose.
fn may_correct(event: EventKind) -> bool {
    matches!(
        event,
        EventKind::Withdrawn | EventKind::Aborted | EventKind::Changed
    )
}

/// Whether what was told of an activity's time or place no longer holds.
pub(super) fn is_moved(before: &Activity, after: &Activity) -> bool {
    let (before, after) = (&before.facts, &after.facts);
    before.t_min != after.t_min
        || (before.s_ra, before.s_dec) != (after.s_ra, after.s_dec)
        || before.target_name != after.target_name
}

/// A page of the log and whom its lines concern.
pub(super) struct Page<'a> {
    lines: Vec<(&'a Envelope, Vec<&'a Entry>)>,
}

impl<'a> Page<'a> {
    /// Matches lines with the subscriptions of these parts.
    pub(super) fn new(
        lines: &'a [Envelope],
        roster: &'a Roster,
        parts: &BTreeSet<i32>,
        now: DateTime<Utc>,
    ) -> Page<'a> {
        let told = lines.iter().filter(|envelope| is_told(envelope, now));
        let lines = told.map(|envelope| {
            let mut entries = roster.matching(&envelope.activity, envelope.at);
            entries.retain(|entry| {
                parts.contains(&entry.part) && entry.active_from_seq < envelope.seq
            });
            (envelope, entries)
        });
        Page {
            lines: lines.collect(),
        }
    }

    /// What the database has to be asked.
    pub(super) fn questions(&self) -> Questions {
        let mut questions = Questions::default();
        for (envelope, entries) in &self.lines {
            let may_be_late = match envelope.event {
                EventKind::Enriched => !entries.is_empty(),
                event => event == EventKind::Changed,
            };
            if may_be_late {
                questions.earlier.push(envelope.seq);
            }
            if may_correct(envelope.event) {
                questions.told.insert(envelope.activity.id);
            }
        }
        questions
    }

    /// What is told, and up to which line: the page ends early before a line that corrects what
    /// this page is the first to tell, so that who is told of it stands in the ledger by then.
    pub(super) fn decide(
        &self,
        known: &Known,
        roster: &Roster,
        parts: &BTreeSet<i32>,
        now: DateTime<Utc>,
    ) -> (Vec<Draft>, Option<i64>) {
        let mut drafts = Vec::new();
        let mut begun = HashSet::new();
        for (envelope, entries) in &self.lines {
            let activity = &envelope.activity;
            if drafts.len() >= MOST {
                return (drafts, Some(envelope.seq - 1));
            }
            if may_correct(envelope.event) && begun.contains(&activity.id) {
                return (drafts, Some(envelope.seq - 1));
            }
            let earlier = known.earlier.get(&envelope.seq);
            let corrected = Self::corrections(envelope, earlier, known, roster, parts);
            for entry in &corrected {
                drafts.extend(correction(entry, envelope));
            }
            let corrected: HashSet<Uuid> = corrected.iter().map(|entry| entry.id).collect();
            let mut others: Vec<&Entry> = entries.clone();
            others.retain(|entry| !corrected.contains(&entry.id));
            if envelope.event != EventKind::Enriched {
                let wanting = others.iter().filter(|entry| entry.wants(envelope.event));
                drafts.extend(wanting.flat_map(|entry| plain(entry, envelope)));
            }
            if let Some(earlier) = earlier {
                others.retain(|entry| !entry.wants(envelope.event));
                drafts.extend(late(&others, envelope, earlier, roster, now));
            }
            if drafts
                .last()
                .is_some_and(|draft| draft.snapshot_seq == envelope.seq)
            {
                begun.insert(activity.id);
            }
        }
        (drafts, None)
    }

    /// Who has to hear that what they were told no longer holds.
    fn corrections<'r>(
        envelope: &Envelope,
        earlier: Option<&Earlier>,
        known: &Known,
        roster: &'r Roster,
        parts: &BTreeSet<i32>,
    ) -> Vec<&'r Entry> {
        let Some(told) = known.told.get(&envelope.activity.id) else {
            return Vec::new();
        };
        let before = earlier.and_then(|earlier| earlier.before.as_ref());
        let concerns = may_correct(envelope.event)
            && (envelope.event != EventKind::Changed
                || before.is_some_and(|before| is_moved(before, &envelope.activity)));
        if !concerns {
            return Vec::new();
        }
        let entries = told.iter().filter_map(|id| roster.entry(*id));
        entries
            .filter(|entry| parts.contains(&entry.part))
            .collect()
    }
}

/// Those who match only now, of an activity whose newest event they would have been told.
fn late(
    matching: &[&Entry],
    envelope: &Envelope,
    earlier: &Earlier,
    roster: &Roster,
    now: DateTime<Utc>,
) -> Vec<Draft> {
    let Some(life) = earlier.life else {
        return Vec::new();
    };
    let told = !life.backfill && is_fresh(life.at, now);
    if matching.is_empty() || !told {
        return Vec::new();
    }
    let before = earlier.before.as_ref();
    let matched: HashSet<Uuid> = before
        .map(|before| roster.matching(before, envelope.at))
        .unwrap_or_default()
        .iter()
        .map(|entry| entry.id)
        .collect();
    let only_now = matching.iter().filter(|entry| {
        entry.wants(life.event) && entry.active_from_seq < life.seq && !matched.contains(&entry.id)
    });
    let drafts = only_now.flat_map(|entry| {
        let told = Draft {
            seq: life.seq,
            event: life.event,
            once_key: once_key(entry, &envelope.activity, life.event),
            late: true,
            ..draft(entry, envelope)
        };
        by_channels(entry, told)
    });
    drafts.collect()
}

fn plain(entry: &Entry, envelope: &Envelope) -> Vec<Draft> {
    by_channels(entry, draft(entry, envelope))
}

fn correction(entry: &Entry, envelope: &Envelope) -> Vec<Draft> {
    let told = Draft {
        // Each is told, however many there are of a group.
        once_key: format!("correction {}", envelope.seq),
        correction: true,
        ..draft(entry, envelope)
    };
    by_channels(entry, told)
}

fn draft(entry: &Entry, envelope: &Envelope) -> Draft {
    Draft {
        subscription: entry.id,
        seq: envelope.seq,
        snapshot_seq: envelope.seq,
        event: envelope.event,
        channel: "",
        activity: envelope.activity.id,
        once_key: once_key(entry, &envelope.activity, envelope.event),
        late: false,
        correction: false,
        nightly: entry.nightly,
    }
}

/// Equal for the same news. What is observed again after it failed is news again.
fn once_key(entry: &Entry, activity: &Activity, event: EventKind) -> String {
    let key = entry.once_per.key(activity, event);
    match activity.attempt {
        0 | 1 => key,
        attempt => format!("{key} #{attempt}"),
    }
}

fn by_channels(entry: &Entry, draft: Draft) -> Vec<Draft> {
    let drafts = entry.channels().map(|channel| Draft {
        channel,
        ..draft.clone()
    });
    drafts.collect()
}
