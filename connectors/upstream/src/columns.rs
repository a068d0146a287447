//! Fixed-width text, counted in characters: names with accents shift bytes, not columns.

use std::ops::Range;

/// The characters of `line` in `range` (0-based, half-open), as they stand; shorter or empty where
/// the line ends before.
#[must_use]
pub fn slice(line: &str, range: Range<usize>) -> &str {
    let width = range.end.saturating_sub(range.start);
    let mut starts = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    let Some(from) = starts.nth(range.start) else {
        return "";
    };
    let rest = line.get(from..).unwrap_or("");
    let end = rest
        .char_indices()
        .nth(width)
        .map_or(rest.len(), |(at, _)| at);
    rest.get(..end).unwrap_or("")
}

/// The same without the blanks around it; nothing when only blanks stand there.
#[must_use]
pub fn field(line: &str, range: Range<usize>) -> Option<&str> {
    Some(slice(line, range).trim()).filter(|text| !text.is_empty())
}

/// The columns under a ruler of dashes (`-----  ---`); empty when `line` is not one.
#[must_use]
pub fn ruler(line: &str) -> Vec<Range<usize>> {
    let line = line.trim_end();
    if !line.chars().all(|c| c == '-' || c == ' ') {
        return Vec::new();
    }
    let mut columns: Vec<Range<usize>> = Vec::new();
    for (at, _) in line.chars().enumerate().filter(|(_, c)| *c == '-') {
        match columns.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => columns.push(at..at + 1),
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        let line = "Schr\u{f6}der  M31   ";

        assert_eq!(field(line, 0..9), Some("Schr\u{f6}der"));
        assert_eq!(field(line, 10..14), Some("M31"));
    }

    #[test]
    fn what_lies_beyond_the_line_is_empty() {
        assert_eq!(slice("abc", 2..9), "c");
        assert_eq!(slice("abc", 3..9), "");
        assert_eq!(slice("abc", 7..9), "");
        assert_eq!(field("abc   ", 3..6), None);
    }

    #[test]
    #[expect(
        clippy::reversed_empty_ranges,
        reason = "a range turned round must not panic"
    )]
    fn a_range_turned_round_is_empty() {
        assert_eq!(slice("abc", 2..1), "");
    }

    #[test]
    fn a_ruler_gives_its_columns() {
        assert_eq!(ruler("---  --  ----  "), [0..3, 5..7, 9..13]);
        assert!(ruler("--- VISIT ---").is_empty());
        assert!(ruler("").is_empty());
    }
}
