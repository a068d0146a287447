//! How soon after an event its mail is in the hands of the mail server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use app::areas::activities::{Telling, apply};
use app::areas::subscriptions;
use app::db::sql;
use app::hub::Hub;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Claim, Clock, Record, TMaxKind};
use sea_orm::ConnectionTrait;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Options;
use crate::activities::facts;
use crate::bed::{self, Bed, Kind};
use crate::measure::{Figure, Goal, quantile};
use crate::sky::Sky;

/// Events, each of which one subscription is told by mail at once.
const COUNT: u64 = 1_000;
/// Events a second.
const RATE: u32 = 100;
/// Bytes of a mail written alone.
const SIZE: usize = 6_000;

/// From an event's time in the log to the server's word that it has the mail.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Figure>> {
    let sky = Sky::new();
    let mut bed = Bed::new("mail")?;
    let mut seconds = Kind::BOTH.map(|kind| (kind, Vec::new(), Vec::new(), Vec::new()));
    for _ in 0..options.repeats {
        for (kind, p50, p99, floor) in &mut seconds {
            floor.push(quantile(&alone().await?, 0.99));
            let took = told(&bed.fresh(*kind).await?, &sky).await?;
            p50.push(quantile(&took, 0.5));
            p99.push(quantile(&took, 0.99));
        }
    }
    let figures = seconds.into_iter().flat_map(|(kind, p50, p99, floor)| {
        let measure = |word| format!("mail: event to server, {RATE}/s, {word}, {}", kind.name());
        [
            Figure::new(measure("p50"), "s", p50),
            Figure::new(measure("p99"), "s", p99)
                .goal(Goal::Below(2.0))
                .floor("one mail after another on an open connection", floor),
        ]
    });
    Ok(figures.collect())
}

/// Seconds from each event's time in the log until its mail was taken.
async fn told(url: &str, sky: &Sky) -> anyhow::Result<Vec<f64>> {
    let sink = Sink::start().await?;
    let smtp = format!("smtp://127.0.0.1:{}?tls=none", sink.port);
    let settings = [
        ("SMTP_URL", smtp.as_str()),
        ("MAIL_FROM", "Starboard <starboard@localhost>"),
    ];
    let hub = bed::hub_with(url, Clock::system(), &settings).await?;
    subscribe(&hub).await?;
    let cancel = CancellationToken::new();
    let matcher = tokio::spawn(subscriptions::run(hub.clone(), cancel.clone()));

    let telling = Telling {
        source: "bench",
        backfill: false,
        demo: false,
        lease: None,
    };
    let mut turns = interval(Duration::from_secs(1) / RATE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 0..COUNT {
        turns.tick().await;
        apply(&hub, telling, &[&planned(number, sky)]).await?;
    }
    let all = sink.has(usize::try_from(COUNT)?);
    tokio::time::timeout(Duration::from_secs(60), all)
        .await
        .context("waiting for the last mail")?;
    cancel.cancel();
    matcher.await?;
    let took = taken(&hub, &sink).await?;
    bed::close(hub).await;
    Ok(took)
}

/// One account that wants to hear of every plan, by mail and at once.
async fn subscribe(hub: &Hub) -> anyhow::Result<()> {
    let (account, now) = (Uuid::now_v7(), Utc::now());
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let text = "insert into accounts \
            (id, email, email_key, role, verified_at, time_zone, created_at) \
        values ($1, $2, $2, 'user', $3, 'UTC', $3)";
    let values = vec![account.into(), "bench@example.org".into(), now.into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    let text = "update subscription_counter set version = version + 1 where id = 1";
    tx.execute_raw(sql(tx, text, vec![])).await?;
    let text = "insert into subscriptions (id, account_id, name, filter, events, channels, \
            once_per, active, version, active_from_seq, part, created_at, changed_at) \
        select $1, $2, 'bench', '{}', '[\"scheduled\"]', '[{\"type\":\"email\",\"when\":\"now\"}]', \
            'activity', true, version, 0, 0, $3, $3 from subscription_counter";
    let values = vec![Uuid::now_v7().into(), account.into(), now.into()];
    tx.execute_raw(sql(tx, text, values)).await?;
    Ok(write.commit().await?)
}

fn planned(number: u64, sky: &Sky) -> Record {
    let start = Utc::now() + TimeDelta::days(1);
    let mut facts = facts(number, sky, start);
    facts.t_max = Some(start + TimeDelta::hours(1));
    facts.t_max_kind = Some(TMaxKind::Planned);
    let raw = format!("{number:>6} {start}");
    Record::new(format!("bench:{number}"), Claim::Plan, facts, raw)
}

async fn taken(hub: &Hub, sink: &Sink) -> anyhow::Result<Vec<f64>> {
    let text = "select d.message_id as id, e.logged as logged \
        from deliveries d join events e on e.seq = d.seq";
    let db = hub.db.read();
    let mails = sink.mails();
    let mut took = Vec::new();
    for row in db.query_all_raw(sql(db, text, vec![])).await? {
        let id: String = row.try_get("", "id")?;
        let logged: DateTime<Utc> = row.try_get("", "logged")?;
        let mail = mails
            .iter()
            .find(|(known, _)| known.contains(id.trim_matches(['<', '>'])));
        let (_, at) = mail.with_context(|| format!("no mail {id}"))?;
        took.push((*at - logged).as_seconds_f64());
    }
    ensure!(took.len() as u64 == COUNT, "{} deliveries", took.len());
    Ok(took)
}

/// Seconds of each mail of one connection.
async fn alone() -> anyhow::Result<Vec<f64>> {
    let sink = Sink::start().await?;
    let stream = TcpStream::connect(("127.0.0.1", sink.port)).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut answer = String::new();
    stream.read_line(&mut answer).await?;
    let body = format!("Message-ID: <alone>\r\n\r\n{}\r\n.\r\n", "x".repeat(SIZE));
    let mut took = Vec::new();
    for _ in 0..COUNT / 10 {
        let begun = Instant::now();
        for line in [
            "MAIL FROM:<a@localhost>\r\n",
            "RCPT TO:<b@localhost>\r\n",
            "DATA\r\n",
            &body,
        ] {
            stream.write_all(line.as_bytes()).await?;
            answer.clear();
            stream.read_line(&mut answer).await?;
        }
        took.push(begun.elapsed().as_secs_f64());
    }
    Ok(took)
}

/// `Message-ID` of each mail, and when it was taken.
type Taken = Arc<Mutex<Vec<(String, DateTime<Utc>)>>>;

/// A mail server that takes everything and notes when.
struct Sink {
    port: u16,
    taken: Taken,
}

impl Sink {
    async fn start() -> anyhow::Result<Sink> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let taken = Taken::default();
        let notes = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(converse(stream, Arc::clone(&notes)));
            }
        });
        Ok(Sink { port, taken })
    }

    fn mails(&self) -> Vec<(String, DateTime<Utc>)> {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn has(&self, count: usize) {
        while self.mails().len() < count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Speaks SMTP with one client until it leaves.
async fn converse(stream: TcpStream, taken: Taken) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 localhost\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let verb = String::from_utf8_lossy(&line).trim().to_uppercase();
        if verb.starts_with("QUIT") {
            return stream.write_all(b"221 bye\r\n").await;
        }
        if verb != "DATA" {
            stream.write_all(b"250 ok\r\n").await?;
            continue;
        }
        stream.write_all(b"354 go on\r\n").await?;
        let mut id = String::new();
        loop {
            line.clear();
            if stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&line);
            if let Some((name, value)) = text.split_once(':')
                && id.is_empty()
                && name.eq_ignore_ascii_case("message-id")
            {
                value.trim().clone_into(&mut id);
            }
            if line == b".\r\n" {
                break;
            }
        }
        taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((id, Utc::now()));
        stream.write_all(b"250 taken\r\n").await?;
    }
}
