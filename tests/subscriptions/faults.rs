//! Everything that may go wrong on the way from an event to a mail, in real processes.

use std::time::Duration;

use app::areas::activities::{Telling, apply};
use chrono::{SecondsFormat, TimeDelta, Utc};
use domain::Record;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use super::ledger::{Ledger, mails_by_name};
use super::person::{Person, visit};
use crate::harness::hub::{Kind, TestHub};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::smtp::{Manner, SmtpServer};

/// Subscriptions, each of its own account.
const SUBSCRIPTIONS: usize = 10;
/// Times a worker is killed.
const KILLS: usize = 50;
/// Activities that are planned between two kills: 5,000 matches in all.
const BETWEEN: usize = 10;
/// Longest wait for the last mail.
const LONGEST: Duration = Duration::from_secs(240);

fn visits(round: usize) -> Vec<Record> {
    let time = |hours| {
        let time = Utc::now() + TimeDelta::days(10) + TimeDelta::hours(hours);
        time.to_rfc3339_opts(SecondsFormat::Secs, true)
    };
    let (from, to) = (time(0), time(1));
    let numbers = round * BETWEEN..(round + 1) * BETWEEN;
    numbers.map(|n| visit(n, &from, &to)).collect()
}

/// How the mail server behaves in a round.
fn manner(round: usize) -> Manner {
    match round % 10 {
        2 => Manner::Away,
        3 => Manner::DropAfterData,
        4 => Manner::DropInData,
        6 => Manner::Stall,
        8 => Manner::RefuseMail(451),
        _ => Manner::Accept,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_match_has_one_row_and_one_mail_whatever_dies() {
    let seed: u64 = rand::rng().random();
    eprintln!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let (hub, redis) = (TestHub::on(Kind::Postgres).await, Redis::start().await);
    hub.set_time(Utc::now());
    let smtp = SmtpServer::start().await;
    let writer = hub.beside(Some(&redis.url())).await;
    for number in 0..SUBSCRIPTIONS {
        let address = format!("astronomer{number}@example.org");
        let person = Person::of(&hub, &address).await;
        person
            .subscribes(&hub, json!({ "events": ["scheduled"] }))
            .await;
    }
    let settings = [
        ("DATABASE_URL", hub.database_url()),
        ("REDIS_URL", redis.url()),
        ("SECRET_KEY", "x".repeat(40)),
        ("STARBOARD_SOURCES", ",".to_owned()),
        ("SMTP_URL", smtp.url()),
        ("MAIL_FROM", "Board <board@example.org>".to_owned()),
        ("STARBOARD_RETRY_STEPS", ["1"; 300].join(",")),
        ("STARBOARD_CLAIM_SECONDS", "6".to_owned()),
        ("STARBOARD_LEASE_SECONDS", "2".to_owned()),
    ];
    let role = ["serve", "--role", "worker"];
    let mut workers = [
        Serving::start(&role, &settings).await,
        Serving::start(&role, &settings).await,
    ];

    let telling = Telling {
        source: "jwst",
        backfill: false,
        demo: false,
        lease: None,
    };
    for round in 0..KILLS {
        smtp.behave(manner(round));
        hub.set_time(Utc::now());
        let visits = visits(round);
        let records: Vec<&Record> = visits.iter().collect();
        apply(&writer, telling, &records).await.unwrap();
        let pause = Duration::from_millis(dice.random_range(0..600));
        tokio::time::sleep(pause).await;
        let worker = &mut workers[dice.random_range(0..2)];
        worker.kill();
        worker.start_again().await;
    }
    smtp.behave(Manner::Accept);

    let matches = SUBSCRIPTIONS * KILLS * BETWEEN;
    let deadline = tokio::time::Instant::now() + LONGEST;
    let end = loop {
        let ledger = Ledger::read(&hub.hub).await;
        if ledger.sent() == matches {
            break ledger;
        }
        let (rows, sent) = (ledger.rows.len(), ledger.sent());
        assert!(
            tokio::time::Instant::now() < deadline,
            "{rows} rows of {matches}, {sent} sent: {}",
            workers[0].program().stderr.text()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for worker in &mut workers {
        worker.kill();
    }

    let times = mails_by_name(&smtp.mails());
    let attempts: i64 = end.rows.iter().map(|row| row.attempts).sum();
    let accepted: usize = times.values().sum();
    eprintln!(
        "{matches} matches, {KILLS} kills: {} rows, {accepted} mails accepted, {attempts} tries; {} \
         claims ran out, {} of them had been taken: repeated by the same Message-ID",
        end.rows.len(),
        end.doubts(),
        accepted - times.len(),
    );
    assert_eq!((end.rows.len(), end.sent()), (matches, matches));
    end.was_told_once(&times);
    writer.shutdown.cancel();
}
