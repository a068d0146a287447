//! The log: one order, no holes, however many write.

use app::areas::activities::{event_log, prune};
use app::areas::subscriptions::match_all;
use app::db::{Db, sql};
use chrono::TimeDelta;
use domain::Record;
use sea_orm::ConnectionTrait;

use crate::harness::hub::{Kind, TestHub, on_both, tell};
use crate::harness::records::planned;
use crate::harness::seqs;

fn of_writer(writer: usize, count: usize) -> Vec<Record> {
    (0..count)
        .map(|n| {
            planned(
                &format!("{writer}:{n}:1"),
                "2026-11-22T07:00:00Z",
                "2026-11-22T08:00:00Z",
            )
        })
        .collect()
}

#[tokio::test]
async fn writers_at_once_make_one_log_without_holes_and_readers_see_it_in_order() {
    on_both(async |hub: TestHub| {
        let reader = {
            let hub = hub.hub.clone();
            tokio::spawn(async move {
                let mut seen = 0;
                while seen < 240 {
                    let lines = event_log::after(hub.db.read(), seen, 500).await.unwrap();
                    for line in lines {
                        assert_eq!(line.seq, seen + 1, "a reader saw {} after {seen}", line.seq);
                        seen = line.seq;
                    }
                }
            })
        };
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let hub = hub.hub.clone();
                tokio::spawn(async move {
                    let source = ["eso", "hst", "jwst", "swift"][writer];
                    for record in of_writer(writer, 60) {
                        tell(&hub, source, &[record]).await;
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        reader.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_that_learn_the_same_at_once_make_one_activity() {
    let hub = TestHub::on(Kind::Postgres).await;
    let other = hub.beside(None).await;
    for n in 0..30 {
        let records = of_writer(n, 1);
        let (one, two) = tokio::join!(
            tell(&hub.hub, "jwst", &records),
            tell(&other, "jwst", &records)
        );
        assert_eq!(one.new + two.new, 1);
    }
    assert_eq!(hub.events().await.len(), 30);
    other.shutdown.cancel();
}

#[tokio::test]
async fn pruning_keeps_each_activitys_newest_event_and_says_how_far_it_went() {
    on_both(async |hub: TestHub| {
        hub.apply("jwst", &of_writer(1, 2)).await;
        let moved = planned("1:0:1", "2026-11-23T07:00:00Z", "2026-11-23T08:00:00Z");
        hub.apply("jwst", &[moved]).await;
        hub.advance(TimeDelta::days(40));

        match_all(&hub.hub).await.unwrap();
        let removed = prune(&hub.hub, hub.hub.clock.now() - TimeDelta::days(30))
            .await
            .unwrap();

        let seqs = seqs(&hub.events().await);
        assert_eq!((removed, seqs), (1, vec![2, 3]));
        assert_eq!(
            event_log::end(hub.hub.db.read()).await.unwrap().pruned_to,
            3
        );
    })
    .await;
}

#[tokio::test]
async fn the_log_is_found_by_time() {
    on_both(async |hub: TestHub| {
        let before = hub.hub.clock.now();
        for record in of_writer(1, 5) {
            hub.advance(TimeDelta::minutes(1));
            hub.apply("jwst", &[record]).await;
        }
        for (minutes, expected) in [(0, 0), (1, 1), (3, 3), (60, 5)] {
            let time = before + TimeDelta::minutes(minutes);
            assert_eq!(
                event_log::seq_at(hub.hub.db.read(), time).await.unwrap(),
                expected
            );
        }
    })
    .await;
}

#[tokio::test]
async fn who_leaves_while_a_transaction_begins_leaves_none_open() {
    let hub = TestHub::on(Kind::Postgres).await;
    let db = &hub.hub.db;
    for turns in 0..400 {
        // At every point at which it may wait for the server.
        tokio::select! {
            biased;
            () = some_turns(turns % 40) => {}
            begun = db.begin() => drop(begun.unwrap()),
        }
        tokio::select! {
            biased;
            () = some_turns(turns % 40) => {}
            begun = db.begin_reading() => drop(begun.unwrap()),
        }
    }

    // What was dropped is rolled back behind our back.
    let other = Db::connect(&hub.database_url()).await.unwrap();
    let mut open = i64::MAX;
    for _ in 0..2_000 {
        let text = "select count(*) from pg_stat_activity where datname = current_database() \
                    and state like 'idle in transaction%'";
        let row = other.own().query_one_raw(sql(other.own(), text, vec![]));
        open = row.await.unwrap().unwrap().try_get_by_index(0).unwrap();
        if open == 0 {
            break;
        }
    }

    other.close().await;
    assert_eq!(open, 0, "transactions nobody knows of");
}

/// Lets whatever else there is go on, so many times.
async fn some_turns(turns: u32) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}
