//! Cuts CSV into rows, so that one stray quote costs one row and not the rest of the table.

/// Most lines a row may span.
const TALLEST: usize = 50;

/// Cuts a text into rows, blank lines left out.
pub(crate) struct Rows<'a> {
    body: &'a [u8],
    at: usize,
    line: usize,
}

/// One row as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// Where its first line starts.
    at: usize,
    /// Number of its first line, from 1.
    pub(crate) line: usize,
    /// Its text without the last line end.
    pub(crate) text: &'a [u8],
    /// A quote in it was never closed.
    pub(crate) is_open: bool,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Rows {
            body,
            at: 0,
            line: 1,
        }
    }

    /// Goes back to the line after the first one of `piece`, and answers that first line alone.
    pub(crate) fn only_first_line(&mut self, piece: Piece<'a>) -> Piece<'a> {
        let first = first_line(piece.text);
        self.at = piece.at.saturating_add(first.len());
        self.line = piece.line.saturating_add(1);
        Piece {
            text: without_end(first),
            ..piece
        }
    }

    /// The next lines up to where quotes are closed, at most [`TALLEST`].
    fn cut(&mut self) -> Option<Piece<'a>> {
        let (at, line) = (self.at, self.line);
        let mut quotes = Quotes::Between;
        for _ in 0..TALLEST {
            let next = first_line(self.body.get(self.at..).unwrap_or_default());
            if next.is_empty() {
                break;
            }
            quotes = quotes.after(next);
            self.at = self.at.saturating_add(next.len());
            self.line = self.line.saturating_add(1);
            if quotes != Quotes::Inside {
                break;
            }
        }
        let text = self.body.get(at..self.at).filter(|text| !text.is_empty())?;
        Some(Piece {
            at,
            line,
            text: without_end(text),
            is_open: quotes == Quotes::Inside,
        })
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let piece = self.cut()?;
            if !piece.text.trim_ascii().is_empty() {
                return Some(piece);
            }
        }
    }
}

/// The first line with its end.
fn first_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.and_then(|end| text.get(..=end)).unwrap_or(text)
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Where a reader of CSV stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// Before a field: a quote opens.
    Between,
    /// In a bare field, or behind a closed quote: a quote is a letter (`5" slit`).
    Bare,
    /// Inside quotes.
    Inside,
}

impl Quotes {
    /// Where it stands after `line`.
    fn after(self, line: &[u8]) -> Self {
        let mut bytes = line.iter().peekable();
        let mut quotes = self;
        while let Some(byte) = bytes.next() {
            quotes = match (quotes, byte) {
                (Quotes::Inside, b'"') if bytes.next_if_eq(&&b'"').is_some() => Quotes::Inside,
                (Quotes::Inside, b'"') => Quotes::Bare,
                (Quotes::Inside, _) => Quotes::Inside,
                (Quotes::Between, b'"') => Quotes::Inside,
                (_, b',' | b'\n') => Quotes::Between,
                _ => Quotes::Bare,
            };
        }
        quotes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, &str)> {
        Rows::new(text.as_bytes())
            .map(|piece| (piece.line, std::str::from_utf8(piece.text).unwrap()))
            .collect()
    }

    #[test]
    fn rows_end_where_quotes_are_closed() {
        assert_eq!(
            rows("a,\"b\nc\"\r\n\r\nd,\"e \"\"f\"\"\"\ng"),
            [(1, "a,\"b\nc\""), (4, "d,\"e \"\"f\"\"\""), (5, "g")]
        );
    }

    #[test]
    fn a_quote_within_a_bare_field_is_a_letter() {
        assert_eq!(rows("5\" slit,1\nx,2"), [(1, "5\" slit,1"), (2, "x,2")]);
    }

    #[test]
    fn a_quote_left_open_takes_a_bounded_number_of_lines() {
        let text = format!("\"a\n{}", "b\n".repeat(200));
        let mut cut = Rows::new(text.as_bytes());

        let piece = cut.next().unwrap();
        assert!(piece.is_open);
        assert_eq!(piece.text.len(), 2 * TALLEST);

        let first = cut.only_first_line(piece);
        assert_eq!(first.text, b"\"a");
        assert_eq!(cut.next().unwrap().line, 2);
    }
}
