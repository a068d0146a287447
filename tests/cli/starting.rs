//! What `starboard serve` does about the files it finds.

use app::start::Role;
use app::{config::Config, start};
use domain::Clock;

use super::starboard;
use crate::harness::scratch::Scratch;

async fn starts(folder: &Scratch) -> anyhow::Result<()> {
    let url = folder.sqlite_url("starboard.db");
    let config = Config::read(|name| (name == "DATABASE_URL").then(|| url.clone()))?;
    let ready = start::hub(
        app::secrets::kept_beside(config)?,
        Role::All,
        Clock::system(),
    )
    .await?;
    ready.hub.queue.close().await;
    ready.hub.db.clone().close().await;
    Ok(())
}

#[tokio::test]
async fn an_empty_file_that_was_looked_at_before_is_made_ready() {
    let folder = Scratch::new();
    let settings = [("DATABASE_URL", folder.sqlite_url("starboard.db"))];
    let looked = starboard(&["migrate", "--status"], &settings).await;
    assert!(looked.stderr.contains("to be done"), "{}", looked.stderr);

    starts(&folder).await.unwrap();
}

#[tokio::test]
async fn a_database_restored_without_its_queue_gets_a_new_one() {
    let folder = Scratch::new();
    starts(&folder).await.unwrap();
    std::fs::remove_file(folder.file("starboard.queue.db")).unwrap();

    starts(&folder).await.unwrap();
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let folder = Scratch::new();
    let db = app::db::Db::connect(&folder.sqlite_url("starboard.db"))
        .await
        .unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(db.read(), "create table theirs (id integer)")
        .await
        .unwrap();
    db.close().await;

    let refused = starts(&folder).await.unwrap_err().to_string();
    assert!(refused.contains("run `starboard migrate`"), "{refused}");
}
