//! A hub within the test: its own database, a clock that stands still, a queue that is drained by
//! hand, and its routes without a socket until somebody listens.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use app::areas::activities::take_in::{LEASE, Manner, Report, take_in};
use app::areas::activities::{self, Counts, Telling, apply, clock, feed};
use app::config::Config;
use app::db::Db;
use app::demo::Demo;
use app::hub::{Hub, Parts};
use app::lease::Lease;
use app::mail::Mailer;
use app::mail::outbox::{self, Kept};
use app::start::{Ready, Role, assemble};
use app::webhook::{Caller, LIMIT, Names};
use app::{schema, server};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Clock, Record};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use serde_json::Value;
use tasks::{Queue, Ran};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower::ServiceExt;
use upstream::{Harvest, Upstream};

use super::http::Answer;
use super::names::Told;
use super::postgres::Database;
use super::records::at;
use super::redis::Redis;
use super::scratch::Scratch;

/// When tests begin, unless they say otherwise.
pub(crate) const NOW: &str = "2026-11-21T06:00:00Z";

/// What a hub stores things in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file.
    Sqlite,
    /// A database of the test process's server.
    Postgres,
}

/// Where a hub's things are, for as long as it lives.
#[derive(Debug)]
enum Home {
    Sqlite(Scratch),
    Postgres(Database),
}

impl Home {
    async fn new(kind: Kind) -> Home {
        match kind {
            Kind::Sqlite => Home::Sqlite(Scratch::new()),
            Kind::Postgres => Home::Postgres(Database::migrated().await),
        }
    }

    fn url(&self) -> String {
        match self {
            Home::Sqlite(folder) => folder.sqlite_url("starboard.db"),
            Home::Postgres(database) => database.url(),
        }
    }
}

/// A hub of one test's own.
pub(crate) struct TestHub {
    /// The hub itself.
    pub(crate) hub: Hub,
    /// Which database it is on.
    pub(crate) kind: Kind,
    router: Router,
    home: Home,
}

impl TestHub {
    /// A hub on SQLite.
    pub(crate) async fn start() -> TestHub {
        TestHub::on(Kind::Sqlite).await
    }

    /// A hub on a database of this kind.
    pub(crate) async fn on(kind: Kind) -> TestHub {
        TestHub::with(kind, &[]).await
    }

    /// A hub with these settings (`SMTP_URL`, …) besides those of every test.
    pub(crate) async fn with(kind: Kind, settings: &[(&str, &str)]) -> TestHub {
        let home = Home::new(kind).await;
        let db = Db::connect(&home.url()).await.unwrap();
        if kind == Kind::Sqlite {
            schema::migrate(&db).await.unwrap();
        }
        let queue = Queue::temporary().await.unwrap();
        let clock = Clock::fixed(at(NOW));
        let hub = assembled(&home.url(), settings, clock, db, queue).await;
        let mut hub = TestHub {
            kind,
            router: server::router(hub.clone()),
            hub,
            home,
        };
        hub.naming(Told::nothing());
        hub
    }

    /// A second process, as it were, on the same database, clock and queue: a hub with its own
    /// connections, feed and bus. Only where several processes are allowed: on PostgreSQL.
    pub(crate) async fn beside(&self, redis_url: Option<&str>) -> Hub {
        assert_eq!(self.kind, Kind::Postgres, "SQLite serves one process only");
        let url = self.home.url();
        let db = Db::connect(&url).await.unwrap();
        let redis_url = redis_url.map(|url| ("REDIS_URL", url));
        assembled(
            &url,
            redis_url.as_slice(),
            self.hub.clock.clone(),
            db,
            self.hub.queue.clone(),
        )
        .await
    }

    /// A process that works beside it, as it were: as [`beside`](Self::beside), with a queue on the
    /// same database, asking this upstream.
    pub(crate) async fn worker_beside(&self, upstream: Upstream) -> Hub {
        let hub = self.beside(None).await;
        Hub::new(Parts {
            upstream,
            queue: Queue::postgres(&self.home.url()).await.unwrap(),
            ..parts(&hub)
        })
    }

    /// The same hub, asking this upstream.
    pub(crate) fn hearing(&self, upstream: Upstream) -> Hub {
        Hub::new(Parts {
            upstream,
            ..self.parts()
        })
    }

    /// Changes settings; what is made of them at the start, but for the database, is made anew.
    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        let mut parts = self.parts();
        change(&mut parts.config);
        parts.mailer = Mailer::new(&parts.config, parts.db.clone()).unwrap();
        self.hub = Hub::new(parts);
        self.naming(Told::nothing());
    }

    /// Webhooks go where these names lead.
    pub(crate) fn naming(&mut self, names: Arc<dyn Names>) {
        let mut parts = self.parts();
        let own_networks = parts.config.allow_private_webhooks;
        parts.webhooks = Caller::with(own_networks, names, LIMIT).unwrap();
        self.hub = Hub::new(parts);
        self.router = server::router(self.hub.clone());
    }

    /// The same hub, playing the demo from now on.
    pub(crate) fn play_demo(&mut self) {
        let demo = Demo::load(self.hub.clock.clone()).unwrap();
        let mut parts = self.parts();
        parts.config.demo = true;
        parts.upstream = demo.upstream();
        parts.demo = Some(demo);
        self.hub = Hub::new(parts);
        self.router = server::router(self.hub.clone());
    }

    fn parts(&self) -> Parts {
        parts(&self.hub)
    }

    /// The `DATABASE_URL` it is on.
    pub(crate) fn database_url(&self) -> String {
        self.home.url()
    }

    /// The settings of a process on the same database, and on this Redis, that harvests nothing.
    pub(crate) fn settings(&self, redis: Option<&Redis>) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("DATABASE_URL", self.database_url()),
            (
                "SECRET_KEY",
                self.hub.config.secret_key.clone().unwrap_or_default(),
            ),
            ("STARBOARD_SOURCES", ",".to_owned()),
        ];
        settings.extend(redis.map(|redis| ("REDIS_URL", redis.url())));
        settings
    }

    /// Moves the time on.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.hub.clock.advance(by);
    }

    /// Sets the time.
    pub(crate) fn set_time(&self, to: DateTime<Utc>) {
        self.hub.clock.set(to);
    }

    /// Tells the hub what a source says, as news.
    pub(crate) async fn apply(&self, source: &str, records: &[Record]) -> Counts {
        tell(&self.hub, source, records).await
    }

    /// Takes in a harvest of a source as news.
    pub(crate) async fn take_in(&self, source: &'static str, harvest: &Harvest) -> Report {
        let db = &self.hub.db;
        let lease = Lease::take(db, "test", LEASE).await.unwrap().unwrap();
        let manner = Manner {
            backfill: false,
            demo: false,
            regular: true,
            lease: &lease,
        };
        let report = take_in(&self.hub, source, harvest, manner).await.unwrap();
        lease.release(db).await.unwrap();
        report
    }

    /// Takes every connection that is there for readers, until it is dropped.
    pub(crate) async fn hold_every_reader(&self) -> Vec<DatabaseTransaction> {
        let readers = self.hub.db.read();
        let most = match self.hub.db.is_sqlite() {
            true => readers
                .get_sqlite_connection_pool()
                .options()
                .get_max_connections(),
            false => readers
                .get_postgres_connection_pool()
                .options()
                .get_max_connections(),
        };
        let mut held = Vec::new();
        for _ in 0..most {
            held.push(readers.begin().await.unwrap());
        }
        held
    }

    /// Lets the clock publish everything that is due; says how much.
    pub(crate) async fn tick(&self) -> usize {
        let mut due = 0;
        loop {
            match clock::tick(&self.hub, None).await.unwrap() {
                0 => return due,
                some => due += some,
            }
        }
    }

    /// The mails it has sent, oldest first, where it has no mail server.
    pub(crate) async fn mails(&self) -> Vec<Kept> {
        let mut mails = outbox::all(self.hub.db.read()).await.unwrap();
        mails.reverse();
        mails
    }

    /// Runs every job that is due, and those they queue, one after the other.
    pub(crate) async fn run_jobs(&self) -> Vec<Ran> {
        let workers = server::workers(&self.hub);
        workers.drain_until(self.hub.clock.now()).await.unwrap()
    }

    /// Asks by GET, without a socket.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// The JSON a path answers. Panics unless it is answered with 200.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// Sends a request, without a socket.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from(Ipv4Addr::LOCALHOST.into(), request).await
    }

    /// Sends a request as if from this address, without a socket.
    pub(crate) async fn send_from(&self, peer: IpAddr, mut request: Request<Body>) -> Answer {
        let peer = SocketAddr::from((peer, 50_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let text = |value: &axum::http::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let fields = response.headers().iter();
        let headers = fields
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect();
        let body = to_bytes(response.into_body(), 64 << 20).await.unwrap();
        Answer {
            status,
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Listens on a free port of the loopback address, for what needs a socket.
    pub(crate) async fn listen(&self) -> u16 {
        listen(&self.hub).await
    }

    /// Every event so far, as clients get them.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let db = self.hub.db.read();
        let lines = activities::event_log::after(db, 0, 100_000).await.unwrap();
        lines
            .iter()
            .map(|line| serde_json::from_str(&line.envelope).unwrap())
            .collect()
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        self.hub.shutdown.cancel();
    }
}

/// Tells any hub what a source says, as news.
pub(crate) async fn tell(hub: &Hub, source: &str, records: &[Record]) -> Counts {
    let telling = Telling {
        source,
        backfill: false,
        demo: false,
        lease: None,
    };
    let records: Vec<&Record> = records.iter().collect();
    apply(hub, telling, &records).await.unwrap()
}

/// Listens on a free port for any hub.
pub(crate) async fn listen(hub: &Hub) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(server::serve(listener, hub.clone()));
    port
}

fn parts(hub: &Hub) -> Parts {
    Parts {
        config: hub.config.clone(),
        role: hub.role,
        db: hub.db.clone(),
        bus: hub.bus.clone(),
        queue: hub.queue.clone(),
        clock: hub.clock.clone(),
        secrets: hub.secrets.clone(),
        mailer: hub.mailer.clone(),
        webhooks: hub.webhooks.clone(),
        passwords: hub.passwords.clone(),
        upstream: hub.upstream.clone(),
        catalogue: hub.catalogue.clone(),
        feed: hub.feed.clone(),
        pages: hub.pages.clone(),
        log: hub.log.clone(),
        demo: None,
        clock_hand: Notify::new(),
        shutdown: hub.shutdown.clone(),
        connections: hub.connections.clone(),
    }
}

/// A hub with a running feed. Its clock and its jobs run only when a test says so.
async fn assembled(
    url: &str,
    settings: &[(&str, &str)],
    clock: Clock,
    db: Db,
    queue: Queue,
) -> Hub {
    let usual = [
        ("DATABASE_URL", url),
        ("SECRET_KEY", "a secret of tests and of nothing else"),
    ];
    let value = |name: &str| {
        let mut all = settings.iter().chain(&usual);
        all.find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let config = Config::read(value).unwrap();
    let Ready { hub, feed, .. } = assemble(config, Role::All, clock, db, queue).await.unwrap();
    tokio::spawn(feed::run(hub.clone(), feed));
    hub.feed.reached(0).await;
    hub
}

/// Runs a test on SQLite, then on PostgreSQL. What fails says on which.
pub(crate) async fn on_both(test: impl AsyncFn(TestHub)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        eprintln!("on {kind:?}");
        test(TestHub::on(kind).await).await;
    }
}

#[tokio::test]
async fn what_a_source_says_is_listed_logged_and_live() {
    on_both(async |hub: TestHub| {
        let port = hub.listen().await;
        let mut socket = super::socket::Socket::open(port, "facility=JWST").await;

        let planned =
            super::records::planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
        assert_eq!(hub.apply("jwst", &[planned]).await.new, 1);
        hub.advance(TimeDelta::minutes(10));
        assert_eq!(hub.tick().await, 1);

        let list = hub.json("/api/activities").await;
        assert_eq!(list["items"][0]["status"], "in_progress");
        let live = socket.events(2).await;
        assert_eq!(live, hub.events().await);
        assert_eq!(
            (&live[0]["event"], &live[1]["event"]),
            (&"scheduled".into(), &"started".into())
        );
    })
    .await;
}

#[tokio::test]
async fn two_hubs_on_one_postgres_tell_each_other_over_redis() {
    let (hub, redis) = (TestHub::on(Kind::Postgres).await, Redis::start().await);
    let other = hub.beside(Some(&redis.url())).await;
    let third = hub.beside(Some(&redis.url())).await;
    let mut socket = super::socket::Socket::open(listen(&other).await, "").await;

    let planned = super::records::planned("1:1:1", "2026-11-21T06:10:00Z", "2026-11-21T07:00:00Z");
    tell(&third, "jwst", &[planned]).await;

    assert_eq!(socket.event().await["event"], "scheduled");
    other.shutdown.cancel();
    third.shutdown.cancel();
}

#[tokio::test]
async fn only_the_jobs_that_are_due_run() {
    let hub = TestHub::start().await;
    hub.hub
        .queue
        .push(activities::PruneEvents {})
        .await
        .unwrap();

    let ran = hub.run_jobs().await;

    assert_eq!(ran.len(), 1);
    assert_eq!(ran[0].outcome, tasks::Outcome::Done);
    assert!(hub.run_jobs().await.is_empty());
}
