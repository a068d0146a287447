//! Who asks: the rights of a request, as extractors, so that no handler can forget them.
//!
//! A token beats a cookie: a request that carries both has the token's rights only. Tokens need no
//! origin, because no browser adds them by itself.

use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use uuid::Uuid;

use super::{Role, origin, sessions, tokens};
use crate::error::{Error, Result};
use crate::hub::Hub;

/// What an admin without a second factor is told.
const NO_FACTOR: Error = Error::Forbidden(
    "admins need a second factor: set one up at /api/me/totp, which is all this session can do until then",
);

/// Whoever is signed in, by session or token; may read.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Whose account.
    pub account: Uuid,
    /// What they may do.
    pub role: Role,
    /// By what.
    pub via: Via,
    /// Whether the account has a second factor.
    totp: bool,
}

/// By what somebody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A session.
    Session(Uuid),
    /// A token that reads.
    Reader(Uuid),
    /// A token that reads and writes.
    Writer(Uuid),
}

/// Somebody who may write: a session from one of our own pages, or a token with scope `write`.
#[derive(Clone, Copy, Debug)]
pub struct Writer(pub Caller);

/// Somebody who may change credentials: a session, from one of our own pages when it writes. Never a
/// token.
#[derive(Clone, Copy, Debug)]
pub struct SessionWriter(pub Caller);

/// As [`SessionWriter`], and also an admin who has yet to set up a second factor: for that, and to
/// look at and leave the account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arriving(pub(super) Caller);

/// As [`Caller`], and also the session of an admin who has yet to set up a second factor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present(pub(super) Caller);

/// Somebody who looks after the hub: a session of an admin with a second factor.
#[derive(Clone, Copy, Debug)]
pub struct Admin(pub Caller);

impl Caller {
    /// The session, when it is one.
    #[must_use]
    pub fn session(&self) -> Option<Uuid> {
        match self.via {
            Via::Session(id) => Some(id),
            _ => None,
        }
    }

    /// Whoever these headers are of; none for visitors, and for those whose session is over.
    ///
    /// # Errors
    /// When a token opens nothing, or an admin has no second factor.
    pub async fn of(headers: &HeaderMap, hub: &Hub) -> Result<Option<Caller>> {
        let caller = Caller::identify(headers, hub).await;
        match caller.and_then(Caller::with_its_factor) {
            Ok(caller) => Ok(Some(caller)),
            Err(Error::SignIn) if !headers.contains_key(header::AUTHORIZATION) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn identify(headers: &HeaderMap, hub: &Hub) -> Result<Caller> {
        let now = hub.clock.now();
        if let Some(field) = headers.get(header::AUTHORIZATION) {
            let token = field.to_str().ok().and_then(bearer).ok_or(Error::SignIn)?;
            let found = tokens::find(hub.db.read(), token, now).await?;
            let found = found.ok_or(Error::SignIn)?;
            tokens::used(hub, &found, now).await?;
            return Ok(Caller {
                account: found.account,
                role: found.role,
                via: if found.writes {
                    Via::Writer(found.token)
                } else {
                    Via::Reader(found.token)
                },
                totp: found.totp,
            });
        }
        let secret = sessions::presented(hub, headers).ok_or(Error::SignIn)?;
        let found = sessions::find(hub.db.read(), &secret, now).await?;
        let found = found.ok_or(Error::SignIn)?;
        sessions::seen(hub, &found, now).await?;
        Ok(Caller {
            account: found.account,
            role: found.role,
            via: Via::Session(found.session),
            totp: found.totp,
        })
    }

    fn with_its_factor(self) -> Result<Caller> {
        if self.role == Role::Admin && !self.totp {
            return Err(NO_FACTOR);
        }
        Ok(self)
    }

    async fn in_person(parts: &Parts, hub: &Hub) -> Result<Caller> {
        let caller = Caller::identify(&parts.headers, hub).await?;
        if caller.session().is_none() {
            return Err(Error::Forbidden(
                "no token can do this: sign in with a password",
            ));
        }
        if !parts.method.is_safe() {
            origin::check(&hub.config.public_url, &parts.headers)?;
        }
        Ok(caller)
    }
}

/// The token in `Bearer <token>`.
fn bearer(field: &str) -> Option<&str> {
    let (scheme, token) = field.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<Hub> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        Caller::identify(&parts.headers, hub)
            .await?
            .with_its_factor()
    }
}

/// None for visitors, and for those whose session is over.
impl OptionalFromRequestParts<Hub> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Option<Self>> {
        Caller::of(&parts.headers, hub).await
    }
}

impl FromRequestParts<Hub> for Writer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        let caller = Caller::identify(&parts.headers, hub)
            .await?
            .with_its_factor()?;
        match caller.via {
            Via::Session(_) => origin::check(&hub.config.public_url, &parts.headers)?,
            Via::Writer(_) => {}
            Via::Reader(_) => {
                return Err(Error::Forbidden(
                    "this token reads only: make one with scope `write`",
                ));
            }
        }
        Ok(Writer(caller))
    }
}

impl FromRequestParts<Hub> for SessionWriter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        let caller = Caller::in_person(parts, hub).await?;
        caller.with_its_factor().map(SessionWriter)
    }
}

impl FromRequestParts<Hub> for Arriving {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        Caller::in_person(parts, hub).await.map(Arriving)
    }
}

impl FromRequestParts<Hub> for Present {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        let caller = Caller::identify(&parts.headers, hub).await?;
        match caller.via {
            Via::Session(_) => Ok(Present(caller)),
            _ => caller.with_its_factor().map(Present),
        }
    }
}

impl FromRequestParts<Hub> for Admin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self> {
        let caller = Caller::in_person(parts, hub).await?.with_its_factor()?;
        if caller.role != Role::Admin {
            return Err(Error::Forbidden("this is for those who run the hub"));
        }
        Ok(Admin(caller))
    }
}

macro_rules! is_a_caller {
    ($($name:ident),*) => {$(
        impl Deref for $name {
            type Target = Caller;

            fn deref(&self) -> &Caller {
                &self.0
            }
        }
    )*};
}

is_a_caller!(Writer, SessionWriter, Arriving, Present, Admin);
