//! A browser: it keeps its cookie and says where its requests come from.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::{PASSWORD, newest_mail};
use crate::harness::http::Answer;
use crate::harness::hub::TestHub;

/// A browser with the hub's own pages open.
pub(crate) struct Browser<'a> {
    hub: &'a TestHub,
    /// Where it is.
    pub(crate) peer: IpAddr,
    /// What its requests carry besides.
    pub(crate) headers: Vec<(&'static str, String)>,
    cookie: Mutex<Option<String>>,
}

impl<'a> Browser<'a> {
    /// A browser nobody has signed in with.
    pub(crate) fn new(hub: &'a TestHub) -> Browser<'a> {
        Browser {
            hub,
            peer: Ipv4Addr::LOCALHOST.into(),
            headers: vec![("origin", hub.hub.config.public_url.clone())],
            cookie: Mutex::new(None),
        }
    }

    /// A browser elsewhere.
    pub(crate) fn at(hub: &'a TestHub, peer: &str) -> Browser<'a> {
        Browser {
            peer: peer.parse().unwrap(),
            ..Browser::new(hub)
        }
    }

    /// A browser of somebody who has just registered, followed the link and signed in.
    pub(crate) async fn of(hub: &'a TestHub, email: &str) -> Browser<'a> {
        let browser = Browser::new(hub);
        browser.registers(email, PASSWORD).await;
        let answer = browser.signs_in(email, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    /// Registers and follows the link.
    pub(crate) async fn registers(&self, email: &str, password: &str) {
        let given = json!({ "email": email, "password": password });
        let answer = self.post("/api/auth/register", given).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let token = newest_mail(self.hub).await.token();
        let answer = self
            .post("/api/auth/verify", json!({ "token": token }))
            .await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }

    /// Signs in.
    pub(crate) async fn signs_in(&self, email: &str, password: &str) -> Answer {
        let given = json!({ "email": email, "password": password });
        self.post("/api/auth/login", given).await
    }

    /// Signs in with a second factor.
    pub(crate) async fn signs_in_with(&self, email: &str, code: &str) -> Answer {
        let given = json!({ "email": email, "password": PASSWORD, "totp": code });
        self.post("/api/auth/login", given).await
    }

    /// Its cookie, `name=value`.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Has it carry this cookie, or none.
    pub(crate) fn carry(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = cookie;
    }

    /// Asks by GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// The JSON a path answers. Panics unless it is answered with 200.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// Asks by POST.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Asks with a body of JSON, or none.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        match body {
            None => self.send(request.body(Body::empty()).unwrap()).await,
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.send(request.body(body.to_string().into()).unwrap())
                    .await
            }
        }
    }

    /// Submits the form of a page.
    pub(crate) async fn submit(&self, path: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        let request = Request::post(path).header(header::CONTENT_TYPE, kind);
        self.send(request.body(form.to_owned().into()).unwrap())
            .await
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        for (name, value) in &self.headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        if let Some(cookie) = self.cookie() {
            request
                .headers_mut()
                .insert(header::COOKIE, cookie.parse().unwrap());
        }
        let answer = self.hub.send_from(self.peer, request).await;
        if let Some(set) = answer.header("set-cookie") {
            let pair = set.split(';').next().unwrap();
            self.carry((!pair.ends_with('=')).then(|| pair.to_owned()));
        }
        answer
    }
}
