//! The `Procfile` and `app.json` on a platform that sets `PORT`, a database, Redis and a key.

use serde_json::Value;
use uuid::Uuid;

use crate::harness::postgres::Database;
use crate::harness::procfile::Slug;
use crate::harness::redis::Redis;
use crate::harness::{free_port, http};

/// What the platform makes for a variable `app.json` wants generated.
fn generated(variable: &str) -> String {
    let app: Value = serde_json::from_str(include_str!("../app.json")).unwrap();
    assert_eq!(app["env"][variable]["generator"], "secret");
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

#[tokio::test]
async fn a_pushed_commit_migrates_serves_and_ends_when_told_to() {
    let (database, redis) = (Database::empty().await, Redis::start().await);
    let settings = [
        ("DATABASE_URL", database.url()),
        ("REDIS_URL", redis.url()),
        ("SECRET_KEY", generated("SECRET_KEY")),
        // No source: nothing here reaches for the network.
        ("STARBOARD_SOURCES", ",".to_owned()),
    ];
    let slug = Slug::new();

    let release = slug.run("release", &settings).await;
    assert_eq!(release.code, Some(0), "{}", release.stderr);

    let port = free_port();
    let mut web = slug.web(port, &settings).await;
    let page = http::get(&format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap();
    assert_eq!(page.status, 200);
    let activities = http::get(&format!("http://127.0.0.1:{port}/api/activities"))
        .await
        .unwrap();
    assert_eq!(activities.json()["items"], Value::Array(Vec::new()));

    web.signal("TERM");
    let status = web.wait().await;
    assert!(status.success(), "{status}: {}", web.stderr.text());
}
