//! Values that may end in a star.

use std::fmt;

use crate::fold::{fold, words};
use crate::programme::{belongs_to, programme_key};
use crate::target;

/// A folded text to equal or to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pattern {
    /// Equal to this.
    Is(String),
    /// Beginning with this, which is never empty.
    Starts(String),
}

impl Pattern {
    /// Whether a folded text fits.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Pattern::Is(whole) => text == whole,
            Pattern::Starts(beginning) => text.starts_with(beginning.as_str()),
        }
    }

    /// Its text, to equal or to begin with.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Pattern::Is(text) | Pattern::Starts(text) => text,
        }
    }
}

/// As the filter spells it: `ngc*` begins, `sgra\*` ends in a star.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escaped = self.text().replace('\\', r"\\").replace('*', r"\*");
        match self {
            Pattern::Is(_) => f.write_str(&escaped),
            Pattern::Starts(_) => write!(f, "{escaped}*"),
        }
    }
}

/// A programme, perhaps of one collection only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProposalPattern {
    /// Folded collection, of `JWST/4501`.
    pub collection: Option<String>,
    /// Programme key.
    pub pattern: Pattern,
}

impl ProposalPattern {
    /// Whether a programme key of a folded collection fits.
    #[must_use]
    pub fn fits(&self, collection: &str, key: &str) -> bool {
        self.collection
            .as_ref()
            .is_none_or(|wanted| wanted == collection)
            && match &self.pattern {
                Pattern::Is(wanted) => belongs_to(key, wanted),
                Pattern::Starts(beginning) => key.starts_with(beginning.as_str()),
            }
    }
}

impl fmt::Display for ProposalPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.collection {
            Some(collection) => write!(f, "{collection} / {}", self.pattern),
            None => self.pattern.fmt(f),
        }
    }
}

/// A value, read: its text without the escapes, and whether it ends in a star that means "begins".
struct Value {
    text: String,
    starts: bool,
}

impl Value {
    fn of(written: &str) -> Self {
        let mut text = String::with_capacity(written.len());
        let mut starts = false;
        let mut chars = written.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next_if(|next| matches!(next, '*' | '\\')) {
                    Some(escaped) => text.push(escaped),
                    None => text.push('\\'),
                },
                '*' if chars.peek().is_none() => starts = true,
                _ => text.push(c),
            }
        }
        Value { text, starts }
    }

    /// Patterns under a way to make keys; none when nothing is left of the value. A name that has
    /// its star (`Sgr A*`) is found as written, too.
    fn patterns(&self, key: impl Fn(&str) -> String) -> Vec<Pattern> {
        let stem = key(&self.text);
        if stem.is_empty() {
            return Vec::new();
        }
        if !self.starts {
            return vec![Pattern::Is(stem)];
        }
        let as_written = key(&format!("{}*", self.text));
        let mut found = vec![Pattern::Starts(stem)];
        if !found.iter().any(|pattern| pattern.fits(&as_written)) {
            found.push(Pattern::Is(as_written));
        }
        found
    }
}

/// A name: a facility's or an instrument's.
pub(super) fn names(written: &str) -> Vec<Pattern> {
    Value::of(written).patterns(fold)
}

/// A programme. `JWST/4501` is that of the collection, or of an id with a slash in it.
pub(super) fn proposals(written: &str) -> Vec<ProposalPattern> {
    let of = |collection: Option<String>, id: &str| {
        Value::of(id)
            .patterns(programme_key)
            .into_iter()
            .map(move |pattern| ProposalPattern {
                collection: collection.clone(),
                pattern,
            })
            .collect::<Vec<_>>()
    };
    let mut found = of(None, written);
    if let Some((collection, id)) = written.split_once('/') {
        let collection = fold(collection);
        if collection.is_empty() || fold(id).trim_matches(['*', ' ']).is_empty() {
            return Vec::new();
        }
        found.extend(of(Some(collection), id));
    }
    found
}

/// A target.
pub(super) fn targets(written: &str) -> Vec<Pattern> {
    let value = Value::of(written);
    if !value.starts {
        return value.patterns(target::target_key);
    }
    if let Some(letter) = orbit(&value.text) {
        // Keys have no slash; their years tell comets from other names with that letter.
        return (15..=20)
            .map(|century| Pattern::Starts(format!("{letter}{century}")))
            .collect();
    }
    let keys = target::prefix_keys(&value.text);
    let mut found: Vec<Pattern> = keys.into_iter().map(Pattern::Starts).collect();
    let whole = target::read(&value.text);
    if whole.complete {
        found.push(Pattern::Is(whole.key));
    }
    found
}

/// The letter of `C/`, which stands for all comets of that kind.
fn orbit(text: &str) -> Option<char> {
    let folded = fold(text);
    let letter = folded.chars().next().filter(|c| "cpdxa".contains(*c))?;
    (folded.strip_prefix(letter)?.trim() == "/").then_some(letter)
}

/// Words, each of which may end in a star; none when one of them is only a star, or no word at all.
pub(super) fn all_words(written: &str) -> Option<Vec<Pattern>> {
    let mut found = Vec::new();
    for token in written.split_whitespace() {
        let value = Value::of(token);
        let mut parts = words(&value.text);
        match parts.pop() {
            Some(last) if value.starts => found.push(Pattern::Starts(last)),
            Some(last) => found.push(Pattern::Is(last)),
            None if value.starts => return None,
            None => {}
        }
        found.extend(parts.into_iter().map(Pattern::Is));
    }
    found.sort();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

/// Ways a text can be found: by all its words, or as the name of a target.
pub(super) fn texts(written: &str) -> Vec<Vec<Pattern>> {
    let Some(words) = all_words(written) else {
        return Vec::new();
    };
    let as_target = targets(written)
        .into_iter()
        .filter(|pattern| matches!(pattern, Pattern::Is(key) if key.chars().any(|c| c.is_ascii_digit()) && key.chars().any(char::is_alphabetic)))
        .map(|pattern| vec![pattern])
        .filter(|pattern| *pattern != words)
        .collect::<Vec<_>>();
    let mut found = vec![words];
    found.extend(as_target);
    found
}
