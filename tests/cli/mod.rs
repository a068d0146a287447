//! The commands of the binary, as a person and a script use them.

mod admin;
mod lists;
mod login;
mod script;
mod stand_in;
mod starting;
mod subscriptions;
mod watch;
mod watching;
mod whole;

use crate::harness::process::{self, Ran, Settings};
use crate::harness::scratch::Scratch;

/// Runs `starboard` to its end, in a folder of its own.
async fn starboard(args: &[&str], settings: &Settings) -> Ran {
    process::run(args, Scratch::new().path(), settings).await
}

/// The setting that names a server on this port.
fn server(port: u16) -> [(&'static str, String); 1] {
    [("STARBOARD_SERVER", format!("http://127.0.0.1:{port}"))]
}

/// What it wrote to stdout. Panics unless it succeeded.
fn stdout(ran: &Ran) -> String {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout.clone()
}

#[tokio::test]
async fn every_command_has_an_example() {
    for command in [
        &["serve"][..],
        &["demo"],
        &["migrate"],
        &["fetch"],
        &["record"],
        &["sources"],
        &["activities"],
        &["watch"],
        &["login"],
        &["tokens"],
        &["tokens", "list"],
        &["tokens", "create"],
        &["tokens", "delete"],
        &["subscriptions"],
        &["subscriptions", "list"],
        &["subscriptions", "create"],
        &["subscriptions", "preview"],
        &["subscriptions", "test"],
        &["subscriptions", "pause"],
        &["subscriptions", "resume"],
        &["subscriptions", "delete"],
        &["subscriptions", "deliveries"],
        &["openapi"],
        &["asyncapi"],
        &["admin"],
        &["admin", "user"],
        &["admin", "user", "create"],
        &["admin", "user", "promote"],
        &["admin", "user", "reset"],
        &["admin", "user", "list"],
        &["admin", "jobs"],
        &["admin", "retry"],
        &["admin", "drop"],
        &["admin", "prune"],
        &["admin", "renew-log"],
    ] {
        let output = starboard(&[command, &["--help"]].concat(), &[]).await;
        let help = stdout(&output);
        assert!(help.contains("Example"), "{command:?}: {help}");
        assert!(
            help.contains(&format!("starboard {}", command.join(" "))),
            "{command:?}: {help}"
        );
    }
}
