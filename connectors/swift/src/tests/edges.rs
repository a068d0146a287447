use chrono::TimeDelta;
use domain::Claim;
use upstream::{Ask, Cassette, Error, Scope, Window};

use super::asking::{NOW, ask_clock, ask_flown, ask_plan, claims, harvest, news, take, utcf};
use super::*;

#[tokio::test]
async fn nothing_failed_where_the_log_does_not_reach() {
    let cassette = Cassette::new()
        .with(ask_clock(&utcf(-28.85)))
        .with(ask_plan(&planned(&[entry()])))
        .with(ask_flown(&flown(&[], "2022-09-24T11:20:00")));

    assert_eq!(
        claims(&harvest(cassette, &news(NOW)).await.unwrap())[0].1,
        Claim::Plan
    );
}

#[tokio::test]
async fn nothing_failed_while_a_row_of_the_log_cannot_be_read() {
    let log = flown(
        &[
            entry_with(json!({ "end": "never" })),
            entry_with(json!({
                "begin": "2022-09-24T09:00:00", "end": "2022-09-24T09:10:00", "settle": "2022-09-24T09:01:00"
            })),
        ],
        "2022-09-24T11:50:00",
    );
    let cassette = Cassette::new()
        .with(ask_clock(&utcf(-28.85)))
        .with(ask_plan(&planned(&[entry()])))
        .with(ask_flown(&log));

    let harvest = harvest(cassette, &news(NOW)).await.unwrap();

    assert_eq!(
        claims(&harvest)[0],
        ("00031417174:20220924T111100", Claim::Plan)
    );
    assert_eq!(harvest.unreadable().count(), 1);
}

#[tokio::test]
async fn nothing_failed_by_a_log_that_was_cut_off() {
    for cut in [json!({ "limit": 0 }), json!({ "status": "Pending" })] {
        let mut log = flown(
            &[entry_with(json!({
                "begin": "2022-09-24T09:00:00", "end": "2022-09-24T09:10:00"
            }))],
            "2022-09-24T11:50:00",
        );
        for (name, value) in cut.as_object().unwrap() {
            log[name] = value.clone();
        }
        let cassette = Cassette::new()
            .with(ask_clock(&utcf(-28.85)))
            .with(ask_plan(&planned(&[entry()])))
            .with(ask_flown(&log));

        assert_eq!(
            claims(&harvest(cassette, &news(NOW)).await.unwrap())[0].1,
            Claim::Plan,
            "{cut}"
        );
    }
}

#[tokio::test]
async fn what_begins_before_the_window_is_left_to_earlier_harvests() {
    let edge = entry_with(json!({ "begin": "2022-09-22T11:50:00", "end": "2022-09-22T12:10:00" }));
    let drag = entry_with(json!({
        "begin": "2022-09-22T09:00:00", "end": "2022-09-30T00:00:00", "target_name": "DragPointing",
        "obs_id": null, "segment": 9
    }));
    let cassette = Cassette::new()
        .with(ask_clock(&utcf(-28.85)))
        .with(ask_plan(&planned(&[edge, drag])))
        .with(ask_flown(&flown(&[], "2022-09-24T11:50:00")));

    let harvest = harvest(cassette, &news(NOW)).await.unwrap();

    assert_eq!(
        claims(&harvest),
        [("00031417009:20220922T090000", Claim::Plan)]
    );
    assert_eq!(harvest.skipped["begins before the time asked for"], 1);
    assert_eq!(harvest.notes[0], crate::NOT_POINTING);
}

#[tokio::test]
async fn a_plan_of_unknown_length_covers_nothing() {
    let cassette = Cassette::new()
        .with(ask_clock(&utcf(-28.85)))
        .with(ask_plan(&planned(&[entry()])).of_unknown_length());

    let harvest = harvest(cassette, &news(NOW)).await.unwrap();

    assert!(harvest.covers.is_empty());
    assert!(harvest.horizon.is_some());
}

#[tokio::test]
async fn a_window_is_asked_for_as_given_and_leaves_the_cursor_alone() {
    let from = utc("2022-09-25T00:00:00Z");
    let ask = Ask {
        window: Some(Window {
            from,
            to: from + TimeDelta::days(1),
        }),
        ..news(NOW)
    };
    let query = [
        ("begin", "2022-09-25T00:00:00"),
        ("end", "2022-09-26T00:00:00"),
    ];
    let mut plan = planned(&[]);
    plan["ppstmax"] = json!("2022-09-27 00:00:00");
    let cassette = Cassette::new()
        .with(take(
            "clock",
            &[("utctime", "2022-09-25T00:00:00")],
            &utcf(-28.85),
        ))
        .with(take("planquery", &query, &plan));

    let harvest = harvest(cassette, &ask).await.unwrap();

    assert_eq!(harvest.cursor, None);
    assert_eq!(
        harvest.covers,
        [Scope {
            from,
            to: utc("2022-09-25T23:59:00Z")
        }]
    );
    assert_eq!(harvest.notes, Vec::<String>::new());
}

#[tokio::test]
async fn a_window_at_the_end_of_time_is_only_asked_in_vain() {
    let window = Window {
        from: DateTime::<Utc>::MIN_UTC,
        to: DateTime::<Utc>::MAX_UTC,
    };
    let ask = Ask {
        window: Some(window),
        ..news(NOW)
    };

    let error = harvest(Cassette::new(), &ask).await.unwrap_err();

    assert!(matches!(error, Error::Unreachable(_)), "{error}");
}
