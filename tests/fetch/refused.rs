//! Answers that cannot be read as a whole: told in one line, and nothing changes.

use app::areas::activities;
use app::db::Db;
use sea_orm::{ConnectionTrait, Statement};

use super::{Desk, WEEK, answering, body, jwst, report, told};
use crate::harness::hub::TestHub;
use crate::harness::records::at;

/// What is no answer of the source named with it.
fn wrong() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let noise: Vec<u8> = (0..20_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect();
    let timeline = body("hst/week.json", 1).into_bytes();
    let plan = body("swift/plan-and-as-flown.json", 1).into_bytes();
    let table = body("eso/galactic-centre.json", 6).into_bytes();
    let week = report().into_bytes();
    let mut wrong = Vec::new();
    for source in ["eso", "hst", "jwst", "swift"] {
        wrong.push((source, "noise", noise.clone()));
        wrong.push((source, "nothing", Vec::new()));
        wrong.push((
            source,
            "a page",
            b"<html><body>Not found\r\n</body></html>".to_vec(),
        ));
        for (owner, answer) in [
            ("hst", &timeline),
            ("swift", &plan),
            ("eso", &table),
            ("jwst", &week),
        ] {
            if owner != source {
                wrong.push((source, owner, answer.clone()));
            }
        }
    }
    wrong
}

#[tokio::test]
async fn what_is_no_answer_of_the_source_is_told_in_one_line_and_leaves_no_file() {
    for (source, what, bytes) in wrong() {
        let desk = Desk::with(WEEK, bytes);
        for more in [&[][..], &["--json"], &["--dry-run"]] {
            let ran = desk
                .fetch(&[&[source, "--file", WEEK], more].concat())
                .await;

            assert_eq!(
                (ran.code, ran.stdout.as_str()),
                (Some(1), ""),
                "{source}: {what}"
            );
            let text = ran.stderr.trim_end();
            let clear = text.starts_with("starboard: ") && !text.chars().any(char::is_control);
            assert!(clear, "{source}: {what}: {text:?}");
            assert_eq!(desk.names(), [WEEK], "{source}: {what}");
        }
    }
}

#[tokio::test]
async fn a_database_stays_as_it_was() {
    let desk = Desk::with(WEEK, report());
    desk.fetch(&["jwst", "--file", WEEK]).await;
    let before = dump(&desk).await;
    assert!(before.contains("7814:"), "{before}");

    for (source, what, bytes) in wrong().into_iter().filter(|(source, ..)| *source == "jwst") {
        std::fs::write(desk.file("wrong.txt"), bytes).unwrap();
        let ran = desk.fetch(&[source, "--file", "wrong.txt", "--json"]).await;

        assert_eq!(ran.code, Some(1), "{what}: {}", ran.stderr);
        assert_eq!(dump(&desk).await, before, "{what}");
    }
    let missing = desk.fetch(&["jwst", "--file", "missing.txt"]).await;
    assert_eq!((missing.code, missing.stderr.lines().count()), (Some(1), 1));
    assert_eq!(dump(&desk).await, before);
}

/// Every row a harvest could have changed.
async fn dump(desk: &Desk) -> String {
    let db = Db::connect(&desk.folder.sqlite_url("starboard.db"))
        .await
        .unwrap();
    let mut dump = String::new();
    for text in [
        "select obs_id || ' ' || seq || ' ' || status || coalesce(doubt, '') || body as line \
         from activities order by obs_id",
        "select seq || ' ' || event as line from events order by seq",
        "select name || ' ' || coalesce(last_attempt, '') || rows_read || failures as line from sources order by name",
        "select hash || raw || times as line from unreadable_rows order by hash",
        "select name || lease_no as line from leases order by name",
        "select log || seq as line from event_counter",
    ] {
        let statement = Statement::from_string(db.read().get_database_backend(), text);
        for row in db.read().query_all_raw(statement).await.unwrap() {
            dump.push_str(&row.try_get::<String>("", "line").unwrap());
            dump.push('\n');
        }
    }
    dump
}

#[tokio::test]
async fn a_harvest_that_cannot_be_read_marks_the_source_failing_and_changes_nothing() {
    let hub = TestHub::start().await;
    hub.set_time(at("2025-08-06T12:00:00Z"));
    let good = hub.hearing(answering(&report()));
    activities::harvest(&good, jwst(), None).await.unwrap();
    let (events, source) = (told(&hub).await, hub.json("/api/sources/jwst").await);
    assert_eq!(source["health"], "good");

    for failures in 1..=2 {
        let bad = hub.hearing(answering("the service is down for maintenance"));
        activities::harvest(&bad, jwst(), None).await.unwrap_err();

        let after = hub.json("/api/sources/jwst").await;
        assert_eq!(
            (&after["health"], &after["failures"]),
            (&"failing".into(), &failures.into())
        );
        assert!(
            after["last_error"]
                .as_str()
                .unwrap()
                .starts_with("unreadable: ")
        );
        assert_eq!(after["last_success"], source["last_success"]);
        assert_eq!(after["rows_read"], source["rows_read"]);
        assert_eq!(told(&hub).await, events);
    }

    activities::harvest(&good, jwst(), None).await.unwrap();
    assert_eq!(hub.json("/api/sources/jwst").await["health"], "good");
    assert_eq!(told(&hub).await, events);
}
