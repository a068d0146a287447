//! What is taken in by hand says nothing about how a source does.

use app::areas::activities;
use serde_json::Value;
use upstream::Window;

use super::{answering, jwst, report};
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::at;

async fn standing(hub: &TestHub) -> Value {
    hub.json("/api/sources/jwst").await
}

#[tokio::test]
async fn a_stretch_or_a_file_counts_its_rows_and_is_no_success_of_its_source() {
    on_both(async |hub: TestHub| {
        hub.set_time(at("2025-08-06T12:00:00Z"));
        let window = Window {
            from: at("2025-08-04T00:00:00Z"),
            to: at("2025-08-12T00:00:00Z"),
        };
        let answers = hub.hearing(answering(&report()));
        let harvested = activities::harvest(&answers, jwst(), Some(window))
            .await
            .unwrap();
        let read = jwst()
            .read(super::WEEK, report().as_bytes(), hub.hub.clock.now())
            .unwrap();
        activities::take_file(&hub.hub, jwst(), &read)
            .await
            .unwrap();

        let by_hand = standing(&hub).await;
        assert_eq!(by_hand["health"], "waiting");
        assert_eq!(by_hand["last_success"], Value::Null);
        assert_eq!(by_hand["horizon"], Value::Null);
        assert_eq!(by_hand["rows_read"], harvested.read + read.read);

        // Its first own harvest is still its first: news only to us.
        let before = hub.events().await.len();
        let answers = hub.hearing(answering(&report()));
        activities::harvest(&answers, jwst(), None).await.unwrap();
        let events = hub.events().await;
        assert!(
            events[before..]
                .iter()
                .all(|event| event["backfill"] == true)
        );
        assert_eq!(standing(&hub).await["health"], "good");
    })
    .await;
}
