//! Reading what a WebSocket server sends, as far as counting it takes.

use memchr::memmem::{self, Finder};

/// What a mark says: when the message was due, which one of its run it is, and of which run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Nanoseconds of the generator's clock.
    pub(crate) time: u64,
    /// From 0.
    pub(crate) index: usize,
    /// From 1.
    pub(crate) run: u64,
}

impl Mark {
    /// As it stands in a message, wherever the server puts it.
    pub(crate) fn text(self) -> String {
        format!("@T{}I{}R{}@", self.time, self.index, self.run)
    }
}

/// Finds marks. They stand at about the same place in all messages, so it looks there first.
pub(crate) struct Marks {
    finder: Finder<'static>,
    hint: usize,
}

impl Marks {
    /// One that has seen none yet.
    pub(crate) fn new() -> Marks {
        Marks {
            finder: Finder::new(b"@T"),
            hint: 0,
        }
    }

    /// The mark in a message.
    pub(crate) fn find(&mut self, message: &[u8]) -> Option<Mark> {
        let here = message.get(self.hint..);
        if !here.is_some_and(|here| here.starts_with(b"@T")) {
            self.hint = self.finder.find(message)?;
        }
        let mut rest = message.get(self.hint + 2..)?;
        Some(Mark {
            time: number(&mut rest, b'I')?,
            index: usize::try_from(number(&mut rest, b'R')?).ok()?,
            run: number(&mut rest, b'@')?,
        })
    }
}

/// The number an envelope has in its hub's log.
pub(crate) fn seq(message: &[u8]) -> Option<u64> {
    let at = memmem::find(message, b"\"seq\":")?;
    number(&mut message.get(at + 6..)?, b',')
}

/// Digits up to a letter, which is taken too.
fn number(text: &mut &[u8], end: u8) -> Option<u64> {
    let mut value = 0_u64;
    while let [first, rest @ ..] = *text {
        *text = rest;
        match first {
            b'0'..=b'9' => {
                value = value
                    .checked_mul(10)?
                    .checked_add(u64::from(first - b'0'))?
            }
            first if *first == end => return Some(value),
            _ => return None,
        }
    }
    None
}

/// A frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// A message, or a part of one.
    Message(&'a [u8]),
    /// Wants an answer.
    Ping(&'a [u8]),
    /// The server's goodbye.
    Close,
    /// Nothing to count.
    Other,
}

/// Takes the first whole frame; none when it is not all there yet.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Option<Frame<'a>> {
    let all = *bytes;
    let (&[first, second], rest) = all.split_first_chunk()?;
    let (length, rest) = match second & 0x7f {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::try_from(u64::from_be_bytes(*length)).ok()?, rest)
        }
        short => (usize::from(short), rest),
    };
    let (payload, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    Some(match first & 0x0f {
        0..=2 => Frame::Message(payload),
        8 => Frame::Close,
        9 => Frame::Ping(payload),
        _ => Frame::Other,
    })
}

/// A text message as a server sends it.
pub(crate) fn text(payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + 10);
    frame.push(0x81);
    match payload.len() {
        length @ 0..=125 => frame.push(u8::try_from(length).unwrap_or(0)),
        length @ 126..=0xffff => {
            frame.push(126);
            frame.extend(u16::try_from(length).unwrap_or(0).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

/// The answer to a ping, masked by zeros: a client has to mask.
pub(crate) fn pong(payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..125).unwrap_or(payload);
    let mut frame = vec![0x8a, 0x80 | u8::try_from(payload.len()).unwrap_or(0)];
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_wherever_the_server_puts_it() {
        let mark = Mark {
            time: 12,
            index: 3,
            run: 4,
        };
        let mut marks = Marks::new();
        for before in ["", "{\"title\":\"@", "{\"a\":1,\"title\":\"@@"] {
            let message = format!("{before}{}\"}}", mark.text());
            assert_eq!(marks.find(message.as_bytes()), Some(mark), "{message}");
        }
        assert_eq!(marks.find(b"{\"type\":\"keepalive\"}"), None);
        assert_eq!(marks.find(b"@T99999999999999999999999I1R1@"), None);
    }

    #[test]
    fn frames_of_every_length_are_read_back_and_a_part_of_one_waits() {
        for length in [0, 125, 126, 1300, 65_535, 65_536] {
            let frame = text(&vec![b'x'; length]);
            let mut bytes = frame.as_slice();
            assert_eq!(take(&mut bytes), Some(Frame::Message(&vec![b'x'; length])));
            assert!(bytes.is_empty());
            assert_eq!(take(&mut &frame[..frame.len() - 1]), None);
        }
    }
}
