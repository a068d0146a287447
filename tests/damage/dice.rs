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

/// The seed of this run: `STARBOARD_SEED`, else always the same one, so that a run that passed
/// passes again. Printed, so that a failure under another seed can be had again.
pub(super) fn seed() -> u64 {
    let set = std::env::var("STARBOARD_SEED").ok();
    let seed = match set.filter(|set| !set.is_empty()) {
        Some(set) => set.parse().expect("STARBOARD_SEED takes a whole number"),
        None => 20_261_121,
    };
    println!("STARBOARD_SEED={seed}");
    seed
}
