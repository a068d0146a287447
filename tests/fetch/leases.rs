//! A source is harvested by one at a time.

use app::areas::activities::take_in::{LEASE, Manner, lease_name, take_in};
use app::areas::activities::{self, HarvestError, HarvestUpstream};
use app::db::Db;
use app::lease::Lease;
use sea_orm::{ConnectionTrait, Statement};
use tasks::Outcome;

use super::{Desk, WEEK, answering, jwst, partial, report};
use crate::harness::hub::{TestHub, on_both};
use crate::harness::records::planned;

/// Lets every lease run out, as if its holder had slept.
async fn run_out(db: &Db) {
    let write = db.begin().await.unwrap();
    let backend = write.tx().get_database_backend();
    let text = "update leases set until = '2000-01-01T00:00:00.000+00:00'";
    let done = write
        .tx()
        .execute_raw(Statement::from_string(backend, text))
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
    write.commit().await.unwrap();
}

#[tokio::test]
async fn while_somebody_harvests_a_source_fetch_says_so() {
    let desk = Desk::with(WEEK, report());
    desk.fetch(&["jwst", "--file", WEEK]).await;
    let db = Db::connect(&desk.folder.sqlite_url("starboard.db"))
        .await
        .unwrap();
    let lease = Lease::take(&db, &lease_name("jwst"), LEASE)
        .await
        .unwrap()
        .unwrap();

    for more in [&["--file", WEEK][..], &[]] {
        let ran = desk.fetch(&[&["jwst", "--json"], more].concat()).await;

        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
        assert!(
            ran.stderr.contains("being harvested by another process"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }

    lease.release(&db).await.unwrap();
    let ran = desk.fetch(&["jwst", "--file", WEEK, "--json"]).await;
    assert_eq!((ran.code, &ran.json()["new"]), (Some(0), &0.into()));
}

#[tokio::test]
async fn a_job_waits_for_whoever_harvests_its_source() {
    on_both(async |hub: TestHub| {
        let db = &hub.hub.db;
        let _lease = Lease::take(db, &lease_name("jwst"), LEASE)
            .await
            .unwrap()
            .unwrap();
        let connector = "jwst".to_owned();
        hub.hub
            .queue
            .push(HarvestUpstream { connector })
            .await
            .unwrap();

        let ran = hub.run_jobs().await;

        assert!(
            matches!(ran[0].outcome, Outcome::Later(_)),
            "{:?}",
            ran[0].outcome
        );
        let source = hub.json("/api/sources/jwst").await;
        assert_eq!(
            (&source["health"], &source["failures"]),
            (&"waiting".into(), &0.into())
        );
    })
    .await;
}

#[tokio::test]
async fn the_lease_is_given_back_after_success_and_failure_alike() {
    let hub = TestHub::start().await;
    hub.set_time("2025-08-06T12:00:00Z".parse().unwrap());
    let (good, bad) = (
        hub.hearing(answering(&report())),
        hub.hearing(answering("noise")),
    );

    activities::harvest(&bad, jwst(), None).await.unwrap_err();
    activities::harvest(&good, jwst(), None).await.unwrap();
    let lease = Lease::take(&hub.hub.db, &lease_name("jwst"), LEASE)
        .await
        .unwrap();

    assert!(lease.is_some());
    let held = activities::harvest(&good, jwst(), None).await.unwrap_err();
    assert!(matches!(held, HarvestError::Held));
}

#[tokio::test]
async fn a_holder_that_lost_its_lease_writes_nothing() {
    on_both(async |hub: TestHub| {
        let db = &hub.hub.db;
        let name = lease_name("jwst");
        let slept = Lease::take(db, &name, LEASE).await.unwrap().unwrap();
        assert_eq!(Lease::take(db, &name, LEASE).await.unwrap(), None);
        run_out(db).await;
        let other = Lease::take(db, &name, LEASE).await.unwrap().unwrap();
        let record = planned("1:1:1", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z");
        let harvest = partial(&[record]);
        let manner = |lease| Manner {
            backfill: false,
            demo: false,
            regular: true,
            lease,
        };

        let lost = take_in(&hub.hub, "jwst", &harvest, manner(&slept))
            .await
            .unwrap_err();

        assert!(
            lost.to_string().contains("lost to another process"),
            "{lost:#}"
        );
        assert!(hub.events().await.is_empty());
        assert_eq!(
            hub.json("/api/activities").await["items"],
            serde_json::json!([])
        );
        let nothing = take_in(&hub.hub, "jwst", &partial(&[]), manner(&slept)).await;
        assert!(nothing.is_err(), "not even that it was harvested");
        assert_eq!(hub.json("/api/sources/jwst").await["health"], "waiting");
        slept.clone().release(db).await.unwrap();
        assert_eq!(
            Lease::take(db, &name, LEASE).await.unwrap(),
            None,
            "it was not its own"
        );

        let report = take_in(&hub.hub, "jwst", &harvest, manner(&other))
            .await
            .unwrap();
        assert_eq!(report.counts.new, 1);
    })
    .await;
}

#[tokio::test]
async fn a_holder_that_slept_and_was_not_missed_goes_on() {
    let hub = TestHub::start().await;
    let lease = Lease::take(&hub.hub.db, &lease_name("jwst"), LEASE)
        .await
        .unwrap()
        .unwrap();
    run_out(&hub.hub.db).await;

    lease.renew(&hub.hub.db).await.unwrap();

    let other = Lease::take(&hub.hub.db, &lease_name("jwst"), LEASE)
        .await
        .unwrap();
    assert_eq!(other, None);
}
