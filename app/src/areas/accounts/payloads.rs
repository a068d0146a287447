//! The JSON of accounts, in and out.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::{Account, Role};
use crate::error::{Error, Result};

/// Most characters of a name.
const LONGEST_NAME: usize = 100;

/// A JSON body; what is wrong with it is a problem document.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, state).await;
        // Says which field and what it takes, never what a secret field got.
        read.map(|Json(body)| Body(body))
            .map_err(|error| Error::invalid("body", error.body_text()))
    }
}

/// A list that fits one page.
#[derive(Serialize, ToSchema)]
pub(super) struct Page<T: ToSchema> {
    /// The items.
    items: Vec<T>,
    /// Always null: they fit one page.
    next: Option<String>,
}

impl<T: ToSchema> Page<T> {
    pub(super) fn json(items: Vec<T>) -> Json<Page<T>> {
        Json(Page { items, next: None })
    }
}

/// The id in a path.
///
/// # Errors
/// When it is none, and so there is no such thing.
pub(super) fn id_of(text: &str, what: &'static str) -> Result<Uuid> {
    text.parse().map_err(|_| Error::NotFound(what))
}

/// A name somebody gives to a thing of theirs.
///
/// # Errors
/// When it is empty, too long, or not text.
pub(super) fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > LONGEST_NAME || text.chars().any(char::is_control) {
        let takes = format!("it takes 1 to {LONGEST_NAME} characters");
        return Err(Error::invalid("name", takes));
    }
    Ok(text.to_owned())
}

/// An address and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterIn {
    /// The address, which is proven by a mail.
    pub(super) email: String,
    /// 10 to 200 characters.
    pub(super) password: String,
    /// The page of the web app to go on with once the address is proven: a path of this host.
    pub(super) next: Option<String>,
}

/// The text of a link that was mailed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyIn {
    /// What follows `/verify/` in the link.
    pub(super) token: String,
}

/// What signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginIn {
    /// The address.
    pub(super) email: String,
    /// The password.
    pub(super) password: String,
    /// Six digits of the second factor, or a recovery code.
    pub(super) totp: Option<String>,
}

/// Who signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct LoginOut {
    /// The address.
    pub(super) email: String,
    /// What they may do.
    pub(super) role: Role,
}

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgotIn {
    /// The address.
    pub(super) email: String,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetIn {
    /// What follows `/reset/` in the link.
    pub(super) token: String,
    /// 10 to 200 characters.
    pub(super) password: String,
}

/// The account.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountOut {
    id: Uuid,
    /// The address.
    email: String,
    /// What they may do.
    role: Role,
    /// When the address was proven.
    verified_at: Option<DateTime<Utc>>,
    /// In which times are read: a name such as `Europe/Berlin`.
    time_zone: String,
    /// Since when no mail goes to the address, because it refused one.
    mail_paused_at: Option<DateTime<Utc>>,
    /// What its server said.
    mail_paused_why: Option<String>,
    /// Whether signing in takes a second factor.
    totp: bool,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

impl From<Account> for AccountOut {
    fn from(account: Account) -> Self {
        AccountOut {
            id: account.id,
            email: account.email,
            role: account.role,
            verified_at: account.verified_at,
            time_zone: account.time_zone.name().to_owned(),
            mail_paused_at: account.mail_paused_at,
            mail_paused_why: account.mail_paused_why,
            totp: account.totp_on_at.is_some(),
            created_at: account.created_at,
        }
    }
}

/// What of the account is to change; what is not given stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountIn {
    /// A zone of the IANA tables, such as `Europe/Berlin`.
    pub(super) time_zone: Option<String>,
    /// `false` lets mails go to the address again.
    pub(super) mail_paused: Option<bool>,
    /// A new password, 10 to 200 characters. Ends all other sessions. Takes a session.
    pub(super) password: Option<String>,
    /// The password until now; needed for a new one.
    pub(super) current_password: Option<String>,
}

/// Another address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailIn {
    /// The new address, which is proven by a mail before it counts.
    pub(super) email: String,
    /// The account's password.
    pub(super) password: String,
}

/// Proof that it is the owner who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordIn {
    /// The account's password.
    pub(super) password: String,
}
