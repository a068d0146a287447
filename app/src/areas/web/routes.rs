//! What a browser asks for by path: a page of the app, or a file of it.

use std::borrow::Cow;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use super::bundle::{Bundle, File};
use crate::areas::lite;
use crate::error::Error;
use crate::hub::Hub;

/// The pages the app has: each is the same file, and the app shows what its path says. Whatever is
/// not among them is answered with 404, by the app's own words. Held to `web/src/app/router.ts` by a
/// test.
pub const PAGES: [&str; 16] = [
    "/facilities",
    "/facilities/{name}",
    "/targets",
    "/targets/{name}",
    "/sky/{position}",
    "/programmes/{collection}/{id}",
    "/activities/{id}",
    "/subscriptions",
    "/subscriptions/new",
    "/subscriptions/{id}",
    "/sources",
    "/login",
    "/register",
    "/forgot",
    "/settings",
    "/privacy",
];

/// What pages may load and talk to: what comes from here, and nothing inline.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Files whose names change with what is in them.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Files to be asked for again each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The app's pages, and `/` also where there is no app.
pub fn router(bundle: Bundle) -> Router<Hub> {
    let (bare, app) = (lite::Board::new(true), bundle.clone());
    let front = async move |State(hub): State<Hub>, headers: HeaderMap| match page(
        &app,
        StatusCode::OK,
        &headers,
    ) {
        Some(page) => page,
        None => bare.answer(&hub).await.into_response(),
    };
    let mut router = Router::new().route("/", get(front));
    for path in PAGES {
        let app = bundle.clone();
        let shown = async move |headers: HeaderMap| {
            page(&app, StatusCode::OK, &headers).unwrap_or_else(|| lite::unbuilt(&headers))
        };
        router = router.route(path, get(shown));
    }
    router
}

/// The answer to every path no route knows: a file of the app, or the word that there is none. A
/// browser that wants a page hears it from the app.
pub async fn fallback(bundle: Bundle, request: Request) -> Response {
    let (path, headers) = (request.uri().path(), request.headers());
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if path.starts_with("/api/") || !reads {
        return Error::NotFound("page").into_response();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = bundle.file(name, headers).filter(|_| name != "index.html") {
        return sent(file, name, headers);
    }
    // A file that is gone is not the page: the app notices by this that it is outdated.
    let last = name.rsplit('/').next().unwrap_or_default();
    if path.starts_with("/assets/") || last.contains('.') {
        return Error::NotFound("file").into_response();
    }
    if lite::wants_html(headers)
        && let Some(page) = page(&bundle, StatusCode::NOT_FOUND, headers)
    {
        return page;
    }
    lite::missing(headers)
}

/// The app's one page.
fn page(bundle: &Bundle, status: StatusCode, headers: &HeaderMap) -> Option<Response> {
    let file = bundle.file("index.html", headers)?;
    let mut answer = sent(file, "index.html", headers);
    // What is not there is no match for what a client has.
    if answer.status() == StatusCode::OK {
        *answer.status_mut() = status;
    }
    let fields = answer.headers_mut();
    fields.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Some(answer)
}

fn sent(file: File, name: &str, asked: &HeaderMap) -> Response {
    let keep = if name.starts_with("assets/") {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    let fields: [(HeaderName, HeaderValue); 3] = [
        (header::ETAG, file.etag.clone()),
        (header::CACHE_CONTROL, keep),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if has(asked, &file.etag) {
        return (StatusCode::NOT_MODIFIED, fields).into_response();
    }
    let bytes = match file.bytes {
        Cow::Borrowed(built_in) => Bytes::from_static(built_in),
        Cow::Owned(read) => Bytes::from(read),
    };
    let mut answer = (fields, bytes).into_response();
    let kind = HeaderValue::from_static(file.kind);
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    if let Some(encoding) = file.encoding {
        let encoding = HeaderValue::from_static(encoding);
        answer
            .headers_mut()
            .insert(header::CONTENT_ENCODING, encoding);
    }
    answer
}

/// Whether a client has this version already.
fn has(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let ours = etag.to_str().map(bare).unwrap_or_default();
    let mut given = asked.get_all(header::IF_NONE_MATCH).iter();
    given.any(|value| {
        let tags = value.to_str().unwrap_or_default();
        tags.split(',').any(|tag| bare(tag) == ours)
    })
}
