//! Tests on composed reports.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Basis, Claim, Clock, Facts, Record, TMaxKind};
use proptest::prelude::*;

use super::*;
use crate::{Cassette, Error, Harvest, Take, Upstream};

const NOW: &str = "2026-08-18T12:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn report(program: &str, visits: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <visitStatusReport observatory=\"JWST\" id=\"{program}\">\n\
         <title>Visit Information</title>\n\
         <reportTime>Tue Aug 18 07:50:37 EDT 2026</reportTime>\n{visits}</visitStatusReport>\n"
    )
}

/// A visit of observation 1 with this status and more.
fn visit(number: u32, status: &str, more: &str) -> String {
    format!(
        "<visit observation=\"1\" visit=\"{number}\"><status>{status}</status>\
         <target>GC_1</target>{more}</visit>\n"
    )
}

fn times(from: &str, to: &str) -> String {
    format!("<startTime>Aug {from}</startTime><endTime>Aug {to}</endTime>")
}

fn only(visit: &str) -> Visit {
    let report = read(report("1", visit).as_bytes()).unwrap();
    let [visit] = &report.visits[..] else {
        panic!("{report:?}")
    };
    visit.clone()
}

#[test]
fn a_report_is_read_with_all_that_its_visits_say() {
    let visits = "<visit observation=\"2\" visit=\"1\">\n  <status> Executed\n</status>\
        <target>GC_2</target><target>GC_2-<![CDATA[BACK & GROUND]]></target>\
        <configuration>NIRCam &amp; &#77;IRI</configuration><hours>0.96</hours>\
        <startTime>Jun 1, 2026 02:41:18</startTime><endTime>Jun 01, 2026 10:48:41</endTime>\
        <repeatOf><program>1</program><visit>3</visit><status>Failed</status></repeatOf></visit>\
        <!-- none --><visit/>";

    let report = read(report("10678", visits).as_bytes()).unwrap();

    assert_eq!(report.program.as_deref(), Some("10678"));
    assert_eq!(report.made, Some(at("2026-08-18T11:50:37Z")));
    let [visit, empty] = &report.visits[..] else {
        panic!("{report:?}")
    };
    assert_eq!(visit.observation.as_deref(), Some("2"));
    assert_eq!(visit.visit.as_deref(), Some("1"));
    let all = |name: &str| visit.all(name).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(all("status"), ["Executed"]);
    assert_eq!(all("target"), ["GC_2", "GC_2-BACK & GROUND"]);
    assert_eq!(all("configuration"), ["NIRCam & MIRI"]);
    assert_eq!(visit.standing(), Standing::Executed);
    let span = Span {
        from: at("2026-06-01T02:41:18Z"),
        to: Some(at("2026-06-01T10:48:41Z")),
    };
    assert_eq!(visit.spans().collect::<Vec<_>>(), [span]);
    assert!(visit.raw.starts_with("<visit observation=\"2\""));
    assert!(visit.raw.ends_with("</repeatOf></visit>"));
    assert_eq!(empty.raw, "<visit/>");
    assert_eq!(empty.standing(), Standing::Open);
}

#[test]
fn a_status_means_one_of_few_things() {
    for (status, standing) in [
        ("Collecting", Standing::Executed),
        ("archived", Standing::Executed),
        ("Failed - Archived", Standing::Failed),
        ("Skipped", Standing::Failed),
        ("Scheduled", Standing::Open),
        ("Flight  Ready", Standing::Open),
        ("Withdrawn", Standing::Open),
        ("", Standing::Open),
        ("Dreaming", Standing::Unknown("Dreaming")),
    ] {
        assert_eq!(only(&visit(1, status, "")).standing(), standing, "{status}");
    }
}

#[test]
fn a_time_that_cannot_be_read_is_none() {
    for (more, spans) in [
        ("<endTime>Aug 18, 2026 09:00:00</endTime>", 0),
        ("<startTime>2026-08-18</startTime>", 0),
        ("<startTime>Aug 18, 1926 09:00:00</startTime>", 0),
        ("<startTime>Aug 18, 2026 09:00:00</startTime>", 1),
    ] {
        assert_eq!(only(&visit(1, "Executed", more)).spans().count(), spans);
    }
    let backwards = times("18, 2026 09:00:00", "18, 2026 08:00:00");
    let span = only(&visit(1, "Executed", &backwards)).spans().next();
    assert_eq!(span.unwrap().to, None);

    let made = |time: &str| {
        let text = report("1", "").replace("Tue Aug 18 07:50:37 EDT 2026", time);
        read(text.as_bytes()).unwrap().made
    };
    assert_eq!(
        made("Mon Jan  5 05:00:00 EST 2026"),
        Some(at("2026-01-05T10:00:00Z"))
    );
    assert_eq!(made("Mon Jan 5 05:00:00 MEZ 2026"), None);
    assert_eq!(made("Mon Foo 99 25:00:00 EST 99999"), None);
}

#[test]
fn what_is_no_report_is_refused_in_a_sentence() {
    let deep = format!("<visitStatusReport>{}", "<visit>".repeat(100_000));
    let whole = report("1", &visit(1, "Executed", ""));
    let cut = &whole[..whole.len() - 21];
    for (body, why) in [
        ("", "it is no XML"),
        ("No such program", "it is no XML"),
        ("<html><p>", "it holds an element \"html\""),
        ("<visitStatusReport/><x/>", "it holds an element \"x\""),
        (&deep, "XML nested too deeply"),
        (cut, "it ends before it is closed"),
    ] {
        let error = Error::Unreadable(format!("not a visit status report: {why}"));
        assert_eq!(read(body.as_bytes()), Err(error));
    }
    assert!(read(b"<visitStatusReport></visit>").is_err());
    assert!(read(b"<visitStatusReport/>").unwrap().visits.is_empty());
}

proptest! {
    #[test]
    fn no_text_stops_the_reader(body in "[<>/&;!\\[\\]a-z\"= :,0-9\u{e9}-]{0,80}") {
        let _ = read(body.as_bytes());
        let text = report("1", &visit(1, "Executed", &body));
        if let Ok(report) = read(text.as_bytes()) {
            for visit in report.visits {
                let _ = (visit.standing(), visit.spans().count());
            }
        }
        let time = format!("<startTime>{body}</startTime><endTime>{body}</endTime>");
        let _ = read(report("1", &visit(1, &body, &time)).as_bytes());
    }
}

const ASKING: Asking = Asking {
    observatory: "JWST",
    every: Duration::from_secs(7200),
    obs_id: |program, visit| Some(format!("{program}:{}", visit.visit.as_deref()?)),
};

/// A visit on the plan, an hour long.
fn planned(program: &str, visit: u32, start: &str) -> Record {
    let begin = at(start);
    let facts = Facts {
        t_min: Some(begin),
        t_max: Some(begin + chrono::TimeDelta::hours(1)),
        t_max_kind: Some(TMaxKind::Planned),
        proposal_id: Some(program.to_owned()),
        ..Facts::default()
    };
    Record::new(format!("{program}:{visit}"), Claim::Plan, facts, "a line")
}

fn of(program: &str, visits: &str) -> Take {
    let query = [
        ("id", program),
        ("markupFormat", "xml"),
        ("observatory", "JWST"),
    ];
    Take::get(LOCATION, &query).answers("text/xml", report(program, visits))
}

async fn completed(records: Vec<Record>, takes: Vec<Take>) -> Harvest {
    completed_by(ASKING, NOW, records, takes).await
}

async fn completed_by(
    asking: Asking,
    now: &str,
    records: Vec<Record>,
    takes: Vec<Take>,
) -> Harvest {
    let mut harvest = Harvest {
        records: records.into_iter().map(Ok).collect(),
        ..Harvest::default()
    };
    let tape = takes.into_iter().fold(Cassette::new(), Cassette::with);
    let upstream = Upstream::replay(vec![tape], Clock::fixed(at(now)));
    complete(&upstream, &mut harvest, asking, at(now)).await;
    harvest
}

fn claims(harvest: &Harvest) -> Vec<Claim> {
    harvest.readable().map(|record| record.claim).collect()
}

const REPORTED: Claim = Claim::Happened(Basis::Reported);

#[tokio::test]
async fn executed_and_failed_visits_are_told() {
    let records = vec![
        planned("1", 1, "2026-08-18T01:00:00Z"),
        planned("1", 2, "2026-08-18T03:00:00Z"),
        planned("1", 3, "2026-08-18T05:00:00Z"),
        planned("1", 4, "2026-08-18T07:00:00Z"),
        planned("1", 5, "2026-08-18T11:30:00Z"),
        planned("1", 6, "2026-08-18T15:00:00Z"),
    ];
    let visits = [
        visit(
            1,
            "Archived",
            &times("18, 2026 01:02:03", "18, 2026 01:59:00"),
        ),
        visit(2, "Skipped", ""),
        visit(3, "Executed", ""),
        visit(
            4,
            "Scheduled",
            &times("18, 2026 07:00:00", "18, 2026 08:00:00"),
        ),
        visit(
            5,
            "Executed",
            &times("18, 2026 11:30:00", "18, 2026 12:30:00"),
        ),
        visit(6, "Failed", ""),
    ];

    let harvest = completed(records, vec![of("1", &visits.concat())]).await;

    let plan = Claim::Plan;
    assert_eq!(
        claims(&harvest),
        [REPORTED, Claim::Failed, REPORTED, plan, plan, plan]
    );
    let [executed, failed, untimed, ..] = &harvest.readable().collect::<Vec<_>>()[..] else {
        panic!()
    };
    assert_eq!(executed.facts.t_min, Some(at("2026-08-18T01:02:03Z")));
    assert_eq!(executed.facts.t_max, Some(at("2026-08-18T01:59:00Z")));
    assert_eq!(executed.facts.t_max_kind, Some(TMaxKind::Exact));
    assert!(executed.raw.starts_with("a line\n<visit observation"));
    assert_eq!(failed.facts.t_min, Some(at("2026-08-18T03:00:00Z")));
    assert_eq!(untimed.facts.t_max_kind, Some(TMaxKind::Planned));
    assert_eq!(harvest.notes, [""; 0]);
}

#[tokio::test]
async fn a_repeat_ahead_leaves_what_was_before_to_its_own_times() {
    let starts = || {
        vec![
            planned("1", 1, "2026-08-16T01:00:00Z"),
            planned("1", 1, "2026-08-18T01:00:00Z"),
            planned("1", 1, "2026-08-19T01:00:00Z"),
        ]
    };
    let plan = Claim::Plan;
    for (status, more, told) in [
        // Of the first start, of the second, of none yet, and of nobody knows which.
        (
            "Failed",
            times("16, 2026 01:05:00", "16, 2026 01:06:00"),
            [Claim::Failed, plan, plan],
        ),
        (
            "Executed",
            times("18, 2026 01:05:00", "18, 2026 01:58:00"),
            [plan, REPORTED, plan],
        ),
        (
            "Failed",
            times("19, 2026 01:00:00", "19, 2026 02:00:00"),
            [plan; 3],
        ),
        ("Failed", String::new(), [plan; 3]),
    ] {
        let report = of("1", &visit(1, status, &more));
        assert_eq!(
            claims(&completed(starts(), vec![report]).await),
            told,
            "{more}"
        );
    }

    let two = starts().split_off(1);
    let report = of("1", &visit(1, "Failed", ""));
    let harvest = completed(two, vec![report]).await;
    assert_eq!(claims(&harvest), [Claim::Failed, plan]);
}

#[tokio::test]
async fn a_report_from_before_the_start_says_nothing_of_it() {
    let start = planned("1", 1, "2026-08-18T11:55:00Z");
    let report = of("1", &visit(1, "Failed", ""));

    let harvest = completed(vec![start], vec![report]).await;

    assert_eq!(claims(&harvest), [Claim::Plan]);
}

#[tokio::test]
async fn what_the_archive_confirmed_stands_and_is_not_asked_about() {
    let mut confirmed = planned("1", 1, "2026-08-18T01:00:00Z");
    confirmed.claim = Claim::Happened(Basis::Archived);
    let old = planned("2", 1, "2026-08-14T10:00:00Z");
    let ahead = planned("3", 1, "2026-08-18T13:00:00Z");

    let harvest = completed(vec![confirmed.clone(), old, ahead], vec![]).await;

    assert_eq!(harvest.notes, [""; 0], "nobody was asked");
    let other = planned("1", 2, "2026-08-18T03:00:00Z");
    let visits = visit(1, "Failed", "") + &visit(2, "Failed", "");
    let harvest = completed(vec![confirmed, other], vec![of("1", &visits)]).await;
    assert_eq!(
        claims(&harvest),
        [Claim::Happened(Basis::Archived), Claim::Failed]
    );
}

#[tokio::test]
async fn what_could_not_be_asked_or_understood_is_a_note() {
    let records = |programs: &[&str]| -> Vec<Record> {
        let start = "2026-08-18T01:00:00Z";
        programs.iter().map(|p| planned(p, 1, start)).collect()
    };
    let wrong = Take::get(
        LOCATION,
        &[
            ("id", "2"),
            ("markupFormat", "xml"),
            ("observatory", "JWST"),
        ],
    );
    let takes = vec![
        of("1", &visit(1, "Dreaming", "")),
        wrong.answers("text/xml", report("7", "")),
        of("3", &visit(1, "Executed", "")),
    ];

    let harvest = completed(records(&["1", "2", "3", "4", "5"]), takes).await;

    let plan = Claim::Plan;
    assert_eq!(claims(&harvest), [plan, plan, REPORTED, plan, plan]);
    assert_eq!(
        harvest.notes,
        [
            "the visit status of 2 programmes is not known: unreadable: a visit status report of \
             programme \"7\" instead of 2",
            "a status of visits that we do not know: \"Dreaming\" (1)",
        ]
    );
}

#[tokio::test]
async fn every_programme_has_its_turn() {
    let many = |count: u32| -> Vec<Record> {
        let start = |n| format!("2026-08-18T{:02}:00:00Z", 1 + n / 6);
        (0..count)
            .map(|n| planned(&(100 + n).to_string(), 1, &start(n)))
            .collect()
    };
    let all = |count: u32| -> Vec<Take> {
        (0..count)
            .map(|n| of(&(100 + n).to_string(), &visit(1, "Skipped", "")))
            .collect()
    };
    let failed = |harvest: &Harvest| -> Vec<String> {
        let failed = harvest.readable().filter(|r| r.claim == Claim::Failed);
        failed.map(|record| record.obs_id.clone()).collect()
    };

    let mut told = std::collections::BTreeSet::new();
    for now in ["12:00:00Z", "14:00:00Z", "16:00:00Z"] {
        let now = format!("2026-08-18T{now}");
        let harvest = completed_by(ASKING, &now, many(36), all(36)).await;
        assert_eq!(failed(&harvest).len(), 12, "{now}");
        told.extend(failed(&harvest));
    }
    assert_eq!(told.len(), 36);

    let often = Asking {
        every: Duration::from_secs(1800),
        ..ASKING
    };
    told.clear();
    for now in ["12:00:00Z", "12:30:00Z", "13:00:00Z", "13:30:00Z"] {
        let now = format!("2026-08-18T{now}");
        let harvest = completed_by(often, &now, many(36), all(36)).await;
        assert_eq!(failed(&harvest).len(), 9, "{now}");
        told.extend(failed(&harvest));
    }
    assert_eq!(told.len(), 36, "each once in two hours");
}
