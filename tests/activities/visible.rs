//! What can be seen from somewhere: in lists, on the live board, and what is refused.

use chrono::TimeDelta;
use domain::Record;
use serde_json::{Value, json};

use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::{at, planned};
use crate::harness::socket::Socket;
use crate::subscriptions::person::Person;

/// Munich, at night.
const DARK: &str = "visible_from=48.137%2011.575%20520&sun_below=-18";

/// The Andromeda galaxy, which stands high above Munich on November evenings.
fn andromeda(obs_id: &str, from: &str, to: &str) -> Record {
    let mut visit = planned(obs_id, from, to);
    (visit.facts.s_ra, visit.facts.s_dec) = (Some(10.6847), Some(41.2688));
    visit
}

fn by_night(obs_id: &str) -> Record {
    andromeda(obs_id, "2026-11-21T19:00:00Z", "2026-11-21T20:00:00Z")
}

fn by_day(obs_id: &str) -> Record {
    andromeda(obs_id, "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z")
}

/// The Small Magellanic Cloud never rises in Munich.
fn in_the_south(obs_id: &str) -> Record {
    let mut visit = by_night(obs_id);
    (visit.facts.s_ra, visit.facts.s_dec) = (Some(13.1867), Some(-72.8286));
    visit
}

async fn listed(hub: &TestHub, query: &str) -> Vec<String> {
    let list = hub.json(&format!("/api/activities?sort=seq&{query}")).await;
    let items = list["items"].as_array().unwrap();
    let name = |item: &serde_json::Value| item["obs_id"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

#[tokio::test]
async fn a_list_holds_what_can_be_seen_from_a_place() {
    on_both(async |hub: TestHub| {
        let blind = planned("4:1:1", "2026-11-21T19:00:00Z", "2026-11-21T20:00:00Z");
        let told = [
            by_night("1:1:1"),
            by_day("2:1:1"),
            in_the_south("3:1:1"),
            blind,
        ];
        hub.apply("jwst", &told).await;

        assert_eq!(listed(&hub, DARK).await, ["1:1:1"]);
        let anytime = "visible_from=48.137%2011.575%20520&min_alt=-90";
        assert_eq!(listed(&hub, anytime).await, ["1:1:1", "3:1:1", "2:1:1"]);
        let tonight = format!("{DARK}&visible_when=next24h");
        assert_eq!(listed(&hub, &tonight).await, ["1:1:1", "2:1:1"]);
        let beside = format!("{DARK}&pos=CIRCLE%2010%2041%205");
        assert_eq!(listed(&hub, &beside).await, ["1:1:1"]);
        let chile = "visible_from=-24.627%20-70.404%202635&sun_below=0&min_alt=20";
        assert_eq!(listed(&hub, chile).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn pages_are_filled_by_reading_on() {
    on_both(async |hub: TestHub| {
        let mut told: Vec<Record> = (0..400).map(|n| by_day(&format!("{n}:1:1"))).collect();
        for n in [50, 350, 399] {
            told[n] = by_night(&format!("{n}:1:1"));
        }
        hub.apply("jwst", &told).await;

        let first = hub.json(&format!("/api/activities?{DARK}&limit=2")).await;
        let next = first["next"].as_str().unwrap();
        let second = hub
            .json(&format!("/api/activities?{DARK}&limit=2&cursor={next}"))
            .await;

        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        assert_eq!(second["items"].as_array().unwrap().len(), 1);
        assert_eq!(second["next"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn where_hardly_anything_can_be_seen_a_page_ends_short_and_the_next_goes_on() {
    let hub = TestHub::start().await;
    let mut told: Vec<Record> = (0..6_000).map(|n| by_day(&format!("{n}:1:1"))).collect();
    told[5_900] = by_night("5900:1:1");
    hub.apply("jwst", &told).await;

    let first = hub.json(&format!("/api/activities?{DARK}")).await;
    let next = first["next"].as_str().unwrap();
    let rest = format!("/api/activities?{DARK}&cursor={next}");
    let second = hub.json(&rest).await;

    assert_eq!(first["items"], json!([]));
    assert_eq!(second["items"][0]["obs_id"], "5900:1:1");
    assert_eq!(second["next"], json!(null));
}

#[tokio::test]
async fn the_board_of_a_past_moment_is_judged_as_of_then() {
    let hub = TestHub::start().await;
    hub.apply("jwst", &[by_day("1:1:1")]).await;
    hub.hub.clock.set(at("2026-11-23T00:00:00Z"));
    hub.tick().await;
    let then = "at=2026-11-22T10:30:00Z&visible_when=next24h";
    assert_eq!(listed(&hub, &format!("{DARK}&{then}")).await, ["1:1:1"]);
    let by_day = "at=2026-11-22T10:30:00Z";
    assert_eq!(
        listed(&hub, &format!("{DARK}&{by_day}")).await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_name() {
    let hub = TestHub::start().await;
    let own = "visible_from=0199a5a0-0000-7000-8000-000000000001";
    for (query, field) in [
        ("visible_from=Munich", "visible_from"),
        (own, "visible_from"),
        ("min_alt=30", "min_alt"),
        ("sun_below=-18", "sun_below"),
        ("visible_from=0%200%200&min_alt=100", "min_alt"),
        ("visible_from=0%200%200&visible_when=soon", "visible_when"),
    ] {
        for path in ["/api/activities", "/api/activities/stream"] {
            let answer = hub.get(&format!("{path}?{query}")).await;
            let problem = answer.json();
            assert_eq!(
                (answer.status, &problem["field"]),
                (400, &json!(field)),
                "{query}"
            );
        }
    }
    let refused = hub.get(&format!("/api/activities?{own}")).await.json();
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("its own account only"),
        "{refused}"
    );
}

#[tokio::test]
async fn the_live_board_judges_an_event_by_its_own_time() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    let mut seen = Socket::open(port, DARK).await;
    let tonight = format!("{DARK}&visible_when=next24h");
    let mut soon = Socket::open(port, &tonight).await;
    let told = [by_day("2:1:1"), in_the_south("3:1:1"), by_night("1:1:1")];
    hub.apply("jwst", &told).await;

    assert_eq!(seen.event().await["activity"]["obs_id"], "1:1:1");
    assert_eq!(soon.event().await["activity"]["obs_id"], "1:1:1");
    assert_eq!(soon.event().await["activity"]["obs_id"], "2:1:1");

    // Half a year later the nights over Munich are no nights: the events were of before.
    hub.hub.clock.advance(TimeDelta::days(210));
    let mut late = Socket::open(port, &format!("{tonight}&since=0")).await;
    assert_eq!(late.event().await["activity"]["obs_id"], "1:1:1");
}

#[tokio::test]
async fn an_own_site_is_refused_on_the_live_board_and_the_line_lives_on() {
    let hub = TestHub::start().await;
    let mut socket = Socket::open(hub.listen().await, "").await;
    let own = json!({"visible_from": ["0199a5a0-0000-7000-8000-000000000001"]});
    let frame = json!({"type": "filter", "filter": own});
    socket.send(frame.to_string()).await;
    let answer = socket.frame().await;
    assert_eq!(answer["type"], "error");
    assert_eq!(answer["problem"]["field"], "visible_from");
}

#[tokio::test]
async fn a_clients_filter_takes_an_own_site_of_whoever_opened_the_line() {
    let hub = TestHub::start().await;
    let port = hub.listen().await;
    let owner = Person::new(&hub).await;
    let munich = json!({"name": "Roof", "lat": 48.137, "lon": 11.575, "height": 520.0});
    let site = owner
        .asks(&hub, "POST", "/api/me/sites", munich)
        .await
        .json();
    let own = json!({"visible_from": [site["id"]], "sun_below": ["-18"]});
    let frame = json!({"type": "filter", "filter": own}).to_string();
    let mut socket = Socket::open_as(port, "", Some(&owner.token)).await;
    socket.send(frame.clone()).await;
    assert_eq!(socket.frame().await["type"], "filter");
    let told = [by_day("2:1:1"), by_night("1:1:1")];
    hub.apply("jwst", &told).await;
    assert_eq!(socket.event().await["activity"]["obs_id"], "1:1:1");

    let other = Person::of(&hub, "somebody@example.org").await;
    let mut socket = Socket::open_as(port, "", Some(&other.token)).await;
    socket.send(frame).await;
    assert_eq!(socket.frame().await["problem"]["field"], "visible_from");
}

#[tokio::test]
async fn a_list_takes_an_own_site_from_its_owner_and_is_kept_by_no_cache() {
    on_both(async |hub: TestHub| {
        hub.apply("jwst", &[by_night("1:1:1"), by_day("2:1:1")])
            .await;
        let owner = Person::new(&hub).await;
        let munich = json!({"name": "Roof", "lat": 48.137, "lon": 11.575, "height": 520.0});
        let site = owner
            .asks(&hub, "POST", "/api/me/sites", munich)
            .await
            .json();
        let id = site["id"].as_str().unwrap();
        let list = format!("/api/activities?visible_from={id}&sun_below=-18");

        let seen = owner.asks(&hub, "GET", &list, Value::Null).await;
        assert_eq!(seen.json()["items"][0]["obs_id"], "1:1:1");
        assert_eq!(seen.json()["items"].as_array().unwrap().len(), 1);
        assert_eq!(seen.header("cache-control"), Some("private, no-store"));

        let other = Person::of(&hub, "somebody@example.org").await;
        for answer in [
            other.asks(&hub, "GET", &list, Value::Null).await,
            hub.get(&list).await,
        ] {
            assert_eq!(answer.status, 400);
            assert_eq!(answer.json()["field"], "visible_from");
        }
    })
    .await;
}
