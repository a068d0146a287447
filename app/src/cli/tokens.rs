//! `starboard tokens`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::{Client, Page, Refused, Server};
use super::session::{Scope, Session};
use super::table::{self, Column, Table};
use super::{out, stretch, tokens_kept};
use crate::config::Config;
use crate::words;

/// Lists, makes and revokes your API tokens
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard tokens list
  starboard tokens create nightly-script --scope read
  starboard tokens delete 0199a5a0-0000-7000-8000-000000000001")]
pub(super) struct Tokens {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Lists your tokens
    #[command(after_help = "Examples:\n  starboard tokens list\n  starboard tokens list --json")]
    List {
        #[command(flatten)]
        server: Server,
        /// Machine output: one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Makes a token, and writes it to stdout this once; asks for your password
    #[command(after_help = "\
Examples:
  starboard tokens create nightly-script --scope read
  starboard tokens create workshop --expires 2027-01-31 --json

No token can make another one: this signs in with your password, and out again.")]
    Create(Create),
    /// Revokes a token
    #[command(after_help = "\
Example:
  starboard tokens delete 0199a5a0-0000-7000-8000-000000000001

A token revokes itself only; for another one your password is asked for.")]
    Delete {
        /// Its id, as `tokens list` says
        id: Uuid,
        #[command(flatten)]
        server: Server,
        /// Whose account, when a password is needed [default: that of `starboard login`]
        #[arg(long)]
        email: Option<String>,
        /// Machine output: one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// What you call it
    name: String,
    /// What it may do
    #[arg(long, value_enum, default_value = "read")]
    scope: Scope,
    /// When it stops working (UTC; a date or 2026-11-21T06:00:00Z) [default: never]
    #[arg(long, value_name = "TIME", value_parser = stretch::time)]
    expires: Option<DateTime<Utc>>,
    /// Whose account [default: that of `starboard login`]
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object
    #[arg(long)]
    json: bool,
}

impl Tokens {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        match self.task {
            Task::List { server, json } => list(&server, &config, json).await,
            Task::Create(create) => create.run(&config).await,
            Task::Delete {
                id,
                server,
                email,
                json,
            } => {
                delete(id, &server, &config, email).await?;
                if json {
                    return out::json(&json!({ "id": id, "revoked": true }));
                }
                eprintln!("the token is revoked");
                Ok(())
            }
        }
    }
}

/// What the table shows of a token.
#[derive(Debug, Deserialize)]
struct Row {
    id: Uuid,
    name: String,
    scope: String,
    created_at: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
    used_at: Option<DateTime<Utc>>,
}

async fn list(server: &Server, config: &Config, json: bool) -> anyhow::Result<()> {
    let client = Client::signed_in(server.address(config)?)?;
    if json {
        let page: Page<Value> = client.get("/api/tokens", &[]).await?;
        return page.items.iter().try_for_each(out::json);
    }
    let page: Page<Row> = client.get("/api/tokens", &[]).await?;
    table(&page.items, Utc::now())
        .lines(table::width())
        .iter()
        .try_for_each(|line| out::line(line))
}

fn table(rows: &[Row], now: DateTime<Utc>) -> Table {
    let mut table = Table::new(&[
        Column::whole("ID"),
        Column::elastic("NAME"),
        Column::whole("SCOPE"),
        Column::whole("MADE (UTC)"),
        Column::whole("LAST USE"),
        Column::whole("EXPIRES"),
    ]);
    for row in rows {
        let beside = |time| words::beside(time, now);
        table.row([
            row.id.to_string(),
            row.name.clone(),
            row.scope.clone(),
            words::minute(row.created_at),
            row.used_at.map_or_else(|| "never".to_owned(), beside),
            row.expires
                .map_or_else(|| "never".to_owned(), words::minute),
        ]);
    }
    table
}

impl Create {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let server = self.server.address(config)?;
        let email = self.email.or(known(&server)?);
        let session = Session::open(server, email).await?;
        let made = session.token(&self.name, self.scope, self.expires).await;
        session.close().await;
        let (made, whole) = made?;
        if self.json {
            return out::json(&whole);
        }
        eprintln!("this is the only time it is shown:");
        out::line(&words::plain(&made.token))
    }
}

async fn delete(
    id: Uuid,
    server: &Server,
    config: &Config,
    email: Option<String>,
) -> anyhow::Result<()> {
    let server = server.address(config)?;
    let client = Client::signed_in(server.clone())?;
    let path = format!("/api/tokens/{id}");
    let by_token = match client.has_token() {
        false => None,
        true => match client.send(Method::DELETE, &path, &[], None).await {
            Err(error) if by_password(&error) => None,
            sent => Some(sent.map(drop)),
        },
    };
    match by_token {
        Some(done) => done?,
        None => {
            let email = email.or(known(&server)?);
            let session = Session::open(server.clone(), email).await?;
            let revoked = session.revoke(id).await;
            session.close().await;
            revoked?;
        }
    }
    tokens_kept::forget(&server, id)
}

/// The address that signed in last.
fn known(server: &url::Url) -> anyhow::Result<Option<String>> {
    Ok(tokens_kept::of(server)?.map(|kept| kept.email))
}

/// Whether a password may do what this token could not.
fn by_password(error: &anyhow::Error) -> bool {
    let refused = error.downcast_ref::<Refused>();
    refused.is_some_and(|refused| {
        matches!(
            refused.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        )
    })
}
