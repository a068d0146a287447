//! Reads bodies: bounded before and after decompression, and honest about their end.
//!
//! reqwest's own decompression hides the compressed size and drops `Content-Length`, so it is
//! switched off and gzip is undone here.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Version};
use reqwest::Response;

use crate::Error;
use crate::retry::Failure;

/// What may unfold from a compressed byte, once a body is larger than [`SMALL`].
const RATIO: usize = 200;

/// Bodies up to here may be compressed as well as gzip can.
const SMALL: usize = 1 << 20;

/// A body, complete and decompressed.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    /// Its length or end was stated, and holds.
    pub(crate) whole: bool,
}

/// Reads the body of `response`, at most `largest` bytes of it before and after decompression.
pub(crate) async fn read(mut response: Response, largest: usize) -> Result<Body, Failure> {
    let whole = is_framed(response.version(), response.headers());
    if response
        .content_length()
        .is_some_and(|n| n > largest as u64)
    {
        return Err(too_large(largest));
    }
    let mut unfolder = Unfolder::new(response.headers(), largest)?;
    // hyper answers an error when the stated length or the last chunk is missing.
    while let Some(chunk) = response.chunk().await? {
        unfolder.push(&chunk)?;
    }
    Ok(Body {
        bytes: unfolder.finish()?,
        whole,
    })
}

/// Whether the end of the body can be told from a lost connection.
fn is_framed(version: Version, headers: &HeaderMap) -> bool {
    let chunked = headers
        .get_all(TRANSFER_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("chunked"));
    version >= Version::HTTP_2 || chunked || headers.contains_key(CONTENT_LENGTH)
}

fn too_large(largest: usize) -> Failure {
    Failure::last(Error::Unreadable(format!(
        "the answer is larger than {largest} bytes"
    )))
}

/// Takes a body in pieces and undoes its compression.
struct Unfolder {
    taken: usize,
    largest: usize,
    coding: Coding,
}

enum Coding {
    Plain(Sink),
    Gzip(Box<MultiGzDecoder<Sink>>),
}

impl Unfolder {
    fn new(headers: &HeaderMap, largest: usize) -> Result<Self, Failure> {
        let coding = headers
            .get(CONTENT_ENCODING)
            .map_or(Ok(""), |value| value.to_str())
            .unwrap_or("unspeakable")
            .trim()
            .to_ascii_lowercase();
        let coding = match coding.as_str() {
            "" | "identity" => Coding::Plain(Sink::default()),
            "gzip" | "x-gzip" => Coding::Gzip(Box::new(MultiGzDecoder::new(Sink::default()))),
            other => {
                return Err(Failure::last(Error::Unreadable(format!(
                    "the answer is coded as {other:?}, which was not asked for"
                ))));
            }
        };
        Ok(Unfolder {
            taken: 0,
            largest,
            coding,
        })
    }

    fn push(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        self.taken = self.taken.saturating_add(chunk.len());
        if self.taken > self.largest {
            return Err(too_large(self.largest));
        }
        match &mut self.coding {
            Coding::Plain(sink) => {
                sink.room = self.largest;
                sink.write_all(chunk).map_err(|_| too_large(self.largest))
            }
            Coding::Gzip(decoder) => {
                let room = self.taken.saturating_mul(RATIO).max(SMALL);
                decoder.get_mut().room = room.min(self.largest);
                decoder.write_all(chunk).map_err(|e| {
                    if decoder.get_ref().full {
                        Failure::last(Error::Unreadable(format!(
                            "the answer unfolds to more than {} bytes",
                            decoder.get_ref().room
                        )))
                    } else {
                        broken(&e)
                    }
                })
            }
        }
    }

    fn finish(self) -> Result<Bytes, Failure> {
        let sink = match self.coding {
            Coding::Plain(sink) => sink,
            // A body left out (as with 304) is no broken gzip.
            Coding::Gzip(_) if self.taken == 0 => Sink::default(),
            Coding::Gzip(decoder) => decoder.finish().map_err(|e| broken(&e))?,
        };
        Ok(sink.bytes.into())
    }
}

/// A gzip that ends early or fails its checksum was most likely hurt on its way.
fn broken(error: &io::Error) -> Failure {
    Failure::passing(Error::Unreachable(format!(
        "the compressed answer is broken: {error}"
    )))
}

/// Keeps what is written, as far as there is room.
#[derive(Debug, Default)]
struct Sink {
    bytes: Vec<u8>,
    room: usize,
    full: bool,
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(piece.len()) > self.room {
            self.full = true;
            return Err(io::Error::other("no room"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unfold(body: &[u8], largest: usize) -> Result<Bytes, String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        let mut unfolder = Unfolder::new(&headers, largest).map_err(|e| e.to_string())?;
        for piece in body.chunks(700) {
            unfolder.push(piece).map_err(|e| e.to_string())?;
        }
        unfolder.finish().map_err(|e| e.to_string())
    }

    #[test]
    fn gzip_is_undone_piece_by_piece() {
        let text = b"a,b\n1,2\n".repeat(5000);

        assert_eq!(unfold(&gzip(&text), 1 << 20).unwrap(), text);
    }

    #[test]
    fn several_gzip_members_are_one_body() {
        let body = [gzip(b"one "), gzip(b"two")].concat();

        assert_eq!(unfold(&body, 100).unwrap(), "one two");
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = gzip(&vec![0; 10 << 20]);

        assert!(bomb.len() < 20_000);
        assert_eq!(
            unfold(&bomb, 2 << 20).unwrap_err(),
            "unreadable: the answer unfolds to more than 1048576 bytes"
        );
    }

    #[test]
    fn a_gzip_cut_short_is_broken() {
        let body = gzip(&b"0123456789 some text ".repeat(100));

        for cut in [1, 8, 9, body.len() / 2, body.len() - 1] {
            let error = unfold(&body[..body.len() - cut], 1 << 20).unwrap_err();
            assert!(error.contains("broken"), "{cut}: {error}");
        }
    }

    #[test]
    fn a_coding_nobody_asked_for_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, "br".parse().unwrap());

        assert!(Unfolder::new(&headers, 100).is_err());
    }

    #[test]
    fn only_a_stated_length_a_last_chunk_or_http2_tell_the_end() {
        let none = HeaderMap::new();
        let mut length = HeaderMap::new();
        length.insert(CONTENT_LENGTH, "3".parse().unwrap());
        let mut chunked = HeaderMap::new();
        chunked.insert(TRANSFER_ENCODING, "Chunked".parse().unwrap());

        assert!(!is_framed(Version::HTTP_11, &none));
        assert!(is_framed(Version::HTTP_11, &length));
        assert!(is_framed(Version::HTTP_11, &chunked));
        assert!(is_framed(Version::HTTP_2, &none));
    }
}
