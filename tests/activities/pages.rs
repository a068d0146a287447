//! Pages that are kept while the log does not grow.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::harness::http::Answer;
use crate::harness::hub::{Kind, TestHub, on_both, tell};
use crate::harness::records::planned;

/// Long enough that nothing ends by its age.
const FOR_EVER: Duration = Duration::from_secs(86_400);

fn visit(obs_id: &str) -> domain::Record {
    planned(obs_id, "2026-11-22T07:00:00Z", "2026-11-22T08:00:00Z")
}

async fn asked(hub: &TestHub, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    hub.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_page_is_kept_until_the_log_grows_and_each_event_is_in_the_next() {
    on_both(async |hub: TestHub| {
        hub.hub.pages.keep_for(FOR_EVER);
        for number in 1..=5 {
            hub.apply("jwst", &[visit(&format!("{number}:1:1"))]).await;
            let page = hub.json("/api/activities").await;
            assert_eq!(page["items"].as_array().unwrap().len(), number);
            assert_eq!(page["seq"], number);

            // No reader is left to ask the database with: what comes was kept.
            let held = hub.hold_every_reader().await;
            assert_eq!(hub.json("/api/activities").await, page);
            assert_eq!(hub.json("/api/activities?limit=50&sort=-t_min").await, page);
            drop(held);
        }
    })
    .await;
}

#[tokio::test]
async fn a_kept_page_goes_out_as_the_first_time_or_not_at_all_to_who_has_it() {
    let hub = TestHub::start().await;
    hub.hub.pages.keep_for(FOR_EVER);
    let records: Vec<_> = (0..9)
        .map(|number| visit(&format!("{number}:1:1")))
        .collect();
    hub.apply("jwst", &records).await;
    for encoding in ["identity", "gzip", "br"] {
        let fields = [("accept-encoding", encoding)];
        let first = asked(&hub, "/api/activities", &fields).await;
        let kept = asked(&hub, "/api/activities", &fields).await;
        assert_eq!((first.status, &first.headers), (200, &kept.headers));
        assert_eq!(first.body, kept.body);
        let packed = (encoding != "identity").then_some(encoding);
        assert_eq!(kept.header("content-encoding"), packed);

        let etag = kept.header("etag").unwrap();
        let known = [("accept-encoding", encoding), ("if-none-match", etag)];
        let again = asked(&hub, "/api/activities", &known).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
        assert_eq!(again.header("etag"), Some(etag));
        for name in ["cache-control", "vary", "x-frame-options"] {
            assert_eq!(again.header(name), kept.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn a_kept_page_has_every_field_that_other_answers_have() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &[visit("1:1:1")]).await;
    // With a cursor nothing is kept.
    let behind = "/api/activities?cursor=nffffffffffffffffffffffffffffffff";
    let names = |answer: &Answer| {
        let mut names: Vec<_> = answer
            .headers
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        names
    };
    let other = hub.get(behind).await;
    assert_eq!(names(&hub.get("/api/activities").await), names(&other));
    assert_eq!(names(&hub.get("/api/activities").await), names(&other));
}

#[tokio::test]
async fn what_another_process_writes_ends_a_page_once_the_feed_has_it() {
    let hub = TestHub::on(Kind::Postgres).await;
    hub.hub.pages.keep_for(FOR_EVER);
    let other = hub.beside(None).await;
    for number in 1..=3 {
        tell(&other, "jwst", &[visit(&format!("{number}:1:1"))]).await;
        hub.hub.feed.reached(number).await;
        let page = hub.json("/api/activities").await;
        assert_eq!(page["seq"], number);
        assert_eq!(page["items"][0]["obs_id"], format!("{number}:1:1"));
    }
    other.shutdown.cancel();
}

#[tokio::test]
async fn a_page_never_says_more_than_what_was_read_for_it() {
    let hub = TestHub::on(Kind::Postgres).await;
    hub.hub.pages.keep_for(FOR_EVER);
    let other = hub.beside(None).await;
    for number in 1..=20 {
        tell(&other, "jwst", &[visit(&format!("{number}:1:1"))]).await;
        // Whether the feed has heard of it yet or not, all up to the page's `seq` is in it.
        let page = hub.json("/api/activities").await;
        let held = page["items"].as_array().unwrap().len();
        assert!(page["seq"].as_u64().unwrap() <= held as u64, "{page}");
    }
    other.shutdown.cancel();
}

#[tokio::test]
async fn what_is_withheld_is_gone_from_the_next_page() {
    on_both(async |hub: TestHub| {
        hub.hub.pages.keep_for(FOR_EVER);
        let mut record = visit("1:1:1");
        record.facts.target_name = Some("SECRET-TARGET".to_owned());
        hub.apply("jwst", std::slice::from_ref(&record)).await;
        assert!(hub.get("/api/activities").await.body.contains("SECRET"));
        record.withheld = vec!["target_name".to_owned()];
        hub.apply("jwst", &[record]).await;
        assert!(!hub.get("/api/activities").await.body.contains("SECRET"));
    })
    .await;
}

#[tokio::test]
async fn a_restored_log_ends_every_page() {
    on_both(async |hub: TestHub| {
        hub.hub.pages.keep_for(FOR_EVER);
        hub.apply("jwst", &[visit("1:1:1"), visit("2:1:1")]).await;
        assert_eq!(hub.json("/api/activities").await["seq"], 2);
        // No hint of the old log is still on its way to the feed.
        hub.hub.feed.reached(2).await;
        let port = hub.listen().await;
        let mut socket = crate::harness::socket::Socket::open(port, "").await;

        let db = hub.hub.db.read();
        for text in [
            "delete from activities where obs_id = '2:1:1'",
            "delete from events where seq = 2",
            "update event_counter set seq = 1, log = 'restored' where id = 1",
        ] {
            db.execute_unprepared(text).await.unwrap();
        }
        let note = socket.frame().await;
        assert_eq!(
            (&note["log"], &note["seq"]),
            (&json!("restored"), &json!(1))
        );

        let page = hub.json("/api/activities").await;
        assert_eq!(page["seq"], 1);
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn many_who_ask_at_once_get_the_same_page() {
    let hub = TestHub::start().await;
    hub.hub.pages.keep_for(FOR_EVER);
    hub.apply("jwst", &[visit("1:1:1")]).await;
    let mut held = hub.hold_every_reader().await;
    let asks = (0..20).map(|_| hub.get("/api/activities"));
    let all = futures_util::future::join_all(asks);
    // One reader is enough for twenty who ask.
    let (answers, ()) = tokio::join!(all, async { drop(held.pop()) });
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
    }
}

#[tokio::test]
async fn what_moves_with_the_clock_is_not_kept() {
    on_both(async |hub: TestHub| {
        hub.hub.pages.keep_for(FOR_EVER);
        hub.apply("jwst", &[visit("1:1:1")]).await;
        for path in [
            "/api/activities?to=now%2B26h",
            "/api/activities?at=now%2B26h",
            "/api/activities?from=2026-11-22T07:30:00Z&to=now%2B26h",
        ] {
            let found = hub.json(path).await["items"].as_array().unwrap().len();
            assert_eq!(found, 1, "{path}");
        }
        hub.advance(-chrono::TimeDelta::hours(6));
        for path in [
            "/api/activities?to=now%2B26h",
            "/api/activities?at=now%2B26h",
        ] {
            assert_eq!(hub.json(path).await["items"], json!([]), "{path}");
        }
    })
    .await;
}
