use domain::{Basis, Claim, Clock, Intent};
use upstream::{Ask, Cassette, Cursor, Error, Scope, Take, Upstream};

use super::*;

pub(super) const NOW: &str = "2022-09-24T12:00:30Z";
const BASE: &str = "https://www.swift.psu.edu/api/v2/swift/";

/// The news, for a hub that has never asked.
pub(super) fn news(now: &str) -> Ask {
    Ask {
        now: utc(now),
        cursor: None,
        window: None,
    }
}

pub(super) async fn harvest(cassette: Cassette, ask: &Ask) -> Result<Harvest> {
    let upstream = Upstream::replay(vec![cassette], Clock::fixed(ask.now));
    Swift.harvest(&upstream, ask).await
}

fn recorded(cassette: &str) -> Cassette {
    Cassette::parse(cassette.as_bytes()).unwrap()
}

fn plan_and_as_flown() -> Cassette {
    recorded(include_str!(
        "../../../../fixtures/cassettes/swift/plan-and-as-flown.json"
    ))
}

pub(super) fn take(call: &str, query: &[(&str, &str)], answer: &Value) -> Take {
    Take::get(&format!("{BASE}{call}"), query).answers("application/json", answer.to_string())
}

pub(super) fn ask_plan(answer: &Value) -> Take {
    take(
        "planquery",
        &[
            ("begin", "2022-09-22T12:00:00"),
            ("end", "2022-09-28T12:00:00"),
        ],
        answer,
    )
}

pub(super) fn ask_flown(answer: &Value) -> Take {
    take(
        "obsquery",
        &[
            ("begin", "2022-09-22T12:00:00"),
            ("end", "2022-09-24T12:00:00"),
        ],
        answer,
    )
}

pub(super) fn ask_clock(answer: &Value) -> Take {
    take("clock", &[("utctime", "2022-09-24T12:00:00")], answer)
}

pub(super) fn utcf(seconds: f64) -> Value {
    json!({ "entries": [{ "met": 685713628.0, "utcf": seconds, "isutc": true }], "status": "Accepted" })
}

pub(super) fn claims(harvest: &Harvest) -> Vec<(&str, Claim)> {
    harvest
        .readable()
        .map(|r| (r.obs_id.as_str(), r.claim))
        .collect()
}

#[tokio::test]
async fn plan_log_clock_and_requests_become_one_record_a_snapshot() {
    let harvest = harvest(plan_and_as_flown(), &news(NOW)).await.unwrap();

    let reported = Claim::Happened(Basis::Reported);
    assert_eq!(
        claims(&harvest),
        [
            ("00014979042:20220924T093900", reported),
            ("00059152051:20220924T102000", Claim::Failed),
            ("00031417174:20220924T111100", reported),
            ("00014979042:20220924T112400", Claim::Plan),
            ("00014990018:20220924T114900", Claim::Plan),
            ("00074303123:20220924T123200", Claim::Plan),
            ("00015314062:20220924T130600", Claim::Plan),
            ("00011184247:20220924T102003", reported),
        ]
    );
    assert_eq!((harvest.read, harvest.unreadable().count()), (10, 0));
    assert_eq!(harvest.notes, Vec::<String>::new());
    assert_eq!(
        harvest.cursor,
        Some(Cursor(r#"{"utcf":-28.85,"asked":"2022-09-24"}"#.to_owned()))
    );
    assert_eq!(harvest.horizon, Some(utc("2022-09-24T23:59:31.150Z")));
    assert_eq!(
        harvest.covers,
        [Scope {
            from: utc(NOW),
            to: utc("2022-09-24T23:59:31.150Z")
        }]
    );
}

#[tokio::test]
async fn a_flown_plan_entry_keeps_its_identifier_and_its_name_of_the_target() {
    let harvest = harvest(plan_and_as_flown(), &news(NOW)).await.unwrap();

    let record = harvest
        .readable()
        .find(|r| r.obs_id.starts_with("00031417174"))
        .unwrap();
    let facts = &record.facts;
    assert_eq!(facts.target_name.as_deref(), Some("U Sco"));
    assert_eq!(facts.t_min, Some(utc("2022-09-24T11:10:33.150Z")));
    assert_eq!(facts.t_uncertainty, None);
    assert_eq!(facts.t_exptime, Some(653.0));
    assert_eq!(record.first_science, Some(utc("2022-09-24T11:12:36.150Z")));
    assert_eq!(facts.s_ra, Some(245.5977));
    assert_eq!(
        (facts.proposal_id.as_deref(), facts.priority),
        (Some("17812"), Some(1))
    );
    assert_eq!(facts.proposal_pi, None);
    let raw: Vec<Value> = serde_json::from_str(&record.raw).unwrap();
    assert_eq!(
        (raw.len(), &raw[0]["target_name"], &raw[1]["target_name"]),
        (2, &json!("U Sco"), &json!("USco"))
    );
}

#[tokio::test]
async fn a_request_is_no_activity() {
    let harvest = harvest(plan_and_as_flown(), &news(NOW)).await.unwrap();

    assert!(
        harvest
            .readable()
            .all(|r| r.facts.target_name.as_deref() != Some("M81"))
    );
}

#[tokio::test]
async fn the_belt_passage_is_engineering() {
    let harvest = harvest(plan_and_as_flown(), &news(NOW)).await.unwrap();

    let passages = harvest
        .readable()
        .filter(|r| r.facts.intent == Some(Intent::Engineering));
    assert_eq!(
        passages
            .map(|r| r.facts.target_name.as_deref())
            .collect::<Vec<_>>(),
        [Some("saa-cold-267-5")]
    );
}

#[tokio::test]
async fn a_plan_that_points_nowhere_is_a_normal_answer() {
    let cassette = recorded(include_str!(
        "../../../../fixtures/cassettes/swift/not-pointing.json"
    ));

    let harvest = harvest(cassette, &news("2026-02-20T00:00:10Z"))
        .await
        .unwrap();

    assert_eq!(
        (harvest.read, harvest.records.len(), harvest.covers.len()),
        (0, 0, 0)
    );
    assert_eq!(harvest.notes, [crate::NOT_POINTING]);
}

#[tokio::test]
async fn a_query_refused_with_200_is_an_error_that_says_why() {
    let cassette = recorded(include_str!(
        "../../../../fixtures/cassettes/swift/refused.json"
    ));

    let error = harvest(cassette, &news("2026-02-20T00:00:10Z"))
        .await
        .unwrap_err();

    assert_eq!(
        error.to_string(),
        "unreadable: planquery: the query was refused (Rejected): Time range too long"
    );
}

#[tokio::test]
async fn a_refused_login_says_so() {
    let cassette = Cassette::new()
        .with(ask_clock(&utcf(-28.85)))
        .with(ask_plan(&json!({ "detail": "Not authenticated" })).status(401));

    let error = harvest(cassette, &news(NOW)).await.unwrap_err();

    assert!(
        matches!(&error, Error::Unreadable(why) if why.contains("login was refused (401): Not authenticated")),
        "{error}"
    );
}

#[tokio::test]
async fn an_invalid_query_names_the_parameter() {
    let detail = json!({ "detail": [{ "loc": ["query", "begin"], "msg": "not a date", "type": "datetime" }] });
    let cassette = Cassette::new()
        .with(ask_clock(&utcf(-28.85)))
        .with(ask_plan(&detail).status(422));

    let error = harvest(cassette, &news(NOW)).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        "unreadable: planquery: the query was refused (422): begin: not a date"
    );
}

#[tokio::test]
async fn without_the_clock_times_are_as_given_and_uncertain() {
    let cassette = Cassette::new().with(ask_plan(&planned(&[entry()])));

    let harvest = harvest(cassette, &news(NOW)).await.unwrap();

    let facts = &harvest.readable().next().unwrap().facts;
    assert_eq!(
        (facts.t_min, facts.t_uncertainty),
        (Some(utc("2022-09-24T11:11:00Z")), Some(30.0))
    );
    assert_eq!(harvest.cursor, None);
    assert!(
        harvest
            .notes
            .iter()
            .any(|note| note.starts_with("times may be 30 s off"))
    );
    assert!(
        harvest
            .notes
            .iter()
            .any(|note| note.starts_with("without the as-flown log"))
    );
}

#[tokio::test]
async fn the_clock_is_asked_once_a_day() {
    let asked = |day: &str| Ask {
        cursor: Some(Cursor(format!(r#"{{"utcf":-28.85,"asked":"{day}"}}"#))),
        ..news(NOW)
    };
    let plan = || {
        Cassette::new()
            .with(ask_plan(&planned(&[entry()])))
            .with(ask_flown(&flown(&[], "2022-09-24T11:00:00")))
    };

    let same_day = harvest(plan(), &asked("2022-09-24")).await.unwrap();
    let next_day = harvest(plan().with(ask_clock(&utcf(-28.86))), &asked("2022-09-23"))
        .await
        .unwrap();
    let unanswered = harvest(plan(), &asked("2022-09-23")).await.unwrap();

    let begins = |harvest: &Harvest| harvest.readable().next().unwrap().facts.t_min.unwrap();
    assert_eq!(begins(&same_day), utc("2022-09-24T11:10:31.150Z"));
    assert_eq!(
        begins(&next_day),
        begins(&same_day),
        "a drift of milliseconds moves no plan"
    );
    assert_eq!(next_day.cursor, asked("2022-09-24").cursor);
    assert_eq!(begins(&unanswered), begins(&same_day));
    assert_eq!(unanswered.cursor, asked("2022-09-23").cursor);
}

#[tokio::test]
async fn a_leap_second_is_taken_over() {
    let ask = Ask {
        cursor: Some(Cursor(r#"{"utcf":-28.85,"asked":"2022-09-23"}"#.to_owned())),
        ..news(NOW)
    };
    let cassette = Cassette::new()
        .with(ask_clock(&utcf(-29.85)))
        .with(ask_plan(&planned(&[entry()])));

    let harvest = harvest(cassette, &ask).await.unwrap();

    assert_eq!(
        harvest.readable().next().unwrap().facts.t_min,
        Some(utc("2022-09-24T11:10:30.150Z"))
    );
}
