//! Swift: a plan of snapshots one after the other, and the log that follows it by some ten minutes.

use std::ops::RangeInclusive;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};
use upstream::table::Row;
use upstream::{Cassette, Line, Take};

use super::*;

const BASE: &str = "https://www.swift.psu.edu/api/v2/swift";

/// Lengths of the snapshots, minutes: an hour in all.
const LENGTHS: [i64; 11] = [6, 5, 6, 5, 5, 6, 5, 6, 5, 6, 5];

/// Snapshots from three hours before the opening to three after the end of the round.
const SNAPSHOTS: RangeInclusive<i64> = -33..=297;

/// A burst overwrote these: the log does not hold them.
const OVERWRITTEN: [i64; 3] = [5, 70, 161];

/// The plan was made again: a target of opportunity takes the place of these two.
const REPLACED: RangeInclusive<i64> = 52..=53;

/// UTC minus spacecraft time: −28.85 s in March 2022, to the millisecond.
const UTCF: i64 = -28_850;

pub(super) fn compose() -> Cassette {
    let facts = facts(include_str!("../../../../fixtures/demo/swift.csv"));
    let get = |call: &str| Take::get(&format!("{BASE}/{call}"), &[]);
    let clock = json!({"entries": [{"utcf": -28.85}], "status": status()});
    let requests = json!({"entries": [
        {"too_id": 16834, "target_id": 31105, "urgency": 3, "timestamp": "2022-01-05T16:45:15"},
        {"too_id": 16826, "target_id": 95662, "urgency": 3, "timestamp": "2022-01-04T15:30:40"},
    ], "status": status()});
    tape([
        get("planquery").answers_lines("application/json", &plan(&facts)),
        get("obsquery").answers_lines("application/json", &log(&facts)),
        get("clock").answers("application/json", clock.to_string()),
        get("too").answers("application/json", requests.to_string()),
    ])
}

/// Begin of the `n`th snapshot by the spacecraft clock; the first one begins 31 s after the opening.
fn begin(n: i64) -> DateTime<Utc> {
    at("2026-08-18T00:40:00Z") + minutes(along(&LENGTHS, n))
}

fn written(spacecraft: DateTime<Utc>) -> String {
    spacecraft.format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn status() -> Value {
    json!({"status": "Accepted", "errors": [], "warnings": []})
}

/// What plan and log both say of a snapshot.
fn row(fact: &Row, from: DateTime<Utc>, to: DateTime<Utc>) -> Value {
    let whole = |column: &str| text(fact, column).parse::<u64>().unwrap();
    let (target, segment) = (whole("target_id"), whole("segment"));
    json!({
        "begin": written(from), "end": written(to), "target_name": text(fact, "target_name"),
        "ra": number(fact, "ra"), "dec": number(fact, "dec"), "roll": null,
        "target_id": target, "segment": segment, "obs_id": format!("{target:08}{segment:03}"),
        "bat_mode": 0, "xrt_mode": whole("xrt_mode"), "uvot_mode": whole("uvot_mode"),
    })
}

/// M87, asked for by request 16834.
fn opportunity() -> Row {
    let csv = "target_name,target_id,segment,ra,dec,xrt_mode,uvot_mode\n\
               M87,31105,60,187.7058,12.3911,7,12525\n";
    facts(csv).remove(0)
}

/// The fact of a snapshot, and its end, after the plan was made again; nothing for the second of
/// the two that one took the place of.
fn flown(facts: &[Row], n: i64) -> Option<(Row, DateTime<Utc>)> {
    if n == *REPLACED.start() {
        return Some((opportunity(), begin(REPLACED.end() + 1)));
    }
    (!REPLACED.contains(&n)).then(|| (turn(facts, n).0.clone(), begin(n + 1)))
}

fn plan(facts: &[Row]) -> Vec<Line> {
    let again = at("2026-08-18T03:20:00Z");
    let mut elements = Vec::new();
    for n in SNAPSHOTS {
        let planned = Element::new(row(turn(facts, n).0, begin(n), begin(n + 1)));
        if !REPLACED.contains(&n) {
            elements.push(planned);
            continue;
        }
        elements.push(planned.until(again));
        if let Some((fact, end)) = flown(facts, n) {
            elements.push(Element::new(row(&fact, begin(n), end)).since(again));
        }
    }
    let reaches = written(begin(SNAPSHOTS.end() + 1));
    let head = format!("{{\"ppstmax\":\"{reaches}\",\"entries\":[");
    enclosed(vec![Line::new(head)], elements)
}

/// Each snapshot stands in the log some ten minutes after its end, and the log then reaches to it.
fn log(facts: &[Row]) -> Vec<Line> {
    let flown: Vec<(i64, Row, DateTime<Utc>)> = SNAPSHOTS
        .filter(|n| !OVERWRITTEN.contains(n))
        .filter_map(|n| flown(facts, n).map(|(fact, end)| (n, fact, end)))
        .collect();
    let appears = |(n, _, end): &(i64, Row, DateTime<Utc>)| {
        let utc = *end + TimeDelta::milliseconds(UTCF);
        (utc + minutes(9) + seconds(n.rem_euclid(7) * 17)).trunc_subsecs(0)
    };
    let mut head = vec![Line::new("{")];
    let mut elements = Vec::new();
    for (index, snapshot) in flown.iter().enumerate() {
        let (n, fact, end) = snapshot;
        let mut reaches = Line::new(format!("\"afstmax\":\"{}\",", written(*end)));
        if index > 0 {
            reaches = reaches.since(appears(snapshot));
        }
        if let Some(next) = flown.get(index + 1) {
            reaches = reaches.until(appears(next));
        }
        head.push(reaches);
        let (from, to) = (begin(*n) + seconds(2), *end - seconds(2));
        let mut row = row(fact, from, to);
        row["settle"] = json!(written(from + seconds(48 + n.rem_euclid(9) * 11)));
        row["ra_object"] = row["ra"].clone();
        row["dec_object"] = row["dec"].clone();
        elements.push(Element::new(row).since(appears(snapshot)));
    }
    head.push(Line::new("\"entries\":["));
    enclosed(head, elements)
}

fn enclosed(mut lines: Vec<Line>, elements: Vec<Element>) -> Vec<Line> {
    lines.extend(list(elements));
    lines.push(Line::new(format!("],\"status\":{}}}", status())));
    lines
}
