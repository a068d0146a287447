//! Where `SECRET_KEY` comes from.

use crate::harness::postgres::Database;
use crate::harness::process::{Serving, run};
use crate::harness::scratch::Scratch;

#[tokio::test]
async fn beside_an_sqlite_file_a_key_is_made_once() {
    let settings = [("STARBOARD_SOURCES", ",".to_owned())];
    let mut serving = Serving::start(&["serve"], &settings).await;
    let file = serving.folder().join("starboard.key");
    let first = std::fs::read_to_string(&file).unwrap();
    serving.stop().await;

    serving.start_again().await;

    assert_eq!(std::fs::read_to_string(&file).unwrap(), first);
    assert!(first.trim().len() >= 32);
}

#[tokio::test]
async fn on_postgres_serve_refuses_to_begin_without_a_key_and_migrate_does_not() {
    let database = Database::migrated().await;
    let folder = Scratch::new();
    let settings = [("DATABASE_URL", database.url())];

    let served = run(&["serve"], folder.path(), &settings).await;
    let migrated = run(&["migrate"], folder.path(), &settings).await;

    assert_eq!(served.code, Some(2));
    assert_eq!(served.stderr.lines().count(), 1, "{}", served.stderr);
    assert!(served.stderr.contains("SECRET_KEY is not set"));
    assert_eq!(migrated.code, Some(0), "{}", migrated.stderr);
}
