//! Writes that another site has a browser make.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;
use uuid::Uuid;

use super::{ASTRONOMER, Browser, PASSWORD, newest_mail, rows};
use crate::harness::hub::TestHub;

/// Asked by POST, but they keep nothing, and visitors may ask.
const READS: &[&str] = &["/api/subscriptions/preview"];

/// Every write a browser can make: what the description of the API has, so that none is forgotten.
fn writes() -> Vec<(Method, String)> {
    let document = serde_json::to_value(app::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let paths = paths.filter(|(path, _)| !READS.contains(&path.as_str()));
    let mut writes = Vec::new();
    for (path, operations) in paths {
        let path = path.replace("{id}", &Uuid::nil().to_string());
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let name = method.as_str().to_ascii_lowercase();
            if operations.get(name).is_some() {
                writes.push((method, path.clone()));
            }
        }
    }
    writes
}

#[test]
fn writes_of_every_area_are_among_them() {
    let writes = writes();
    for (method, path) in [
        (Method::POST, "/api/auth/login"),
        (Method::PUT, "/api/me/totp"),
        (Method::POST, "/api/tokens"),
        (Method::POST, "/api/subscriptions"),
        (Method::POST, "/api/subscriptions/import"),
        (
            Method::PATCH,
            "/api/subscriptions/00000000-0000-0000-0000-000000000000",
        ),
    ] {
        assert!(writes.contains(&(method, path.to_owned())), "{path}");
    }
    assert!(
        writes.iter().all(|(_, path)| !path.contains('{')),
        "{writes:?}"
    );
}

#[tokio::test]
async fn no_other_site_can_have_a_browser_write() {
    let hub = TestHub::start().await;
    let (mut browser, writes) = (Browser::of(&hub, ASTRONOMER).await, writes());
    for headers in [
        vec![],
        vec![("origin", "https://example.org".to_owned())],
        vec![("origin", "null".to_owned())],
        vec![("sec-fetch-site", "cross-site".to_owned())],
        vec![("sec-fetch-site", "same-site".to_owned())],
    ] {
        browser.headers.clone_from(&headers);
        for (method, path) in &writes {
            let given = json!({ "email": ASTRONOMER, "password": PASSWORD });
            let answer = browser.ask(method.clone(), path, Some(given)).await;
            assert_eq!(answer.status, 403, "{method} {path} with {headers:?}");
            assert_eq!(answer.header("set-cookie"), None, "{method} {path}");
        }
    }
    assert_eq!(rows(&hub, "select id from sessions").await, 1);
}

#[tokio::test]
async fn no_other_site_can_have_a_browser_follow_a_link() {
    let hub = TestHub::start().await;
    let mut browser = Browser::new(&hub);
    let given = json!({ "email": ASTRONOMER, "password": PASSWORD });
    browser.post("/api/auth/register", given).await;
    let page = format!("/verify/{}", newest_mail(&hub).await.token());

    browser.headers = vec![("origin", "https://example.org".to_owned())];
    assert_eq!(browser.submit(&page, "").await.status, 403);

    assert_eq!(rows(&hub, "select id from accounts").await, 0);
}

#[tokio::test]
async fn our_own_pages_may_write_whichever_way_they_say_so() {
    let hub = TestHub::start().await;
    let mut browser = Browser::of(&hub, ASTRONOMER).await;
    browser.headers = vec![("sec-fetch-site", "same-origin".to_owned())];
    assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_form_of_another_site_cannot_pass_for_json() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let form = format!("{{\"email\":\"{ASTRONOMER}\",\"password\":\"{PASSWORD}\"}}");
    assert_eq!(browser.submit("/api/auth/login", &form).await.status, 400);
}

#[tokio::test]
async fn other_sites_read_nothing_with_our_cookie() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;

    let read = browser.get("/api/me").await;
    assert_eq!(read.header("access-control-allow-credentials"), None);
    let asked = Request::options("/api/me")
        .header("origin", "https://example.org")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let preflight = hub.send(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(preflight.header("access-control-allow-headers"), None);
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        Some("GET")
    );
}
