//! Damaged answers through `apply`, each as if it were provably whole, which none of them is.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use app::areas::activities::take_in::{LEASE, Manner, Report, take_in};
use app::lease::Lease;
use chrono::{DateTime, TimeDelta, Utc};
use upstream::{Connector, Harvest, Scope};

use super::answers::{Answer, composed, connector, recorded};
use super::dice::{Dice, seed};
use super::mangle::damaged;
use crate::harness::hub::TestHub;
use crate::harness::records::at;

/// Variants of the answers of one source.
const VARIANTS: usize = 200;
/// Answers that are damaged, each on a hub of its own.
const ANSWERS: usize = 4;
/// Longest that a variant may take. It takes a fraction of a second; machines are busy.
const HANGS: Duration = Duration::from_secs(30);

/// A hub that took in the undamaged answer, and what it then knew.
pub(super) struct Victim {
    pub(super) hub: TestHub,
    source: &'static str,
    known: BTreeSet<String>,
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
        for event in victim.hub.events().await {
            let id = event["activity"]["id"].as_str().unwrap();
            victim.known.insert(id.to_owned());
        }
        victim
    }

    /// Takes in a harvest, and lets the clock act on it at once: what it starts stays started.
    pub(super) async fn hears(&self, harvest: &Harvest) -> Report {
        let begun = Instant::now();
        let hub = &self.hub.hub;
        let lease = Lease::take(&hub.db, "source", LEASE)
            .await
            .unwrap()
            .unwrap();
        let manner = Manner {
            backfill: false,
            demo: false,
            lease: &lease,
        };
        let report = take_in(hub, self.source, harvest, manner).await.unwrap();
        lease.release(&hub.db).await.unwrap();
        self.hub.tick().await;
        assert!(begun.elapsed() < HANGS, "took {:?}", begun.elapsed());
        report
    }

    /// What was withdrawn of what the undamaged answer told.
    pub(super) async fn withdrawn(&self) -> Vec<String> {
        let events = self.hub.events().await;
        let withdrawn = events.iter().filter(|event| event["event"] == "withdrawn");
        withdrawn
            .filter(|event| {
                self.known
                    .contains(event["activity"]["id"].as_str().unwrap())
            })
            .map(|event| event["activity"].to_string())
            .collect()
    }
}

async fn nothing_is_withdrawn(source: &'static str, mut answers: Vec<Answer>) {
    let seed = seed();
    let connector = connector(source);
    answers.retain(|answer| read(connector, answer).is_some_and(|h| middle(&h).is_some()));
    answers.sort_by_key(|answer| answer.body.len());
    answers.truncate(ANSWERS);
    for (index, answer) in answers.iter().enumerate() {
        let whole = covering(read(connector, answer).unwrap(), None);
        let now = middle(&whole).unwrap();
        let victim = Victim::of(source, now, &whole).await;
        for variant in (index..VARIANTS).step_by(answers.len()) {
            let mut dice = Dice::of(seed, variant);
            let body = damaged(&answer.body, &mut dice);
            if let Ok(harvest) = connector.read(&answer.name, &body, now) {
                victim
                    .hears(&covering(harvest, whole.covers.first().copied()))
                    .await;
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
        victim.hears(&whole).await;
        assert_eq!(victim.hears(&whole).await.counts.withdrawn, 0);
        assert_eq!(victim.withdrawn().await, Vec::<String>::new());
    }
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

/// A time at which some of it is ahead and the one in the middle is in progress; none when it
/// tells no times.
fn middle(harvest: &Harvest) -> Option<DateTime<Utc>> {
    let facts = harvest.readable().map(|record| &record.facts);
    let mut spans: Vec<_> = facts
        .filter_map(|facts| facts.t_min.zip(facts.t_max))
        .collect();
    spans.sort_unstable();
    let (from, to) = *spans.get(spans.len() / 2)?;
    Some(from + (to - from) / 2)
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
