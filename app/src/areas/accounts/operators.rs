//! What those who run a hub do with accounts, from its command line.

use super::account::{self, Account, Role};
use super::address::Address;
use super::links::{self, Purpose};
use super::tasks::SendMail;
use super::{recovery, sessions, totp};
use crate::hub::Hub;

/// Makes an account, its address taken as proven, and answers the page where its owner chooses a
/// password. None when the address has an account already.
///
/// # Errors
/// Those of the database.
pub async fn create(hub: &Hub, address: &Address, role: Role) -> anyhow::Result<Option<String>> {
    let write = hub.db.begin().await?;
    let made = account::make(write.tx(), address, None, role, hub.clock.now()).await?;
    let Some(id) = made else {
        return Ok(None);
    };
    links::forget_registrations(write.tx(), address).await?;
    let link = links::make(hub, write.tx(), Purpose::Reset, address, Some(id), None).await?;
    write.commit().await?;
    Ok(Some(links::reset_url(hub, link)))
}

/// Sets what the owner of an address may do. False when it has no account.
///
/// # Errors
/// Those of the database.
pub async fn set_role(hub: &Hub, address: &Address, role: Role) -> anyhow::Result<bool> {
    let write = hub.db.begin().await?;
    let known = account::by_address(write.tx(), address).await?;
    let Some(Account { id, .. }) = known else {
        return Ok(false);
    };
    account::set_role(write.tx(), id, role).await?;
    write.commit().await?;
    Ok(true)
}

/// The page where the owner of an address chooses a new password, for hubs without mail; also
/// without their second factor, if they lost it. A change of address that was asked for does not
/// count any more. None when the address has no account.
///
/// # Errors
/// Those of the database.
pub async fn reset(
    hub: &Hub,
    address: &Address,
    forget_factor: bool,
) -> anyhow::Result<Option<String>> {
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let Some(owner) = account::by_address(tx, address).await? else {
        return Ok(None);
    };
    let id = owner.id;
    let mut notice = None;
    if forget_factor {
        if owner.totp_on_at.is_some() && hub.mailer.works() {
            notice = Some(SendMail::telling(hub, tx, Purpose::FactorOff, &owner).await?);
        }
        totp::turn_off(tx, id).await?;
        recovery::forget(tx, id).await?;
        sessions::end_all(tx, id, None).await?;
    }
    links::forget(tx, id, Purpose::Email).await?;
    let link = links::make(hub, tx, Purpose::Reset, address, Some(id), None).await?;
    write.commit().await?;
    if let Some(notice) = notice {
        hub.queue.push(notice).await?;
    }
    Ok(Some(links::reset_url(hub, link)))
}
