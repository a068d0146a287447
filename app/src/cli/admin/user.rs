//! `starboard admin user`.

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

use super::super::table::{Column, Table};
use super::super::{Usage, hub, out};
use super::print;
use crate::areas::accounts::{self, Account, Address, Role};
use crate::config::Config;
use crate::words;

/// Makes accounts, says what they may do, and helps their owners back in
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard admin user create astronomer@example.org --admin
  starboard admin user promote astronomer@example.org
  starboard admin user list")]
pub(super) struct User {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Makes an account and prints the page where its owner chooses a password, within an hour
    #[command(after_help = "\
Example:
  starboard admin user create astronomer@example.org --admin")]
    Create {
        /// The address, taken as proven
        email: String,
        /// Somebody who looks after the hub
        #[arg(long)]
        admin: bool,
    },
    /// Says what somebody may do
    #[command(after_help = "\
Examples:
  starboard admin user promote astronomer@example.org
  starboard admin user promote astronomer@example.org --to user")]
    Promote {
        /// Whose account
        email: String,
        /// What they may do
        #[arg(long, value_enum, default_value = "admin")]
        to: Role,
    },
    /// Prints a page where the owner of an account chooses a new password, within an hour
    #[command(after_help = "\
Examples:
  starboard admin user reset astronomer@example.org
  starboard admin user reset astronomer@example.org --forget-totp")]
    Reset {
        /// Whose account
        email: String,
        /// Also forget the second factor, and end all sessions
        #[arg(long)]
        forget_totp: bool,
    },
    /// Lists the accounts
    #[command(after_help = "\
Examples:
  starboard admin user list
  starboard admin user list --json")]
    List {
        /// Machine output: one JSON object
        #[arg(long)]
        json: bool,
    },
}

impl User {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        match self.task {
            Task::Create { email, admin } => create(config, &email, admin).await,
            Task::Promote { email, to } => promote(config, &email, to).await,
            Task::Reset { email, forget_totp } => reset(config, &email, forget_totp).await,
            Task::List { json } => list(config, json).await,
        }
    }
}

async fn create(config: Config, email: &str, admin: bool) -> anyhow::Result<()> {
    let address = address(email)?;
    let role = if admin { Role::Admin } else { Role::User };
    let hub = hub::open(config).await?;
    let Some(page) = accounts::create(&hub, &address, role).await? else {
        bail!(
            "this address has an account already: see `starboard admin user promote` and `reset`"
        );
    };
    eprintln!("the account is made; choose its password here, within an hour:");
    out::line(&page)
}

async fn promote(config: Config, email: &str, to: Role) -> anyhow::Result<()> {
    let address = address(email)?;
    let hub = hub::open(config).await?;
    if !accounts::set_role(&hub, &address, to).await? {
        bail!("{NO_ACCOUNT}");
    }
    match to {
        Role::Admin => eprintln!("an admin from now on, who needs a second factor (/api/me/totp)"),
        Role::User => eprintln!("a user from now on"),
    }
    Ok(())
}

async fn reset(config: Config, email: &str, forget_totp: bool) -> anyhow::Result<()> {
    let address = address(email)?;
    let hub = hub::open(config).await?;
    let Some(page) = accounts::reset(&hub, &address, forget_totp).await? else {
        bail!("{NO_ACCOUNT}");
    };
    eprintln!("choose a new password here, within an hour:");
    out::line(&page)
}

async fn list(config: Config, json: bool) -> anyhow::Result<()> {
    let hub = hub::open(config).await?;
    let known = accounts::all(hub.db.read()).await?;
    if json {
        let items: Vec<_> = known.iter().map(described).collect();
        return out::json(&json!({ "items": items, "next": null }));
    }
    if known.is_empty() {
        eprintln!("no accounts");
        return Ok(());
    }
    let mut table = Table::new(&[
        Column::elastic("ADDRESS"),
        Column::whole("ROLE"),
        Column::whole("TOTP"),
        Column::whole("MAIL"),
        Column::whole("MADE (UTC)"),
    ]);
    for account in &known {
        let (on, paused) = (
            account.totp_on_at.is_some(),
            account.mail_paused_at.is_some(),
        );
        table.row([
            account.email.clone(),
            account.role.name().to_owned(),
            if on { "on" } else { "off" }.to_owned(),
            if paused { "paused" } else { "goes" }.to_owned(),
            words::minute(account.created_at),
        ]);
    }
    print(&table)
}

fn described(account: &Account) -> serde_json::Value {
    json!({
        "id": account.id,
        "email": account.email,
        "role": account.role,
        "totp": account.totp_on_at.is_some(),
        "mail_paused_at": account.mail_paused_at,
        "created_at": account.created_at,
    })
}

const NO_ACCOUNT: &str = "this address has no account: see `starboard admin user list`";

fn address(email: &str) -> anyhow::Result<Address> {
    Address::read(email).map_err(|error| Usage(error.to_string()).into())
}
