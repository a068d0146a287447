//! What a queue has to do on every backend, as functions over a fresh, migrated [`Queue`].
//!
//! [`crate::conformance_tests`] makes tests of them all.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests, to be run from elsewhere"
)]

pub(crate) mod jobs;
mod running;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;
use tokio::time::timeout;

use self::jobs::{Fails, GivesUp, Hangs, Log, OtherFields, Panics, PutsOff, Queues, Say};
pub use self::running::*;
use crate::{Count, Outcome, Queue, Ran, State, Workers};

/// Makes a test of every function of this module. Takes a future that gives a fresh, migrated
/// queue, or something that is a queue by `AsRef` and tidies up when dropped.
#[macro_export]
#[doc(hidden)]
macro_rules! conformance_tests {
    ($queue:expr) => {
        $crate::conformance_tests! { $queue;
            migrating_leaves_nothing_pending_and_can_be_repeated
            jobs_run_once_in_the_order_of_pushing
            a_job_pushed_by_a_job_runs_in_the_same_drain
            a_failing_job_is_tried_again_later_and_then_dead
            a_dead_job_starts_over_when_retried
            a_dead_job_can_be_dropped
            a_panic_is_a_failure_like_any_other
            a_job_that_puts_itself_off_loses_no_attempt
            a_job_that_gives_up_is_dead_at_once
            a_job_whose_fields_cannot_be_read_is_dead_at_once
            a_job_past_its_time_limit_has_failed
            a_delayed_job_waits_for_its_time
            a_key_makes_one_job_also_after_that_is_done
            a_key_while_queued_is_free_again_afterwards
            one_key_serves_jobs_of_two_names
            a_push_dropped_half_way_swallows_nothing_that_follows
            a_job_that_nobody_registered_waits
            pruning_forgets_what_is_over_and_nothing_else
            workers_run_what_is_pushed_while_they_run
            workers_keep_to_the_concurrency_of_each_job
            a_panic_does_not_stop_the_worker
            a_running_job_finishes_after_the_stop
            a_job_that_outlasts_the_grace_goes_back_to_the_queue
            two_processes_share_the_work_without_doubling_it
            a_tick_is_one_job_however_many_processes_tick
            a_tick_is_skipped_while_the_last_job_is_not_over
        }
    };
    ($queue:expr; $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let fresh = $queue.await;
                let queue: &$crate::Queue = fresh.as_ref();
                $crate::conformance::$name(queue.clone()).await;
            }
        )*
    };
}

fn workers(queue: &Queue, log: &Log) -> Workers<Log> {
    Workers::new(queue.clone(), log.clone())
        .register::<Say>(4)
        .register::<Queues>(1)
        .register::<Fails>(1)
        .register::<Panics>(1)
        .register::<PutsOff>(1)
        .register::<GivesUp>(1)
        .register::<Hangs>(1)
}

fn in_seconds(seconds: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::seconds(seconds)
}

async fn counts(queue: &Queue) -> Vec<(String, State, u64)> {
    let counts = queue.counts().await.unwrap();
    counts
        .into_iter()
        .map(|Count { name, state, jobs }| (name, state, jobs))
        .collect()
}

fn one(name: &str, state: State) -> Vec<(String, State, u64)> {
    vec![(name.to_owned(), state, 1)]
}

fn only(ran: Vec<Ran>) -> Ran {
    assert_eq!(ran.len(), 1, "{ran:?}");
    ran.into_iter().next().unwrap()
}

pub async fn migrating_leaves_nothing_pending_and_can_be_repeated(queue: Queue) {
    assert!(queue.migrations().await.unwrap().is_current());

    queue.migrate().await.unwrap();

    assert!(queue.migrations().await.unwrap().is_current());
    assert_eq!(queue.missing_rights().await.unwrap(), Vec::<String>::new());
}

pub async fn jobs_run_once_in_the_order_of_pushing(queue: Queue) {
    let log = Log::over(&queue);
    for word in ["a", "b", "c"] {
        queue.push(Say::word(word)).await.unwrap();
    }

    let ran = workers(&queue, &log).drain().await.unwrap();

    assert!(
        ran.iter()
            .all(|ran| ran.outcome == Outcome::Done && ran.attempt == 1),
        "{ran:?}"
    );
    assert_eq!(log.words(), ["a", "b", "c"]);
    assert_eq!(workers(&queue, &log).drain().await.unwrap(), []);
    assert_eq!(
        counts(&queue).await,
        [("test.say".to_owned(), State::Done, 3)]
    );
}

pub async fn a_job_pushed_by_a_job_runs_in_the_same_drain(queue: Queue) {
    let log = Log::over(&queue);
    queue
        .push(Queues {
            word: "b".to_owned(),
        })
        .await
        .unwrap();

    let ran = workers(&queue, &log).drain().await.unwrap();

    let names: Vec<&str> = ran.iter().map(|ran| ran.name.as_str()).collect();
    assert_eq!(names, ["test.queues", "test.say"]);
    assert_eq!(log.words(), ["b"]);
}

pub async fn a_failing_job_is_tried_again_later_and_then_dead(queue: Queue) {
    let log = Log::over(&queue);
    let workers = workers(&queue, &log);
    queue.push(Fails { id: 7 }).await.unwrap();

    let Outcome::Retry { error, after } = only(workers.drain().await.unwrap()).outcome else {
        panic!("not tried again");
    };
    assert_eq!(error, "asking the upstream: no answer to 7");
    assert!((45..=75).contains(&after.as_secs()), "{after:?}");
    assert_eq!(counts(&queue).await, one("test.fails", State::Retrying));
    assert_eq!(workers.drain().await.unwrap(), []);
    assert_eq!(workers.drain_until(in_seconds(40)).await.unwrap(), []);

    let second = only(workers.drain_until(in_seconds(100)).await.unwrap());
    assert_eq!(second.attempt, 2);
    let third = only(workers.drain_until(in_seconds(300)).await.unwrap());
    assert_eq!(third.outcome, Outcome::Dead { error });

    assert_eq!(workers.drain_until(in_seconds(86_400)).await.unwrap(), []);
    assert_eq!(counts(&queue).await, one("test.fails", State::Dead));
    let dead = queue.dead(10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].payload, json!({ "id": 7 }));
    assert_eq!((dead[0].name.as_str(), dead[0].attempts), ("test.fails", 3));
    assert_eq!(
        dead[0].error.as_deref(),
        Some("asking the upstream: no answer to 7")
    );
    let age = Utc::now() - dead[0].died_at.unwrap();
    assert!(
        age < TimeDelta::seconds(60) && age > TimeDelta::seconds(-2),
        "{age}"
    );
    assert_eq!(queue.dead(0).await.unwrap(), []);
}

pub async fn a_dead_job_starts_over_when_retried(queue: Queue) {
    let log = Log::over(&queue);
    let workers = workers(&queue, &log);
    queue.push(GivesUp {}).await.unwrap();
    let died = only(workers.drain().await.unwrap());

    assert!(queue.retry(&died.id).await.unwrap());

    assert_eq!(counts(&queue).await, one("test.gives_up", State::Waiting));
    assert_eq!(queue.dead(10).await.unwrap(), []);
    let again = only(workers.drain_until(in_seconds(1)).await.unwrap());
    assert_eq!((again.id, again.attempt), (died.id, 1));
    assert!(!queue.retry("no such id").await.unwrap());
}

pub async fn a_dead_job_can_be_dropped(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(GivesUp {}).await.unwrap();
    let died = only(workers(&queue, &log).drain().await.unwrap());
    queue.push(GivesUp {}).await.unwrap();

    assert!(queue.drop_dead(&died.id).await.unwrap());

    assert!(!queue.drop_dead(&died.id).await.unwrap());
    assert!(!queue.retry(&died.id).await.unwrap());
    assert_eq!(counts(&queue).await, one("test.gives_up", State::Waiting));
}

pub async fn a_panic_is_a_failure_like_any_other(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Panics {}).await.unwrap();

    let ran = only(workers(&queue, &log).drain().await.unwrap());

    let Outcome::Retry { error, .. } = ran.outcome else {
        panic!("not tried again")
    };
    assert_eq!(error, "panicked: out of fuel");
}

pub async fn a_job_that_puts_itself_off_loses_no_attempt(queue: Queue) {
    let log = Log::over(&queue);
    let workers = workers(&queue, &log);
    queue.push(PutsOff { seconds: 60 }).await.unwrap();

    for minute in 0..10 {
        let ran = only(workers.drain_until(in_seconds(minute * 62)).await.unwrap());
        assert_eq!(
            (ran.attempt, ran.outcome),
            (1, Outcome::Later(Duration::from_secs(60)))
        );
    }

    assert_eq!(counts(&queue).await, one("test.puts_off", State::Waiting));
}

pub async fn a_job_that_gives_up_is_dead_at_once(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(GivesUp {}).await.unwrap();

    let ran = only(workers(&queue, &log).drain().await.unwrap());

    let error = "looking for the connector: it is gone".to_owned();
    assert_eq!((ran.attempt, ran.outcome), (1, Outcome::Dead { error }));
}

pub async fn a_job_whose_fields_cannot_be_read_is_dead_at_once(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(OtherFields { words: 3 }).await.unwrap();

    let ran = only(workers(&queue, &log).drain().await.unwrap());

    let error = "its fields cannot be read: missing field `word`".to_owned();
    assert_eq!(ran.outcome, Outcome::Dead { error });
}

pub async fn a_job_past_its_time_limit_has_failed(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Hangs {}).await.unwrap();

    let ran = only(workers(&queue, &log).drain().await.unwrap());

    assert_eq!(
        ran.outcome,
        Outcome::Dead {
            error: "took longer than 20ms".to_owned()
        }
    );
}

pub async fn a_delayed_job_waits_for_its_time(queue: Queue) {
    let log = Log::over(&queue);
    let workers = workers(&queue, &log);
    queue
        .push_after(Say::word("late"), Duration::from_secs(60))
        .await
        .unwrap();
    queue
        .push_after(Say::word("never"), Duration::MAX)
        .await
        .unwrap();

    assert_eq!(workers.drain().await.unwrap(), []);
    assert_eq!(workers.drain_until(in_seconds(55)).await.unwrap(), []);

    only(workers.drain_until(in_seconds(62)).await.unwrap());
    assert_eq!(log.words(), ["late"]);
}

pub async fn a_key_makes_one_job_also_after_that_is_done(queue: Queue) {
    let log = Log::over(&queue);
    let workers = workers(&queue, &log);
    queue.push_once(Say::word("first"), "k").await.unwrap();
    queue.push_once(Say::word("second"), "k").await.unwrap();
    queue.push_once(Say::word("other key"), "l").await.unwrap();
    workers.drain().await.unwrap();

    queue.push_once(Say::word("third"), "k").await.unwrap();

    assert_eq!(workers.drain().await.unwrap(), []);
    assert_eq!(log.words(), ["first", "other key"]);
}

pub async fn a_key_while_queued_is_free_again_afterwards(queue: Queue) {
    let log = Log::over(&queue);
    let workers = workers(&queue, &log);
    queue
        .push_unless_queued(Say::word("first"), "k")
        .await
        .unwrap();
    queue
        .push_unless_queued(Say::word("second"), "k")
        .await
        .unwrap();
    workers.drain().await.unwrap();

    queue
        .push_unless_queued(Say::word("third"), "k")
        .await
        .unwrap();
    workers.drain().await.unwrap();

    assert_eq!(log.words(), ["first", "third"]);
}

pub async fn one_key_serves_jobs_of_two_names(queue: Queue) {
    let log = Log::over(&queue);
    queue.push_once(Say::word("a"), "k").await.unwrap();
    queue
        .push_once(
            Queues {
                word: "b".to_owned(),
            },
            "k",
        )
        .await
        .unwrap();

    workers(&queue, &log).drain().await.unwrap();

    assert_eq!(log.words(), ["a", "b"]);
}

pub async fn a_push_dropped_half_way_swallows_nothing_that_follows(queue: Queue) {
    let log = Log::over(&queue);
    let workers = Workers::new(queue.clone(), log.clone()).register::<Say>(1);
    let all = async {
        for patience in 0..40 {
            dropped_after(patience, queue.push(Say::word("maybe"))).await;
            queue.push(Say::word("surely")).await.unwrap();
            workers.drain().await.unwrap();
        }
    };
    timeout(Duration::from_secs(30), all)
        .await
        .expect("nothing waits for a lock");

    // At once, so that each asks on a connection of its own and sees what is committed.
    let seen = join_all((0..4).map(|_| counts(&queue))).await;

    let said = log.words().len() as u64;
    let done = [("test.say".to_owned(), State::Done, said)];
    assert!(seen.iter().all(|counts| *counts == done), "{said} {seen:?}");
}

/// Polls the future so many times more and then drops it, wherever it waits.
async fn dropped_after(mut patience: u32, future: impl Future) {
    let mut future = pin!(future);
    poll_fn(|cx| {
        if future.as_mut().poll(cx).is_ready() || patience == 0 {
            return Poll::Ready(());
        }
        patience -= 1;
        Poll::Pending
    })
    .await;
}

pub async fn a_job_that_nobody_registered_waits(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Say::word("a")).await.unwrap();

    let ran = Workers::new(queue.clone(), log.clone())
        .register::<Fails>(1)
        .drain()
        .await
        .unwrap();

    assert_eq!(ran, []);
    assert_eq!(counts(&queue).await, one("test.say", State::Waiting));
}

pub async fn pruning_forgets_what_is_over_and_nothing_else(queue: Queue) {
    let log = Log::over(&queue);
    queue.push(Say::word("a")).await.unwrap();
    queue.push(GivesUp {}).await.unwrap();
    queue.push(Fails { id: 1 }).await.unwrap();
    workers(&queue, &log).drain().await.unwrap();

    assert_eq!(queue.prune(Duration::from_secs(60)).await.unwrap(), 0);
    assert_eq!(queue.prune(Duration::MAX).await.unwrap(), 0);
    let soon = in_seconds(5);
    assert_eq!(queue.store.prune(soon, false).await.unwrap(), 1);
    assert_eq!(queue.store.prune(soon, true).await.unwrap(), 1);

    assert_eq!(counts(&queue).await, one("test.fails", State::Retrying));
}
