//! The frames of a server's WebSocket, cut out of what was read, without a copy where none is needed.

use anyhow::{bail, ensure};

/// No frame of ours is longer.
const LONGEST: usize = 1 << 20;

/// What a server sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// A message.
    Text(&'a [u8]),
    /// To be answered.
    Ping(&'a [u8]),
    /// The end: its code (1005 when there was none) and reason.
    Close(u16, &'a [u8]),
}

/// Hands out every whole frame in `bytes` and answers how many bytes they take: what is behind is
/// the begin of a frame.
pub(crate) fn cut<'a>(
    bytes: &'a [u8],
    mut each: impl FnMut(Frame<'a>) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let mut at = 0;
    while let Some((opcode, payload, after)) = first(&bytes[at..])? {
        match opcode {
            1 => each(Frame::Text(payload))?,
            8 => {
                let (code, reason) = payload.split_at(payload.len().min(2));
                let code = <[u8; 2]>::try_from(code).map_or(1005, u16::from_be_bytes);
                each(Frame::Close(code, reason))?;
            }
            9 => each(Frame::Ping(payload))?,
            10 => {}
            other => bail!("a frame of kind {other}"),
        }
        at += after;
    }
    Ok(at)
}

/// The first frame, if it is whole: its kind, what is in it, and where it ends.
fn first(bytes: &[u8]) -> anyhow::Result<Option<(u8, &[u8], usize)>> {
    let [kind, short, ..] = *bytes else {
        return Ok(None);
    };
    ensure!(kind & 0x80 != 0, "a frame in parts");
    ensure!(short & 0x80 == 0, "a server's frame is masked");
    let (head, length) = match short {
        126 => match bytes.get(2..4).map(<[u8; 2]>::try_from) {
            Some(Ok(length)) => (4, usize::from(u16::from_be_bytes(length))),
            _ => return Ok(None),
        },
        127 => match bytes.get(2..10).map(<[u8; 8]>::try_from) {
            Some(Ok(length)) => (10, usize::try_from(u64::from_be_bytes(length))?),
            _ => return Ok(None),
        },
        length => (2, usize::from(length)),
    };
    ensure!(length <= LONGEST, "a frame of {length} bytes");
    let payload = bytes.get(head..head + length);
    Ok(payload.map(|payload| (kind & 0x0f, payload, head + length)))
}

/// A client's frame: short, its mask all zeros.
pub(crate) fn from_client(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let payload = &payload[..payload.len().min(125)];
    let length = u8::try_from(payload.len()).unwrap_or_default();
    let mut frame = vec![0x80 | opcode, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_whole_however_the_bytes_were_read() {
        let long = "x".repeat(300);
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x89, 1, b'p', 0x81, 126, 1, 44];
        bytes.extend_from_slice(long.as_bytes());
        bytes.extend([0x88, 6, 0x03, 0xf5, b's', b'l', b'o', b'w']);
        for step in [1, 2, 3, 7, 100, 1_000] {
            let (mut rest, mut seen) = (Vec::new(), Vec::new());
            for part in bytes.chunks(step) {
                rest.extend_from_slice(part);
                let taken = cut(&rest, |frame| {
                    seen.push(format!("{frame:?}"));
                    Ok(())
                });
                rest.drain(..taken.unwrap_or_default());
            }
            assert!(rest.is_empty());
            let all = [
                Frame::Text(b"hi"),
                Frame::Ping(b"p"),
                Frame::Text(long.as_bytes()),
                Frame::Close(1013, b"slow"),
            ];
            assert_eq!(seen, all.map(|frame| format!("{frame:?}")));
        }
    }

    #[test]
    fn what_no_server_sends_is_an_error() {
        for bytes in [&[0x01, 1, b'a'][..], &[0x81, 0x81, 0, 0, 0, 0, b'a']] {
            assert!(cut(bytes, |_| Ok(())).is_err());
        }
    }
}
