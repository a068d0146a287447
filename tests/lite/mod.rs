//! The plain pages.

use domain::{Basis, Claim};
use futures_util::StreamExt;

use crate::harness::http;
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::{happened, planned};

/// What a reader sees: the text of a page, blanks made one.
fn text(page: &str) -> String {
    let mut inside = false;
    let mut seen = String::new();
    for c in page.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => seen.push(c),
            _ => {}
        }
    }
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn page(hub: &TestHub) -> String {
    let answer = hub.get("/lite").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    text(&answer.body)
}

#[tokio::test]
async fn before_any_source_has_answered_the_page_says_so() {
    let hub = TestHub::start().await;
    assert!(page(&hub).await.contains("No source has answered yet"));
}

#[tokio::test]
async fn the_page_says_what_is_in_progress_and_how_we_know() {
    let hub = TestHub::start().await;
    let mut record = planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
    record.facts.target_name = Some("M-31".to_owned());
    hub.apply("jwst", &[record.clone()]).await;
    let ahead = page(&hub).await;
    assert!(
        ahead.contains("Next, by plan: M-31, 06:10 UTC (in 10 min)"),
        "{ahead}"
    );

    hub.advance(chrono::TimeDelta::minutes(12));
    hub.tick().await;
    let by_plan = page(&hub).await;
    assert!(by_plan.contains("by plan In progress: M-31"), "{by_plan}");
    assert!(
        by_plan.contains("started 06:10 UTC (2 min ago)"),
        "{by_plan}"
    );

    record.claim = Claim::Running;
    hub.apply("jwst", &[record]).await;
    let reported = page(&hub).await;
    assert!(
        reported.contains("reported In progress: M-31"),
        "{reported}"
    );
}

#[tokio::test]
async fn telescopes_and_sites_go_by_their_names_in_full() {
    let hub = TestHub::start().await;
    let (from, to) = ("2026-11-21T05:00:00Z", "2026-11-21T05:48:00Z");
    let mut record = happened("1:1:1", Basis::Archived, from, to);
    record.facts.facility_name = "ESO-VLT-U1".to_owned();
    record.facts.site = Some("paranal".to_owned());
    hub.apply("eso", &[record]).await;
    let shown = page(&hub).await;
    assert!(
        shown.contains("VLT Unit Telescope 1 (Antu), Paranal Observatory"),
        "{shown}"
    );
    assert!(!shown.contains("paranal"), "{shown}");
}

#[tokio::test]
async fn an_archive_is_shown_as_what_was_last_known() {
    let hub = TestHub::start().await;
    let (from, to) = ("2026-11-21T05:00:00Z", "2026-11-21T05:48:00Z");
    hub.apply("jwst", &[happened("1:1:1", Basis::Archived, from, to)])
        .await;
    let shown = page(&hub).await;
    assert!(
        shown.contains("archived Last known: observation 1:1:1, ended 12 min ago"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_page_has_changed_when_the_stream_tells_of_an_event() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    // Made and kept before the event: what comes after it must not be this page.
    assert!(
        !http::get(&url("/lite"))
            .await
            .unwrap()
            .body
            .contains("M-33")
    );
    let stream = http::client()
        .get(url("/api/activities/stream"))
        .send()
        .await
        .unwrap();
    let mut stream = stream.bytes_stream();

    let mut record = planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
    record.facts.target_name = Some("M-33".to_owned());
    hub.apply("jwst", &[record]).await;
    let mut heard = String::new();
    while !heard.contains("\"type\":\"activity\"") {
        heard.push_str(&String::from_utf8_lossy(
            &stream.next().await.unwrap().unwrap(),
        ));
    }

    assert!(
        http::get(&url("/lite"))
            .await
            .unwrap()
            .body
            .contains("M-33")
    );
}

#[tokio::test]
async fn script_and_style_come_from_here_and_nothing_else_is_allowed() {
    let hub = TestHub::start().await;
    let answer = hub.get("/lite").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    let policy = answer.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    for (path, kind) in [("/lite.js", "text/javascript"), ("/plain.css", "text/css")] {
        assert!(answer.body.contains(&format!("\"{path}\"")), "{path}");
        let asset = hub.get(path).await;
        assert_eq!(asset.status, 200);
        assert!(asset.header("content-type").unwrap().starts_with(kind));
    }
}

#[tokio::test]
async fn a_facility_has_a_page_of_what_it_does_plans_and_did() {
    on_both(async |hub: TestHub| {
        let mut ahead = planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
        ahead.facts.target_name = Some("M-31".to_owned());
        let (from, to) = ("2026-11-21T05:00:00Z", "2026-11-21T05:48:00Z");
        let mut behind = happened("1:2:1", Basis::Archived, from, to);
        behind.facts.target_name = Some("M-33".to_owned());
        hub.apply("jwst", &[ahead, behind]).await;

        let answer = hub.get("/lite/facilities/jwst").await;

        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!answer.body.contains("<script"), "{}", answer.body);
        let shown = text(&answer.body);
        let (now, rest) = shown.split_once("Planned next").unwrap();
        let (next, record) = rest.split_once("Newest on record").unwrap();
        assert!(now.contains("archived Last known: M-33"), "{shown}");
        assert!(next.contains("by plan scheduled: M-31"), "{shown}");
        assert!(
            next.contains("06:10 UTC (in 10 min), to end in 60 min"),
            "{shown}"
        );
        assert!(record.contains("archived performed: M-33"), "{shown}");
        assert!(
            record.contains("05:00 UTC (60 min ago), ended 12 min ago"),
            "{shown}"
        );
        assert!(!record.contains("M-31"), "{shown}");
    })
    .await;
}

#[tokio::test]
async fn a_facility_nothing_is_known_of_has_a_page_and_no_facility_has_none() {
    let hub = TestHub::start().await;
    let silent = hub.get("/lite/facilities/Hubble").await;
    assert!(
        text(&silent.body).contains("Nothing is on record."),
        "{}",
        silent.body
    );
    let none = hub.get("/lite/facilities/%3Cb%3E").await;
    assert_eq!(none.status, 404);
    assert!(none.body.contains("no such facility") && !none.body.contains("<b>"));
}

#[tokio::test]
async fn sources_have_a_plain_page_with_their_credit() {
    let hub = TestHub::start().await;
    let answer = hub.get("/lite/sources").await;
    assert_eq!(answer.status, 200);
    let shown = text(&answer.body);
    assert!(shown.contains("Tells of JWST"), "{shown}");
    assert!(shown.contains("Data policy of"), "{shown}");
}
