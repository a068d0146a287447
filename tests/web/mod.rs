//! The web app as the binary serves it: its pages, its files, and what stands in for it.

use app::areas::web::{Bundle, PAGES};
use app::server;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt;

use crate::harness::hub::TestHub;
use crate::harness::scratch::Scratch;

/// What a browser sends for a page.
const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

/// A hub with an app of these files.
struct Served {
    _hub: TestHub,
    _folder: Scratch,
    router: Router,
}

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    fn field(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(&name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl Served {
    async fn with(files: &[(&str, &str)]) -> Served {
        let (hub, folder) = (TestHub::start().await, Scratch::new());
        std::fs::create_dir(folder.file("assets")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.file(name), text).unwrap();
        }
        let router = server::with_app(hub.hub.clone(), Bundle::of_folder(folder.path()));
        Served {
            _hub: hub,
            _folder: folder,
            router,
        }
    }

    /// An app as Vite builds one.
    async fn built() -> Served {
        Served::with(&[
            ("index.html", "<!doctype html><title>the app</title>"),
            ("sw.js", "worker"),
            ("assets/index-Dq3.js", "plain script"),
            ("assets/index-Dq3.js.br", "packed by brotli"),
            ("assets/index-Dq3.js.gz", "packed by gzip"),
            (".stamp", "hash"),
        ])
        .await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Got {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        Got {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, 1 << 20).await.unwrap().to_vec(),
        }
    }
}

#[tokio::test]
async fn every_page_of_the_app_is_its_one_file_under_a_strict_policy() {
    let app = Served::built().await;
    for path in [
        "/",
        "/facilities/ESO-VLT-U1",
        "/targets/M%2031",
        "/settings",
        "/activities/x",
    ] {
        let page = app.get(path, &[PAGE]).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.body.starts_with(b"<!doctype html><title>the app"),
            "{path}"
        );
        assert_eq!(page.field(header::CACHE_CONTROL), "no-cache");
        let policy = page.field(header::CONTENT_SECURITY_POLICY);
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "connect-src 'self'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn a_page_nobody_changed_is_not_sent_again() {
    let app = Served::built().await;
    let page = app.get("/", &[PAGE]).await;
    let etag = page.field(header::ETAG).to_owned();

    let again = app
        .get("/facilities", &[PAGE, ("if-none-match", &etag)])
        .await;

    assert_eq!(
        (again.status, again.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

#[tokio::test]
async fn an_unknown_page_is_the_app_with_404_and_an_unknown_file_is_not_the_app() {
    let app = Served::built().await;
    let page = app.get("/no/such/page", &[PAGE]).await;
    assert_eq!(page.status, 404);
    assert!(page.body.starts_with(b"<!doctype html><title>the app"));

    for path in [
        "/assets/index-old.js",
        "/assets/x",
        "/favicon.ico",
        "/.stamp",
        "/assets/index-Dq3.js.br",
        "/assets/..%2Findex.html",
    ] {
        let file = app.get(path, &[PAGE]).await;
        assert_eq!(file.status, 404, "{path}");
        assert_eq!(
            file.field(header::CONTENT_TYPE),
            "application/problem+json",
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_api_never_answers_with_the_app() {
    let app = Served::built().await;
    let none = app.get("/api/no-such-thing", &[PAGE]).await;
    assert_eq!(none.status, 404);
    assert_eq!(none.field(header::CONTENT_TYPE), "application/problem+json");
    let program = app
        .get("/no/such/page", &[("accept", "application/json")])
        .await;
    assert_eq!(
        program.field(header::CONTENT_TYPE),
        "application/problem+json"
    );
}

#[tokio::test]
async fn files_go_out_as_they_were_packed_and_are_kept_for_ever() {
    let app = Served::built().await;
    for (accepted, encoding, body) in [
        ("gzip, deflate, br, zstd", "br", "packed by brotli"),
        ("gzip", "gzip", "packed by gzip"),
        ("identity", "", "plain script"),
    ] {
        let file = app
            .get("/assets/index-Dq3.js", &[("accept-encoding", accepted)])
            .await;
        assert_eq!(file.status, 200);
        assert_eq!(file.field(header::CONTENT_ENCODING), encoding);
        assert_eq!(file.body, body.as_bytes());
        assert_eq!(
            file.field(header::CONTENT_TYPE),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            file.field(header::CACHE_CONTROL),
            "public, max-age=31536000, immutable"
        );
        assert!(file.field(header::VARY).contains("accept-encoding"));
    }
    let worker = app.get("/sw.js", &[]).await;
    assert_eq!(worker.field(header::CACHE_CONTROL), "no-cache");
}

#[tokio::test]
async fn pages_made_here_stay_what_they_are() {
    let app = Served::built().await;
    for path in [
        "/lite",
        "/verify/x",
        "/reset/x",
        "/unsubscribe/x",
        "/api/docs/",
    ] {
        let page = app.get(path, &[PAGE]).await;
        assert!(
            !String::from_utf8_lossy(&page.body).contains("the app"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_an_app_the_plain_board_stands_in_and_says_so() {
    let none = Served::with(&[]).await;
    let front = none.get("/", &[PAGE]).await;
    assert_eq!(front.status, 200);
    assert!(String::from_utf8_lossy(&front.body).contains("built without the web app"));
    let page = none.get("/settings", &[PAGE]).await;
    assert_eq!(page.status, 404);
    assert!(String::from_utf8_lossy(&page.body).contains("/lite"));
}

#[test]
fn the_pages_the_server_knows_are_those_of_the_app() {
    let router = include_str!("../../web/src/app/router.ts");
    let paths = router.split("path: '").skip(1);
    let mut theirs: Vec<String> = paths
        .filter_map(|rest| rest.split_once('\'').map(|(path, _)| path))
        .filter(|path| path.starts_with('/') && *path != "/" && !path.contains('('))
        .map(|path| {
            let parts = path.split('/').map(|part| match part.strip_prefix(':') {
                Some(name) => format!("{{{name}}}"),
                None => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect();
    let mut ours = PAGES.map(str::to_owned).to_vec();
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs);
}
