//! Rows nobody could read: kept, counted and shown.

use app::areas::activities;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{WEEK, jwst, report};
use crate::harness::hub::{TestHub, on_both};

#[tokio::test]
async fn rows_nobody_could_read_are_shown_at_their_source() {
    on_both(async |hub: TestHub| {
        let damaged = report().replacen("2025-08-0", "2025-88-0", 1);
        let line = damaged
            .lines()
            .position(|line| line.contains("2025-88"))
            .unwrap();
        let now: DateTime<Utc> = hub.hub.clock.now();
        let harvest = jwst().read(WEEK, damaged.as_bytes(), now).unwrap();

        for times in 1..=2 {
            let report = activities::take_file(&hub.hub, jwst(), &harvest)
                .await
                .unwrap();
            assert_eq!(report.unreadable.len(), 1);

            let source = hub.json("/api/sources/jwst").await;
            assert_eq!(source["health"], "waiting");
            assert_eq!(source["unreadable_rows"], times);
            let rows = source["unreadable"].as_array().unwrap();
            assert_eq!((rows.len(), &rows[0]["times"]), (1, &json!(times)));
            assert_eq!(rows[0]["row"], line + 1);
            assert_eq!(rows[0]["reason"], report.unreadable[0].reason);
            assert_eq!(rows[0]["raw"], report.unreadable[0].raw);
        }
        let others = hub.json("/api/sources/hst").await;
        assert_eq!(
            (&others["unreadable_rows"], &others["unreadable"]),
            (&json!(0), &json!([]))
        );
    })
    .await;
}

#[tokio::test]
async fn a_row_that_holds_zero_bytes_is_kept_by_both_databases() {
    on_both(async |hub: TestHub| {
        let damaged = report().replacen("2025-08-0", "2025\0-08-0", 1);
        let now = hub.hub.clock.now();
        let harvest = jwst().read(WEEK, damaged.as_bytes(), now).unwrap();

        activities::take_file(&hub.hub, jwst(), &harvest)
            .await
            .unwrap();

        let source = hub.json("/api/sources/jwst").await;
        assert_eq!(source["unreadable"].as_array().unwrap().len(), 1);
    })
    .await;
}
