//! A hint: the newest place in the log and, when they are few, the envelopes up to it.
//!
//! Text: the newest `seq` on the first line, then an envelope a line.

use super::event_log::Line;

/// Above this many bytes a hint carries the place only; readers take the rest from the log.
const LARGEST: usize = 128 * 1024;

/// Lines as a hint; none for none.
#[must_use]
pub fn encode(lines: &[Line]) -> Option<String> {
    let last = lines.last()?;
    let bytes: usize = lines.iter().map(|line| line.envelope.len() + 1).sum();
    let mut text = last.seq.to_string();
    if bytes <= LARGEST {
        for line in lines {
            text.push('\n');
            text.push_str(&line.envelope);
        }
    }
    Some(text)
}

/// What a hint says.
#[derive(Debug, PartialEq, Eq)]
pub struct Hint {
    /// The log's end, as far as the writer knew.
    pub seq: i64,
    /// The lines up to it, without holes; may be empty.
    pub lines: Vec<Line>,
}

/// Reads a hint; none when it is not one.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Hint> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut parts = text.split('\n');
    let seq: i64 = parts.next()?.parse().ok()?;
    let envelopes: Vec<&str> = parts.collect();
    let first = seq
        .checked_sub(i64::try_from(envelopes.len()).ok()?)?
        .checked_add(1)?;
    let lines = (first..)
        .zip(envelopes)
        .map(|(seq, envelope)| Line {
            seq,
            envelope: envelope.to_owned(),
        })
        .collect();
    Some(Hint { seq, lines })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: i64, size: usize) -> Line {
        Line {
            seq,
            envelope: format!("{{\"seq\":{seq},\"x\":\"{}\"}}", "y".repeat(size)),
        }
    }

    #[test]
    fn few_lines_travel_whole() {
        let lines = vec![line(7, 10), line(8, 10)];
        let text = encode(&lines).unwrap();
        assert_eq!(decode(text.as_bytes()), Some(Hint { seq: 8, lines }));
    }

    #[test]
    fn many_lines_travel_as_their_place_only() {
        let lines: Vec<_> = (1..=200).map(|seq| line(seq, 1000)).collect();
        let hint = decode(encode(&lines).unwrap().as_bytes()).unwrap();
        assert_eq!((hint.seq, hint.lines.len()), (200, 0));
    }

    #[test]
    fn what_is_not_a_hint_is_ignored() {
        for noise in [&b""[..], b"x", b"\xff", b"9\xff"] {
            assert_eq!(decode(noise), None);
        }
        assert_eq!(encode(&[]), None);
    }
}
