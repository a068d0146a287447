//! The `Procfile`, `package.json` and `app.json` on a platform that builds what is pushed and sets
//! `PORT`, a database, Redis and a key.

use std::path::Path;
use std::process::{Command, Stdio};

use app::areas::web::Bundle;
use app::server;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use crate::harness::hub::TestHub;
use crate::harness::postgres::Database;
use crate::harness::procfile::Slug;
use crate::harness::redis::Redis;
use crate::harness::scratch::Scratch;
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

/// Runs a shell line to its end; panics with what it said when it fails.
fn sh(line: &str, folder: &Path) {
    let mut command = Command::new("sh");
    let command = command.args(["-c", line]).current_dir(folder);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{line}: {said}");
}

#[tokio::test]
async fn a_pushed_commit_has_its_web_app_built_and_served() {
    if Command::new("npm").arg("--version").output().is_err() {
        // `cargo xtask test` makes sure that it is.
        eprintln!("NOT RUN: npm is not here");
        return;
    }
    let app: Value = serde_json::from_str(include_str!("../app.json")).unwrap();
    // The binary embeds what the build pack before it made.
    let packs: Vec<&str> = app["buildpacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pack| pack["url"].as_str().unwrap())
        .collect();
    assert!(
        packs[0].contains("node") && packs[1].contains("rust"),
        "{packs:?}"
    );
    let package: Value = serde_json::from_str(include_str!("../package.json")).unwrap();
    let build = package["scripts"]["heroku-postbuild"].as_str().unwrap();
    let pushed = Scratch::new();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let archive = format!("git archive HEAD | tar -x -C '{}'", pushed.path().display());
    sh(&archive, &repository);

    sh(build, pushed.path());

    let dist = pushed.file("web/dist");
    assert!(!pushed.file("web/node_modules").exists());
    let hub = TestHub::start().await;
    let router = server::with_app(hub.hub.clone(), Bundle::of_folder(&dist));
    let get = async |path: &str| {
        let request = Request::get(path)
            .header("accept", "text/html,*/*")
            .header("accept-encoding", "identity");
        let request = request.body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 16 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    let (status, page) = get("/").await;
    assert_eq!(status, 200);
    let scripts: Vec<&str> = page
        .split("src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(
        scripts.iter().any(|src| src.starts_with("/assets/")),
        "{page}"
    );
    for src in scripts {
        assert_eq!(get(src).await.0, 200, "{src}");
        assert!(dist.join(src.trim_start_matches('/')).is_file());
    }
    assert_eq!(get("/facilities").await.0, 200);
    assert_eq!(get("/assets/none.js").await.0, 404);
}
