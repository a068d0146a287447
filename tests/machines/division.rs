//! How the subscriptions are divided among those who work.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::db::sql;
use app::hub::Hub;
use chrono::Utc;
use sea_orm::ConnectionTrait;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::killed::{all_told, ended, write};
use super::{Subscriber, WORKER, divided_among, gauge, settings};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::smtp::SmtpServer;
use crate::subscriptions::ledger::{Ledger, mails_by_name};

/// Enough to be in many parts.
const AT_FIRST: usize = 12;

/// What workers divide: the subscriptions of a hub, and what is told of them.
struct Stage {
    hub: TestHub,
    redis: Redis,
    smtp: SmtpServer,
    subscribers: Vec<Subscriber>,
}

impl Stage {
    /// A hub with as many subscriptions as there are at first.
    async fn set() -> Stage {
        let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
        let hub = TestHub::on(Kind::Postgres).await;
        hub.set_time(Utc::now());
        let mut stage = Stage {
            hub,
            redis,
            smtp,
            subscribers: Vec::new(),
        };
        for _ in 0..AT_FIRST {
            stage.one_more().await;
        }
        stage
    }

    /// Makes one more, told of plans or of ends.
    async fn one_more(&mut self) {
        let turn = self.subscribers.len() % 2;
        let (facility, event) = [("JWST", "scheduled"), ("Hubble", "ended")][turn];
        let one = Subscriber::new(&self.hub, facility, event, None).await;
        self.subscribers.push(one);
    }

    /// Starts a worker.
    async fn worker(&self) -> Serving {
        Serving::start(&WORKER, &settings(&self.hub, &self.redis, &self.smtp)).await
    }

    /// Waits until something more was told to each of them, and each is in the memory of one worker.
    async fn everybody_hears(&self, workers: &[Serving]) {
        let places = async || {
            let ledger = Ledger::read(&self.hub.hub).await;
            let told = ledger.rows.into_iter();
            let told = told.filter(|row| row.state == "sent");
            told.map(|row| (row.subscription, row.seq))
                .collect::<BTreeSet<(Uuid, i64)>>()
        };
        let before = places().await;
        eventually("news for every subscription", async || {
            let now = places().await;
            let new: BTreeSet<Uuid> = now.difference(&before).map(|(id, _)| *id).collect();
            (new.len() == self.subscribers.len()).then_some(())
        })
        .await;
        eventually("each subscription at one worker", async || {
            let mut kept = 0;
            for worker in workers {
                kept += gauge(worker, "starboard_subscriptions_matched").await;
            }
            (kept == self.subscribers.len()).then_some(())
        })
        .await;
    }

    /// Begins to make news.
    async fn write(&self) -> Writing {
        let hub = self.hub.beside(Some(&self.redis.url())).await;
        let stop = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(write(hub.clone(), Arc::clone(&stop)));
        Writing { hub, stop, task }
    }

    /// Changes the database behind the hub's back.
    async fn execute(&self, text: &str) {
        let db = self.hub.hub.db.own();
        db.execute_raw(sql(db, text, vec![])).await.unwrap();
    }
}

/// What makes news until it is ended.
struct Writing {
    hub: Hub,
    stop: Arc<AtomicBool>,
    task: JoinHandle<BTreeSet<String>>,
}

impl Writing {
    /// Ends it, and answers how many visits the clock has to end.
    async fn end(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        let soon = self.task.await.unwrap();
        self.hub.shutdown.cancel();
        soon.len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_are_divided_anew_when_a_worker_comes_ends_or_dies_and_nothing_is_told_twice() {
    let mut stage = Stage::set().await;
    let writing = stage.write().await;

    let mut workers = Vec::new();
    for number in 1..=3 {
        workers.push(stage.worker().await);
        divided_among(&stage.hub, number).await;
        stage.one_more().await;
        stage.everybody_hears(&workers).await;
    }
    let in_order = workers.remove(0).stop().await;
    assert_eq!(in_order.code, Some(0), "{}", in_order.stderr);
    divided_among(&stage.hub, 2).await;
    stage.one_more().await;
    stage.everybody_hears(&workers).await;
    let in_doubt = Ledger::read(&stage.hub.hub).await.doubts();
    assert_eq!(in_doubt, 0, "while nobody died");
    workers[0].kill();
    divided_among(&stage.hub, 1).await;
    stage.one_more().await;
    stage.everybody_hears(&workers[1..]).await;
    workers[0].start_again().await;
    divided_among(&stage.hub, 2).await;
    stage.everybody_hears(&workers).await;

    let soon = writing.end().await;
    ended(&stage.hub, soon).await;
    let log = stage.hub.events().await;
    let due = stage.subscribers.iter().flat_map(|one| one.due(&log));
    let ledger = all_told(&stage.hub, &due.collect(), &workers).await;
    ledger.was_told_once(&mails_by_name(&stage.smtp.mails()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_whose_places_could_not_be_read_are_taken_again_and_belong_to_nobody_until_then() {
    let stage = Stage::set().await;
    stage
        .execute("alter table matcher_cursors rename to elsewhere")
        .await;
    let worker = stage.worker().await;
    eventually(
        "a worker that took parts, and could not read them",
        async || {
            let text = "select 1 from leases where name like 'subscriptions:%'";
            let db = stage.hub.hub.db.own();
            db.query_one_raw(sql(db, text, vec![])).await.unwrap()
        },
    )
    .await;

    stage
        .execute("alter table elsewhere rename to matcher_cursors")
        .await;

    let writing = stage.write().await;
    divided_among(&stage.hub, 1).await;
    stage.everybody_hears(&[worker]).await;
    writing.end().await;
}
