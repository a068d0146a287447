//! The whole way of somebody new, over sockets: from registering to the last mail.

use app::areas::activities::{HarvestUpstream, event_log};
use app::areas::subscriptions;
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::harness::eventually;
use crate::harness::http::client;
use crate::harness::hub::{Kind, TestHub};
use crate::harness::records::at;
use crate::harness::smtp::{Received, SmtpServer};

const BOARD: &str = "https://board.example.org";
const NEWCOMER: &str = "newcomer@example.org";
const PASSWORD: &str = "ten letters or more";

/// A browser that shows pages of the board, and a mail program beside it.
struct Screen {
    client: Client,
    port: u16,
    cookie: Option<String>,
}

impl Screen {
    /// Nobody is signed in.
    fn new(port: u16) -> Screen {
        Screen {
            client: client(),
            port,
            cookie: None,
        }
    }

    /// Asks as a page of the board does.
    async fn asks(&mut self, method: Method, path: &str, json: Value) -> (u16, String) {
        let mut request = self.client.request(method, self.url(path));
        request = request.header(ORIGIN, BOARD);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if !json.is_null() {
            request = request.header(CONTENT_TYPE, "application/json");
            request = request.body(json.to_string());
        }
        let answer = request.send().await.unwrap();
        if let Some(set) = answer.headers().get(SET_COOKIE) {
            let set = set.to_str().unwrap();
            for flag in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
                assert!(set.contains(flag), "{flag} of {set}");
            }
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What a path answers, as JSON.
    async fn reads(&mut self, path: &str) -> Value {
        let (status, body) = self.asks(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Signs in; says how that was answered.
    async fn signs_in(&mut self) -> u16 {
        let given = json!({ "email": NEWCOMER, "password": PASSWORD });
        self.asks(Method::POST, "/api/auth/login", given).await.0
    }

    /// Looks at a link as a mail program or a scanner does, twice; gives the page.
    async fn looks_at(&self, link: &str) -> String {
        let mut page = String::new();
        for _ in 0..2 {
            let answer = self.client.get(self.url(link)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{link}");
            assert_eq!(answer.headers().get(SET_COOKIE), None);
            page = answer.text().await.unwrap();
        }
        page
    }

    /// Ends mails as a mail program does (RFC 8058): without a cookie, from no page.
    async fn clicks_once(&self, link: &str) -> u16 {
        let asked = self.client.post(self.url(link));
        let asked = asked.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let asked = asked.body("List-Unsubscribe=One-Click");
        asked.send().await.unwrap().status().as_u16()
    }

    /// Where a path of the board is served here.
    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// The demo, its mails handed to this server.
async fn demo(kind: Kind, smtp: &SmtpServer) -> TestHub {
    let url = smtp.url();
    let settings = [
        ("PUBLIC_URL", BOARD),
        ("SMTP_URL", url.as_str()),
        ("MAIL_FROM", "Board <board@example.org>"),
    ];
    let mut hub = TestHub::with(kind, &settings).await;
    hub.play_demo();
    let swift = "swift".to_owned();
    let harvest = HarvestUpstream { connector: swift };
    hub.hub.queue.push(harvest).await.unwrap();
    hub.run_jobs().await;
    hub
}

/// The path of a link to the board in a mail.
fn path_of<'a>(text: &'a str, page: &str) -> &'a str {
    let link = text
        .split(|c: char| c.is_whitespace() || "<>".contains(c))
        .find_map(|word| {
            word.strip_prefix(BOARD)
                .filter(|path| path.starts_with(page))
        });
    link.unwrap_or_else(|| panic!("no link to {page} in {text}"))
}

/// Lets the clock come to Swift's next snapshot, and waits until the matcher is done with it.
async fn next_snapshot(hub: &TestHub) {
    let now = hub.hub.clock.now();
    let ahead = hub
        .json("/api/activities?facility=Swift&status=scheduled&from=now&sort=t_min")
        .await;
    let starts = ahead["items"].as_array().unwrap().iter();
    let mut starts = starts.map(|one| at(one["t_min"].as_str().unwrap()));
    hub.set_time(starts.find(|start| *start > now).unwrap());
    assert!(hub.tick().await > 0);
    let end = event_log::end(hub.hub.db.read()).await.unwrap().seq;
    eventually("the matcher", async || {
        let place = event_log::smallest_cursor(hub.hub.db.read()).await.unwrap();
        (place == Some(end)).then_some(())
    })
    .await;
}

/// Waits until nothing of a subscription is on its way any more; gives the mails that came of it.
async fn told(screen: &mut Screen, subscription: &str, smtp: &SmtpServer) -> Vec<Received> {
    let path = format!("/api/subscriptions/{subscription}/deliveries");
    eventually("every mail on its way", async || {
        let deliveries = screen.reads(&path).await;
        let mut states = deliveries["items"].as_array().unwrap().iter();
        states.all(|one| one["state"] == "sent").then_some(())
    })
    .await;
    let mails = smtp.mails().into_iter();
    mails
        .filter(|mail| mail.header("List-Unsubscribe").is_some())
        .collect()
}

#[tokio::test]
async fn somebody_new_registers_subscribes_is_told_once_and_ends_it_with_one_click() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        eprintln!("on {kind:?}");
        let smtp = SmtpServer::start().await;
        let hub = demo(kind, &smtp).await;
        let mut screen = Screen::new(hub.listen().await);
        let cancel = hub.hub.shutdown.child_token();
        let running = tokio::spawn(subscriptions::run(hub.hub.clone(), cancel.clone()));

        registers(&hub, &mut screen, &smtp).await;
        let id = subscribes(&hub, &mut screen).await;
        assert_eq!(told(&mut screen, &id, &smtp).await.len(), 0);

        next_snapshot(&hub).await;
        let mails = told(&mut screen, &id, &smtp).await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        let mail = &mails[0];
        assert_eq!(mail.to, [NEWCOMER]);
        assert!(
            mail.subject()
                .starts_with("[demo] Swift should now be observing ")
        );
        let one_click = mail.header("List-Unsubscribe-Post").unwrap();
        assert_eq!(one_click, "List-Unsubscribe=One-Click");
        let link = mail.header("List-Unsubscribe").unwrap();
        let link = path_of(&link, "/unsubscribe/");

        let page = screen.looks_at(link).await;
        assert!(page.contains("No more mails"), "{page}");
        next_snapshot(&hub).await;
        assert_eq!(told(&mut screen, &id, &smtp).await.len(), 2);

        assert_eq!(screen.clicks_once(link).await, 200);
        next_snapshot(&hub).await;
        assert_eq!(told(&mut screen, &id, &smtp).await.len(), 2);
        let path = format!("/api/subscriptions/{id}");
        assert_eq!(screen.reads(&path).await["active"], false);

        cancel.cancel();
        running.await.unwrap();
    }
}

/// Asks for an account, follows the link in the mail and signs in.
async fn registers(hub: &TestHub, screen: &mut Screen, smtp: &SmtpServer) {
    let given = json!({ "email": NEWCOMER, "password": PASSWORD });
    let (status, body) = screen.asks(Method::POST, "/api/auth/register", given).await;
    assert_eq!(status, 202, "{body}");
    hub.run_jobs().await;
    let mail = smtp.has(1).await.remove(0);
    assert_eq!(mail.to, [NEWCOMER]);
    let text = mail.text();
    let link = path_of(&text, "/verify/");

    let page = screen.looks_at(link).await;
    assert!(page.contains("<form method=\"post\">"), "{page}");
    assert_eq!(screen.signs_in().await, 401, "nobody followed the link yet");
    let (status, body) = screen.asks(Method::POST, link, Value::Null).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(screen.signs_in().await, 200);
    assert_eq!(screen.reads("/api/me").await["email"], NEWCOMER);
}

/// Looks at what a subscription would have brought and saves it; gives its id.
async fn subscribes(hub: &TestHub, screen: &mut Screen) -> String {
    let filter = json!({ "facility": ["Swift"] });
    let asked = json!({ "filter": filter, "events": ["started"], "once_per": "activity" });
    let preview = async |screen: &mut Screen| {
        let path = "/api/subscriptions/preview";
        let (status, body) = screen.asks(Method::POST, path, asked.clone()).await;
        assert_eq!(status, 200, "{body}");
        let preview: Value = serde_json::from_str(&body).unwrap();
        preview["count"].as_u64().unwrap()
    };
    assert_eq!(preview(screen).await, 0, "nothing has started yet");
    next_snapshot(hub).await;
    assert_eq!(preview(screen).await, 1);

    let mut saved = asked.clone();
    saved["name"] = "What Swift looks at".into();
    let path = "/api/subscriptions";
    let (status, body) = screen.asks(Method::POST, path, saved).await;
    assert_eq!(status, 201, "{body}");
    let made: Value = serde_json::from_str(&body).unwrap();
    made["id"].as_str().unwrap().to_owned()
}
