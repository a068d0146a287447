//! `starboard fetch`, as a person or a script runs it.

use serde_json::json;

use super::{Desk, WEEK, report};
use crate::harness::samples;

/// Lines that begin with a visit id, counted without any of our readers.
fn visits(report: &str) -> usize {
    let is_visit = |line: &&str| {
        let first = line.split_whitespace().next().unwrap_or_default();
        let parts: Vec<&str> = first.split(':').collect();
        let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() == 3 && parts.iter().all(number)
    };
    report.lines().filter(is_visit).count()
}

/// Lines below the ruler that hold anything.
fn rows(report: &str) -> usize {
    let below = report.lines().skip_while(|line| !line.starts_with("---"));
    below.skip(1).filter(|line| !line.trim().is_empty()).count()
}

#[tokio::test]
async fn a_dry_run_counts_every_recorded_report_exactly() {
    let Some(files) = samples::files("jwst") else {
        return;
    };
    let mut reports = 0;
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.contains("report") && !name.starts_with("op-package") {
            continue;
        }
        reports += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let desk = Desk::with(&name, &text);

        let ran = desk
            .fetch(&["jwst", "--file", &name, "--dry-run", "--json"])
            .await;

        let (activities, read) = (visits(&text), rows(&text));
        assert!(activities > 0, "{name}");
        let expected = json!({
            "source": "jwst", "read": read, "activities": activities, "new": activities,
            "changed": 0, "unchanged": 0, "withdrawn": 0, "skipped": {}, "unreadable": []
        });
        assert_eq!(
            (ran.json(), ran.code),
            (expected, Some(0)),
            "{name}: {}",
            ran.stderr
        );
        assert_eq!(desk.names(), [name]);
    }
    assert_eq!(reports, 10);
}

#[tokio::test]
async fn a_dry_run_prints_one_object_and_leaves_no_file() {
    let desk = Desk::with(WEEK, report());

    let ran = desk
        .fetch(&["jwst", "--file", WEEK, "--dry-run", "--json"])
        .await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let keys = [
        "source",
        "read",
        "activities",
        "new",
        "changed",
        "unchanged",
        "withdrawn",
        "skipped",
        "unreadable",
    ];
    let places = keys.map(|key| ran.stdout.find(&format!("\"{key}\":")).unwrap());
    assert!(
        places.is_sorted() && ran.stdout.lines().count() == 1,
        "{}",
        ran.stdout
    );
    assert_eq!(ran.json().as_object().unwrap().len(), keys.len());
    assert_eq!(ran.json()["activities"], visits(&report()));
    assert_eq!(desk.names(), [WEEK]);
}

#[tokio::test]
async fn the_second_time_everything_is_unchanged() {
    let desk = Desk::with(WEEK, report());
    let count = visits(&report());

    let first = desk.fetch(&["jwst", "--file", WEEK, "--json"]).await.json();
    let rehearsed = desk
        .fetch(&["jwst", "--file", WEEK, "--dry-run", "--json"])
        .await
        .json();
    let second = desk.fetch(&["jwst", "--file", WEEK, "--json"]).await.json();

    assert_eq!(
        (&first["new"], &first["unchanged"]),
        (&json!(count), &json!(0))
    );
    assert_eq!(
        (&second["new"], &second["unchanged"]),
        (&json!(0), &json!(count))
    );
    assert_eq!(rehearsed, second);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told_with_its_number_reason_and_text() {
    let damaged = report().replacen("2025-08-0", "2025-88-0", 1);
    let line = damaged
        .lines()
        .position(|line| line.contains("2025-88"))
        .unwrap();
    let desk = Desk::with(WEEK, &damaged);

    let ran = desk
        .fetch(&["jwst", "--file", WEEK, "--dry-run", "--json"])
        .await;

    let told = ran.json();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(told["activities"], visits(&report()) - 1);
    let rows = told["unreadable"].as_array().unwrap();
    assert_eq!((rows.len(), rows[0].as_object().unwrap().len()), (1, 3));
    assert_eq!(rows[0]["row"], line + 1);
    assert!(
        rows[0]["reason"].as_str().unwrap().contains("START"),
        "{rows:?}"
    );
    assert_eq!(
        rows[0]["raw"].as_str().unwrap().trim_end(),
        damaged.lines().nth(line).unwrap().trim_end()
    );
}

#[tokio::test]
async fn wrong_usage_exits_with_2_and_says_what_it_takes() {
    let desk = Desk::new();
    for (args, says) in [
        (&["vlt"][..], "eso, hst, jwst, swift"),
        (&["jwst", "--to", "2026-11-01"], "--from"),
        (
            &["jwst", "--from", "2026-11-02", "--to", "2026-11-01"],
            "--from",
        ),
        (&["jwst", "--from", "yesterday"], "2026-11-21"),
        (&["jwst", "--file", "x", "--from", "2026-11-01"], "--file"),
        (&[], "<SOURCE>"),
    ] {
        let ran = desk.fetch(args).await;

        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
        assert!(desk.names().is_empty());
    }
}
