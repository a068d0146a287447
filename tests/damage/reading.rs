//! Ten thousand variants a connector through its reader.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::tidy::tidy;
use upstream::visits::{self, Standing};
use upstream::{Connector, Error};

use super::answers::{Answer, composed, connector, recorded, statuses};
use super::dice::Dice;
use super::mangle::damaged;
use crate::harness::{samples, seed};

/// Variants of the answers of one source.
const VARIANTS: usize = 10_000;
/// Longest that a variant may take. It takes milliseconds; machines are busy.
const HANGS: Duration = Duration::from_secs(30);

/// Reads variants with a connector.
fn all_are_read(source: &'static str, answers: Vec<Answer>) {
    let connector = connector(source);
    all_are_read_by(answers, |answer, dice| read(connector, answer, dice));
}

/// Reads variants on a thread of its own, so that one that never ends is told as well.
fn all_are_read_by(answers: Vec<Answer>, read: impl Fn(&Answer, &mut Dice) + Send + 'static) {
    let seed = seed();
    let (tell, told) = channel();
    let reader = std::thread::spawn(move || {
        let draw = Draw::of(&answers);
        for variant in 0..VARIANTS {
            let mut dice = Dice::of(seed, variant);
            let answer = &answers[draw.one(&mut dice)];
            tell.send((variant, answer.name.clone())).unwrap();
            read(answer, &mut dice);
        }
    });
    let mut last = None;
    loop {
        match told.recv_timeout(HANGS) {
            Ok(begun) => last = Some(begun),
            Err(RecvTimeoutError::Timeout) => panic!("hangs at {last:?}, seed {seed}"),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let read = reader.join();
    assert!(read.is_ok(), "fails at {last:?}, seed {seed}");
}

/// Draws answers, small ones more often: all get about the same share of the time.
struct Draw(Vec<usize>);

impl Draw {
    fn of(answers: &[Answer]) -> Draw {
        let mut upto = 0;
        let shares = answers.iter().map(|answer| {
            upto += 1 + 1_000_000 / (answer.body.len() + 500);
            upto
        });
        Draw(shares.collect())
    }

    fn one(&self, dice: &mut Dice) -> usize {
        let drawn = dice.below(*self.0.last().unwrap());
        self.0.partition_point(|upto| *upto <= drawn)
    }
}

fn read(connector: &dyn Connector, answer: &Answer, dice: &mut Dice) {
    let now: DateTime<Utc> = "2026-11-21T06:00:00Z".parse().unwrap();
    let body = damaged(&answer.body, dice);
    match connector.read(&answer.name, &body, now) {
        Ok(harvest) => {
            assert!(harvest.covers.is_empty(), "a saved file proves nothing");
            for row in harvest.records {
                match row {
                    Ok(record) => drop(tidy(record)),
                    Err(unreadable) => assert!(!unreadable.reason.is_empty()),
                }
            }
        }
        Err(error) => {
            assert!(matches!(error, Error::Unreadable(_)), "{error:?}");
            let why = error.to_string();
            assert!(!why.chars().any(char::is_control), "{why:?}");
        }
    }
}

/// Reads a variant of a visit status report.
fn read_statuses(answer: &Answer, dice: &mut Dice) {
    let body = damaged(&answer.body, dice);
    match visits::read(&body) {
        Ok(report) => {
            for visit in &report.visits {
                assert!(
                    visit
                        .spans()
                        .all(|span| span.to.is_none_or(|to| span.from <= to))
                );
                assert!(visit.standing() != Standing::Unknown(""));
            }
        }
        Err(error) => {
            assert!(matches!(error, Error::Unreadable(_)), "{error:?}");
            let why = error.to_string();
            assert!(!why.chars().any(char::is_control), "{why:?}");
        }
    }
}

#[test]
fn damaged_answers_of_eso_are_read_or_refused() {
    all_are_read("eso", composed("eso"));
}

#[test]
fn damaged_answers_of_hst_are_read_or_refused() {
    all_are_read("hst", composed("hst"));
}

#[test]
fn damaged_answers_of_jwst_are_read_or_refused() {
    all_are_read("jwst", composed("jwst"));
}

#[test]
fn damaged_answers_of_swift_are_read_or_refused() {
    all_are_read("swift", composed("swift"));
}

#[test]
fn damaged_visit_status_reports_are_read_or_refused() {
    let mut answers = statuses("hst/week.json");
    answers.extend(statuses("jwst/one-week.json"));
    all_are_read_by(answers, read_statuses);
}

#[test]
fn damaged_recorded_answers_of_eso_are_read_or_refused() {
    let Some(answers) = recorded("eso") else {
        return;
    };
    all_are_read("eso", answers);
}

#[test]
fn damaged_recorded_answers_of_hst_are_read_or_refused() {
    let Some(answers) = recorded("hst") else {
        return;
    };
    all_are_read("hst", answers);
}

#[test]
fn damaged_recorded_answers_of_jwst_are_read_or_refused() {
    let Some(answers) = recorded("jwst") else {
        return;
    };
    all_are_read("jwst", answers);
}

#[test]
fn damaged_recorded_visit_status_reports_are_read_or_refused() {
    let name = "jwst/visit-status-10678.xml";
    let Some(body) = samples::file(name) else {
        return;
    };
    let name = name.to_owned();
    all_are_read_by(vec![Answer { name, body }], read_statuses);
}

#[test]
fn damaged_recorded_answers_of_swift_are_read_or_refused() {
    let Some(answers) = recorded("swift") else {
        return;
    };
    all_are_read("swift", answers);
}
