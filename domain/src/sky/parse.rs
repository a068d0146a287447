//! Reading the text of regions.

/// The keyword a region begins with, in capitals, and what follows it.
pub(super) fn keyword(text: &str) -> (String, &str) {
    let text = text.trim();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word.to_uppercase(), rest)
}

/// The numbers of a text, or the first word that is none. Infinities are let through, not `NaN`.
pub(super) fn numbers(text: &str) -> Result<Vec<f64>, String> {
    text.split_whitespace()
        .map(|word| number(word).ok_or_else(|| format!("{} is no number", quoted(word))))
        .collect()
}

/// One number; infinities too, not `NaN`.
pub(super) fn number(word: &str) -> Option<f64> {
    word.parse().ok().filter(|value: &f64| !value.is_nan())
}

/// Numbers two by two: positions. None when one is left over.
pub(super) fn pairs(numbers: &[f64]) -> Option<Vec<(f64, f64)>> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[ra, dec]| (*ra, *dec)).collect())
}

/// The beginning of what somebody wrote, short enough for a message.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let text = text.trim();
    let mut start: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        start.push('…');
    }
    format!("`{start}`")
}
