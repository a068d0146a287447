//! Chance that can be repeated.

/// A small deterministic generator (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of one variant of a run.
    pub(super) fn of(seed: u64, variant: usize) -> Dice {
        let mut dice = Dice(seed);
        dice.0 ^= dice.next().wrapping_add(u64::try_from(variant).unwrap());
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when there is none.
    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % n.max(1)
    }

    /// A byte.
    pub(super) fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}
