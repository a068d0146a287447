//! What a facility has on record, and what came from a source.

use chrono::TimeDelta;
use domain::{Basis, Intent};
use serde_json::{Value, json};

use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::{happened, planned};

fn performed(id: &str, from: &str, to: &str, seconds: Option<f64>) -> domain::Record {
    let mut record = happened(id, Basis::Archived, from, to);
    record.facts.instrument_name = Some("NIRCAM".to_owned());
    record.facts.target_name = Some("M-31".to_owned());
    record.facts.t_exptime = seconds;
    record
}

#[tokio::test]
async fn a_record_counts_what_was_performed_and_only_exposures_that_are_stated() {
    on_both(async |hub: TestHub| {
        let first = performed(
            "1:1:1",
            "2026-11-20T05:00:00Z",
            "2026-11-20T05:40:00Z",
            Some(1200.5),
        );
        let mut second = performed(
            "1:2:1",
            "2026-11-20T07:00:00Z",
            "2026-11-20T08:00:00Z",
            None,
        );
        second.facts.target_name = Some("M 31".to_owned());
        let mut bias = performed(
            "1:3:1",
            "2026-11-20T09:00:00Z",
            "2026-11-20T09:01:00Z",
            Some(1.0),
        );
        bias.facts.intent = Some(Intent::Calibration);
        let ahead = planned("1:4:1", "2026-11-21T06:10:00Z", "2026-11-21T06:20:00Z");
        hub.apply("jwst", &[first, second, bias, ahead]).await;
        hub.advance(TimeDelta::minutes(30));
        hub.tick().await;

        let record = hub.json("/api/facilities/jwst/record?days=2").await;

        assert_eq!(record["facility_name"], "JWST");
        assert_eq!(record["performed"], 2);
        assert_eq!(record["with_exposure"], 1);
        assert_eq!(record["exposure_s"], 1200.5);
        assert_eq!(record["planned_only"], 1);
        assert_eq!(
            record["instruments"],
            json!([{"name": "NIRCAM", "activities": 2, "exposure_s": 1200.5}])
        );
        assert_eq!(
            record["targets"],
            json!([{"name": "M 31", "activities": 2, "exposure_s": 1200.5}])
        );
        let days: Vec<(&Value, &Value)> = record["days"]
            .as_array()
            .unwrap()
            .iter()
            .map(|day| (&day["date"], &day["activities"]))
            .collect();
        assert_eq!(
            days,
            [
                (&json!("2026-11-19"), &json!(0)),
                (&json!("2026-11-20"), &json!(2)),
                (&json!("2026-11-21"), &json!(0)),
            ]
        );
        assert_eq!(record["days"][0]["exposure_s"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_record_of_nothing_states_no_exposure_and_takes_only_its_days() {
    let hub = TestHub::start().await;
    let record = hub.json("/api/facilities/Hubble/record").await;
    assert_eq!(
        (&record["performed"], &record["exposure_s"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(record["days"].as_array().unwrap().len(), 31);
    assert_eq!(hub.get("/api/facilities/none/record").await.status, 404);
    assert_eq!(
        hub.get("/api/facilities/jwst/record?days=91").await.status,
        400
    );
    assert_eq!(
        hub.get("/api/facilities/jwst/record?facility=x")
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_source_tells_what_came_when_and_how_late() {
    on_both(async |hub: TestHub| {
        for number in 1..=5 {
            let id = format!("1:{number}:1");
            let end = format!("2026-11-21T05:5{number}:00Z");
            hub.apply(
                "jwst",
                &[performed(&id, "2026-11-21T05:00:00Z", &end, None)],
            )
            .await;
        }

        let history = hub.json("/api/sources/jwst/history").await;

        assert_eq!(history["newest"], "2026-11-21T06:00:00Z");
        assert_eq!(history["newest_t_max"], "2026-11-21T05:55:00Z");
        assert_eq!(history["delays"], 5);
        assert_eq!(history["median_delay_s"], 7.0 * 60.0);
        let hours = history["hours"].as_array().unwrap();
        assert_eq!(hours.len(), 48);
        assert_eq!(
            hours[47],
            json!({"at": "2026-11-21T06:00:00Z", "events": 5})
        );
        let days = history["days"].as_array().unwrap();
        assert_eq!(days.len(), 90);
        // The source itself has not answered yet: these came by another way.
        assert_eq!(
            days[89],
            json!({"date": "2026-11-21", "activities": 0, "kept": false})
        );
    })
    .await;
}

#[tokio::test]
async fn a_source_that_told_nothing_has_no_delay_and_no_source_no_history() {
    let hub = TestHub::start().await;
    let history = hub.json("/api/sources/eso/history").await;
    for name in ["newest", "newest_t_max", "median_delay_s"] {
        assert_eq!(history[name], Value::Null, "{name}");
    }
    assert_eq!(hub.get("/api/sources/none/history").await.status, 404);
}
