//! `starboard admin`, `record`, `asyncapi`: for those who run a hub.

use app::areas::subscriptions::match_all;
use app::config::Config;
use app::start;
use chrono::{TimeDelta, Utc};
use domain::Basis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasks::{GiveUp, Job, Queue, Workers};

use super::{starboard, stdout};
use crate::harness::hub::TestHub;
use crate::harness::process::{self, Settings};
use crate::harness::records::happened;
use crate::harness::scratch::Scratch;

/// A job without hope.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hopeless {
    number: u32,
}

impl Job for Hopeless {
    const NAME: &'static str = "tests.hopeless";
    type Hub = ();

    async fn run(self, (): &()) -> anyhow::Result<()> {
        Err(GiveUp(format!("number {} cannot work", self.number)).into())
    }
}

/// A database with so many dead jobs in its queue.
async fn with_dead(folder: &Scratch, count: u32) -> ([(&'static str, String); 1], Queue) {
    let settings = [("DATABASE_URL", folder.sqlite_url("starboard.db"))];
    assert_eq!(starboard(&["migrate"], &settings).await.code, Some(0));
    let value = |name: &str| {
        settings
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.clone())
    };
    let queue = start::queue(&Config::read(value).unwrap()).await.unwrap();
    for number in 0..count {
        queue.push(Hopeless { number }).await.unwrap();
    }
    Workers::new(queue.clone(), ())
        .register::<Hopeless>(1)
        .drain()
        .await
        .unwrap();
    assert_eq!(queue.dead(10).await.unwrap().len(), count as usize);
    (settings, queue)
}

async fn jobs(settings: &Settings) -> Value {
    serde_json::from_str(&stdout(
        &starboard(&["admin", "jobs", "--json"], settings).await,
    ))
    .unwrap()
}

#[tokio::test]
async fn dead_jobs_are_listed_with_why_they_died() {
    let folder = Scratch::new();
    let (settings, _queue) = with_dead(&folder, 2).await;

    let told = jobs(&settings).await;
    let table = stdout(&starboard(&["admin", "jobs"], &settings).await);

    assert_eq!(told["counts"][0]["name"], "tests.hopeless");
    assert_eq!(
        (&told["counts"][0]["state"], &told["counts"][0]["jobs"]),
        (&"dead".into(), &2.into())
    );
    let error = told["dead"][0]["error"].as_str().unwrap();
    assert!(error.contains("cannot work"), "{error}");
    assert!(table.contains("cannot work"), "{table}");
    assert!(
        table.contains(told["dead"][0]["id"].as_str().unwrap()),
        "{table}"
    );
}

#[tokio::test]
async fn a_dead_job_can_be_given_another_chance_or_forgotten() {
    let folder = Scratch::new();
    let (settings, queue) = with_dead(&folder, 4).await;
    let ids: Vec<String> = queue
        .dead(10)
        .await
        .unwrap()
        .into_iter()
        .map(|job| job.id)
        .collect();
    let count = async || queue.dead(10).await.unwrap().len();

    assert_eq!(
        starboard(&["admin", "retry", &ids[0]], &settings)
            .await
            .code,
        Some(0)
    );
    assert_eq!(count().await, 3);
    assert_eq!(
        starboard(&["admin", "drop", &ids[1]], &settings).await.code,
        Some(0)
    );
    assert_eq!(count().await, 2);
    assert_eq!(
        starboard(&["admin", "drop", "--all"], &settings).await.code,
        Some(0)
    );
    assert_eq!(count().await, 0);
    let told = jobs(&settings).await;
    assert_eq!(told["counts"][0]["jobs"], 1, "{told}");
}

#[tokio::test]
async fn a_job_that_is_not_there_is_named() {
    let folder = Scratch::new();
    let (settings, _queue) = with_dead(&folder, 0).await;

    let output = starboard(&["admin", "retry", "nobody"], &settings).await;
    assert_eq!(output.code, Some(1));
    assert!(
        output.stderr.contains("no dead job has the id \"nobody\""),
        "{}",
        output.stderr
    );

    for neither in [&["admin", "drop"][..], &["admin", "drop", "x", "--all"]] {
        assert_eq!(starboard(neither, &settings).await.code, Some(2));
    }
}

#[tokio::test]
async fn nothing_is_looked_after_where_there_is_no_database() {
    let folder = Scratch::new();
    let settings = [("DATABASE_URL", folder.sqlite_url("none.db"))];
    for task in ["jobs", "prune", "renew-log"] {
        let output = starboard(&["admin", task], &settings).await;
        assert_eq!(output.code, Some(1));
        assert!(
            output.stderr.contains("there is no database"),
            "{}",
            output.stderr
        );
    }
    assert!(!folder.file("none.db").exists());
}

#[tokio::test]
async fn old_events_are_pruned_except_the_newest_of_each_activity() {
    let hub = TestHub::start().await;
    // Written long ago, as far as the log knows.
    hub.set_time(Utc::now() - TimeDelta::days(20));
    let one = |exposures| {
        let (from, to) = ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z");
        let mut record = happened("1:1:1", Basis::Archived, from, to);
        record.facts.n_exposures = Some(exposures);
        record.facts.t_exptime = Some(f64::from(exposures));
        record
    };
    for exposures in 1..=3 {
        hub.apply("jwst", &[one(exposures)]).await;
    }
    let before = hub.events().await;
    assert!(before.len() > 1, "{before:?}");
    match_all(&hub.hub).await.unwrap();
    let settings = [("DATABASE_URL", hub.database_url())];
    assert_eq!(starboard(&["migrate"], &settings).await.code, Some(0));

    let kept = starboard(&["admin", "prune"], &settings).await;
    assert!(kept.stderr.contains("0 events"), "{}", kept.stderr);
    assert_eq!(
        starboard(&["admin", "prune", "--days", "7"], &settings)
            .await
            .code,
        Some(0)
    );

    assert_eq!(hub.events().await, before[before.len() - 1..]);
}

#[tokio::test]
async fn a_renewed_log_is_another_one() {
    let hub = TestHub::start().await;
    let settings = [("DATABASE_URL", hub.database_url())];
    let log = async || {
        app::areas::activities::event_log::end(hub.hub.db.read())
            .await
            .unwrap()
            .log
    };
    let old = log().await;

    let output = starboard(&["admin", "renew-log"], &settings).await;

    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_ne!(log().await, old);
    assert!(output.stderr.contains(&log().await), "{}", output.stderr);
}

#[tokio::test]
async fn a_recording_names_its_source_and_replaces_none_unasked() {
    let output = starboard(&["record", "nowhere"], &[]).await;
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("jwst"), "{}", output.stderr);

    let folder = Scratch::new();
    let cassettes = folder.file("fixtures/cassettes/jwst");
    std::fs::create_dir_all(&cassettes).unwrap();
    for day in [0, 1] {
        let date = (Utc::now() + TimeDelta::days(day)).format("%Y-%m-%d");
        std::fs::write(cassettes.join(format!("{date}.json")), "{}").unwrap();
    }
    let output = process::run(&["record", "jwst"], folder.path(), &[]).await;
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("--out"), "{}", output.stderr);
}

#[tokio::test]
async fn the_live_protocol_is_printed_for_the_public_address() {
    let settings = [("PUBLIC_URL", "https://starboard.example.org".to_owned())];
    let document: Value =
        serde_json::from_str(&stdout(&starboard(&["asyncapi"], &settings).await)).unwrap();

    assert_eq!(document["asyncapi"], "3.0.0");
    assert_eq!(
        document["servers"]["public"]["host"],
        "starboard.example.org"
    );
    assert_eq!(
        document["channels"]["live"]["address"],
        "/api/activities/live"
    );
}
