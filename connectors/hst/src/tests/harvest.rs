use domain::{Basis, Claim, Clock};
use upstream::mast::{COLUMNS, Filter, INVOKE, request};
use upstream::{Ask, Cassette, Error, Scope, Take, Upstream, Window};

use super::*;
use crate::request::{DIRECTORY, planned};

const INDEX: &str = "<html><body><pre><a href=\"../\">Parent</a>\n<a href=\"timeline_07_28_25\">timeline_07_28_25</a></pre></body></html>";

fn ask() -> Ask {
    Ask {
        now: now(),
        cursor: None,
        window: None,
    }
}

fn listed() -> Take {
    Take::get(DIRECTORY, &[]).answers("text/html", INDEX)
}

fn timeline(text: &str) -> Take {
    Take::get(&format!("{DIRECTORY}timeline_07_28_25"), &[]).answers("text/plain", text)
}

/// What was performed from the tenth day before now.
fn performed() -> String {
    let filters = [
        Filter::OneOf("obs_collection", vec!["HST".to_owned()]),
        Filter::Between("t_min", 60_875.0, 60_887.0),
    ];
    request(COLUMNS, &filters, 1)
}

fn plans() -> String {
    request(COLUMNS, &planned(&["17918".to_owned()]), 1)
}

fn post(form: &str, rows: &[Value]) -> Take {
    Take::post(INVOKE, &[("request", form)]).answers("application/json", mast(rows))
}

async fn harvest(cassette: Cassette, ask: &Ask) -> upstream::Result<Harvest> {
    let upstream = Upstream::replay(vec![cassette], Clock::fixed(now()));
    Hst.harvest(&upstream, ask).await
}

#[tokio::test]
async fn a_harvest_joins_weeks_and_archive() {
    let ahead = Row {
        date: "2025.213",
        unit: "1791808",
        ..ROW
    };
    let tape = Cassette::new()
        .with(listed())
        .with(timeline(&week(&[ROW, ahead])))
        .with(post(
            &performed(),
            &[
                dataset("ifjw07aaq", json!({})),
                dataset(
                    "iabc01aaq",
                    json!({"proposal_id": "16405", "t_min": 60880.0, "t_max": 60880.1}),
                ),
                dataset(
                    "iabc02aaq",
                    json!({"proposal_id": "16405", "t_min": 60875.9, "t_max": 60876.0}),
                ),
            ],
        ))
        .with(post(
            &plans(),
            &[dataset(
                "ifjw08010",
                json!({"calib_level": -1, "t_min": null, "t_max": null}),
            )],
        ));

    let harvest = harvest(tape, &ask()).await.unwrap();

    assert_eq!(
        by_id(&harvest, "17918:07").claim,
        Claim::Happened(Basis::Archived)
    );
    let ahead = by_id(&harvest, "17918:08");
    assert_eq!(ahead.claim, Claim::Plan);
    assert_eq!(ahead.facts.s_ra, Some(36.8125));
    assert_eq!(
        by_id(&harvest, "16405:01").claim,
        Claim::Happened(Basis::Archived)
    );
    assert_eq!(harvest.records.len(), 3);
    assert_eq!(
        harvest.covers,
        [Scope {
            from: utc(2025, 7, 28, 0, 0, 0),
            to: utc(2025, 8, 4, 0, 0, 0),
        }]
    );
    assert_eq!(harvest.horizon, Some(utc(2025, 8, 4, 0, 0, 0)));
    assert!(harvest.notes.is_empty(), "{:?}", harvest.notes);
    assert!(harvest.cursor.is_some());
}

#[tokio::test]
async fn without_the_archive_the_plan_still_stands_with_a_note() {
    let tape = Cassette::new().with(listed()).with(timeline(&week(&[ROW])));

    let harvest = harvest(tape, &ask()).await.unwrap();

    let record = only(&harvest);
    assert_eq!(record.claim, Claim::Plan);
    assert_eq!((record.facts.s_ra, record.facts.s_dec), (None, None));
    assert_eq!(harvest.notes.len(), 2, "{:?}", harvest.notes);
    assert_eq!(harvest.covers.len(), 1);
}

#[tokio::test]
async fn a_timeline_that_is_not_whole_covers_nothing() {
    let lines = [ROW.line()];
    let sound = report(&[&lines, &lines]);
    let untitled = report_of("2025.209", "2025.216", &[&lines], &[]);
    let holed = sound.replace("Page 2", "Page 3");
    let headless = sound.replacen("SMS Start", "SMS Stort", 1);
    let answers = [
        timeline(&sound).of_unknown_length(),
        timeline(&untitled),
        timeline(&holed),
        timeline(&headless),
    ];
    for answer in answers {
        let tape = Cassette::new().with(listed()).with(answer);

        let harvest = harvest(tape, &ask()).await.unwrap();

        assert!(harvest.covers.is_empty());
        assert_eq!(by_id(&harvest, "17918:07").claim, Claim::Plan);
    }
}

#[tokio::test]
async fn a_week_that_cannot_be_read_ends_the_harvest_only_if_it_was_the_last() {
    let tape = Cassette::new()
        .with(listed())
        .with(timeline("<html>maintenance</html>"));

    let answer = harvest(tape, &ask()).await;

    assert!(
        matches!(&answer, Err(Error::Unreadable(why)) if why.contains("HST")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_directory_without_timelines_is_unreadable() {
    let empty = Take::get(DIRECTORY, &[]).answers("text/html", "<html></html>");

    let answer = harvest(Cassette::new().with(empty), &ask()).await;

    assert!(matches!(answer, Err(Error::Unreadable(_))), "{answer:?}");
}

#[tokio::test]
async fn a_window_leaves_the_cursor_alone() {
    let window = Some(Window {
        from: utc(2025, 7, 28, 0, 0, 0),
        to: utc(2025, 7, 29, 0, 0, 0),
    });
    let tape = Cassette::new().with(listed()).with(timeline(&week(&[ROW])));

    let harvest = harvest(tape, &Ask { window, ..ask() }).await.unwrap();

    assert_eq!(harvest.cursor, None);
    assert_eq!(only(&harvest).claim, Claim::Plan);
}
