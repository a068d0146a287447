//! What a filter says when it is not understood.

use std::fmt;

use super::suggest::nearest;

/// Longest piece of somebody's text repeated in a message, characters.
const SHOWN: usize = 80;

/// A key or value that was not understood, with what would have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The key at fault.
    pub key: String,
    /// What stood there.
    pub got: String,
    /// What the key takes.
    pub takes: String,
    /// What was likely meant.
    pub meant: Option<String>,
}

impl FilterError {
    pub(super) fn new(key: &str, got: &str, takes: impl Into<String>) -> Self {
        FilterError {
            key: short(key),
            got: short(got),
            takes: takes.into(),
            meant: None,
        }
    }

    /// Names the likeliest of the candidates, if one is close.
    pub(super) fn likely<'a>(mut self, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        self.meant = nearest(&self.got, candidates);
        self
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` takes {}, not {:?}", self.key, self.takes, self.got)?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean {meant:?}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FilterError {}

fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
