//! A running `starboard watch --json`.

use serde_json::Value;

use super::server;
use crate::harness::eventually;
use crate::harness::process::{Program, Ran};
use crate::harness::scratch::Scratch;
use crate::harness::seqs;

/// The process, and what it wrote so far.
pub(super) struct Watching {
    program: Program,
    _folder: Scratch,
}

impl Watching {
    /// Starts it against the server on this port.
    pub(super) fn start(port: u16, args: &[&str]) -> Watching {
        let folder = Scratch::new();
        let args = [&["watch", "--json"], args].concat();
        let program = Program::start(&args, folder.path(), &server(port));
        Watching {
            program,
            _folder: folder,
        }
    }

    /// The events so far.
    pub(super) fn events(&self) -> Vec<Value> {
        let text = self.program.stdout.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Their places in the log.
    pub(super) fn seqs(&self) -> Vec<i64> {
        seqs(&self.events())
    }

    /// Waits until it has shown an event at or behind this place.
    pub(super) async fn reaches(&self, seq: i64) {
        eventually("an event", async || {
            self.seqs().last().filter(|last| **last >= seq).copied()
        })
        .await;
    }

    /// Waits until stderr says this.
    pub(super) async fn says(&self, text: &str) {
        eventually(text, async || {
            self.program.stderr.text().contains(text).then_some(())
        })
        .await;
    }

    /// What stderr says.
    pub(super) fn stderr(&self) -> String {
        self.program.stderr.text()
    }

    /// Interrupts it, as Ctrl-C does, and waits for its end.
    pub(super) async fn interrupted(self) -> Ran {
        self.program.signal("INT");
        self.ended().await
    }

    /// Waits for its end.
    pub(super) async fn ended(self) -> Ran {
        self.program.end().await
    }
}
