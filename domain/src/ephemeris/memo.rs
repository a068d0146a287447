//! Keeps what was computed lately.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key, of which at least the last `room` made are kept, and at most twice as many.
///
/// What it keeps follows from the key alone, so it changes the speed of answers and never the
/// answers.
pub(super) struct Memo<K, V> {
    room: usize,
    kept: Mutex<Kept<K, V>>,
}

/// Two generations: when the young one is full it becomes the old one, and the old one goes.
struct Kept<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    pub(super) fn new(room: usize) -> Self {
        let kept = Kept {
            young: HashMap::new(),
            old: HashMap::new(),
        };
        Memo {
            room,
            kept: Mutex::new(kept),
        }
    }

    /// The value of a key, made when it is not at hand. Nobody waits for its making: two who need
    /// it at once make it twice.
    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let found = {
            let mut kept = self.lock();
            let aged = kept.old.remove(&key);
            match aged {
                Some(value) => {
                    kept.put(key, value.clone(), self.room);
                    return value;
                }
                None => kept.young.get(&key).cloned(),
            }
        };
        found.unwrap_or_else(|| {
            let value = make();
            self.lock().put(key, value.clone(), self.room);
            value
        })
    }

    fn lock(&self) -> MutexGuard<'_, Kept<K, V>> {
        // Values are put in whole, so a panic elsewhere leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    fn put(&mut self, key: K, value: V, room: usize) {
        if self.young.len() >= room {
            self.old = take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_lately_is_not_made_again() {
        let memo = Memo::new(2);
        assert_eq!(memo.get(1, || "one"), "one");
        assert_eq!(memo.get(2, || "two"), "two");
        assert_eq!(memo.get(3, || "three"), "three");
        assert_eq!(memo.get(1, || "again"), "one");
        assert_eq!(memo.get(2, || "again"), "two");
        assert_eq!(memo.get(3, || "again"), "three");
    }

    #[test]
    fn it_keeps_no_more_than_twice_its_room() {
        let memo = Memo::new(4);
        for key in 0..1000 {
            memo.get(key, || key);
        }
        let kept = memo.lock();
        assert!(kept.young.len() + kept.old.len() <= 8);
    }
}
