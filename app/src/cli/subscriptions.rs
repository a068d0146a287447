//! `starboard subscriptions`.

mod deliveries;
mod draft;
mod list;
mod preview;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use self::deliveries::Deliveries;
use self::draft::Create;
use self::list::List;
use self::preview::Preview;
use super::client::{Client, Server, pages};
use super::{Usage, out};
use crate::config::Config;
use crate::words::plain;

/// Where subscriptions are.
const PATH: &str = "/api/subscriptions";

/// Makes and looks after your subscriptions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  starboard subscriptions preview facility=JWST 'target=M 31'
  starboard subscriptions create \"M 31 by JWST\" facility=JWST 'target=M 31' --mail now
  starboard subscriptions list
  starboard subscriptions pause \"M 31 by JWST\"
  starboard subscriptions deliveries \"M 31 by JWST\"

A subscription goes by its id or its name. `starboard watch --subscription` shows live what one
would bring. Sign in with `starboard login` before.")]
pub(super) struct Subscriptions {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    List(List),
    Create(Create),
    Preview(Preview),
    /// Sends a sample over every channel of a subscription
    #[command(after_help = "Example:\n  starboard subscriptions test \"M 31 by JWST\"")]
    Test(One),
    /// Pauses a subscription: nothing is matched until it is resumed
    #[command(after_help = "Example:\n  starboard subscriptions pause \"M 31 by JWST\"")]
    Pause(One),
    /// Resumes a paused subscription: what happens from now on is told
    #[command(after_help = "Example:\n  starboard subscriptions resume \"M 31 by JWST\"")]
    Resume(One),
    /// Deletes a subscription and its deliveries
    #[command(after_help = "\
Example:
  starboard subscriptions delete 0199a5a0-0000-7000-8000-000000000001")]
    Delete(One),
    Deliveries(Deliveries),
}

/// One subscription.
#[derive(Debug, Args)]
struct One {
    /// Its id, or its name
    subscription: String,
    #[command(flatten)]
    server: Server,
    /// Machine output: one JSON object
    #[arg(long)]
    json: bool,
}

impl Subscriptions {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        match self.task {
            Task::List(list) => list.run(&config).await,
            Task::Create(create) => create.run(&config).await,
            Task::Preview(preview) => preview.run(&config).await,
            Task::Test(one) => test(&one, &config).await,
            Task::Pause(one) => set_active(&one, &config, false).await,
            Task::Resume(one) => set_active(&one, &config, true).await,
            Task::Delete(one) => delete(&one, &config).await,
            Task::Deliveries(deliveries) => deliveries.run(&config).await,
        }
    }
}

/// What goes by a name.
#[derive(Debug, Deserialize)]
struct Named {
    id: Uuid,
    name: String,
}

/// The path of a subscription that goes by its id or its name.
///
/// # Errors
/// Wrong usage, when none or several go by that name, and what the server says is wrong.
pub(super) async fn path(client: &Client, wanted: &str) -> anyhow::Result<String> {
    if let Ok(id) = wanted.parse::<Uuid>() {
        return Ok(format!("{PATH}/{id}"));
    }
    let mut found: Vec<Uuid> = Vec::new();
    pages(client, PATH, &[], None, |items: Vec<Named>| {
        let named = items.into_iter().filter(|item| item.name == wanted.trim());
        found.extend(named.map(|item| item.id));
        Ok(())
    })
    .await?;
    let why = match found.as_slice() {
        [id] => return Ok(format!("{PATH}/{id}")),
        [] => "no subscription has this id or name: see `starboard subscriptions list`",
        _ => "several subscriptions have this name: give the id of one",
    };
    Err(Usage(format!("{:?}: {why}", plain(wanted))).into())
}

impl One {
    /// Who asks, and for what.
    async fn find(&self, config: &Config) -> anyhow::Result<(Client, String)> {
        let client = Client::signed_in(self.server.address(config)?)?;
        let path = path(&client, &self.subscription).await?;
        Ok((client, path))
    }

    /// Says what happened: the server's answer, or in words.
    fn tell(&self, answer: &[u8], words: &str) -> anyhow::Result<()> {
        if self.json && !answer.is_empty() {
            let answer: Value = serde_json::from_slice(answer)?;
            return out::json(&answer);
        }
        eprintln!("{words}");
        Ok(())
    }
}

async fn test(one: &One, config: &Config) -> anyhow::Result<()> {
    let (client, path) = one.find(config).await?;
    let path = format!("{path}/test");
    let (_, body) = client
        .send(Method::POST, &path, &[], Some(&json!({})))
        .await?;
    one.tell(&body, "a sample is on its way over every channel")
}

async fn set_active(one: &One, config: &Config, active: bool) -> anyhow::Result<()> {
    let (client, path) = one.find(config).await?;
    let change = json!({ "active": active });
    let (_, body) = client
        .send(Method::PATCH, &path, &[], Some(&change))
        .await?;
    let words = match active {
        true => "it goes on, with what happens from now on",
        false => "it is paused",
    };
    one.tell(&body, words)
}

async fn delete(one: &One, config: &Config) -> anyhow::Result<()> {
    let (client, path) = one.find(config).await?;
    client.send(Method::DELETE, &path, &[], None).await?;
    let id = path.rsplit('/').next();
    let done = json!({ "id": id, "deleted": true }).to_string();
    one.tell(done.as_bytes(), "it is deleted")
}
