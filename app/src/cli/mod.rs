//! The command line: one file a command.
//!
//! With `--json` machine output goes to stdout; everything else goes to stderr. Exit codes: 0 done,
//! 1 failed, 2 wrong usage.

mod activities;
mod admin;
mod ask;
mod asyncapi;
mod client;
mod demo;
mod fetch;
mod filter;
mod hub;
mod login;
mod migrate;
mod out;
mod record;
mod serve;
mod session;
mod sources;
mod stretch;
mod subscriptions;
mod table;
mod tokens;
mod tokens_kept;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, LogFormat};
use crate::start::OneProcess;
use crate::{limits, openapi, telemetry};

/// A live board of what the world's telescopes are doing.
#[derive(Debug, Parser)]
#[command(name = "starboard", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  starboard demo                           a moving board, no network, no keys
  starboard serve                          the hub, on ./starboard.db
  starboard watch facility=JWST            what happens, as it happens
  starboard activities 'target=M 31'       what is known of a target
  starboard login                          your own things, from here

Settings are environment variables: DATABASE_URL, REDIS_URL, PORT, BIND, PUBLIC_URL, …; see the README.";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Migrate(migrate::Migrate),
    Fetch(fetch::Fetch),
    Record(record::Record),
    Sources(sources::Sources),
    Activities(activities::Activities),
    Watch(watch::Watch),
    Login(login::Login),
    Tokens(tokens::Tokens),
    Subscriptions(subscriptions::Subscriptions),
    Admin(admin::Admin),
    /// Prints the OpenAPI 3.1 document
    #[command(after_help = "Example:\n  starboard openapi > openapi.json")]
    Openapi,
    /// Prints the AsyncAPI 3.0 document of the live protocol
    #[command(after_help = "Example:\n  starboard asyncapi > asyncapi.json")]
    Asyncapi,
}

/// Wrong usage: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // First: an argument may take its value from a variable.
    load_dotenv();
    let arguments = Arguments::parse();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return complain(&error, 2),
    };
    let serving = matches!(arguments.command, Command::Serve(_) | Command::Demo(_));
    let _sentry = serving.then(|| telemetry::sentry(&config));
    let format = if serving {
        config.log_format
    } else {
        LogFormat::Text
    };
    if let Err(error) = telemetry::logging(format) {
        return complain(&error, 2);
    }
    if serving {
        tracing::debug!(files = limits::most_files(), "Raised what may be opened");
    }
    // reqwest, redis and Sentry agree on one provider of TLS.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error.into(), 1),
    };
    match runtime.block_on(run(arguments.command, config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<out::Closed>() => ExitCode::SUCCESS,
        Err(error) if error.is::<Usage>() || error.is::<OneProcess>() => complain(&error, 2),
        Err(error) => {
            if serving {
                tracing::error!(error = format!("{error:#}"), "Starboard stopped: {error:#}");
            }
            complain(&error, 1)
        }
    }
}

async fn run(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Serve(command) => command.run(config).await,
        Command::Demo(command) => command.run(config).await,
        Command::Migrate(command) => command.run(config).await,
        Command::Fetch(command) => command.run(config).await,
        Command::Record(command) => command.run(config).await,
        Command::Sources(command) => command.run(config).await,
        Command::Activities(command) => command.run(config).await,
        Command::Watch(command) => command.run(config).await,
        Command::Login(command) => command.run(config).await,
        Command::Tokens(command) => command.run(config).await,
        Command::Subscriptions(command) => command.run(config).await,
        Command::Admin(command) => command.run(config).await,
        Command::Openapi => out::line(&openapi::document().to_pretty_json()?),
        Command::Asyncapi => out::line(&format!("{:#}", asyncapi::document(&config.public_url))),
    }
}

/// One line on stderr, whatever chain of causes it has.
fn complain(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("starboard: {error:#}");
    ExitCode::from(code)
}

/// Reads `.env` in development; what is set already wins.
fn load_dotenv() {
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        eprintln!("starboard: .env was not read: {error}");
    }
}
