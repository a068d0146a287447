//! Damaged answers through `apply`, each as if it were provably whole, which none of them is.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use app::areas::activities::take_in::Report;
use chrono::{DateTime, TimeDelta, Utc};
use domain::Claim;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use upstream::{Connector, Harvest, Scope};
use uuid::Uuid;

use super::answers::{Answer, composed, connector, recorded};
use super::dice::Dice;
use super::mangle::damaged;
use crate::harness::hub::TestHub;
use crate::harness::records::at;
use crate::harness::seed;

/// Variants of the answers of one source.
const VARIANTS: usize = 200;
/// Answers that are damaged, each on a hub of its own: plans before others, small ones first.
const ANSWERS: usize = 4;
/// Longest that a variant may take. It takes a fraction of a second; machines are busy.
const HANGS: Duration = Duration::from_secs(30);

/// A hub that took in the undamaged answer, and what it then knew.
pub(super) struct Victim {
    pub(super) hub: TestHub,
    source: &'static str,
    known: BTreeSet<Uuid>,
}

impl Victim {
    pub(super) async fn of(source: &'static str, now: DateTime<Utc>, whole: &Harvest) -> Victim {
        let hub = TestHub::start().await;
        hub.set_time(now);
        let mut victim = Victim {
            hub,
            source,
            known: BTreeSet::new(),
        };
        victim.hears(whole).await;
        victim.known = victim.ids("").await;
        assert!(!victim.known.is_empty());
        victim
    }

    /// Takes in a harvest, and lets the clock act on it at once: what it starts stays started.
    pub(super) async fn hears(&self, harvest: &Harvest) -> Report {
        let begun = Instant::now();
        let report = self.hub.take_in(self.source, harvest).await;
        self.hub.tick().await;
        assert!(begun.elapsed() < HANGS, "took {:?}", begun.elapsed());
        report
    }

    /// What was withdrawn of what the undamaged answer told.
    pub(super) async fn withdrawn(&self) -> Vec<Uuid> {
        let ids = self.ids("where event = 'withdrawn'").await;
        ids.intersection(&self.known).copied().collect()
    }

    /// The activities of these events.
    async fn ids(&self, of: &str) -> BTreeSet<Uuid> {
        let db = self.hub.hub.db.read();
        let text = format!("select activity_id from events {of}");
        let statement = Statement::from_string(db.get_database_backend(), text);
        let rows = db.query_all_raw(statement).await.unwrap();
        let id = |row: &QueryResult| row.try_get("", "activity_id").unwrap();
        rows.iter().map(id).collect()
    }
}

async fn nothing_is_withdrawn(source: &'static str, mut answers: Vec<Answer>) {
    let seed = seed();
    let connector = connector(source);
    answers.retain(|answer| read(connector, answer).is_some_and(|h| middle(&h).is_some()));
    let plans = |answer: &Answer| {
        let harvest = read(connector, answer).unwrap();
        harvest.readable().any(|record| record.claim == Claim::Plan)
    };
    answers.sort_by_cached_key(|answer| (!plans(answer), answer.body.len()));
    answers.truncate(ANSWERS);
    let (mut heard, mut doubted) = (0, 0);
    for (index, answer) in answers.iter().enumerate() {
        let whole = covering(read(connector, answer).unwrap(), None);
        let now = middle(&whole).unwrap();
        let victim = Victim::of(source, now, &whole).await;
        for variant in (index..VARIANTS).step_by(answers.len()) {
            let mut dice = Dice::of(seed, variant);
            let body = damaged(&answer.body, &mut dice);
            if let Ok(harvest) = connector.read(&answer.name, &body, now) {
                let covering = covering(harvest, whole.covers.first().copied());
                heard += 1;
                doubted += usize::from(victim.hears(&covering).await.doubtful);
                victim.hears(&whole).await;
                let withdrawn = victim.withdrawn().await;
                assert!(
                    withdrawn.is_empty(),
                    "{} variant {variant}, seed {seed}: {withdrawn:#?}",
                    answer.name
                );
            }
        }
        // What the damage made up goes, and nothing else does.
        for _ in 0..2 {
            victim.hears(&whole).await;
        }
        let settled = victim.hears(&whole).await;
        assert_eq!((settled.counts.withdrawn, settled.doubtful), (0, false));
        assert!(victim.withdrawn().await.is_empty());
    }
    println!("{heard} were read, {doubted} doubted");
    assert!(heard > VARIANTS / 10, "only {heard} were read");
    // Lines of text are often lost one by one; JSON is mostly lost as a whole.
    assert!(source != "jwst" || doubted > 0, "nothing was ever missing");
}

fn read(connector: &dyn Connector, answer: &Answer) -> Option<Harvest> {
    connector
        .read(&answer.name, &answer.body, at("2026-11-21T06:00:00Z"))
        .ok()
}

/// The harvest as if its answer proved to hold all of this stretch, else of its own.
fn covering(mut harvest: Harvest, scope: Option<Scope>) -> Harvest {
    let starts = || harvest.readable().filter_map(|record| record.facts.t_min);
    let own = starts().min().zip(starts().max()).map(|(from, to)| Scope {
        from: from - TimeDelta::days(30),
        to: to + TimeDelta::days(30),
    });
    harvest.covers = scope.or(own).into_iter().collect();
    harvest
}

/// A time at which the one in the middle has just begun and later ones are ahead; none when it tells
/// no times.
fn middle(harvest: &Harvest) -> Option<DateTime<Utc>> {
    let facts = harvest.readable().map(|record| &record.facts);
    let mut spans: Vec<_> = facts
        .filter_map(|facts| facts.t_min.zip(facts.t_max))
        .collect();
    spans.sort_unstable();
    let (from, to) = *spans.get(spans.len() / 2)?;
    Some(from + TimeDelta::seconds(1).min(to - from))
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_answers_of_eso() {
    nothing_is_withdrawn("eso", composed("eso")).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_answers_of_hst() {
    nothing_is_withdrawn("hst", composed("hst")).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_answers_of_jwst() {
    nothing_is_withdrawn("jwst", composed("jwst")).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_answers_of_swift() {
    nothing_is_withdrawn("swift", composed("swift")).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_recorded_answers_of_eso() {
    let Some(answers) = recorded("eso") else {
        return;
    };
    nothing_is_withdrawn("eso", answers).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_recorded_answers_of_hst() {
    let Some(answers) = recorded("hst") else {
        return;
    };
    nothing_is_withdrawn("hst", answers).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_recorded_answers_of_jwst() {
    let Some(answers) = recorded("jwst") else {
        return;
    };
    nothing_is_withdrawn("jwst", answers).await;
}

#[tokio::test]
async fn nothing_is_withdrawn_by_damaged_recorded_answers_of_swift() {
    let Some(answers) = recorded("swift") else {
        return;
    };
    nothing_is_withdrawn("swift", answers).await;
}
