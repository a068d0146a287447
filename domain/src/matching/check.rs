//! What else must hold of a filter that stands in a list.

use super::terms::ALWAYS;

/// A term, the outline of a region, the filter's record, or several of them, in 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Check(u32);

impl Check {
    const REPEATS: u32 = 1 << 31;
    const ASKS: u32 = 1 << 30;
    const OUTLINED: u32 = 1 << 29;
    const NUMBER: u32 = Self::OUTLINED - 1;

    /// Nothing more, or this term.
    pub(super) fn new(term: Option<u32>) -> Self {
        Check(term.unwrap_or(ALWAYS) & Self::NUMBER)
    }

    /// Whatever stands beside that outline, and the outline.
    pub(super) fn outlined(outline: u32) -> Self {
        Check(outline & Self::NUMBER | Self::OUTLINED)
    }

    /// The record must be asked.
    pub(super) fn asking(self, asks: bool) -> Self {
        Check(self.0 | if asks { Self::ASKS } else { 0 })
    }

    /// One activity may lead to the filter more than once.
    pub(super) fn repeating(self, repeats: bool) -> Self {
        Check(self.0 | if repeats { Self::REPEATS } else { 0 })
    }

    pub(super) fn is_nothing(self) -> bool {
        self.0 == ALWAYS
    }

    /// The term that must hold; the one that always does, if it is none.
    #[inline]
    pub(super) fn term(self) -> u32 {
        if self.0 & Self::OUTLINED == 0 {
            self.0 & Self::NUMBER
        } else {
            ALWAYS
        }
    }

    /// The outline that must be met.
    #[inline]
    pub(super) fn outline(self) -> Option<u32> {
        (self.0 & Self::OUTLINED != 0).then_some(self.0 & Self::NUMBER)
    }

    #[inline]
    pub(super) fn asks(self) -> bool {
        self.0 & Self::ASKS != 0
    }

    #[inline]
    pub(super) fn repeats(self) -> bool {
        self.0 & Self::REPEATS != 0
    }
}
