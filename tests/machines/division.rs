//! How the subscriptions are divided among those who work.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::db::sql;
use chrono::Utc;
use sea_orm::ConnectionTrait;
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

/// Makes one more, told of plans or of ends.
async fn one_more(hub: &TestHub, subscribers: &mut Vec<Subscriber>) {
    let (facility, event) = [("JWST", "scheduled"), ("Hubble", "ended")][subscribers.len() % 2];
    subscribers.push(Subscriber::new(hub, facility, event, None).await);
}

/// Waits until something more was told to each of them, and each is in the memory of one worker.
async fn everybody_hears(hub: &TestHub, subscribers: &[Subscriber], workers: &[Serving]) {
    let places = async || {
        let ledger = Ledger::read(&hub.hub).await;
        let told = ledger.rows.into_iter();
        let told = told.filter(|row| row.state == "sent");
        told.map(|row| (row.subscription, row.seq))
            .collect::<BTreeSet<(Uuid, i64)>>()
    };
    let before = places().await;
    eventually("news for every subscription", async || {
        let now = places().await;
        let new: BTreeSet<Uuid> = now.difference(&before).map(|(id, _)| *id).collect();
        (new.len() == subscribers.len()).then_some(())
    })
    .await;
    eventually("each subscription at one worker", async || {
        let mut kept = 0;
        for worker in workers {
            kept += gauge(worker, "starboard_subscriptions_matched").await;
        }
        (kept == subscribers.len()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_are_divided_anew_when_a_worker_comes_ends_or_dies_and_nothing_is_told_twice() {
    let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
    let hub = TestHub::on(Kind::Postgres).await;
    hub.set_time(Utc::now());
    let mut subscribers = Vec::new();
    for _ in 0..AT_FIRST {
        one_more(&hub, &mut subscribers).await;
    }
    let settings = settings(&hub, &redis, &smtp);
    let start = async || Serving::start(&WORKER, &settings).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = hub.beside(Some(&redis.url())).await;
    let writing = tokio::spawn(write(writer.clone(), Arc::clone(&stop)));

    let mut workers = Vec::new();
    for number in 1..=3 {
        workers.push(start().await);
        divided_among(&hub, number).await;
        one_more(&hub, &mut subscribers).await;
        everybody_hears(&hub, &subscribers, &workers).await;
    }
    let in_order = workers.remove(0).stop().await;
    assert_eq!(in_order.code, Some(0), "{}", in_order.stderr);
    divided_among(&hub, 2).await;
    one_more(&hub, &mut subscribers).await;
    everybody_hears(&hub, &subscribers, &workers).await;
    let in_doubt = Ledger::read(&hub.hub).await.doubts();
    assert_eq!(in_doubt, 0, "while nobody died");
    workers[0].kill();
    divided_among(&hub, 1).await;
    one_more(&hub, &mut subscribers).await;
    everybody_hears(&hub, &subscribers, &workers[1..]).await;
    workers[0].start_again().await;
    divided_among(&hub, 2).await;
    everybody_hears(&hub, &subscribers, &workers).await;

    stop.store(true, Ordering::SeqCst);
    let soon = writing.await.unwrap();
    ended(&hub, soon.len()).await;
    let log = hub.events().await;
    let due = subscribers.iter().flat_map(|one| one.due(&log)).collect();
    let ledger = all_told(&hub, &due, &workers).await;
    ledger.was_told_once(&mails_by_name(&smtp.mails()));
    writer.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_whose_places_could_not_be_read_are_taken_again_and_belong_to_nobody_until_then() {
    let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
    let hub = TestHub::on(Kind::Postgres).await;
    hub.set_time(Utc::now());
    let mut subscribers = Vec::new();
    for _ in 0..AT_FIRST {
        one_more(&hub, &mut subscribers).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writer = hub.beside(Some(&redis.url())).await;
    execute(&hub, "alter table matcher_cursors rename to elsewhere").await;
    let worker = Serving::start(&WORKER, &settings(&hub, &redis, &smtp)).await;
    eventually(
        "a worker that took parts, and could not read them",
        async || {
            let text = "select 1 from leases where name like 'subscriptions:%'";
            let db = hub.hub.db.own();
            db.query_one_raw(sql(db, text, vec![])).await.unwrap()
        },
    )
    .await;

    execute(&hub, "alter table elsewhere rename to matcher_cursors").await;

    let writing = tokio::spawn(write(writer.clone(), Arc::clone(&stop)));
    divided_among(&hub, 1).await;
    everybody_hears(&hub, &subscribers, &[worker]).await;
    stop.store(true, Ordering::SeqCst);
    writing.await.unwrap();
    writer.shutdown.cancel();
}

/// Changes the database behind the hub's back.
async fn execute(hub: &TestHub, text: &str) {
    let db = hub.hub.db.own();
    db.execute_raw(sql(db, text, vec![])).await.unwrap();
}
