//! A set of numbers that is made for one activity and asked thousands of times.

/// No number.
const NONE: u32 = u32::MAX;

/// Numbers below `u32::MAX`.
#[derive(Debug)]
pub(super) struct Ids {
    /// Open addressing; a power of two, at least half of it free.
    table: Vec<u32>,
    len: usize,
}

impl Ids {
    /// An empty set with room for this many.
    pub(super) fn with_room(most: usize) -> Self {
        Ids {
            table: vec![NONE; (most * 2).next_power_of_two().max(64)],
            len: 0,
        }
    }

    /// Adds a number; answers whether it is new.
    pub(super) fn insert(&mut self, id: u32) -> bool {
        if self.len * 2 >= self.table.len() {
            let mut more = Ids::with_room(self.table.len());
            let all = self.table.iter().filter(|id| **id != NONE);
            all.for_each(|id| {
                more.insert(*id);
            });
            *self = more;
        }
        let at = self.place(id);
        match self.table.get_mut(at) {
            Some(free) if *free == NONE => {
                *free = id;
                self.len += 1;
                true
            }
            _ => false,
        }
    }

    #[inline]
    pub(super) fn has(&self, id: u32) -> bool {
        self.table.get(self.place(id)) == Some(&id)
    }

    /// Where a number stands, or would.
    #[inline]
    fn place(&self, id: u32) -> usize {
        let mask = self.table.len() - 1;
        let mut at = (id.wrapping_mul(0x9e37_79b9) >> 7) as usize & mask;
        while let Some(other) = self.table.get(at)
            && *other != NONE
            && *other != id
        {
            at = (at + 1) & mask;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_was_put_in_and_nothing_else() {
        let mut ids = Ids::with_room(4);
        for id in (0..5_000).map(|id| id * 7) {
            assert!(ids.insert(id));
            assert!(!ids.insert(id));
        }
        assert!((0..35_000).all(|id| ids.has(id) == (id % 7 == 0)));
    }
}
