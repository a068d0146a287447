//! Sending mails. Knows no area.
//!
//! Over SMTP when `SMTP_URL` is set. Without it a hub that only its own machine can reach keeps
//! mails in the [outbox] page; any other sends none and says so.

pub mod layout;
pub mod outbox;

mod message;
mod smtp;

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use lettre::message::Mailbox;

use self::smtp::Smtp;
use crate::config::Config;
use crate::db::Db;

/// Who mails come from where nobody has set `MAIL_FROM`: in the outbox.
const NOBODY_SET: &str = "Starboard <starboard@localhost>";

/// One mail to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// For text clients, in lines of at most 76 characters.
    pub text: String,
    /// The same as a whole HTML document.
    pub html: String,
    /// `unique@host`, without angle brackets: the same for every try. See [`Mailer::message_id`].
    pub message_id: String,
    /// Message-IDs of earlier mails of the same thread, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// Where one POST ends these mails (RFC 8058), if the reader can end them.
    pub unsubscribe: Option<String>,
    /// `name.host` of the list a reader may sort by (RFC 2919), without angle brackets.
    pub list_id: Option<String>,
    /// Sent without a person having asked for it just now (RFC 3834).
    pub auto: bool,
}

/// Why a mail was not taken. The texts may name the address: they are for its owner, not for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server will never take it: the address or the mail is at fault.
    #[error("refused for good ({code}): {text}")]
    Rejected {
        /// The server's code, 5xx.
        code: u16,
        /// The server's words.
        text: String,
    },
    /// It may be taken later: the server is away, busy, broke off or gave no answer in time, or
    /// does not take mails from this hub at all.
    #[error("not taken now: {text}")]
    Later {
        /// What happened.
        text: String,
    },
    /// It was handed over as a whole, and then the server said nothing: it may have taken it.
    #[error("handed over, and no answer: {text}")]
    Unknown {
        /// What happened.
        text: String,
    },
}

impl MailError {
    pub(self) fn later(text: impl Into<String>) -> MailError {
        MailError::Later { text: text.into() }
    }
}

/// Sends mails. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Parts>);

struct Parts {
    from: Mailbox,
    host: String,
    way: Way,
}

enum Way {
    Smtp(Smtp),
    Outbox(Db),
    Nowhere,
}

impl Mailer {
    /// As the settings say. Connects to nobody yet.
    ///
    /// # Errors
    /// When `SMTP_URL` or `MAIL_FROM` cannot be used.
    pub fn new(config: &Config, db: Db) -> anyhow::Result<Mailer> {
        let from = config.mail_from.as_deref().unwrap_or(NOBODY_SET);
        let url = url::Url::parse(&config.public_url).context("reading PUBLIC_URL")?;
        let host = match url.host() {
            Some(url::Host::Domain(name)) => name.to_owned(),
            Some(url::Host::Ipv4(address)) => address.to_string(),
            // Its colons have no place in a Message-ID.
            Some(url::Host::Ipv6(_)) | None => "localhost".to_owned(),
        };
        let way = match &config.smtp_url {
            Some(url) => Way::Smtp(Smtp::new(url, &host, config.pace.sending())?),
            None if config.demo || config.is_local() => Way::Outbox(db),
            None => Way::Nowhere,
        };
        let from = from.parse().context("reading MAIL_FROM")?;
        Ok(Mailer(Arc::new(Parts { from, host, way })))
    }

    /// Whether mails go anywhere: over SMTP or to the outbox.
    #[must_use]
    pub fn works(&self) -> bool {
        !matches!(self.0.way, Way::Nowhere)
    }

    /// Whether mails are kept in the outbox.
    #[must_use]
    pub fn keeps(&self) -> bool {
        matches!(self.0.way, Way::Outbox(_))
    }

    /// A Message-ID: what is unique here, at this hub's host.
    #[must_use]
    pub fn message_id(&self, unique: &str) -> String {
        format!("{unique}@{}", self.0.host)
    }

    /// A List-Id of this hub.
    #[must_use]
    pub fn list_id(&self, name: &str) -> String {
        format!("{name}.{}", self.0.host)
    }

    /// Hands a mail over, within [`crate::config::Pace::sending`]. Answers the server's words.
    ///
    /// # Errors
    /// When it was not taken, or nobody knows whether it was.
    pub async fn send(&self, mail: &Mail, now: DateTime<Utc>) -> Result<String, MailError> {
        let sent = self.hand_over(mail, now).await;
        let outcome = match &sent {
            Ok(_) => "sent",
            Err(MailError::Rejected { .. }) => "rejected",
            Err(MailError::Later { .. }) => "later",
            Err(MailError::Unknown { .. }) => "unknown",
        };
        metrics::counter!("starboard_mails_total", "outcome" => outcome).increment(1);
        sent
    }

    async fn hand_over(&self, mail: &Mail, now: DateTime<Utc>) -> Result<String, MailError> {
        let message = message::compose(&self.0.from, mail, now)?;
        match &self.0.way {
            Way::Smtp(smtp) => smtp.send(&message).await,
            Way::Outbox(db) => outbox::keep(db, mail, &message.formatted(), now)
                .await
                .map(|()| "kept in the outbox".to_owned())
                .map_err(|_| MailError::later("the outbox could not be written")),
            Way::Nowhere => Err(MailError::later("SMTP_URL is not set")),
        }
    }
}
