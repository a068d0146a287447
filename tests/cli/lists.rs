//! `starboard sources` and `starboard activities`.

use chrono::TimeDelta;
use domain::{Basis, Record};
use serde_json::Value;

use super::{server, starboard, stdout};
use crate::harness::free_port;
use crate::harness::hub::TestHub;
use crate::harness::records::{at, happened, planned};

/// The lines of machine output.
fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn the_sources_of_a_server_are_listed_with_their_health() {
    let hub = TestHub::start().await;
    let server = server(hub.listen().await);

    let table = stdout(&starboard(&["sources"], &server).await);
    let items = lines(&stdout(&starboard(&["sources", "--json"], &server).await));

    assert!(table.starts_with("SOURCE"), "{table}");
    assert_eq!(
        items,
        *hub.json("/api/sources").await["items"].as_array().unwrap()
    );
    for item in items {
        let name = item["name"].as_str().unwrap();
        assert!(
            table.lines().any(|line| line.starts_with(name)),
            "{name}: {table}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_with_what_to_do() {
    let port = free_port();
    for command in ["sources", "activities"] {
        let output = starboard(&[command], &server(port)).await;
        assert_eq!(output.code, Some(1));
        let said = &output.stderr;
        assert!(
            said.contains(&format!("no answer from http://127.0.0.1:{port}/")),
            "{said}"
        );
        assert!(said.contains("starboard serve"), "{said}");
    }
}

#[tokio::test]
async fn activities_that_pass_the_filter_are_listed_page_by_page() {
    let hub = TestHub::start().await;
    let from = at("2026-11-22T00:00:00Z");
    let record = |n: i64| -> Record {
        let start = from + TimeDelta::minutes(n);
        let end = start + TimeDelta::seconds(50);
        planned(&format!("1:1:{n}"), &start.to_rfc3339(), &end.to_rfc3339())
    };
    let records: Vec<Record> = (1..=450).map(record).collect();
    hub.apply("jwst", &records).await;
    let earlier = happened(
        "2:1:1",
        Basis::Archived,
        "2026-11-20T00:00:00Z",
        "2026-11-20T01:00:00Z",
    );
    hub.apply("jwst", &[earlier]).await;
    let server = server(hub.listen().await);
    let list = async |more: &[&str]| {
        let args = [&["activities", "--json", "--sort", "t_min"], more].concat();
        let items = lines(&stdout(&starboard(&args, &server).await));
        items
            .iter()
            .map(|item| item["obs_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let numbered = |to: u32| (1..=to).map(|n| format!("1:1:{n}")).collect::<Vec<_>>();

    assert_eq!(list(&["status=scheduled"]).await, numbered(50));
    assert_eq!(
        list(&["status=scheduled", "--limit", "201"]).await,
        numbered(201)
    );
    assert_eq!(list(&["status=scheduled", "--all"]).await, numbered(450));
    assert_eq!(
        list(&["status=scheduled", "status=performed", "--all"])
            .await
            .len(),
        451
    );
    assert_eq!(list(&["status=performed"]).await, ["2:1:1"]);
}

#[tokio::test]
async fn the_table_says_how_we_know() {
    let hub = TestHub::start().await;
    let mut record = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
    record.facts.target_name = Some("M-31\u{1b}[31m".to_owned());
    hub.apply("jwst", &[record]).await;

    let table = stdout(&starboard(&["activities"], &server(hub.listen().await)).await);

    let row = table.lines().nth(1).unwrap();
    assert!(row.starts_with("2026-11-21 07:00  JWST"), "{row}");
    assert!(row.contains("scheduled, by plan"), "{row}");
    assert!(!row.contains('\u{1b}'), "{row}");
}

#[tokio::test]
async fn a_slip_in_the_filter_is_wrong_usage_and_nobody_is_asked() {
    let nobody = server(free_port());
    for command in ["activities", "watch"] {
        let output = starboard(&[command, "facilty=JWST"], &nobody).await;
        assert_eq!(output.code, Some(2), "{command}");
        let said = &output.stderr;
        assert!(said.contains("did you mean \"facility\"?"), "{said}");
    }
}
