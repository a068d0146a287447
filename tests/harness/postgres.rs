//! One PostgreSQL server for the test process, and a database for each test.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use app::db::Db;
use app::schema;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use tasks::Queue;
use tokio::sync::OnceCell;

use super::leash::Leashed;
use super::scratch::Scratch;
use super::{eventually, free_port, programs};

/// The server, started by whoever asks first.
static SERVER: OnceCell<Server> = OnceCell::const_new();
/// Databases whose tests are over.
static LEFT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Superuser of the server, let in without a password from this machine.
const USER: &str = "starboard";
/// Holds this version's tables; copied for each test.
const TEMPLATE: &str = "starboard_template";

struct Server {
    port: u16,
    _process: Leashed,
}

/// A database of one test's own.
#[derive(Debug)]
pub(crate) struct Database {
    name: String,
    port: u16,
}

impl Database {
    /// A database with this version's tables (the queue's too) and an event log without events.
    pub(crate) async fn migrated() -> Database {
        let database = Database::copy_of(TEMPLATE).await;
        // The copies would share the identity of their template's log.
        let db = Db::connect(&database.url()).await.unwrap();
        app::areas::activities::event_log::renew(db.read())
            .await
            .unwrap();
        db.close().await;
        database
    }

    /// A database without anything in it.
    pub(crate) async fn empty() -> Database {
        Database::copy_of("template1").await
    }

    async fn copy_of(template: &str) -> Database {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let port = server().await.port;
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let left = std::mem::take(&mut *LEFT.lock().unwrap_or_else(PoisonError::into_inner));
        let admin = connect(port, "postgres").await.unwrap();
        for name in left {
            run(&admin, &format!("drop database {name} with (force)")).await;
        }
        run(
            &admin,
            &format!("create database {name} template {template}"),
        )
        .await;
        admin.close().await.unwrap();
        Database { name, port }
    }

    /// Its `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        url(self.port, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        LEFT.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(std::mem::take(&mut self.name));
    }
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}?sslmode=disable")
}

async fn connect(port: u16, database: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url(port, database));
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await
}

async fn run(db: &DatabaseConnection, statement: &str) {
    let done = db.execute_unprepared(statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn server() -> &'static Server {
    SERVER.get_or_init(start).await
}

async fn start() -> Server {
    let bin = programs::postgres_bin().expect("no PostgreSQL server here: run `cargo xtask test`");
    let scratch = Scratch::new();
    let owner = owner(scratch.path());
    let (data, log) = (scratch.file("data"), scratch.file("log"));
    let mut initdb = own(&owner, Command::new(bin.join("initdb")));
    initdb
        .arg("-D")
        .arg(&data)
        .args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"]);
    let made = initdb.arg("--no-sync").current_dir("/").output().unwrap();
    assert!(
        made.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&made.stderr)
    );

    let port = free_port();
    let mut postgres = own(&owner, Command::new(bin.join("postgres")));
    let output = std::fs::File::create(&log).unwrap();
    postgres
        .arg("-D")
        .arg(&data)
        .args(["-p", &port.to_string()])
        .current_dir("/");
    for setting in [
        "listen_addresses=127.0.0.1",
        // No socket in a folder that others use.
        "unix_socket_directories=",
        "max_connections=300",
        // What a test wrote need not survive the machine.
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "log_min_messages=fatal",
    ] {
        postgres.args(["-c", setting]);
    }
    postgres.stdout(output.try_clone().unwrap()).stderr(output);
    let mut process = Leashed::spawn_with_folder(&mut postgres, &scratch.keep().to_string_lossy());
    let admin = eventually("PostgreSQL", async || {
        if let Some(status) = process.ended() {
            panic!(
                "postgres: {status}: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
        }
        connect(port, "postgres").await.ok()
    })
    .await;
    template(&admin, port).await;
    admin.close().await.unwrap();
    Server {
        port,
        _process: process,
    }
}

/// Makes the database that is copied. Its texts sort as in a dictionary, as on most platforms:
/// whoever needs them in the order of their bytes has to say so.
async fn template(admin: &DatabaseConnection, port: u16) {
    let create = format!("create database {TEMPLATE} template template0");
    let dictionary = format!("{create} locale_provider icu icu_locale 'en' locale 'C'");
    if admin.execute_unprepared(&dictionary).await.is_err() {
        // Older than 15, or built without ICU.
        run(admin, &create).await;
    }
    let url = url(port, TEMPLATE);
    let db = Db::connect(&url).await.unwrap();
    schema::migrate(&db).await.unwrap();
    db.close().await;
    let queue = Queue::postgres(&url).await.unwrap();
    queue.migrate().await.unwrap();
    queue.close().await;
}

/// User and group that may run a server: PostgreSQL refuses root.
type Owner = Option<(u32, u32)>;

/// Whoever owns new files here, unless that is root: then `postgres` or `nobody`, who gets the
/// folder.
fn owner(folder: &Path) -> Owner {
    if std::fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let mut fields = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?
            .split(':');
        Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let (user, group) = ids("postgres")
        .or_else(|| ids("nobody"))
        .expect("a user who is not root");
    chown(folder, Some(user), Some(group)).unwrap();
    Some((user, group))
}

/// The command, run by the owner.
fn own(owner: &Owner, mut command: Command) -> Command {
    if let Some((user, group)) = owner {
        command.uid(*user).gid(*group);
    }
    command
}

#[tokio::test]
async fn every_test_has_a_migrated_database_and_a_log_of_its_own() {
    let (one, other) = (Database::migrated().await, Database::migrated().await);
    let mut logs = Vec::new();
    for database in [&one, &other] {
        let db = Db::connect(&database.url()).await.unwrap();
        schema::check(&db).await.unwrap();
        let end = app::areas::activities::event_log::end(db.read())
            .await
            .unwrap();
        assert_eq!(end.seq, 0);
        logs.push(end.log);
        db.close().await;
    }
    assert_ne!(logs[0], logs[1]);
}

#[tokio::test]
async fn the_extensions_of_the_queue_are_there() {
    let database = Database::empty().await;
    let admin = connect(database.port, &database.name).await.unwrap();
    run(&admin, "create extension pgcrypto").await;
    run(&admin, "create extension hstore").await;
    admin.close().await.unwrap();
}
