use domain::{Basis, Claim, Clock, TMaxKind};
use upstream::mast::{self, Filter};
use upstream::{Ask, Cassette, Connector, Cursor, Error, Result, Scope, Take, Upstream, Window};

use super::index::page;
use super::*;
use crate::plan::{COLUMNS, INDEX};

const DOCUMENTS: &str = "https://www.stsci.edu/files/live/sites/www/files/home/jwst/\
                         science-execution/observing-schedules/_documents/";

/// A recorded week of August 2025, cut to a few rows, and what MAST planned and held of it.
const WEEK: &str = include_str!("../../../../fixtures/cassettes/jwst/one-week.json");

fn index(names: &[&str]) -> Take {
    Take::get(INDEX, &[]).answers("text/html", page(names))
}

fn week(name: &str, rows: &[String]) -> Take {
    let text = HEAD.to_owned() + &rows.concat();
    Take::get(&format!("{DOCUMENTS}{name}"), &[]).answers("text/plain", text)
}

fn ask(now: &str) -> Ask {
    Ask {
        now: at(now),
        cursor: None,
        window: None,
    }
}

async fn harvest(takes: Vec<Take>, ask: &Ask) -> Result<Harvest> {
    let cassette = takes.into_iter().fold(Cassette::new(), Cassette::with);
    let upstream = Upstream::replay(vec![cassette], Clock::fixed(ask.now));
    Jwst.harvest(&upstream, ask).await
}

fn starts(harvest: &Harvest) -> Vec<(&str, String)> {
    let start = |record: &Record| record.facts.t_min.map(|t| t.format("%d %H:%M").to_string());
    let of = |record| (start(record)).unwrap_or_default();
    harvest
        .readable()
        .map(|record| (record.obs_id.as_str(), of(record)))
        .collect()
}

fn days(from: &str, to: &str) -> Scope {
    let midnight = |day: &str| at(&format!("{day}T00:00:00Z"));
    Scope {
        from: midnight(from),
        to: midnight(to),
    }
}

async fn recorded_week(now: &str) -> Harvest {
    let ask = ask(now);
    let cassette = Cassette::parse(WEEK.as_bytes()).unwrap();
    let upstream = Upstream::replay_repeating(vec![cassette], Clock::fixed(ask.now));
    Jwst.harvest(&upstream, &ask).await.unwrap()
}

#[tokio::test]
async fn a_week_is_read_as_a_whole_and_completed_by_mast() {
    let harvest = recorded_week("2025-08-04T03:00:00Z").await;

    assert_eq!(harvest.notes, [""; 0]);
    assert_eq!(harvest.read, 21);
    assert_eq!(records(&harvest).len(), 17);
    assert_eq!(harvest.covers, [days("2025-08-04", "2025-08-11")]);
    assert_eq!(harvest.cursor, Some(Cursor("2025-08-02".to_owned())));
    assert_eq!(harvest.horizon, Some(at("2025-08-11T01:14:02Z")));
    assert!(harvest.readable().all(|record| record.claim == Claim::Plan));
    let hat_p_11 = harvest.readable().find(|r| r.obs_id == "5924:1:1").unwrap();
    assert_eq!(hat_p_11.facts.s_ra, Some(297.70936375));
    assert_eq!(
        hat_p_11.facts.proposal_pi.as_deref(),
        Some("Sing, David K.")
    );
}

#[tokio::test]
async fn data_that_have_arrived_confirm_their_visit() {
    let harvest = recorded_week("2025-08-05T12:00:00Z").await;

    let archived = Claim::Happened(Basis::Archived);
    let happened: Vec<&Record> = harvest
        .readable()
        .filter(|record| record.claim == archived)
        .collect();
    let [visit] = happened[..] else { panic!() };
    assert_eq!(visit.obs_id, "7615:5:1");
    assert_eq!(visit.facts.n_exposures, Some(2));
    assert_eq!(visit.facts.s_ra, Some(247.890885));
    assert_eq!(records(&harvest).len(), 17);
}

#[tokio::test]
async fn what_mast_does_not_show_yet_is_told_by_status_reports() {
    let harvest = recorded_week("2025-08-06T12:00:00Z").await;

    let told: Vec<(&str, Claim)> = harvest
        .readable()
        .filter(|record| record.claim != Claim::Plan)
        .map(|record| (record.obs_id.as_str(), record.claim))
        .collect();
    let reported = Claim::Happened(Basis::Reported);
    assert_eq!(
        told,
        [
            ("7615:5:1", Claim::Happened(Basis::Archived)),
            ("9259:4:1", reported),
            ("7651:13:1", Claim::Failed),
            ("7532:1:1", reported),
            ("9284:1:2", reported),
            ("1520:162:1", reported),
            ("7890:16:1", Claim::Failed),
        ]
    );
    let comet = harvest.readable().find(|r| r.obs_id == "9259:4:1").unwrap();
    assert_eq!(comet.facts.t_min, Some(at("2025-08-04T10:11:02Z")));
    assert_eq!(comet.facts.t_max, Some(at("2025-08-04T11:06:40Z")));
    assert_eq!(comet.facts.t_max_kind, Some(TMaxKind::Exact));
    assert_eq!(comet.facts.target_name.as_deref(), Some("C2024E1"));
    assert!(comet.raw.contains("<status>Archived</status>"));
    assert_eq!(harvest.notes, [""; 0]);
    assert_eq!(records(&harvest).len(), 17);
}

#[tokio::test]
async fn a_programme_whose_status_is_not_told_is_a_note() {
    let name = "20250804_report_20250802.txt";
    let takes = vec![
        index(&[name]),
        week(name, &[untargeted("1:1:1", "2025-08-05T01:00:00Z")]),
    ];

    let harvest = harvest(takes, &ask("2025-08-05T12:00:00Z")).await.unwrap();

    assert_eq!(records(&harvest)[0].claim, Claim::Plan);
    let [note] = &harvest.notes[..] else { panic!() };
    assert!(note.starts_with("the visit status of a programme is not known: unreachable"));
}

#[tokio::test]
async fn mast_is_asked_again_while_it_is_executing() {
    let filters = [
        Filter::OneOf("obs_collection", vec!["JWST".to_owned()]),
        Filter::OneOf("proposal_id", vec!["5924".to_owned()]),
        Filter::OneOf("provenance_name", vec!["APT".to_owned()]),
    ];
    let question = mast::request(COLUMNS, &filters, 1);
    let answer = |body: &str| {
        Take::post(mast::INVOKE, &[("request", &question)]).answers("application/json", body)
    };
    let row = r#"{"obs_id":"jw05924001001_xx102_00001_niriss","s_ra":297.7,"s_dec":48.1}"#;
    let rows = [prime(
        "5924:1:1",
        "2025-08-08T20:30:30Z",
        "NIRISS Imaging",
        "HAT-P-11",
    )];

    let harvest = harvest(
        vec![
            index(&["20250804_report_20250802.txt"]),
            week("20250804_report_20250802.txt", &rows),
            answer(r#"{"status":"EXECUTING","msg":"","data":[]}"#),
            answer(r#"{"status":"EXECUTING","msg":"","data":[]}"#),
            answer(&format!(
                r#"{{"status":"COMPLETE","msg":"","data":[{row}]}}"#
            )),
        ],
        &ask("2025-08-04T03:00:00Z"),
    )
    .await
    .unwrap();

    assert_eq!(records(&harvest)[0].facts.s_ra, Some(297.7));
    assert_eq!(harvest.notes, [""; 0]);
}

#[tokio::test]
async fn without_mast_the_plan_stands_with_a_note() {
    let rows = [prime(
        "5924:1:1",
        "2025-08-08T20:30:30Z",
        "NIRISS Imaging",
        "HAT-P-11",
    )];
    let takes = vec![
        index(&["20250804_report_20250802.txt"]),
        week("20250804_report_20250802.txt", &rows),
    ];

    let harvest = harvest(takes, &ask("2025-08-04T03:00:00Z")).await.unwrap();

    assert_eq!(starts(&harvest), [("5924:1:1", "08 20:30".to_owned())]);
    assert_eq!(harvest.notes.len(), 1);
    assert!(harvest.notes[0].starts_with("MAST does not complete the plan: unreachable"));
    assert_eq!(harvest.covers, [days("2025-08-04", "2025-08-11")]);
}

/// Visits without a target, so that nothing is asked of MAST.
fn untargeted(id: &str, start: &str) -> String {
    prime(id, start, "NIRSpec Dark", "")
}

#[tokio::test]
async fn the_report_issued_last_has_the_last_word_on_a_visit() {
    let takes = vec![
        index(&[
            "20250728_report_20250724.txt",
            "20250804_report_20250802.txt",
        ]),
        week(
            "20250728_report_20250724.txt",
            &[
                untargeted("1:1:1", "2025-07-29T01:00:00Z"),
                untargeted("1:2:1", "2025-08-03T20:00:00Z"),
                untargeted("1:3:1", "2025-08-04T00:30:00Z"),
            ],
        ),
        week(
            "20250804_report_20250802.txt",
            &[
                untargeted("1:3:1", "2025-08-04T00:30:00Z"),
                untargeted("1:2:1", "2025-08-05T01:00:00Z"),
                untargeted("1:1:1", "2025-08-06T01:00:00Z"),
            ],
        ),
    ];

    let harvest = harvest(takes, &ask("2025-08-02T12:00:00Z")).await.unwrap();

    // What has started may have failed and comes again; what has not has been moved.
    let expected = [
        ("1:1:1", "29 01:00"),
        ("1:3:1", "04 00:30"),
        ("1:2:1", "05 01:00"),
        ("1:1:1", "06 01:00"),
    ];
    assert_eq!(
        starts(&harvest),
        expected.map(|(id, start)| (id, start.to_owned()))
    );
    assert_eq!(harvest.skipped["a start that a later report has moved"], 1);
    assert_eq!(
        harvest.skipped["a visit that a later report holds as well"],
        1
    );
    assert_eq!(
        harvest.covers,
        [
            days("2025-07-28", "2025-08-04"),
            days("2025-08-04", "2025-08-11")
        ]
    );
}

#[tokio::test]
async fn a_report_of_unknown_length_covers_neither_its_week_nor_the_next_ones() {
    let names = [
        "20250728_report_20250724.txt",
        "20250804_report_20250802.txt",
        "20250811_report_20250808.txt",
    ];
    let takes = vec![
        index(&names),
        week(names[0], &[untargeted("1:1:1", "2025-07-29T01:00:00Z")]).of_unknown_length(),
        week(names[1], &[untargeted("1:2:1", "2025-08-05T01:00:00Z")]),
        week(names[2], &[untargeted("1:3:1", "2025-08-12T01:00:00Z")]),
    ];

    let harvest = harvest(takes, &ask("2025-08-02T12:00:00Z")).await.unwrap();

    assert_eq!(records(&harvest).len(), 3);
    assert_eq!(harvest.covers, [days("2025-08-11", "2025-08-18")]);
}

#[tokio::test]
async fn a_week_that_is_no_report_is_noted_and_covers_nothing() {
    let names = [
        "20250728_report_20250724.txt",
        "20250804_report_20250802.txt",
    ];
    let broken = Take::get(&format!("{DOCUMENTS}{}", names[0]), &[]);
    let takes = vec![
        index(&names),
        broken.answers("text/html", "<h1>Moved</h1>"),
        week(names[1], &[untargeted("1:2:1", "2025-08-05T01:00:00Z")]),
    ];

    let harvest = harvest(takes, &ask("2025-08-02T12:00:00Z")).await.unwrap();

    assert_eq!(records(&harvest).len(), 1);
    assert_eq!(harvest.covers, []);
    assert!(harvest.notes[0].starts_with("week of 2025-07-28: not a weekly report"));
}

#[tokio::test]
async fn a_harvest_without_any_report_fails() {
    let names = ["20250804_report_20250802.txt"];
    let broken = Take::get(&format!("{DOCUMENTS}{}", names[0]), &[]);
    let nothing = vec![index(&names), broken.answers("text/html", "<h1>Moved</h1>")];
    let unreachable = vec![index(&names)];
    let no_index = vec![Take::get(INDEX, &[]).answers("text/html", "<h1>Moved</h1>")];
    let ask = ask("2025-08-02T12:00:00Z");

    assert!(matches!(
        harvest(nothing, &ask).await,
        Err(Error::Unreadable(_))
    ));
    assert!(matches!(
        harvest(unreachable, &ask).await,
        Err(Error::Unreachable(_))
    ));
    assert!(matches!(
        harvest(no_index, &ask).await,
        Err(Error::Unreadable(_))
    ));
}

#[tokio::test]
async fn a_window_reads_its_weeks_and_leaves_the_cursor_alone() {
    let names = [
        "20250728_report_20250724.txt",
        "20250804_report_20250802.txt",
        "20250811_report_20250808.txt",
    ];
    let window = Window {
        from: at("2025-07-30T00:00:00Z"),
        to: at("2025-07-31T00:00:00Z"),
    };
    let ask = Ask {
        window: Some(window),
        ..ask("2025-08-20T12:00:00Z")
    };
    let takes = vec![
        index(&names),
        week(names[0], &[untargeted("1:1:1", "2025-07-29T01:00:00Z")]),
    ];

    let harvest = harvest(takes, &ask).await.unwrap();

    assert_eq!(records(&harvest).len(), 1);
    assert_eq!(harvest.cursor, None);
    assert_eq!(harvest.covers, [], "the week after it was not read");
}

#[tokio::test]
async fn a_row_that_could_not_be_read_names_its_report() {
    let name = "20250804_report_20250802.txt";
    let takes = vec![
        index(&[name]),
        week(
            name,
            &[
                untargeted("1:1:1", "2025-08-05T01:00:00Z"),
                untargeted("x", "2025-08-05T09:00:00Z"),
            ],
        ),
    ];

    let harvest = harvest(takes, &ask("2025-08-02T12:00:00Z")).await.unwrap();

    let reasons: Vec<&str> = harvest
        .unreadable()
        .map(|row| row.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        ["20250804_report_20250802.txt: VISIT ID: \"x\" is not program:observation:visit"]
    );
}
