//! Folding: what two spellings of a text must share to count as equal.
//!
//! Done once, here; the database and the filter compare what comes out byte by byte.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in NFKD without its marks, in lower case, with every run of blanks one blank.
///
/// Typographic dashes and apostrophes become `-` and `'`, invisible characters vanish, so that a
/// name pasted from a paper equals the one typed. Folding twice changes nothing more.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return collapse(text.chars().map(|c| c.to_ascii_lowercase()));
    }
    let mut folded = once(text);
    // A few letters decompose only after they were lowered.
    for _ in 0..3 {
        let again = once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

/// The folded words of a text: its runs of letters and digits.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    pieces(&fold(text)).map(str::to_owned).collect()
}

/// The words of a text as they are looked up: its words, and what hyphens or apostrophes join
/// also as one (`O'Neil`: `o`, `neil`, `oneil`).
#[must_use]
pub fn indexed_words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for token in fold(text).split(' ') {
        let parts: Vec<&str> = pieces(token).collect();
        if parts.len() > 1 {
            found.insert(parts.concat());
        }
        found.extend(parts.into_iter().map(str::to_owned));
    }
    found
}

fn pieces(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|piece| !piece.is_empty())
}

fn once(text: &str) -> String {
    collapse(
        text.nfkd()
            .filter(|c| !is_combining_mark(*c) && !is_invisible(*c))
            .flat_map(char::to_lowercase)
            .map(plain),
    )
}

fn collapse(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut blank = false;
    for c in chars {
        if c.is_whitespace() || c.is_control() {
            blank = true;
            continue;
        }
        if blank && !out.is_empty() {
            out.push(' ');
        }
        blank = false;
        out.push(c);
    }
    out
}

fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{2032}' => '\'',
        'ς' => 'σ',
        _ => c,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_drops_case_marks_and_extra_blanks() {
        assert_eq!(fold("  Pérez\u{a0}\u{a0}GONZÁLEZ\t"), "perez gonzalez");
        assert_eq!(fold("İstanbul ﬁeld Å"), "istanbul field a");
        assert_eq!(fold("ΣΑΣ"), "σασ");
    }

    #[test]
    fn dashes_and_apostrophes_of_typesetters_are_plain_ones() {
        assert_eq!(fold("NGC–3627"), "ngc-3627");
        assert_eq!(fold("BD−17 1"), "bd-17 1");
        assert_eq!(fold("Barnard’s"), "barnard's");
    }

    #[test]
    fn invisible_and_control_characters_do_not_count() {
        assert_eq!(fold("M\u{200b}31\u{0}"), "m31");
        assert_eq!(fold("a\u{0}b"), "a b");
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(
            words("NIRCam Imaging (F150W)"),
            ["nircam", "imaging", "f150w"]
        );
        assert_eq!(words("--- "), Vec::<String>::new());
    }

    #[test]
    fn hyphened_words_are_found_joined_too() {
        let found: Vec<_> = indexed_words("Pérez-González").into_iter().collect();
        assert_eq!(found, ["gonzalez", "perez", "perezgonzalez"]);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn the_words_of_a_text_are_among_its_indexed_words(text in any::<String>()) {
            let indexed = indexed_words(&text);
            prop_assert!(words(&text).iter().all(|word| indexed.contains(word)));
        }
    }
}
