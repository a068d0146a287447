//! Lines on stdout. Whoever reads them may leave at any time (`… | head`).

use std::io::{ErrorKind, Write};

use anyhow::Context;
use serde::Serialize;

/// Nobody reads stdout any more: the command is done, and has not failed.
#[derive(Debug, thiserror::Error)]
#[error("stdout is closed")]
pub(super) struct Closed;

/// Writes a line and hands it on at once.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
    match stdout.write_all(&bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        Err(error) => Err(error).context("writing to stdout"),
    }
}

/// Writes a value as a line of JSON.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?)
}
