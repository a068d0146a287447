//! The word somebody likely meant.

use crate::fold::fold;

/// Longest word worth guessing at, characters.
const LONGEST: usize = 40;

/// The candidate nearest to `got`, when it is near enough to be a slip.
#[must_use]
pub fn nearest<'a>(got: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let got: Vec<char> = plain(got);
    if got.is_empty() || got.len() > LONGEST {
        return None;
    }
    let near = |candidate: &'a str| {
        let word = plain(candidate);
        // `facility_name` begins with what it means, `perf` is the beginning of it.
        let begins =
            word.len() >= 3 && got.starts_with(&word) || got.len() >= 3 && word.starts_with(&got);
        let steps = if got == word {
            0
        } else if begins {
            1
        } else {
            distance(&got, &word)
        };
        let allowed = (got.len().max(word.len()) / 3).max(1);
        (steps <= allowed && steps < word.len()).then_some((steps, candidate))
    };
    candidates
        .into_iter()
        .filter_map(near)
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, candidate)| candidate.to_owned())
}

/// Folded, without what separates words.
fn plain(word: &str) -> Vec<char> {
    fold(word)
        .chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-'))
        .take(LONGEST + 1)
        .collect()
}

/// Letters to put in, take out, replace or swap with their neighbour to come from one word to the
/// other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut least = (above[j] + usize::from(a != b))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 4] = ["planned", "scheduled", "in_progress", "performed"];

    #[test]
    fn a_slip_of_a_letter_or_two_is_understood() {
        for (got, meant) in [
            ("performd", "performed"),
            ("preformed", "performed"),
            ("Schedueld", "scheduled"),
            ("in-progress", "in_progress"),
            ("perf", "performed"),
        ] {
            assert_eq!(nearest(got, WORDS).as_deref(), Some(meant), "{got}");
        }
    }

    #[test]
    fn nothing_is_guessed_from_afar() {
        for got in ["", "xyz", "galaxy", &"p".repeat(500)] {
            assert_eq!(nearest(got, WORDS), None, "{got}");
        }
    }

    #[test]
    fn swapped_neighbours_are_one_step() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("jwts"), &chars("jwst")), 1);
        assert_eq!(distance(&chars("kitten"), &chars("sitting")), 3);
        assert_eq!(distance(&[], &chars("abc")), 3);
    }
}
