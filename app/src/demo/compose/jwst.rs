//! JWST: two weekly reports, one of them issued again, what MAST holds of their visits, and their
//! status reports.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use upstream::table::Row;
use upstream::{Cassette, Line, Take};

use super::visits::Visit;
use super::*;

const INDEX: &str = "https://www.stsci.edu/jwst/science-execution/observing-schedules";

const DOCUMENTS: &str =
    "/files/live/sites/www/files/home/jwst/science-execution/observing-schedules/_documents";

const HEAD: &str = "\
VISIT ID       PCS MODE    VISIT TYPE                     SCHEDULED START TIME  DURATION     SCIENCE INSTRUMENT AND MODE                         TARGET NAME                      CATEGORY                        KEYWORDS
-------------  ----------  -----------------------------  --------------------  -----------  --------------------------------------------------  -------------------------------  ------------------------------  --------------------------------";

/// From the start of one visit to that of the next, minutes: eight hours in all.
const STEPS: [i64; 12] = [40, 27, 54, 33, 68, 31, 46, 37, 59, 26, 35, 24];

/// Visits from a day before the opening to a few hours after the end of the round.
const VISITS: RangeInclusive<i64> = -40..=42;

/// The visit that fails; MAST does not hold its programme.
const FAILING: i64 = 11;

/// The visit that the report issued again moves, and by how much.
const MOVED: (i64, TimeDelta) = (13, TimeDelta::minutes(3));

pub(super) fn compose() -> Cassette {
    let facts = facts(include_str!("../../../../fixtures/demo/jwst.csv"));
    let border = at("2026-08-17T00:00:00Z");
    let (before, week): (Vec<i64>, Vec<i64>) = VISITS.partition(|n| start(*n, false) < border);
    let again = at("2026-08-18T02:30:00Z");
    let link = |name: &str| {
        Line::new(format!(
            "<li><a href=\"{DOCUMENTS}/{name}\">{name}</a></li>"
        ))
    };
    let names = [
        "20260810_report_20260807.txt",
        "20260817_report_20260814.txt",
        "20260817_report_20260818.txt",
    ];
    let index = [
        Line::new("<html><body><ul>"),
        link(names[0]),
        link(names[1]).until(again),
        link(names[2]).since(again),
        Line::new("</ul></body></html>"),
    ];
    let report = |name: &str, package: &str, visits: &[i64], moved: bool| {
        let text = report(&facts, package, visits, moved);
        Take::get(&format!("https://www.stsci.edu{DOCUMENTS}/{name}"), &[])
            .answers("text/plain", text)
    };
    let (planned, performed) = archive(&facts);
    let takes = [
        Take::get(INDEX, &[]).answers_lines("text/html", &index),
        report(names[0], "2622208f01", &before, false),
        report(names[1], "2622908f01", &week, false),
        report(names[2], "2622908f02", &week, true),
        mast::take("JWST", "provenance_name", planned),
        mast::take("JWST", "t_min", performed),
    ];
    tape(
        takes
            .into_iter()
            .chain(visits::takes("JWST", visits(&facts))),
    )
}

/// Start of the `n`th visit; the first one starts 50 s after the opening.
fn start(n: i64, moved: bool) -> DateTime<Utc> {
    let start = at("2026-08-18T00:39:50Z") + minutes(along(&STEPS, n));
    match n == MOVED.0 && moved {
        true => start + MOVED.1,
        false => start,
    }
}

/// Two minutes, or a few seconds every eight hours, before the next one starts.
fn end(n: i64) -> DateTime<Utc> {
    let gap = if n.rem_euclid(12) == 11 { 5 } else { 125 };
    start(n + 1, false) - seconds(gap)
}

/// Programme, observation and visit: a visit further each time its observation comes round.
fn id(facts: &[Row], n: i64) -> (u32, u32, i64) {
    let (fact, before) = turn(facts, n);
    let whole = |column: &str| text(fact, column).parse().unwrap();
    (whole("program"), whole("observation"), before + 3)
}

/// Programmes and observations of the visits beside the `n`th one.
fn attached(n: i64) -> Vec<(u32, i64)> {
    let pure = (n.rem_euclid(5) == 2).then_some((6434, 551 + n));
    let lamp = (n.rem_euclid(7) == 3).then_some((9276, 46 + n));
    pure.into_iter().chain(lamp).collect()
}

/// All visits, some seconds later than planned.
fn visits(facts: &[Row]) -> Vec<Visit> {
    let mut visits = Vec::new();
    for n in VISITS {
        let (program, observation, visit) = id(facts, n);
        let mut ids = vec![(program, i64::from(observation), visit)];
        ids.extend(
            attached(n)
                .iter()
                .map(|(program, beside)| (*program, *beside, 1)),
        );
        visits.extend(ids.into_iter().map(|(program, observation, visit)| Visit {
            program: program.to_string(),
            observation: Some(observation.to_string()),
            visit: visit.to_string(),
            begin: start(n, true) + seconds(9 + n.rem_euclid(7) * 3),
            end: end(n) - seconds(4 + n.rem_euclid(5) * 11),
            fails: n == FAILING,
        }));
    }
    visits
}

fn report(facts: &[Row], package: &str, visits: &[i64], moved: bool) -> String {
    let mut lines = vec![
        format!("Visit Information for OP Package {package}"),
        String::new(),
        HEAD.to_owned(),
    ];
    for n in visits.iter().copied() {
        let (fact, _) = turn(facts, n);
        let (program, observation, visit) = id(facts, n);
        let start = start(n, moved);
        let length = (end(n) - start).num_seconds();
        let clock = [length / 3600, length / 60 % 60, length % 60];
        let (guiding, kind) = match text(fact, "type") {
            "MOVING" => ("MOVING", "PRIME TARGETED MOVING"),
            "WFSC" => ("FINEGUIDE", "PRIME WFSC ROUTINE"),
            _ => ("FINEGUIDE", "PRIME TARGETED FIXED"),
        };
        lines.push(line([
            &format!("{program}:{observation}:{visit}"),
            guiding,
            kind,
            &start.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            &format!("00/{:02}:{:02}:{:02}", clock[0], clock[1], clock[2]),
            text(fact, "mode"),
            text(fact, "target"),
            text(fact, "category"),
            text(fact, "keywords"),
        ]));
        if let Some(beside) = fact.get("beside") {
            lines.push(line([
                "",
                "",
                "COORDINATED PARALLEL",
                "",
                "",
                beside,
                "",
                "",
                "",
            ]));
        }
        for (program, observation) in attached(n) {
            let (kind, mode) = match program {
                6434 => ("PARALLEL PURE", "NIRCam Wide Field Slitless Spectroscopy"),
                _ => ("PARALLEL SLEW CALIBRATION", "NIRSpec Internal Lamp"),
            };
            let (id, mark) = (format!("{program}:{observation}:1"), "^ATTACHED TO PRIME^");
            lines.push(line([&id, "NONE", kind, mark, "", mode, "", "", ""]));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Id, guiding, type, start, duration, mode, target, class, keywords.
fn line(
    [
        id,
        guiding,
        kind,
        start,
        length,
        mode,
        target,
        class,
        keywords,
    ]: [&str; 9],
) -> String {
    format!(
        "{id:<13}  {guiding:<10}  {kind:<29}  {start:<20}  {length:<11}  {mode:<50}  {target:<31}  \
         {class:<30}  {keywords}"
    )
    .trim_end()
    .to_owned()
}

/// The planned rows of all visits, latest first, and the performed ones. Data are in the archive an
/// hour and a quarter after the end of a visit.
fn archive(facts: &[Row]) -> (Vec<Element>, Vec<Element>) {
    let (mut planned, mut performed) = (Vec::new(), Vec::new());
    for n in VISITS.rev() {
        let (fact, _) = turn(facts, n);
        if fact.get("mast_instrument").is_none() {
            continue;
        }
        let (program, observation, visit) = id(facts, n);
        let name = |rest: &str| json!(format!("jw{program:05}{observation:03}{visit:03}_{rest}"));
        let mut row = row(fact);
        let arrival = end(n) + minutes(75);
        row["obs_id"] = name("xx101_00001");
        row["provenance_name"] = json!("APT");
        planned.push(Element::new(mast::planned(row.clone())).until(arrival));
        row["obs_id"] = name("02101_00001");
        row["provenance_name"] = json!("CALJWST");
        let (from, to) = (start(n, true) + minutes(6), end(n) - minutes(1));
        performed.push(Element::new(mast::performed(row, from, to)).since(arrival));
    }
    performed.reverse();
    (planned, performed)
}

fn row(fact: &Row) -> Value {
    let intent = match text(fact, "category") {
        "Calibration" => "calibration",
        _ => "science",
    };
    json!({
        "obs_collection": "JWST", "proposal_id": text(fact, "program"), "proposal_pi": null,
        "instrument_name": fact.get("mast_instrument"), "filters": fact.get("filters"),
        "target_name": text(fact, "target"), "s_ra": number(fact, "ra"), "s_dec": number(fact, "dec"),
        "em_min": number(fact, "em_min"), "em_max": number(fact, "em_max"),
        "mtFlag": text(fact, "type") == "MOVING", "intentType": intent,
    })
}
