//! Whether somebody is who they say: password, and second factor where there is one.

use std::time::Duration;

use uuid::Uuid;

use super::account::{self, Account};
use super::address::Address;
use super::limits::{self, Limit};
use super::network::Network;
use super::{recovery, totp};
use crate::error::{Error, Result};
use crate::hub::Hub;

const QUARTER: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The limits of signing in. The strict one is of an address from one network, so that strangers
/// elsewhere cannot easily lock an owner out.
fn of_login(address: &Address, network: Network) -> [Limit; 3] {
    let both = format!("{} {}", network.text(), address.key());
    [
        Limit::new("login", &both, 10, QUARTER),
        Limit::new("login to", address.key(), 100, HOUR),
        Limit::new("login from", &network.text(), 100, QUARTER),
    ]
}

/// The limits of what mails to an address that anybody may give.
pub(super) fn of_mail(what: &str, address: &Address, network: Network) -> [Limit; 2] {
    [
        Limit::new(&format!("{what} to"), address.key(), 5, HOUR),
        Limit::new(&format!("{what} from"), &network.text(), 20, HOUR),
    ]
}

/// The limits of asking for another address, which mails to two: the new one and the one until now.
pub(super) fn of_change(account: &Account, address: &Address, network: Network) -> [Limit; 3] {
    let [to, from] = of_mail("email", address, network);
    let of = Limit::new("email of", &account.id.to_string(), 5, HOUR);
    [to, from, of]
}

/// The limits of guessing six digits: those of an account from one network, which are strict, so
/// that who knows the password alone does not easily lock the owner out; and that of all networks
/// together.
fn of_codes(account: Uuid, network: Network) -> ([Limit; 2], Limit) {
    let both = format!("{} {account}", network.text());
    (
        [
            Limit::new("code", &both, 10, QUARTER),
            Limit::new("codes", &both, 20, DAY),
        ],
        Limit::new("codes of", &account.to_string(), 100, DAY),
    )
}

/// The limit of trying recovery codes, which nobody guesses: what others tried holds no owner up.
fn of_recovery(account: Uuid, network: Network) -> Limit {
    let both = format!("{} {account}", network.text());
    Limit::new("recovery", &both, 10, QUARTER)
}

/// The limit of taking everything away, which takes the database a while.
pub(super) fn of_export(account: Uuid) -> Limit {
    Limit::new("export", &account.to_string(), 6, HOUR)
}

/// The limit of following links.
pub(super) fn of_links(network: Network) -> [Limit; 1] {
    [Limit::new("link from", &network.text(), 60, QUARTER)]
}

/// The account of an address, a password and, where it has one, a second factor.
///
/// # Errors
/// When they do not fit, in the same words and the same time whatever it was; when a second factor
/// is missing or wrong, which only who knows the password learns; when it was tried too often.
pub(super) async fn sign_in(
    hub: &Hub,
    network: Network,
    address: &Address,
    password: &str,
    code: Option<&str>,
) -> Result<Account> {
    let limits = of_login(address, network);
    limits::within(&hub.db, &limits, hub.clock.now()).await?;
    let account = account::by_address(hub.db.read(), address).await?;
    let hash = account
        .as_ref()
        .and_then(|known| known.password_hash.clone());
    let fits = hub.passwords.fits(password, hash).await?;
    let account = account.filter(|_| fits).ok_or(Error::WrongLogin)?;
    if account.totp_on_at.is_some() {
        let code = code.filter(|code| !code.trim().is_empty());
        let code = code.ok_or(Error::NeedsCode)?;
        second_factor(hub, network, &account, code).await?;
    }
    let write = hub.db.begin().await?;
    limits::forgive(write.tx(), &limits[..1]).await?;
    write.commit().await?;
    Ok(account)
}

/// Uses a code of the second factor, or a recovery code.
///
/// # Errors
/// When it is wrong or was used; when too many were wrong.
pub(super) async fn second_factor(
    hub: &Hub,
    network: Network,
    account: &Account,
    code: &str,
) -> Result<()> {
    let now = hub.clock.now();
    let is_recovery = recovery::is_one(code);
    let (of_network, of_all) = match is_recovery {
        true => (vec![of_recovery(account.id, network)], None),
        false => {
            let (of_network, of_all) = of_codes(account.id, network);
            (of_network.to_vec(), Some(of_all))
        }
    };
    let limits: Vec<Limit> = of_network.iter().cloned().chain(of_all).collect();
    limits::within(&hub.db, &limits, now).await?;
    let write = hub.db.begin().await?;
    let tx = write.tx();
    let fits = match is_recovery {
        true => recovery::take(tx, account.id, code, now).await?,
        false => totp::take(hub, tx, account, code).await?,
    };
    if !fits {
        return Err(Error::WrongCode);
    }
    limits::forgive(tx, &of_network).await?;
    Ok(write.commit().await?)
}

/// Forgets the codes that were guessed, once the password was reset: whoever knew the one before
/// guesses no more. Once a day, else a mailbox in wrong hands would give guesses without end.
///
/// # Errors
/// Those of the database.
pub(super) async fn forgive_codes(hub: &Hub, account: Uuid, network: Network) -> Result<()> {
    let key = format!("forgiven:{account}");
    if !limits::limit(&hub.db, &key, 1, DAY, hub.clock.now()).await? {
        return Ok(());
    }
    let (of_network, of_all) = of_codes(account, network);
    let write = hub.db.begin().await?;
    limits::forgive(write.tx(), of_network.iter().chain([&of_all])).await?;
    Ok(write.commit().await?)
}

/// Whether who is signed in knows the password: asked again before credentials change.
///
/// # Errors
/// When it does not fit; when it was tried too often.
pub(super) async fn confirm(
    hub: &Hub,
    account: &Account,
    field: &'static str,
    password: &str,
) -> Result<()> {
    let limit = [Limit::new("confirm", &account.id.to_string(), 20, QUARTER)];
    limits::within(&hub.db, &limit, hub.clock.now()).await?;
    let hash = account.password_hash.clone();
    if hub.passwords.fits(password, hash).await? {
        return Ok(());
    }
    Err(Error::invalid(field, "this is not the account's password"))
}
