//! The cassette on file: two days of a week composed around noon of 30 July 2025, the plan's programmes and
//! targets being facts, its times not.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Basis, Claim, Clock, Intent, Role};
use upstream::mast::{COLUMNS, INVOKE, request};
use upstream::visits::LOCATION;
use upstream::{Ask, Cassette, Take, Upstream};

use super::*;
use crate::request::{DIRECTORY, Stretch, performed, planned};

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../fixtures/cassettes/hst/week.json"
));

/// A target and its programme: unit, PI, target, instrument, mode, element, dataset, position.
struct Subject {
    row: Row,
    program: &'static str,
    dataset: Option<&'static str>,
    archived: (&'static str, f64, f64),
}

fn subjects() -> [Subject; 4] {
    let subject = |row, program, dataset, archived| Subject {
        row,
        program,
        dataset,
        archived,
    };
    let star = Row {
        pi: "Osten",
        target: "EV-LAC",
        instrument: "STIS/CC",
        mode: "ACCUM",
        element: "G430M",
        seconds: "300.00",
        ..ROW
    };
    let galaxy = Row {
        pi: "",
        target: "NGC1068-OFF",
        instrument: "ACS/WFC",
        mode: "ACCUM",
        element: "F550M",
        seconds: "700.00",
        ..ROW
    };
    let lamp = Row {
        pi: "Khandrika",
        target: "TUNGSTEN",
        instrument: "WFC3/IR",
        element: "F127M",
        seconds: "50.00",
        ..ROW
    };
    [
        subject(ROW, "17918", Some("ifjw"), ("WFC3/IR", 36.8125, 61.624_444)),
        subject(
            star,
            "08880",
            Some("o6au"),
            ("STIS/CCD", 341.706_716, 44.333_818),
        ),
        subject(
            galaxy,
            "09503",
            Some("j8dm"),
            ("ACS/WFC", 40.710_208, -0.027_989),
        ),
        subject(lamp, "16405", None, ("WFC3/IR", 0.0, 0.0)),
    ]
}

/// A row per visit: one every 48 minutes, 40 minutes long, with a parallel beside every tenth.
fn compose() -> Cassette {
    let start = utc(2025, 7, 28, 0, 0, 0);
    let (mut lines, mut done, mut ahead) = (Vec::new(), Vec::new(), Vec::new());
    let mut statuses: BTreeMap<String, String> = BTreeMap::new();
    let mut told = |program: &str, text: String| {
        let program = program.trim_start_matches('0').to_owned();
        *statuses.entry(program).or_default() += &text;
    };
    for n in 45..110_i32 {
        let begin = start + TimeDelta::minutes(48) * n;
        let end = begin + TimeDelta::minutes(40);
        let all = subjects();
        let subject = &all[usize::try_from(n).unwrap() % all.len()];
        let visit = format!("{:02}", n / 4);
        let unit = format!("{}{visit}", subject.program);
        lines.push(printed(&subject.row, begin, end, &unit));
        told(subject.program, status(&visit, &subject.row, begin, end));
        if n % 10 == 0 {
            let beside = Row {
                pi: "Groth",
                target: "PARALLEL-FIELD",
                ..ROW
            };
            let unit = format!("05092{visit}");
            let late = begin + TimeDelta::minutes(5);
            lines.push(printed(&beside, late, end, &unit));
            told("5092", status(&visit, &beside, late, end));
        }
        let Some(code) = subject.dataset else {
            continue;
        };
        let (instrument, ra, dec) = subject.archived;
        let told = json!({
            "instrument_name": instrument, "filters": subject.row.element,
            "target_name": subject.row.target, "s_ra": ra, "s_dec": dec,
            "em_min": null, "em_max": null, "proposal_id": subject.program.trim_start_matches('0'),
            "t_min": upstream::units::utc_to_mjd(begin + TimeDelta::minutes(6)),
            "t_max": upstream::units::utc_to_mjd(end), "t_exptime": 300.0,
        });
        let mut row = dataset(&format!("{code}{visit}aaq"), told);
        // The archive is half a day behind.
        if end < now() - TimeDelta::hours(12) {
            done.push(row);
        } else {
            row["calib_level"] = json!(-1);
            for unknown in ["t_min", "t_max", "t_exptime"] {
                row[unknown] = Value::Null;
            }
            ahead.push(row);
        }
    }
    let titles = [
        TITLE,
        ("5092", "Groth", ""),
        ("8880", "Osten", "EV Lac"),
        ("9503", "", ""),
        ("16405", "Khandrika", "WFC3 IR Gain Monitor"),
    ];
    let text = report_of("2025.209", "2025.216", &[&lines], &titles);
    let programs = ["16405", "17918", "5092", "8880", "9503"].map(str::to_owned);
    let stretch = Stretch::of(&ask(), Some(start));
    let index = "<pre><a href=\"timeline_07_28_25\">timeline_07_28_25</a></pre>";
    let post = |form: &str, rows: &[Value]| {
        Take::post(INVOKE, &[("request", form)]).answers("application/json", mast(rows))
    };
    let statuses = statuses.into_iter().map(|(program, visits)| {
        let query = [
            ("id", program.as_str()),
            ("markupFormat", "xml"),
            ("observatory", "HST"),
        ];
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <visitStatusReport observatory=\"HST\" id=\"{program}\">\n\
             <title>Visit Information</title>\n\
             <reportTime>Wed Jul 30 07:30:00 EDT 2025</reportTime>\n{visits}</visitStatusReport>\n"
        );
        Take::get(LOCATION, &query)
            .answers("text/xml", text)
            .matching(&[&format!("id={program}&")])
    });
    [
        Take::get(DIRECTORY, &[]).answers("text/html", index),
        Take::get(&format!("{DIRECTORY}timeline_07_28_25"), &[]).answers("text/plain", text),
        post(&request(COLUMNS, &performed(stretch), 1), &done)
            .matching(&["\"paramName\":\"t_min\""]),
        post(&request(COLUMNS, &planned(&programs), 1), &ahead)
            .matching(&["\"paramName\":\"calib_level\""]),
    ]
    .into_iter()
    .chain(statuses)
    .fold(Cassette::new(), |tape, take| {
        tape.with(take.recorded(now()))
    })
}

/// What the status report of a programme says of a visit. Those that are over by now were executed,
/// but for one.
fn status(visit: &str, row: &Row, begin: DateTime<Utc>, end: DateTime<Utc>) -> String {
    let status = match end <= now() {
        true if visit == "17" && row.target == "EV-LAC" => "Failed",
        true => "Executed",
        false => "Scheduled",
    };
    let time = |at: DateTime<Utc>| at.format("%b %-d, %Y %H:%M:%S");
    format!(
        "<visit visit=\"{visit}\">\n  <status>{status}</status>\n  <target>{}</target>\n  \
         <configuration>{}</configuration>\n  <startTime>{}</startTime>\n  \
         <endTime>{}</endTime>\n</visit>\n",
        row.target,
        row.instrument,
        time(begin + TimeDelta::seconds(13)),
        time(end - TimeDelta::seconds(48)),
    )
}

fn printed(row: &Row, begin: DateTime<Utc>, end: DateTime<Utc>, unit: &str) -> String {
    let mut line = row.line();
    line.replace_range(0..8, &begin.format("%Y.%j").to_string());
    line.replace_range(9..17, &begin.format("%H:%M:%S").to_string());
    line.replace_range(18..26, &end.format("%H:%M:%S").to_string());
    line.replace_range(28..35, unit);
    line
}

fn ask() -> Ask {
    Ask {
        now: now(),
        cursor: None,
        window: None,
    }
}

#[test]
fn the_cassette_on_file_is_the_one_composed_here() {
    let composed = compose().to_json();

    assert!(
        FILE.trim_end() == composed.trim_end(),
        "write it again from `compose`"
    );
}

#[tokio::test]
async fn the_cassette_plays_a_week_of_every_kind() {
    let tape = Cassette::parse(FILE.as_bytes()).unwrap();
    let upstream = Upstream::replay(vec![tape], Clock::fixed(now()));

    let harvest = Hst.harvest(&upstream, &ask()).await.unwrap();

    assert!(harvest.notes.is_empty(), "{:?}", harvest.notes);
    assert_eq!(harvest.covers.len(), 1);
    // Of the programmes without data, those whose turn it is in this half hour: 5092 and 8880.
    let count = |keep: fn(&Record) -> bool| harvest.readable().filter(|one| keep(one)).count();
    let counts = [
        harvest.records.len(),
        count(|one| one.claim == Claim::Happened(Basis::Archived)),
        count(|one| one.claim == Claim::Happened(Basis::Reported)),
        count(|one| one.claim == Claim::Failed),
        count(|one| one.facts.intent == Some(Intent::Calibration)),
        count(|one| one.facts.role == Role::PureParallel),
        count(|one| one.parallel_of.is_some()),
        count(|one| one.facts.s_ra.is_some()),
    ];
    assert_eq!(counts, [71, 11, 6, 1, 16, 6, 6, 49]);
}

/// The demo gives the answers by their address and what the request is about, whatever the time.
#[tokio::test]
async fn the_cassette_plays_in_the_demo_at_any_time() {
    let tape = Cassette::parse(FILE.as_bytes()).unwrap();
    let upstream = Upstream::playing(vec![tape], now);
    let later = Ask {
        now: now() + TimeDelta::hours(20),
        ..ask()
    };

    let harvest = Hst.harvest(&upstream, &later).await.unwrap();

    let happened = |one: &&Record| one.claim == Claim::Happened(Basis::Archived);
    assert_eq!(harvest.readable().filter(happened).count(), 11);
    assert!(harvest.notes.is_empty(), "{:?}", harvest.notes);
}
