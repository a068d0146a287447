//! Runs a `Procfile` as a platform does: `release` to its end, then `web`.

use std::collections::BTreeMap;
use std::process::Command;

use super::process::{Program, Ran, STARBOARD, Settings, command};
use super::scratch::Scratch;

/// The process types of a `Procfile` and their commands.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        let (name, command) = line
            .split_once(':')
            .unwrap_or_else(|| panic!("no type in {line:?}"));
        (name.trim().to_owned(), command.trim().to_owned())
    };
    lines.map(entry).collect()
}

/// A slug: a folder as the build pack leaves it, with the binary at `target/release/starboard`.
pub(crate) struct Slug {
    folder: Scratch,
    processes: BTreeMap<String, String>,
}

impl Slug {
    /// A slug of this repository.
    pub(crate) fn new() -> Slug {
        let folder = Scratch::new();
        std::fs::create_dir_all(folder.file("target/release")).unwrap();
        std::os::unix::fs::symlink(STARBOARD, folder.file("target/release/starboard")).unwrap();
        let procfile = include_str!("../../Procfile");
        std::fs::write(folder.file("Procfile"), procfile).unwrap();
        Slug {
            folder,
            processes: parse(procfile),
        }
    }

    /// Runs a process type to its end.
    pub(crate) async fn run(&self, process: &str, settings: &Settings) -> Ran {
        Program::spawn(&mut self.command(process, settings))
            .end()
            .await
    }

    /// Starts the process type `web` and waits until `/readyz` on this port answers.
    pub(crate) async fn web(&self, port: u16, settings: &Settings) -> Program {
        let mut command = self.command("web", settings);
        let mut web = Program::spawn(command.env("PORT", port.to_string()));
        web.ready(port).await;
        web
    }

    fn command(&self, process: &str, settings: &Settings) -> Command {
        let line = &self.processes[process];
        let mut command = command("sh", self.folder.path(), settings);
        // The shell becomes the program, so that signals reach it.
        command.args(["-c", &format!("exec {line}")]);
        command
    }
}

#[test]
fn lines_of_a_procfile_are_types_and_commands() {
    let processes = parse("# comment\nrelease: ./x migrate\n\nweb: ./x serve --at a:b\n");

    assert_eq!(processes["release"], "./x migrate");
    assert_eq!(processes["web"], "./x serve --at a:b");
    assert_eq!(processes.len(), 2);
}
