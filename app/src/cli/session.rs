//! A session at a server, by password: what tokens are made with.

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::ask;
use super::client::{self, Client, Pass, Refused};

/// The problem of a second factor that is missing or wrong.
const CODE: &str = "/problems/code";

/// Signed in by password.
pub(super) struct Session {
    client: Client,
    /// Whose account.
    pub(super) email: String,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Scope {
    /// Read.
    Read,
    /// Read and write, credentials excepted.
    Write,
}

/// A token just made. The text is seen here and never again.
#[derive(Deserialize)]
pub(super) struct NewToken {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) token: String,
}

#[derive(Deserialize)]
struct LoggedIn {
    email: String,
}

impl Session {
    /// Signs in: asks for what was not given, and for the second factor where there is one.
    ///
    /// # Errors
    /// When nobody answers, or what was given does not fit.
    pub(super) async fn open(server: Url, email: Option<String>) -> anyhow::Result<Session> {
        if server.scheme() == "http" && !client::is_this_machine(&server) {
            eprintln!("starboard: {server} is asked without encryption: others may read along");
        }
        let email = match email {
            Some(email) => email,
            None => ask::line("Email").await?,
        };
        let password = ask::hidden("Password").await?;
        let mut given = json!({ "email": email, "password": password });
        let visitor = Client::with(server.clone(), Pass::Session(None))?;
        let answer = match login(&visitor, &given).await {
            Err(error) if wants_code(&error) => {
                let code = ask::line("Code of your app, or a recovery code").await?;
                if let Some(fields) = given.as_object_mut() {
                    fields.insert("totp".to_owned(), code.trim().into());
                }
                login(&visitor, &given).await
            }
            answer => answer,
        };
        let (cookie, email) = answer?;
        let client = Client::with(server, Pass::Session(Some(cookie)))?;
        Ok(Session { client, email })
    }

    /// Makes a token; its answer as it came, too.
    ///
    /// # Errors
    /// What the server says is wrong.
    pub(super) async fn token(
        &self,
        name: &str,
        scope: Scope,
        expires: Option<DateTime<Utc>>,
    ) -> anyhow::Result<(NewToken, Value)> {
        let scope = match scope {
            Scope::Read => "read",
            Scope::Write => "write",
        };
        let wanted = json!({ "name": name, "scope": scope, "expires": expires });
        let whole: Value = self
            .client
            .give(Method::POST, "/api/tokens", &wanted)
            .await?;
        let token = self.client.read(whole.to_string().as_bytes())?;
        Ok((token, whole))
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// What the server says is wrong.
    pub(super) async fn revoke(&self, id: Uuid) -> anyhow::Result<()> {
        let path = format!("/api/tokens/{id}");
        self.client.send(Method::DELETE, &path, &[], None).await?;
        Ok(())
    }

    /// Signs out. One that does not succeed ends by itself later.
    pub(super) async fn close(self) {
        let out = self
            .client
            .send(Method::POST, "/api/auth/logout", &[], None);
        if let Err(error) = out.await {
            eprintln!("starboard: the session was not ended: {error:#}");
        }
    }
}

/// The session's cookie, and the address as the server knows it.
async fn login(client: &Client, given: &Value) -> anyhow::Result<(HeaderValue, String)> {
    let path = "/api/auth/login";
    let (fields, body) = client.send(Method::POST, path, &[], Some(given)).await?;
    let cookie = cookie(&fields).context("the server began no session")?;
    let LoggedIn { email } = client.read(&body)?;
    Ok((cookie, email))
}

fn wants_code(error: &anyhow::Error) -> bool {
    let refused = error.downcast_ref::<Refused>();
    refused.is_some_and(|refused| refused.kind.as_deref() == Some(CODE))
}

/// The `name=value` of the cookies that an answer sets.
fn cookie(fields: &HeaderMap) -> Option<HeaderValue> {
    let pair = |field: &HeaderValue| {
        let text = field.to_str().ok()?;
        Some(text.split(';').next()?.trim().to_owned())
    };
    let pairs: Vec<String> = fields.get_all(SET_COOKIE).iter().filter_map(pair).collect();
    let mut cookie = HeaderValue::from_str(&pairs.join("; ")).ok()?;
    cookie.set_sensitive(true);
    (!cookie.is_empty()).then_some(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_cookie_only_name_and_value_go_back() {
        let mut fields = HeaderMap::new();
        assert_eq!(cookie(&fields), None);
        let set = HeaderValue::from_static("session=abc; HttpOnly; Path=/; SameSite=Lax");
        fields.append(SET_COOKIE, set);
        assert_eq!(cookie(&fields).unwrap(), "session=abc");
    }
}
