//! `starboard login`.

use std::path::Path;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::client::Server;
use super::out;
use super::session::{Scope, Session};
use super::tokens_kept::{self, Kept};
use crate::config::Config;
use crate::words::plain;

/// Signs in to a server, and keeps a token for it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard login
  starboard login --server https://starboard.example.org --email astronomer@example.org
  starboard login --scope read --name telescope-pc
  starboard login --email astronomer@example.org < password.txt

Makes an API token named after this machine, and keeps it where only you can read it
(~/.config/starboard/tokens.json); your password is not kept. `starboard tokens` lists your tokens
and revokes them. Where nobody can be asked, STARBOARD_TOKEN holds a token for all commands.")]
pub(super) struct Login {
    #[command(flatten)]
    server: Server,
    /// Whose account [default: asked for]
    #[arg(long)]
    email: Option<String>,
    /// What the token may do
    #[arg(long, value_enum, default_value = "write")]
    scope: Scope,
    /// The token's name [default: this machine's]
    #[arg(long)]
    name: Option<String>,
    /// Machine output: one JSON object
    #[arg(long)]
    json: bool,
}

impl Login {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let server = self.server.address(&config)?;
        let before = tokens_kept::of(&server)?;
        let name = self.name.unwrap_or_else(this_machine);
        let session = Session::open(server.clone(), self.email).await?;
        let made = session.token(&name, self.scope, None).await;
        let kept = made.map(|(made, _)| {
            let kept = Kept {
                email: session.email.clone(),
                id: made.id,
                name: made.name,
                token: made.token,
            };
            (kept.id, tokens_kept::keep(&server, kept))
        });
        let outcome = match kept {
            // A token that nobody has is better revoked.
            Ok((id, Err(error))) => {
                let revoked = session.revoke(id).await;
                revoked
                    .context("revoking a token that could not be kept")
                    .and(Err(error))
            }
            Ok((id, Ok(file))) => Ok((id, file)),
            Err(error) => Err(error),
        };
        if let (Ok(_), Some(before)) = (&outcome, &before)
            && before.email == session.email
        {
            // It may be gone already.
            let _ = session.revoke(before.id).await;
        }
        let email = session.email.clone();
        session.close().await;
        let (id, file) = outcome?;
        if self.json {
            let told =
                json!({ "server": server, "email": email, "id": id, "name": name, "file": file });
            return out::json(&told);
        }
        eprintln!(
            "signed in to {server} as {}; the token {:?} is kept in {}",
            plain(&email),
            plain(&name),
            shown(&file)
        );
        Ok(())
    }
}

/// The name of this machine, as tokens are named.
fn this_machine() -> String {
    let node = rustix::system::uname();
    let name: String = plain(&node.nodename().to_string_lossy());
    match name.trim() {
        "" => "starboard".to_owned(),
        name => name.chars().take(100).collect(),
    }
}

fn shown(file: &Path) -> String {
    plain(&file.display().to_string())
}
