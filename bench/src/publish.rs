//! Who tells the hub news in the benches of the live feed: a process of its own beside the server,
//! on the same database and bus. A line of its input (a mark, a class) becomes an activity; all
//! lines that wait become one transaction.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use app::areas::activities::{Telling, apply};
use app::config::Config;
use app::db::Db;
use app::hub::Hub;
use app::start::{Role, assemble};
use chrono::{TimeDelta, Utc};
use clap::Args;
use domain::{Claim, Clock, Link, Record};
use tasks::Queue;
use tokio::sync::mpsc;

use crate::activities::facts;
use crate::sky::Sky;

/// Lines of a transaction at most.
const BATCH: usize = 256;

/// Tells a hub what its input says
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The hub's database
    #[arg(long)]
    database: String,
    /// The hub's bus
    #[arg(long)]
    redis: u16,
    /// Bytes to add to an activity
    #[arg(long, default_value_t = 0)]
    more: usize,
    /// Also publishes a message of this size on the Redis channel `feed`, once the log has it: for
    /// the floor, so that it is fed like the hub
    #[arg(long)]
    plain: Option<usize>,
}

impl Publish {
    /// Publishes until its input ends.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let hub = self.hub().await?;
        let mut plain = match self.plain {
            Some(size) => Some(Plain::new(self.redis, size)?),
            None => None,
        };
        let (tell, mut lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(std::io::stdin()).lines() {
                if !line.is_ok_and(|line| tell.send(line).is_ok()) {
                    return;
                }
            }
        });
        let (sky, mut count, mut batch) = (Sky::new(), 0, Vec::new());
        let telling = Telling {
            source: "bench",
            backfill: false,
            demo: false,
            lease: None,
        };
        while lines.recv_many(&mut batch, BATCH).await > 0 {
            let records: Vec<Record> = batch
                .iter()
                .map(|line| {
                    count += 1;
                    self.record(count, line, &sky)
                })
                .collect();
            apply(&hub, telling, &records.iter().collect::<Vec<_>>()).await?;
            tell_when(&batch)?;
            if let Some(plain) = &mut plain {
                plain.publish(&batch)?;
            }
            batch.clear();
        }
        crate::bed::close(hub).await;
        Ok(())
    }

    /// A hub that only writes: it serves nobody and follows nothing.
    async fn hub(&self) -> anyhow::Result<Hub> {
        let config = Config::read(|name| match name {
            "DATABASE_URL" => Some(self.database.clone()),
            "REDIS_URL" => Some(format!("redis://127.0.0.1:{}", self.redis)),
            "SECRET_KEY" => Some(crate::bed::SECRET.to_owned()),
            _ => None,
        })?;
        let db = Db::connect(&self.database).await?;
        let queue = Queue::temporary().await?;
        let ready = assemble(config, Role::Worker, Clock::system(), db, queue).await?;
        Ok(ready.hub)
    }

    /// A plan line that carries the mark. Starts grow, since a batch is told in their order.
    fn record(&self, number: u64, line: &str, sky: &Sky) -> Record {
        let (mark, class) = line.split_once(' ').unwrap_or((line, "0"));
        let seconds = i64::try_from(number).unwrap_or(0);
        let start = Utc::now() + TimeDelta::days(1) + TimeDelta::seconds(seconds);
        let mut facts = facts(number, sky, start);
        facts.proposal_id = Some(format!("class{class}"));
        facts.proposal_title = Some(mark.to_owned());
        while facts.links.len() * 150 < self.more {
            facts.links.push(Link {
                title: "Programme".to_owned(),
                url: format!("https://example.org/{}", "x".repeat(100)),
            });
        }
        let mut record = Record::new(format!("bench:{number}"), Claim::Plan, facts, line);
        record.on_track = true;
        record
    }
}

/// Says when the log had these: the mark and nanoseconds of the system's clock.
fn tell_when(lines: &[String]) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let mut out = std::io::stdout().lock();
    for line in lines {
        let mark = line.split(' ').next().unwrap_or_default();
        writeln!(out, "{mark} {now}")?;
    }
    Ok(out.flush()?)
}

/// Messages for who does not read the hub's bus.
struct Plain {
    redis: TcpStream,
    size: usize,
}

impl Plain {
    fn new(port: u16, size: usize) -> anyhow::Result<Plain> {
        let redis = TcpStream::connect(("127.0.0.1", port)).context("Redis")?;
        redis.set_nodelay(true)?;
        Ok(Plain { redis, size })
    }

    fn publish(&mut self, lines: &[String]) -> anyhow::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            let (mark, _) = line.split_once(' ').unwrap_or((line, ""));
            let size = self.size.max(mark.len());
            let command = "*3\r\n$7\r\nPUBLISH\r\n$4\r\nfeed\r\n";
            write!(text, "{command}${size}\r\n{mark:x<size$}\r\n")?;
        }
        self.redis.write_all(&text)?;
        // An answer of a line each; what it says is nobody's business.
        let (mut answers, mut room) = (0, [0; 4096]);
        while answers < lines.len() {
            let count = self.redis.read(&mut room)?;
            anyhow::ensure!(count > 0, "Redis hung up");
            let read = room.get(..count).unwrap_or_default();
            answers += read.iter().filter(|byte| **byte == b'\n').count();
        }
        Ok(())
    }
}
