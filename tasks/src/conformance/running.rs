//! Workers at work: these poll a real queue, and wait no longer than for what they test.

use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::jobs::{Holds, Log, Panics, Say};
use super::{counts, one};
use crate::{Queue, Schedule, State, Workers};

const HOUR: Duration = Duration::from_secs(3600);

/// Workers on a task of their own, as a process runs them.
struct Running {
    cancel: CancellationToken,
    task: JoinHandle<Result<()>>,
}

impl Running {
    fn start(workers: Workers<Log>) -> Self {
        let cancel = CancellationToken::new();
        let task = tokio::spawn(workers.run(cancel.clone()));
        Self { cancel, task }
    }

    async fn stop(self) {
        self.cancel.cancel();
        timeout(Duration::from_secs(5), self.task)
            .await
            .expect("stops in time")
            .unwrap()
            .unwrap();
    }
}

fn hands(queue: &Queue, log: &Log) -> Workers<Log> {
    Workers::new(queue.clone(), log.clone())
        .register::<Say>(4)
        .register::<Holds>(2)
        .register::<Panics>(1)
}

pub async fn workers_run_what_is_pushed_while_they_run(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Say::word("before")).await.unwrap();
    let running = Running::start(hands(&queue, &log));
    log.until(1).await;

    for n in 1..20 {
        queue.push(Say::word(&n.to_string())).await.unwrap();
    }
    log.until(20).await;
    queue.push(Say::word("after a rest")).await.unwrap();
    log.until(21).await;

    running.stop().await;
    assert_eq!(
        counts(&queue).await,
        [("test.say".to_owned(), State::Done, 21)]
    );
}

pub async fn workers_keep_to_the_concurrency_of_each_job(queue: Queue) {
    let log = Log::over(&queue);
    for id in 0..5 {
        queue.push(Holds { id }).await.unwrap();
    }
    let running = Running::start(hands(&queue, &log));
    log.until(2).await;
    queue.push(Say::word("past the queue")).await.unwrap();
    log.until(3).await;

    log.gate.add_permits(5);
    log.until(11).await;

    running.stop().await;
    assert_eq!(log.most_at_the_gate(), 2);
}

pub async fn a_panic_does_not_stop_the_worker(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Panics {}).await.unwrap();
    let running = Running::start(hands(&queue, &log));
    until(&queue, "test.panics", State::Retrying).await;

    queue.push(Say::word("still here")).await.unwrap();
    log.until(1).await;

    running.stop().await;
}

pub async fn a_running_job_finishes_after_the_stop(queue: Queue) {
    let log = Log::over(&queue);
    for id in 0..3 {
        queue.push(Holds { id }).await.unwrap();
    }
    let running = Running::start(hands(&queue, &log));
    log.until(2).await;

    running.cancel.cancel();
    log.gate.add_permits(3);
    running.stop().await;

    assert_eq!(log.words(), ["in", "in", "out", "out"]);
    let holds = "test.holds".to_owned();
    assert_eq!(
        counts(&queue).await,
        [(holds.clone(), State::Waiting, 1), (holds, State::Done, 2)]
    );
}

pub async fn a_job_that_outlasts_the_grace_goes_back_to_the_queue(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Holds { id: 0 }).await.unwrap();
    let running = Running::start(hands(&queue, &log).grace(Duration::from_millis(20)));
    log.until(1).await;

    running.stop().await;

    assert_eq!(counts(&queue).await, one("test.holds", State::Waiting));
    log.gate.add_permits(1);
    let ran = hands(&queue, &log).drain().await.unwrap();
    assert_eq!(ran.len(), 1);
    assert_eq!(ran[0].attempt, 1);
}

pub async fn two_processes_share_the_work_without_doubling_it(queue: Queue) {
    let log = Log::over(&queue);
    let first = Running::start(hands(&queue, &log));
    let second = Running::start(hands(&queue, &log));

    for n in 0..50 {
        queue.push(Say::word(&n.to_string())).await.unwrap();
    }
    log.until(50).await;

    first.stop().await;
    second.stop().await;
    let mut words = log.words();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), 50);
    assert_eq!(
        counts(&queue).await,
        [("test.say".to_owned(), State::Done, 50)]
    );
}

pub async fn a_tick_is_one_job_however_many_processes_tick(queue: Queue) {
    let log = Log::over(&queue);
    let schedule = || Schedule::every(HOUR).catching_up();
    let hands = || {
        hands(&queue, &log)
            .every(schedule(), || Say::word("tick"))
            .every(schedule(), || Say::word("other source"))
    };

    let first = Running::start(hands());
    log.until(2).await;
    let second = Running::start(hands());
    queue.push(Say::word("end")).await.unwrap();
    log.until(3).await;
    first.stop().await;
    second.stop().await;

    let mut words = log.words();
    words.sort();
    assert_eq!(words, ["end", "other source", "tick"]);
}

pub async fn a_tick_is_skipped_while_the_last_job_is_not_over(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Holds { id: 1 }).await.unwrap();
    let each_second = || Schedule::every(Duration::from_secs(1)).catching_up();
    let hands = hands(&queue, &log).every(each_second(), || Holds { id: 1 });
    let running = Running::start(hands.every(each_second(), || Say::word("tick")));

    log.until(4).await;

    running.stop_holding(&log).await;
    let ins = log.words().iter().filter(|word| *word == "in").count();
    assert_eq!(ins, 1);
}

impl Running {
    /// Cancels first, so that what is let out at the gate is the last to run.
    async fn stop_holding(self, log: &Log) {
        self.cancel.cancel();
        log.gate.add_permits(1);
        self.stop().await;
    }
}

async fn until(queue: &Queue, name: &str, state: State) {
    for _ in 0..600 {
        if counts(queue).await == one(name, state) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} never was {state:?}: {:?}", counts(queue).await);
}
