//! Everything that may go wrong on the way from an event to a mail, in real processes.

use std::collections::HashMap;
use std::time::Duration;

use app::areas::activities::{Telling, apply};
use app::db::sql;
use app::hub::Hub;
use chrono::{SecondsFormat, TimeDelta, Utc};
use domain::Record;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::person::{Person, visit};
use crate::harness::hub::{Kind, TestHub};
use crate::harness::process::Serving;
use crate::harness::redis::Redis;
use crate::harness::smtp::{Manner, Received, SmtpServer};

/// Subscriptions, each of its own account.
const SUBSCRIPTIONS: usize = 10;
/// Times a worker is killed.
const KILLS: usize = 50;
/// Activities that are planned between two kills: 5,000 matches in all.
const BETWEEN: usize = 10;
/// Longest wait for the last mail.
const LONGEST: Duration = Duration::from_secs(240);

/// What the ledger says in the end.
#[derive(Debug, Default)]
struct Ledger {
    rows: usize,
    sent: usize,
    attempts: i64,
    /// Tries without a known outcome, by Message-ID: each may have been a repeat.
    doubts: HashMap<String, usize>,
}

async fn ledger(hub: &Hub) -> Ledger {
    let text = "select state, attempts, doubts, message_id from deliveries";
    let db = hub.db.read();
    let rows = db.query_all_raw(sql(db, text, vec![])).await.unwrap();
    let mut ledger = Ledger::default();
    for row in rows {
        let number = |name: &str| i64::from(row.try_get::<i32>("", name).unwrap());
        ledger.rows += 1;
        let state: String = row.try_get("", "state").unwrap();
        ledger.sent += usize::from(state == "sent");
        ledger.attempts += number("attempts");
        let doubts = usize::try_from(number("doubts")).unwrap();
        let id = row.try_get("", "message_id").unwrap();
        ledger.doubts.insert(id, doubts);
    }
    ledger
}

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

fn by_message_id(mails: &[Received]) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for mail in mails {
        let id = mail.message_id();
        let id = id.trim_matches(['<', '>']).to_owned();
        *times.entry(id).or_insert(0) += 1;
    }
    times
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
        let ledger = ledger(&hub.hub).await;
        if ledger.sent == matches {
            break ledger;
        }
        let (rows, sent) = (ledger.rows, ledger.sent);
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

    let mails = smtp.mails();
    let times = by_message_id(&mails);
    let repeats = mails.len() - times.len();
    eprintln!(
        "{matches} matches, {KILLS} kills: {} rows, {} mails accepted, {} tries; {} claims ran out, \
         {repeats} of them had been taken: repeated by the same Message-ID",
        end.rows,
        mails.len(),
        end.attempts,
        end.doubts.values().sum::<usize>(),
    );
    assert_eq!((end.rows, end.sent), (matches, matches));
    assert_eq!(times.len(), matches);
    for (id, doubts) in &end.doubts {
        let accepted = times.get(id).copied().unwrap_or_default();
        assert!(
            (1..=1 + doubts).contains(&accepted),
            "{id}: accepted {accepted} times, in doubt {doubts} times"
        );
    }
    writer.shutdown.cancel();
}
