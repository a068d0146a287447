//! Asking whoever sits at the terminal. When stdin is none, its lines are the answers.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, bail};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Asks for a line.
///
/// # Errors
/// When there is none.
pub(super) async fn line(what: &str) -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        prompt(what)?;
    }
    read(what).await
}

/// Asks for a line that does not show while it is typed.
///
/// # Errors
/// When there is none, or the terminal cannot keep it from showing.
pub(super) async fn hidden(what: &str) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        return read(what).await;
    }
    prompt(what)?;
    let quiet = Quiet::begin().context("asking without showing the answer")?;
    let answer = tokio::select! {
        answer = read(what) => answer,
        _ = tokio::signal::ctrl_c() => {
            drop(quiet);
            eprintln!();
            // The line being read cannot be taken back.
            std::process::exit(INTERRUPTED);
        }
    };
    drop(quiet);
    eprintln!();
    answer
}

fn prompt(what: &str) -> anyhow::Result<()> {
    eprint!("{what}: ");
    io::stderr().flush().context("writing to stderr")
}

/// The next line of stdin, without its end.
async fn read(what: &str) -> anyhow::Result<String> {
    let name = what.to_lowercase();
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = read.await?.context("reading from stdin")?;
    let line = line.trim_end_matches(['\n', '\r']);
    if line.is_empty() {
        bail!("no {name} was given");
    }
    Ok(line.to_owned())
}

/// A terminal that does not show what is typed, until this is dropped.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Quiet> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Quiet(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
