//! What is news only to us.

use app::areas::activities;
use domain::Basis;
use serde_json::Value;
use upstream::Window;

use super::{answering, jwst, partial, report};
use crate::harness::hub::TestHub;
use crate::harness::records::{at, happened};

fn backfilled(events: &[Value]) -> Vec<bool> {
    let backfilled = |event: &Value| event["backfill"].as_bool().unwrap();
    events.iter().map(backfilled).collect()
}

/// The report with one more visit, the last one under another number.
fn with_one_more(report: &str) -> String {
    let ids = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
    let last = report.lines().rfind(ids).unwrap();
    let (id, rest) = last.split_once(' ').unwrap();
    let other = format!("{:<width$}", "9:9:9", width = id.len());
    format!("{}\n{other} {rest}\n", report.trim_end())
}

#[tokio::test]
async fn the_first_harvest_of_a_source_is_news_only_to_us_and_the_next_is_news() {
    let hub = TestHub::start().await;
    hub.set_time(at("2025-08-06T12:00:00Z"));
    let first = hub.hearing(answering(&report()));
    activities::harvest(&first, jwst(), None).await.unwrap();
    let before = hub.events().await;
    assert!(!before.is_empty());
    assert!(backfilled(&before).iter().all(|backfill| *backfill));

    let second = hub.hearing(answering(&with_one_more(&report())));
    let counts = activities::harvest(&second, jwst(), None)
        .await
        .unwrap()
        .counts;

    assert_eq!(counts.new, 1);
    let news = &hub.events().await[before.len()..];
    assert_eq!(news.last().unwrap()["activity"]["obs_id"], "9:9:9");
    assert!(backfilled(news).iter().all(|backfill| !backfill));
}

#[tokio::test]
async fn a_stretch_asked_for_by_hand_is_news_only_to_us() {
    let hub = TestHub::start().await;
    hub.set_time(at("2025-08-06T12:00:00Z"));
    let first = hub.hearing(answering(&report()));
    activities::harvest(&first, jwst(), None).await.unwrap();
    let before = hub.events().await.len();
    let window = Window {
        from: at("2025-08-04T00:00:00Z"),
        to: at("2025-08-12T00:00:00Z"),
    };

    let by_hand = hub.hearing(answering(&with_one_more(&report())));
    let counts = activities::harvest(&by_hand, jwst(), Some(window))
        .await
        .unwrap()
        .counts;

    assert_eq!(counts.new, 1);
    let news = &hub.events().await[before..];
    assert!(!news.is_empty() && backfilled(news).iter().all(|backfill| *backfill));
}

#[tokio::test]
async fn what_was_over_for_two_days_at_first_sight_is_news_only_to_us() {
    let hub = TestHub::start().await;
    let long_over = happened(
        "1:1:1",
        Basis::Archived,
        "2026-11-19T04:00:00Z",
        "2026-11-19T05:59:59Z",
    );
    let just_over = happened(
        "1:2:1",
        Basis::Archived,
        "2026-11-19T05:00:00Z",
        "2026-11-19T06:00:00Z",
    );
    let still_on = happened(
        "1:3:1",
        Basis::Reported,
        "2026-11-10T00:00:00Z",
        "2026-11-21T06:10:00Z",
    );

    hub.take_in("jwst", &partial(&[long_over, just_over, still_on]))
        .await;

    // Told in the order of their starts.
    let events = hub.events().await;
    let told: Vec<_> = events
        .iter()
        .map(|event| event["activity"]["obs_id"].as_str().unwrap())
        .zip(backfilled(&events))
        .collect();
    assert_eq!(told, [("1:3:1", false), ("1:1:1", true), ("1:2:1", false)]);
}
