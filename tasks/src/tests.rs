//! The conformance tests on SQLite, and what only SQLite or only this process can show.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::conformance::jobs::{Fails, GivesUp, Log, Panics, PutsOff, Say};
use crate::store::Taken;
use crate::{Migrations, Outcome, Queue, State, Workers};

crate::conformance_tests!(async { Queue::temporary().await.unwrap() });

/// Leaves the first due job locked by the worker of a process that is no more.
async fn taken_by_a_dead_process(queue: &Queue, name: &str) -> Taken {
    let ghost = format!("ghost {}", Uuid::new_v4());
    queue.store.enlist(&ghost).await.unwrap();
    let now = Utc::now().timestamp();
    let taken = queue.store.take(&[name], &ghost, now).await.unwrap();
    taken.expect("a job is due")
}

#[tokio::test]
async fn a_job_of_a_dead_process_is_run_by_the_next_one() {
    let queue = Queue::temporary().await.unwrap();
    let log = Log::over(&queue);
    queue.push(Say::word("again")).await.unwrap();
    taken_by_a_dead_process(&queue, "test.say").await;
    assert_eq!(queue.counts().await.unwrap()[0].state, State::Running);

    let cancel = CancellationToken::new();
    let workers = Workers::new(queue.clone(), log.clone()).register::<Say>(1);
    let running = tokio::spawn(workers.run(cancel.clone()));
    log.until(1).await;
    cancel.cancel();

    running.await.unwrap().unwrap();
    assert_eq!(queue.counts().await.unwrap()[0].state, State::Done);
}

#[tokio::test]
async fn a_job_that_keeps_killing_its_process_is_dead_without_another_try() {
    let queue = Queue::temporary().await.unwrap();
    let log = Log::over(&queue);
    queue.push(Say::word("boom")).await.unwrap();
    for _ in 0..5 {
        taken_by_a_dead_process(&queue, "test.say").await;
        assert_eq!(queue.store.recover("another process").await.unwrap(), 1);
    }

    let ran = Workers::new(queue, log.clone())
        .register::<Say>(1)
        .drain()
        .await
        .unwrap();

    let error = "its process died 5 times while running it".to_owned();
    assert_eq!(ran[0].outcome, Outcome::Dead { error });
    assert_eq!(log.words(), Vec::<String>::new());
}

#[tokio::test]
async fn a_job_that_was_given_to_another_is_not_settled_by_the_first() {
    let queue = Queue::temporary().await.unwrap();
    queue.push(Say::word("a")).await.unwrap();
    let taken = taken_by_a_dead_process(&queue, "test.say").await;

    let ended = Outcome::Done.ended(0, |_| 0);
    let settled = queue
        .store
        .settle(&taken.id, "not the holder", &ended)
        .await
        .unwrap();

    assert!(!settled);
    assert_eq!(queue.counts().await.unwrap()[0].state, State::Running);
}

#[tokio::test]
async fn a_fresh_file_has_everything_pending_and_a_newer_one_something_unknown() {
    let file = std::env::temp_dir().join(format!("starboard-test-{}.db", Uuid::new_v4()));
    let queue = Queue::sqlite(&file).await.unwrap();

    let fresh = queue.migrations().await.unwrap();
    queue.migrate().await.unwrap();
    let migrated = queue.migrations().await.unwrap();
    queue.close().await;
    std::fs::remove_file(file).unwrap();

    assert_eq!(fresh.pending[0], "20220530084123 jobs workers");
    assert!(migrated.is_current());
    let ours = apalis_sqlite::SqliteStorage::migrations();
    let newer = Migrations::compare(&ours, &[20220530084123, 99990101000000]);
    assert_eq!(newer.unknown, ["99990101000000"]);
    assert!(!newer.pending.is_empty());
}

#[tokio::test]
async fn a_registration_that_cannot_work_is_refused() {
    let queue = Queue::temporary().await.unwrap();
    let log = Log::over(&queue);
    let workers = || Workers::new(queue.clone(), log.clone());
    let hourly = crate::Schedule::every(Duration::from_secs(3600));

    let twice = workers()
        .register::<Say>(1)
        .register::<Say>(2)
        .drain()
        .await;
    let unknown = workers().every(hourly, || Say::word("tick")).drain().await;

    assert_eq!(
        twice.unwrap_err().to_string(),
        "the job test.say is registered twice"
    );
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "the job test.say recurs but is not registered"
    );
}

#[test]
fn sentry_hears_once_of_a_death_and_never_of_a_job_put_off() {
    let events = sentry::test::with_captured_events(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let queue = Queue::temporary().await.unwrap();
            let workers = Workers::new(queue.clone(), Log::over(&queue))
                .register::<Fails>(1)
                .register::<PutsOff>(1)
                .register::<GivesUp>(1);
            queue.push(Fails { id: 7 }).await.unwrap();
            queue.push(PutsOff { seconds: 60 }).await.unwrap();
            queue.push(GivesUp {}).await.unwrap();
            for days in 0..4 {
                workers
                    .drain_until(Utc::now() + TimeDelta::days(days))
                    .await
                    .unwrap();
            }
        });
    });

    let reported: Vec<(&str, &str)> = events
        .iter()
        .map(|event| {
            (
                event.tags["job.name"].as_str(),
                event.tags["job.attempt"].as_str(),
            )
        })
        .collect();
    assert_eq!(reported, [("test.gives_up", "1"), ("test.fails", "3")]);
    let causes: Vec<_> = events[1]
        .exception
        .iter()
        .filter_map(|e| e.value.as_deref())
        .collect();
    assert_eq!(causes, ["no answer to 7", "asking the upstream"]);
}

#[test]
fn sentry_hears_of_each_panic_once_with_the_name_of_the_job() {
    let options = sentry::ClientOptions::new()
        .add_integration(sentry::integrations::panic::PanicIntegration::new());
    let events = sentry::test::with_captured_events_options(
        || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let queue = Queue::temporary().await.unwrap();
                let workers = Workers::new(queue.clone(), Log::over(&queue)).register::<Panics>(1);
                queue.push(Panics {}).await.unwrap();
                for days in 0..4 {
                    workers
                        .drain_until(Utc::now() + TimeDelta::days(days))
                        .await
                        .unwrap();
                }
                assert_eq!(queue.dead(1).await.unwrap().len(), 1);
            });
        },
        options,
    );

    let reported: Vec<(&str, &str)> = events
        .iter()
        .map(|event| {
            (
                event.tags["job.name"].as_str(),
                event.tags["job.attempt"].as_str(),
            )
        })
        .collect();
    assert_eq!(reported, [("test.panics", "1"), ("test.panics", "2")]);
}
