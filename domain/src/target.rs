//! Target names: how two spellings of one object are told to be the same.
//!
//! A key drops case, blanks, `_` and `-` (between digits one `-` stays, so that `CD-58 4463` is
//! `CD-58-4463` but not `CD 584463`), spells catalogues one way and without leading zeros
//! (`Messier 031` is `m31`), and reduces comets and asteroids to their designation (`3I/ATLAS` is
//! `3i`, `(99942) Apophis` is `99942`). What only looks like one keeps its whole name: the offset
//! `C2024E1-sky`, the star `61 Cyg`, the field `3D-HST`.

mod body;
mod catalogue;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::fold::{fold, indexed_words};

/// A target name, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What equal names share. Empty when the name has neither letter, digit nor sign.
    pub key: String,
    /// Whether the key is a designation followed by more name, so that it could not go on.
    pub complete: bool,
}

/// Reads a target name, as an upstream or a person spells it.
#[must_use]
pub fn read(name: &str) -> Target {
    let mut target = once(name);
    // Names of nothing but separators and brackets may take more than one round to settle.
    for _ in 0..3 {
        let again = once(&target.key);
        if again.key == target.key {
            break;
        }
        target.key = again.key;
    }
    target
}

/// The key of a target name. The key of a key is itself.
#[must_use]
pub fn target_key(name: &str) -> String {
    read(name).key
}

/// What the keys of names that begin so begin with. Nothing is dropped but separators and zeros
/// (`4 Ves` is `4ves`, not the designation `4`); a catalogue's long name is all its numbers
/// (`Messier` is `m0` to `m9`).
#[must_use]
pub fn prefix_keys(beginning: &str) -> Vec<String> {
    let key = spelled(&fold(beginning));
    if key.is_empty() {
        return Vec::new();
    }
    let numbers = catalogue::named(&key)
        .into_iter()
        .flat_map(|short| (0..=9).map(move |digit| format!("{short}{digit}")));
    let numbers: Vec<String> = numbers.collect();
    [vec![key], numbers].concat()
}

/// The words a target is found by in a text search: those of its name, its key, and the letters
/// and the numbers of both (`M-31`: `m`, `31`, `m31`).
#[must_use]
pub fn name_words(name: &str) -> BTreeSet<String> {
    let mut found = indexed_words(name);
    let key = target_key(name);
    found.extend(indexed_words(&key));
    let runs: Vec<String> = found
        .iter()
        .flat_map(|word| letters_and_numbers(word))
        .collect();
    found.extend(runs);
    if !key.is_empty() {
        found.insert(key);
    }
    found
}

fn once(name: &str) -> Target {
    let folded = fold(name);
    let folded = folded.trim_matches([' ', '_', '-']);
    match body::designation(folded) {
        Some(target) => target,
        None => Target {
            key: spelled(folded),
            complete: false,
        },
    }
}

/// The key of a folded name that is no designation.
fn spelled(folded: &str) -> String {
    catalogue::spell(&body::without_marks(&squeeze(folded)))
}

/// Without blanks, `_` and `-`; a run of them between digits is one `-`.
fn squeeze(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    let mut apart = false;
    for c in folded.chars() {
        if matches!(c, ' ' | '_' | '-') {
            apart = true;
            continue;
        }
        if apart && c.is_ascii_digit() && out.ends_with(|last: char| last.is_ascii_digit()) {
            out.push('-');
        }
        apart = false;
        out.push(c);
    }
    out
}

fn letters_and_numbers(word: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut numeric = None;
    for c in word.chars() {
        let digit = c.is_ascii_digit();
        match runs.last_mut() {
            Some(run) if numeric == Some(digit) => run.push(c),
            _ => runs.push(c.to_string()),
        }
        numeric = Some(digit);
    }
    runs
}
