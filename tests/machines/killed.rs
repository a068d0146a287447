//! Two processes that serve and two that work, one of each killed again and again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use app::db::sql;
use app::hub::Hub;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior, interval};
use uuid::Uuid;

use super::{Subscriber, WEB, WORKER, divided_among, gauge, settings, visit};
use crate::harness::eventually;
use crate::harness::hub::{Kind, TestHub, tell};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::smtp::SmtpServer;
use crate::live::follower::{Follower, everybody_goes_on, whole_log};
use crate::live::{by, end_of_log, visits};
use crate::subscriptions::ledger::{Ledger, mails_by_name};
use crate::webhooks::endpoint::{Endpoint, status};

/// How often one of each is killed.
const KILLS: u32 = 9;
/// How long that goes on, in seconds, and the variable that sets it.
const USUALLY: u64 = 60;
const SECONDS: &str = "STARBOARD_KILL_SECONDS";
/// Between two rounds of the writer.
const BEAT: Duration = Duration::from_millis(250);
/// Events a client has to get before it counts as going on.
const SOME: i64 = 20;
/// Longest wait for the last delivery.
const LONGEST: Duration = Duration::from_secs(240);

fn between_kills() -> Duration {
    let set = std::env::var(SECONDS).ok().filter(|set| !set.is_empty());
    let seconds = set.map_or(USUALLY, |set| {
        set.parse()
            .unwrap_or_else(|_| panic!("{SECONDS} takes a number of seconds"))
    });
    Duration::from_secs(seconds) / KILLS
}

/// Tells the hub of plans until told to stop: some far ahead, and each second one that the workers'
/// clock has to start and to end soon. Answers the names of those.
pub(super) async fn write(hub: Hub, stop: Arc<AtomicBool>) -> BTreeSet<String> {
    let mut soon = BTreeSet::new();
    let mut last = DateTime::<Utc>::UNIX_EPOCH;
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0.. {
        beat.tick().await;
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let now = Utc::now();
        hub.clock.set(now);
        tell(&hub, "jwst", &visits(&format!("far{round}"), 1)).await;
        let unheard = visits(&format!("unheard{round}"), 3).into_iter();
        let mut of_hubble: Vec<_> = unheard.map(|visit| by("Hubble", visit)).collect();
        let from = now.duration_trunc(TimeDelta::seconds(1)).unwrap() + TimeDelta::seconds(3);
        if from > last {
            last = from;
            let name = format!("soon{round}:1:1");
            let visit = visit(&name, from, from + TimeDelta::seconds(1));
            of_hubble.push(by("Hubble", visit));
            soon.insert(name);
        }
        tell(&hub, "hst", &of_hubble).await;
    }
    soon
}

/// Waits until the clock has ended everything it had to.
pub(super) async fn ended(hub: &TestHub, soon: usize) {
    let text = "select count(*) as n from events where event = 'ended'";
    eventually("the end of every visit", async || {
        let db = hub.hub.db.read();
        let row = db.query_one_raw(sql(db, text, vec![])).await.unwrap();
        let ended: i64 = row.unwrap().try_get("", "n").unwrap();
        (ended >= i64::try_from(soon).unwrap()).then_some(())
    })
    .await;
}

/// How often the log says of each visit that something happened.
pub(super) fn times(log: &[Value], event: &str) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for line in log.iter().filter(|line| line["event"] == event) {
        let name = line["activity"]["obs_id"].as_str().unwrap().to_owned();
        *times.entry(name).or_insert(0) += 1;
    }
    times
}

/// The ledger once all of this is in it and sent.
pub(super) async fn all_told(
    hub: &TestHub,
    due: &BTreeSet<(Uuid, i64)>,
    workers: &[Serving],
) -> Ledger {
    let deadline = Instant::now() + LONGEST;
    loop {
        let ledger = Ledger::read(&hub.hub).await;
        let rows = ledger.rows.iter();
        let known: BTreeSet<_> = rows.map(|row| (row.subscription, row.seq)).collect();
        if known == *due && ledger.sent() == due.len() {
            assert_eq!(ledger.rows.len(), due.len(), "one row each");
            return ledger;
        }
        assert!(
            Instant::now() < deadline,
            "{} rows for {} that are due, {} sent, missing {:?}, nobody's {:?}: {}",
            known.len(),
            due.len(),
            ledger.sent(),
            due.difference(&known).take(5).collect::<Vec<_>>(),
            known.difference(due).take(5).collect::<Vec<_>>(),
            workers[0].program().stderr.text()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_repeated_while_one_of_each_is_killed_again_and_again() {
    let (redis, smtp) = (Redis::start().await, SmtpServer::start().await);
    let hook = Endpoint::answering(|| status(200)).await;
    let hub = TestHub::with(Kind::Postgres, &[("ALLOW_PRIVATE_WEBHOOKS", "true")]).await;
    hub.set_time(Utc::now());
    let mut subscribers = Vec::new();
    for webhook in [None, None, None, None, Some(hook.url()), Some(hook.url())] {
        let (facility, event) = ("JWST", "scheduled");
        subscribers.push(Subscriber::new(&hub, facility, event, webhook.as_deref()).await);
    }
    for webhook in [None, Some(hook.url())] {
        subscribers.push(Subscriber::new(&hub, "Hubble", "ended", webhook.as_deref()).await);
    }
    let settings = settings(&hub, &redis, &smtp);
    let start = async |args: &[&str]| Serving::start(args, &settings).await;
    let mut webs = [start(&WEB).await, start(&WEB).await];
    let mut workers = [start(&WORKER).await, start(&WORKER).await];
    for process in webs.iter().chain(&workers) {
        process.has_bus("connected").await;
    }

    let last = Arc::new(AtomicI64::new(i64::MAX));
    let ports = webs.each_ref().map(Serving::port);
    let follow = |ports: Vec<u16>, leaves| {
        Follower::start(ports, hub.hub.log.clone(), Arc::clone(&last), leaves)
    };
    let at = ports.map(|port| [(); 2].map(|()| follow(vec![port], usize::MAX)));
    let other_way = [ports[1], ports[0]];
    let roaming = [
        follow(ports.to_vec(), usize::MAX),
        follow(other_way.to_vec(), usize::MAX),
        follow(ports.to_vec(), 150),
        follow(other_way.to_vec(), 333),
    ];
    let stop = Arc::new(AtomicBool::new(false));
    let writer = hub.beside(Some(&redis.url())).await;
    let writing = tokio::spawn(write(writer.clone(), Arc::clone(&stop)));
    let everybody: Vec<&Follower> = at.iter().flatten().chain(&roaming).collect();
    everybody_goes_on(&everybody, SOME, "events").await;
    divided_among(&hub, 2).await;

    let (every, began) = (between_kills(), Instant::now());
    for nth in 0..KILLS {
        tokio::time::sleep_until(began + every * nth).await;
        let (web, worker) = (nth as usize % 2, nth as usize / 2 % 2);
        webs[web].kill();
        workers[worker].kill();
        let left: Vec<&Follower> = at[1 - web].iter().chain(&roaming).collect();
        everybody_goes_on(&left, SOME, "events from the process that is left").await;
        divided_among(&hub, 1).await;
        tokio::join!(webs[web].start_again(), workers[worker].start_again());
        everybody_goes_on(&everybody, SOME, "events from both processes").await;
        divided_among(&hub, 2).await;
    }
    tokio::time::sleep_until(began + every * KILLS).await;
    let took = began.elapsed();

    stop.store(true, Ordering::SeqCst);
    let soon = writing.await.unwrap();
    ended(&hub, soon.len()).await;
    let end = end_of_log(&hub.hub).await;
    let (lines, log) = (whole_log(&hub.hub).await, hub.events().await);
    last.store(end, Ordering::SeqCst);
    // One more, so that whoever waits at the end looks up: nobody subscribed to it.
    tell(&writer, "hst", &[by("Hubble", visits("over", 1).remove(0))]).await;

    assert_eq!(i64::try_from(lines.len()).unwrap(), end);
    let once: BTreeMap<String, usize> = soon.into_iter().map(|name| (name, 1)).collect();
    assert_eq!(
        (times(&log, "started"), times(&log, "ended")),
        (once.clone(), once)
    );
    let mut opened = 0;
    for follower in at.into_iter().flatten().chain(roaming) {
        opened += follower.opened();
        let got = follower.up_to(end).await;
        assert!(
            got == lines,
            "a client saw something else than the log says"
        );
    }
    let due = subscribers.iter().flat_map(|one| one.due(&log)).collect();
    let ledger = all_told(&hub, &due, &workers).await;
    let mut arrived = mails_by_name(&smtp.mails());
    for request in hook.arrived() {
        *arrived
            .entry(request.header("webhook-id").to_owned())
            .or_insert(0) += 1;
    }
    ledger.was_told_once(&arrived);
    let mut in_metrics = 0;
    for worker in &workers {
        in_metrics += gauge(worker, "starboard_delivery_repeats_possible").await;
    }
    assert!(
        in_metrics <= ledger.doubts(),
        "the ledger counts those of the dead too"
    );
    report(&ledger, &arrived, end, opened, took);
    writer.shutdown.cancel();
}

fn report(
    ledger: &Ledger,
    arrived: &HashMap<String, usize>,
    end: i64,
    opened: usize,
    took: Duration,
) {
    eprintln!(
        "{KILLS} of each killed in {took:?}: {end} events, 8 clients let in {opened} times saw each \
         once and in order; {} deliveries, {} of them in doubt when a worker died, {} came twice",
        ledger.rows.len(),
        ledger.doubts(),
        arrived.values().sum::<usize>() - arrived.len(),
    );
}
