//! Cursors come from outside: what they say is looked at, and fits the list they are given to.

use serde_json::json;

use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::planned;

const ID: &str = "01990000000070008000000000000001";

#[tokio::test]
async fn a_cursor_of_a_year_no_database_keeps_is_refused_by_name() {
    on_both(async |hub: TestHub| {
        for micros in ["-8000000000000000000", "8000000000000000000"] {
            let answer = hub
                .get(&format!("/api/activities?cursor=t{micros}.{ID}"))
                .await;
            assert_eq!(
                (answer.status, &answer.json()["field"]),
                (400, &json!("cursor"))
            );
        }
        for micros in ["-62135596800000000", "253402300799999999"] {
            hub.json(&format!("/api/activities?cursor=t{micros}.{ID}"))
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused_by_name() {
    let hub = TestHub::start().await;
    let past = "at=2026-11-21T05:00:00Z";
    let (start, timeless) = (format!("t0.{ID}"), format!("n{ID}"));
    for (query, fits) in [
        (format!("sort=seq&cursor={start}"), false),
        (format!("sort=seq&cursor={timeless}"), false),
        ("sort=t_min&cursor=s3".to_owned(), false),
        ("cursor=s3".to_owned(), false),
        (format!("{past}&cursor=s3"), false),
        (format!("{past}&cursor={timeless}"), false),
        (format!("{past}&sort=seq&cursor={start}"), false),
        (format!("cursor={timeless}"), true),
        ("sort=seq&cursor=s3".to_owned(), true),
        (format!("{past}&cursor={start}"), true),
        (format!("{past}&sort=seq&cursor=s3"), true),
    ] {
        let answer = hub.get(&format!("/api/activities?{query}")).await;
        let expected = if fits { 200 } else { 400 };
        assert_eq!(answer.status, expected, "{query}: {}", answer.body);
        assert!(fits || answer.json()["field"] == "cursor", "{query}");
    }
}

#[tokio::test]
async fn pages_of_the_past_follow_each_other_without_gap_or_repeat() {
    on_both(async |hub: TestHub| {
        let records: Vec<_> = (0..7)
            .map(|n| {
                let from = format!("2026-11-21T05:0{n}:00Z");
                planned(&format!("{n}:1:1"), &from, "2026-11-21T09:00:00Z")
            })
            .collect();
        hub.apply("jwst", &records).await;
        hub.advance(chrono::TimeDelta::hours(1));
        for sort in ["-t_min", "t_min", "seq"] {
            let list = format!("/api/activities?at=2026-11-21T06:30:00Z&limit=3&sort={sort}");
            let (mut ids, mut pages, mut path) = (Vec::new(), 0, list.clone());
            loop {
                let page = hub.json(&path).await;
                pages += 1;
                let items = page["items"].as_array().unwrap().iter();
                ids.extend(items.map(|item| item["obs_id"].to_string()));
                match page["next"].as_str() {
                    Some(next) => path = format!("{list}&cursor={next}"),
                    None => break,
                }
            }
            let mut expected: Vec<_> = (0..7).map(|n| format!("\"{n}:1:1\"")).collect();
            if sort == "-t_min" {
                expected.reverse();
            }
            assert_eq!((pages, ids), (3, expected), "{sort}");
        }
    })
    .await;
}
