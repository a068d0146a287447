//! How the subscriptions are divided among those who work.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Utc;
use uuid::Uuid;

use super::killed::{all_told, ended, write};
use super::{Subscriber, WORKER, divided_among, settings};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::smtp::SmtpServer;
use crate::subscriptions::ledger::{Ledger, mails_by_name};

/// Enough to be in many parts.
const SUBSCRIBERS: usize = 12;

/// Waits until something more was told to each of them.
async fn everybody_hears(hub: &TestHub) {
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
        (new.len() == SUBSCRIBERS).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_are_divided_anew_when_a_worker_comes_ends_or_dies_and_nothing_is_told_twice() {
    let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
    let hub = TestHub::on(Kind::Postgres).await;
    hub.set_time(Utc::now());
    let mut subscribers = Vec::new();
    for nth in 0..SUBSCRIBERS {
        let (facility, event) = [("JWST", "scheduled"), ("Hubble", "ended")][nth % 2];
        subscribers.push(Subscriber::new(&hub, facility, event, None).await);
    }
    let settings = settings(&hub, &redis, &smtp);
    let start = async || Serving::start(&WORKER, &settings).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = hub.beside(Some(&redis.url())).await;
    let writing = tokio::spawn(write(writer.clone(), Arc::clone(&stop)));

    let mut workers = vec![start().await];
    divided_among(&hub, 1).await;
    everybody_hears(&hub).await;
    for more in [2, 3] {
        workers.push(start().await);
        divided_among(&hub, more).await;
        everybody_hears(&hub).await;
    }
    let ended_in_order = workers.remove(0).stop().await;
    assert_eq!(ended_in_order.code, Some(0), "{}", ended_in_order.stderr);
    divided_among(&hub, 2).await;
    everybody_hears(&hub).await;
    let in_doubt = Ledger::read(&hub.hub).await.doubts();
    assert_eq!(in_doubt, 0, "while nobody died");
    workers[0].kill();
    divided_among(&hub, 1).await;
    everybody_hears(&hub).await;
    workers[0].start_again().await;
    divided_among(&hub, 2).await;

    stop.store(true, Ordering::SeqCst);
    let soon = writing.await.unwrap();
    ended(&hub, soon.len()).await;
    let log = hub.events().await;
    let due = subscribers.iter().flat_map(|one| one.due(&log)).collect();
    let ledger = all_told(&hub, &due, &workers).await;
    ledger.was_told_once(&mails_by_name(&smtp.mails()));
    writer.shutdown.cancel();
}
