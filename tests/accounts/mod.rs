//! Accounts, asked as browsers and programs ask them.

mod browser;
pub(crate) mod factor;
mod limits;
mod links;
mod me;
mod operators;
mod origin;
mod sessions;
mod signing_in;
mod tokens;

use app::db::sql;
use sea_orm::ConnectionTrait;

pub(crate) use self::browser::Browser;
use crate::harness::hub::TestHub;

/// The address of most tests.
pub(crate) const ASTRONOMER: &str = "astronomer@example.org";
/// And its password.
pub(crate) const PASSWORD: &str = "ten letters or more";

/// A mail in the outbox.
pub(crate) struct Mailed {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Mailed {
    /// What follows `/verify/` or `/reset/` in its link.
    pub(crate) fn token(&self) -> String {
        let words = self.text.split_whitespace();
        let mut links = words.filter_map(|word| {
            let (_, token) = word
                .split_once("/verify/")
                .or_else(|| word.split_once("/reset/"))?;
            Some(token.to_owned())
        });
        links
            .next()
            .unwrap_or_else(|| panic!("no link in {}", self.text))
    }
}

/// Every mail so far, oldest first, after the jobs have run.
pub(crate) async fn mails(hub: &TestHub) -> Vec<Mailed> {
    hub.run_jobs().await;
    let db = hub.hub.db.read();
    let text = "select recipient, subject, body_text from outbox order by kept_at, id";
    let rows = db.query_all_raw(sql(db, text, vec![])).await.unwrap();
    rows.iter()
        .map(|row| Mailed {
            to: row.try_get("", "recipient").unwrap(),
            subject: row.try_get("", "subject").unwrap(),
            text: row.try_get("", "body_text").unwrap(),
        })
        .collect()
}

/// The newest mail.
pub(crate) async fn newest_mail(hub: &TestHub) -> Mailed {
    mails(hub).await.pop().expect("a mail")
}

/// How many rows a query finds.
async fn rows(hub: &TestHub, query: &str) -> usize {
    let db = hub.hub.db.read();
    db.query_all_raw(sql(db, query, vec![]))
        .await
        .unwrap()
        .len()
}
