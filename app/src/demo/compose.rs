//! Composes the demo's cassettes from the facts in `fixtures/demo`.
//!
//! The rows are facts; when they run is not: each source lays its rows out one after the other, in
//! patterns that repeat after a day, so that the borders of two rounds fit together. What archives
//! hold appears there some time after it ended.

mod eso;
mod hst;
mod jwst;
mod mast;
mod swift;
mod visits;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use upstream::table::{Row, read_csv};
use upstream::{Cassette, Line};

/// Set to write the cassettes instead of comparing them.
const WRITE: &str = "STARBOARD_WRITE_CASSETTES";

/// Where the cassettes are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/cassettes/demo");

#[test]
fn the_cassettes_on_file_are_those_composed_from_the_facts() {
    for (name, cassette) in [
        ("eso", eso::compose()),
        ("hst", hst::compose()),
        ("jwst", jwst::compose()),
        ("swift", swift::compose()),
    ] {
        let (composed, path) = (cassette.to_json(), format!("{FOLDER}/{name}.json"));
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, &composed).unwrap();
        }
        let on_file = std::fs::read_to_string(&path).unwrap();
        assert!(
            on_file == composed,
            "{name}.json differs from its facts: see fixtures/demo/README.md"
        );
    }
}

/// When the material was recorded, as far as it does not say otherwise.
fn recorded() -> DateTime<Utc> {
    at("2026-08-14T00:00:00Z")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

/// The rows of a table of facts.
fn facts(csv: &str) -> Vec<Row> {
    let table = read_csv(csv.as_bytes()).unwrap();
    table.rows.into_iter().map(Result::unwrap).collect()
}

/// A field of a fact; nothing where it is empty.
fn text<'f>(fact: &'f Row, column: &str) -> &'f str {
    fact.get(column).unwrap_or("")
}

fn number(fact: &Row, column: &str) -> Option<f64> {
    fact.get(column).map(|text| text.parse().unwrap())
}

/// The fact whose turn it is the `n`th time, and how often all have had their turn before.
fn turn(facts: &[Row], n: i64) -> (&Row, i64) {
    let count = i64::try_from(facts.len()).unwrap();
    let index = usize::try_from(n.rem_euclid(count)).unwrap();
    (&facts[index], n.div_euclid(count))
}

/// The sum of the first `n` steps of a pattern that repeats in both directions.
fn along(pattern: &[i64], n: i64) -> i64 {
    let count = i64::try_from(pattern.len()).unwrap();
    let rest = usize::try_from(n.rem_euclid(count)).unwrap();
    let whole: i64 = pattern.iter().sum();
    n.div_euclid(count) * whole + pattern[..rest].iter().sum::<i64>()
}

/// Two letters that count: 01 … 0Z, 10 …
fn base36(n: i64) -> String {
    let digit = |n: i64| char::from_digit(u32::try_from(n).unwrap(), 36).unwrap();
    let two: String = [digit(n / 36), digit(n % 36)].iter().collect();
    two.to_uppercase()
}

/// An element of a JSON list, there for a while.
struct Element {
    value: Value,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl Element {
    fn new(value: Value) -> Self {
        Element {
            value,
            since: None,
            until: None,
        }
    }

    fn since(self, at: DateTime<Utc>) -> Self {
        Element {
            since: Some(at),
            ..self
        }
    }

    fn until(self, at: DateTime<Utc>) -> Self {
        Element {
            until: Some(at),
            ..self
        }
    }
}

/// A list of these, one a line. The first is always there, so that the commas fit.
fn list(elements: Vec<Element>) -> Vec<Line> {
    let line = |(n, mut element): (usize, Element)| {
        element.value.sort_all_objects();
        let comma = if n == 0 { "" } else { "," };
        let mut line = Line::new(format!("{comma}{}", element.value));
        if n > 0 {
            line = element.since.into_iter().fold(line, Line::since);
            line = element.until.into_iter().fold(line, Line::until);
        }
        line
    };
    elements.into_iter().enumerate().map(line).collect()
}

/// The takes as one cassette.
fn tape(takes: impl IntoIterator<Item = upstream::Take>) -> Cassette {
    takes.into_iter().fold(Cassette::new(), |tape, take| {
        tape.with(take.recorded(recorded()))
    })
}
