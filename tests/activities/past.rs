//! The past, as far as it is kept.

use app::areas::activities::prune;
use app::areas::subscriptions::match_all;
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::planned;

#[tokio::test]
async fn a_past_that_is_no_longer_kept_is_refused_and_the_rest_stands_as_it_was() {
    on_both(async |hub: TestHub| {
        let until = "2026-11-21T23:00:00Z";
        let told = async |from: &str| {
            hub.apply("jwst", &[planned("1:1:1", from, until)]).await;
        };
        told("2026-11-21T05:00:00Z").await;
        hub.advance(TimeDelta::hours(1));
        told("2026-11-21T04:00:00Z").await;
        hub.advance(TimeDelta::hours(2));
        let kept_from = hub.hub.clock.now() - TimeDelta::minutes(90);
        told("2026-11-21T03:00:00Z").await;
        hub.advance(TimeDelta::hours(1));
        let then = "at=2026-11-21T08:30:00Z";
        let before = hub.json(&format!("/api/activities?{then}")).await;
        let items = before["items"].as_array().unwrap();
        assert_eq!(items.len(), 1);
        let id = items[0]["id"].as_str().unwrap();

        match_all(&hub.hub).await.unwrap();
        prune(&hub.hub, kept_from).await.unwrap();
        prune(&hub.hub, kept_from).await.unwrap();

        let after = hub.json(&format!("/api/activities?{then}")).await;
        assert_eq!(after["items"], before["items"]);
        for path in [
            "/api/activities".to_owned(),
            format!("/api/activities/{id}"),
        ] {
            let answer = hub.get(&format!("{path}?at=2026-11-21T06:30:00Z")).await;
            let problem = answer.json();
            assert_eq!((answer.status, &problem["field"]), (400, &json!("at")));
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("2026-11-21T07:00:00Z"), "{detail}");
        }
    })
    .await;
}
