//! Subscriptions as a file: out of one account, into another.

use uuid::Uuid;

use super::fields::{self, Body, Fields};
use super::model::{self, MOST};
use super::payloads::PortableOut;
use super::reading::{Reading, written_out};
use super::write::{self, Draft, Written};
use crate::areas::accounts;
use crate::error::{Error, Result};
use crate::hub::Hub;

/// The format that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Every subscription of an account, as it would be made anew; no secrets.
///
/// # Errors
/// Those of the database.
pub async fn export(hub: &Hub, account: Uuid) -> Result<PortableOut> {
    let all = model::of_account(hub.db.read(), hub.catalogue.as_ref(), account).await?;
    Ok(PortableOut {
        version: VERSION,
        exported_at: hub.clock.now(),
        subscriptions: all.iter().map(|one| written_out(&one.into())).collect(),
    })
}

/// Makes every subscription of a file, or none: then each entry that cannot be understood is named.
///
/// # Errors
/// Those of the file, and those of [`write::create`].
pub(super) async fn import(hub: &Hub, account: Uuid, file: Body) -> Result<Vec<Written>> {
    let homes = accounts::homes(hub.db.read(), Some(account)).await?;
    let drafts = read(Reading::of(hub, &homes), file)?;
    write::create(hub, account, &drafts).await
}

fn read(reading: Reading<'_>, Body(json): Body) -> Result<Vec<Draft>> {
    let mut file = Fields::of(json, "", &["version", "exported_at", "subscriptions"])?;
    let version = file.need("version", "1, the version of the format")?;
    if fields::number("version", &version, 1, u32::MAX)? != VERSION {
        let reason = format!("{version} is a format this hub does not read; it takes {VERSION}");
        return Err(Error::invalid("version", reason));
    }
    let entries = file.need("subscriptions", "a list of subscriptions")?;
    let entries = fields::list("subscriptions", entries, "a list of subscriptions")?;
    if entries.len() > MOST {
        let reason = format!("{} of them; an account has at most {MOST}", entries.len());
        return Err(Error::invalid("subscriptions", reason));
    }
    let (mut drafts, mut failed) = (Vec::new(), Vec::new());
    for (index, (at, entry)) in entries.into_iter().enumerate() {
        match reading.draft(entry, &at) {
            Ok(draft) => drafts.push(draft),
            Err(error) => failed.push((index, error)),
        }
    }
    match failed.is_empty() {
        true => Ok(drafts),
        false => Err(Error::Entries(failed)),
    }
}
