//! Texts of terms: mostly short, so mostly without memory of their own; and their hashes, which
//! grow byte by byte, so that one walk along a word gives those of all its beginnings.

use std::hash::{BuildHasher, RandomState};

/// Longest text kept in place, bytes.
const SHORT: usize = 22;

/// A text.
#[derive(Debug)]
pub(super) enum Text {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(Box<[u8]>),
}

impl Text {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(len), Some(place)) => {
                place.copy_from_slice(text);
                Text::Short { len, bytes }
            }
            _ => Text::Long(text.into()),
        }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Text::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Text::Long(bytes) => bytes,
        }
    }

    /// Memory of its own.
    pub(super) fn heap(&self) -> usize {
        match self {
            Text::Short { .. } => 0,
            Text::Long(bytes) => bytes.len(),
        }
    }
}

/// A polynomial over the bytes, modulo the prime 2^61 − 1, at a point nobody outside knows: whoever
/// writes filters cannot choose texts that clash.
#[derive(Clone, Debug)]
pub(super) struct Hashing {
    point: u64,
    spread: u64,
}

const PRIME: u64 = (1 << 61) - 1;

impl Default for Hashing {
    fn default() -> Self {
        let secret = RandomState::new();
        Hashing {
            point: (secret.hash_one(1) % PRIME).max(1 << 32),
            spread: secret.hash_one(2) | 1,
        }
    }
}

impl Hashing {
    /// The state after one more byte; 0 comes before the first.
    #[inline]
    pub(super) fn next(&self, state: u64, byte: u8) -> u64 {
        let product = u128::from(state) * u128::from(self.point) + u128::from(byte) + 1;
        let (low, high) = (product as u64 & PRIME, (product >> 61) as u64);
        let sum = low + high;
        if sum >= PRIME { sum - PRIME } else { sum }
    }

    pub(super) fn state(&self, text: &[u8]) -> u64 {
        text.iter().fold(0, |state, byte| self.next(state, *byte))
    }

    /// What a table is asked with, for a text of a kind.
    #[inline]
    pub(super) fn finish(&self, state: u64, kind: u8) -> u64 {
        let mixed = (state ^ u64::from(kind) << 56).wrapping_mul(self.spread);
        (mixed ^ mixed >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_are_kept() {
        for len in [0, 1, 21, 22, 23, 255, 256, 300] {
            let text = vec![b'x'; len];
            assert_eq!(Text::of(&text).bytes(), text);
        }
    }

    #[test]
    fn the_hash_of_a_beginning_is_met_on_the_way() {
        let hashing = Hashing::default();
        let mut state = 0;
        for (at, byte) in b"ngc 1365".iter().enumerate() {
            assert_eq!(state, hashing.state(&b"ngc 1365"[..at]));
            state = hashing.next(state, *byte);
        }
        assert_ne!(hashing.finish(state, 1), hashing.finish(state, 2));
        assert_ne!(hashing.state(b"\0"), hashing.state(b"\0\0"));
    }
}
