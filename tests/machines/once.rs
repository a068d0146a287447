//! What is done once, however many processes work.

use app::areas::activities::take_in::lease_name;
use app::areas::activities::{HarvestUpstream, PruneEvents};
use app::db::sql;
use app::server;
use chrono::{TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use tasks::{Job, State};
use tokio::task::JoinSet;

use super::killed::times;
use super::{WORKER, settings, visit};
use crate::fetch::{answering, report};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::smtp::SmtpServer;

/// Workers at once.
const WORKERS: usize = 3;

/// How often a lease was taken since there is one; nothing that is done by its holder was done more
/// often.
async fn taken(hub: &TestHub, lease: &str) -> i64 {
    let text = "select lease_no from leases where name = $1";
    let db = hub.hub.db.read();
    let row = db.query_one_raw(sql(db, text, vec![lease.into()])).await;
    let row = row.unwrap();
    row.map_or(0, |row| row.try_get("", "lease_no").unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_three_workers_each_visit_starts_and_ends_once() {
    let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
    let hub = TestHub::on(Kind::Postgres).await;
    let settings = settings(&hub, &redis, &smtp);
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(Serving::start(&WORKER, &settings).await);
    }
    let now = Utc::now();
    hub.set_time(now);
    let plan: Vec<_> = (0..20)
        .map(|nth| {
            let from = now + TimeDelta::seconds(1 + nth / 5);
            visit(
                &format!("soon{nth}:1:1"),
                from,
                from + TimeDelta::seconds(1),
            )
        })
        .collect();

    hub.apply("jwst", &plan).await;

    let log = eventually("the end of every visit", async || {
        let log = hub.events().await;
        let ended = log.iter().filter(|line| line["event"] == "ended");
        (ended.count() >= plan.len()).then_some(log)
    })
    .await;
    for event in ["started", "ended"] {
        let times = times(&log, event);
        assert_eq!(times.len(), plan.len(), "{event}");
        assert!(
            times.values().all(|times| *times == 1),
            "{event}: {times:?}"
        );
    }
    // Once, unless its holder was stalled for as long as its lease lasts.
    eprintln!("the clock was taken {} times", taken(&hub, "clock").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_workers_that_begin_together_one_harvests_each_source() {
    let hub = TestHub::on(Kind::Postgres).await;
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        // One source answers, the others' harvests fail: both are done once.
        workers.push(hub.worker_beside(answering(&report())).await);
    }
    let mut working = JoinSet::new();
    for worker in &workers {
        working.spawn(server::workers(worker).run(worker.shutdown.clone()));
    }

    let harvests = async || {
        let counts = workers[0].queue.counts().await.unwrap();
        let ours = counts.into_iter();
        let ours = ours.filter(|count| count.name == HarvestUpstream::NAME);
        ours.map(|count| (count.state, count.jobs))
            .collect::<Vec<_>>()
    };
    let all = registry::ALL.len() as u64;
    eventually("a harvest of each source", async || {
        (harvests().await == [(State::Done, all)]).then_some(())
    })
    .await;
    // Who comes later finds that this tick was dealt with.
    let late = hub.worker_beside(answering(&report())).await;
    working.spawn(server::workers(&late).run(late.shutdown.clone()));
    late.queue.push(PruneEvents {}).await.unwrap();
    eventually("the job behind the ticks", async || {
        let counts = late.queue.counts().await.unwrap();
        let mut done = counts.iter().filter(|count| count.state == State::Done);
        done.any(|count| count.name == PruneEvents::NAME)
            .then_some(())
    })
    .await;
    for worker in workers.iter().chain([&late]) {
        worker.shutdown.cancel();
    }
    while let Some(ended) = working.join_next().await {
        ended.unwrap().unwrap();
    }

    assert_eq!(harvests().await, [(State::Done, all)]);
    for connector in registry::ALL {
        let name = connector.profile().name;
        assert_eq!(taken(&hub, &lease_name(name)).await, 1, "{name}");
    }
    assert_eq!(hub.json("/api/sources/jwst").await["health"], "good");
}
