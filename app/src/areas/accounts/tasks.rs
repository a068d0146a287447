//! Mails of accounts, and forgetting what is over.

use anyhow::bail;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use tasks::Job;
use uuid::Uuid;

use super::account::{self, Account};
use super::address::Address;
use super::links::{self, Purpose};
use super::{mails, sessions};
use crate::db::sql;
use crate::hub::Hub;
use crate::mail::{Mail, MailError};

/// Mails a link, or what there is to say instead. Never done while somebody waits for an answer:
/// that would show which addresses are known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendMail {
    /// Which.
    pub link: Uuid,
}

impl SendMail {
    /// The mail that tells an owner what was done to their account: to be queued once that is
    /// committed.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn telling(
        hub: &Hub,
        tx: &impl ConnectionTrait,
        purpose: Purpose,
        owner: &Account,
    ) -> anyhow::Result<SendMail> {
        let address = Address::read(&owner.email)?;
        let link = links::make(hub, tx, purpose, &address, Some(owner.id), None).await?;
        Ok(SendMail { link })
    }
}

impl Job for SendMail {
    const NAME: &'static str = "accounts.send_mail";
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        let now = hub.clock.now();
        // Gone: it was used, or is over; then nobody waits for the mail.
        let Some(link) = links::by_id(hub.db.read(), self.link, now).await? else {
            return Ok(());
        };
        let home = &hub.config.public_url;
        let url = match link.purpose {
            Purpose::Reset => links::reset_url(hub, link.id),
            _ => links::verify_url(hub, link.id),
        };
        let Some(written) = mails::letter(&link, &url, home) else {
            return Ok(());
        };
        let mail = Mail {
            to: link.email,
            subject: written.subject.to_owned(),
            text: written.letter.text(),
            html: written.letter.html(),
            message_id: hub.mailer.message_id(&link.id.to_string()),
            references: Vec::new(),
            unsubscribe: None,
            list_id: None,
            auto: true,
        };
        match hub.mailer.send(&mail, now).await {
            Ok(_) => Ok(()),
            // The server's words may name the address: they are for its owner only.
            Err(MailError::Later { .. } | MailError::Unknown { .. }) => {
                bail!("the mail server takes no mail now")
            }
            Err(MailError::Rejected { code, text }) => {
                tracing::info!(
                    smtp.code = code,
                    "A mail of an account was refused for good"
                );
                let owner = link.account.filter(|_| link.purpose == Purpose::Reset);
                if let Some(owner) = owner {
                    let write = hub.db.begin().await?;
                    account::pause_mail(write.tx(), owner, &text, now).await?;
                    write.commit().await?;
                }
                Ok(())
            }
        }
    }
}

/// Forgets sessions, links and counts that are over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetExpired {}

impl Job for ForgetExpired {
    const NAME: &'static str = "accounts.forget_expired";
    type Hub = Hub;

    async fn run(self, hub: &Hub) -> anyhow::Result<()> {
        let now = hub.clock.now();
        let idle = now.checked_sub_signed(sessions::IDLE).unwrap_or(now);
        let write = hub.db.begin().await?;
        let tx = write.tx();
        for (text, before) in [
            ("delete from sessions where expires_at <= $1", now),
            ("delete from sessions where seen_at <= $1", idle),
            ("delete from links where expires_at <= $1", now),
            ("delete from limits where until <= $1", now),
        ] {
            tx.execute_raw(sql(tx, text, vec![before.into()])).await?;
        }
        Ok(write.commit().await?)
    }
}
