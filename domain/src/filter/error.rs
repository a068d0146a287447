//! What a filter says when it is not understood.

use std::fmt;

use super::Key;
use super::suggest::nearest;

/// Longest piece of somebody's text repeated in a message, characters.
const SHOWN: usize = 80;

/// A key or value that was not understood, with what would have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The key at fault; `filter` when it is the whole.
    pub key: String,
    /// What stood there.
    pub got: String,
    /// What would be understood there.
    pub takes: String,
    /// What was likely meant.
    pub meant: Option<String>,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Value,
    Amount,
    Unknown,
    Misplaced,
}

impl FilterError {
    /// A value the key does not take.
    pub(super) fn value(key: Key, got: &str, takes: impl Into<String>) -> Self {
        Self::new(Fault::Value, key.as_str(), got, takes.into())
    }

    /// Something else than an object of keys and values.
    pub(super) fn whole(got: &str, takes: &str) -> Self {
        Self::new(Fault::Value, "filter", got, takes.to_owned())
    }

    /// More than the key, or the filter, takes.
    pub(super) fn amount(key: &str, got: &str, takes: String) -> Self {
        Self::new(Fault::Amount, key, got, takes)
    }

    /// A key that is none of these.
    pub(super) fn unknown(key: &str, known: &[&str]) -> Self {
        Self::new(Fault::Unknown, key, key, known.join(", ")).likely(known.iter().copied())
    }

    /// A key of the grammar that has no place here, and why.
    pub(super) fn misplaced(key: &str, why: &str) -> Self {
        Self::new(Fault::Misplaced, key, key, why.to_owned())
    }

    /// Names the likeliest of the candidates, if one is close.
    pub(super) fn likely<'a>(mut self, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        self.meant = nearest(&self.got, candidates);
        self
    }

    fn new(fault: Fault, key: &str, got: &str, takes: String) -> Self {
        FilterError {
            key: short(key),
            got: short(got),
            takes,
            meant: None,
            fault,
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FilterError {
            key, got, takes, ..
        } = self;
        match self.fault {
            Fault::Value => write!(f, "`{key}` takes {takes}, not {got:?}")?,
            Fault::Amount => write!(f, "`{key}` takes {takes}")?,
            Fault::Unknown => write!(f, "the filter has no key {got:?}, only {takes}")?,
            Fault::Misplaced => write!(f, "`{key}` {takes}")?,
        }
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
