//! An endpoint of a user: it keeps what arrives and answers what it was told to.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Response, Uri};
use tokio::net::TcpListener;

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Its method.
    pub(crate) method: Method,
    /// Its path and query.
    pub(crate) path: String,
    /// Its header fields.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
}

impl Request {
    /// A header field, as text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether the published reference library takes it, given this secret.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        let reference = standardwebhooks::Webhook::new(secret).unwrap();
        reference.verify(&self.body, &self.headers).is_ok()
    }
}

/// The endpoint. It serves until the test is over.
pub(crate) struct Endpoint {
    /// Where it listens.
    pub(crate) port: u16,
    arrived: Arc<Mutex<Vec<Request>>>,
}

impl Endpoint {
    /// An endpoint with this answer to everything.
    pub(crate) async fn answering(answer: fn() -> Response<Body>) -> Endpoint {
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let kept = arrived.clone();
        let take = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            kept.lock().unwrap().push(Request {
                method,
                path: uri.to_string(),
                headers,
                body,
            });
            answer()
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let routes = axum::Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Endpoint { port, arrived }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?of=mine", self.port)
    }

    /// Everything that arrived.
    pub(crate) fn arrived(&self) -> Vec<Request> {
        self.arrived.lock().unwrap().clone()
    }
}

/// An answer with a status and nothing else.
pub(crate) fn status(status: u16) -> Response<Body> {
    Response::builder()
        .status(status)
        .body(Body::empty())
        .unwrap()
}
