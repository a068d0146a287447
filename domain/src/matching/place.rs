//! Where a filter stands: in which list, and at which place of it.

use std::num::NonZeroU32;

/// A kind of list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    /// Those of a term who ask nothing else.
    Plain,
    /// Those of a term who do.
    Checked,
    /// Those who look at a cell.
    Cell,
    /// In none: the number is that of a record, which knows the lists.
    Record,
}

/// Bits of the number of a list.
const BITS: u32 = 29;

/// A place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Kind, counted from 1, and number of the list.
    list: NonZeroU32,
    at: u32,
}

impl Place {
    /// A place in the list of that kind and number, of which there are at most half a billion.
    pub(super) fn new(kind: In, list: u32, at: u32) -> Self {
        let kind = kind as u32 + 1;
        let list = NonZeroU32::MIN.saturating_add((kind << BITS | list & !(u32::MAX << BITS)) - 1);
        Place { list, at }
    }

    pub(super) fn kind(self) -> In {
        match self.list.get() >> BITS {
            1 => In::Plain,
            2 => In::Checked,
            3 => In::Cell,
            _ => In::Record,
        }
    }

    pub(super) fn list(self) -> u32 {
        self.list.get() & !(u32::MAX << BITS)
    }

    pub(super) fn at(self) -> u32 {
        self.at
    }

    /// The same list, another place.
    pub(super) fn moved_to(self, at: u32) -> Self {
        Place { at, ..self }
    }

    pub(super) fn words(self) -> [u32; 2] {
        [self.list.get(), self.at]
    }

    pub(super) fn from_words([list, at]: [u32; 2]) -> Option<Self> {
        NonZeroU32::new(list).map(|list| Place { list, at })
    }
}
