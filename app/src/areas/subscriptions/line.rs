//! Those who wait for a sender, in turns by whose they are: nobody's slow endpoint, and nobody's
//! thousand mails, holds up what is somebody else's.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

use super::parcel::Parcel;

/// Parcels in a line, those on their way included.
const DEPTH: usize = 20_000;
/// Of them those of one account.
const DEPTH_OF_ONE: usize = 2_000;

/// A line. Cheap to clone.
#[derive(Clone)]
pub(super) struct Line {
    state: Arc<Mutex<State>>,
    news: Arc<Notify>,
    /// On their way at once, of one account.
    each: usize,
}

#[derive(Default)]
struct State {
    /// Everything here or on its way.
    in_hand: HashSet<Parcel>,
    owners: HashMap<Uuid, Owner>,
    /// Owners who have something waiting and somebody to carry it, in turn.
    turns: VecDeque<Uuid>,
}

#[derive(Default)]
struct Owner {
    waiting: VecDeque<Parcel>,
    on_their_way: usize,
}

/// A parcel on its way. It is so until this is dropped.
pub(super) struct Taken {
    pub(super) parcel: Parcel,
    owner: Uuid,
    line: Line,
}

impl Line {
    pub(super) fn new(each: usize) -> Line {
        Line {
            state: Arc::default(),
            news: Arc::default(),
            each,
        }
    }

    /// Puts a parcel into the line, unless it is there or on its way. False when there is no room.
    pub(super) fn push(&self, parcel: Parcel, owner: Uuid) -> bool {
        let mut guard = self.state();
        let state = &mut *guard;
        if state.in_hand.contains(&parcel) {
            return true;
        }
        let of_one = state.owners.entry(owner).or_default();
        let held = of_one.waiting.len() + of_one.on_their_way;
        if state.in_hand.len() >= DEPTH || held >= DEPTH_OF_ONE {
            return false;
        }
        of_one.waiting.push_back(parcel);
        if of_one.waiting.len() == 1 && of_one.on_their_way < self.each {
            state.turns.push_back(owner);
        }
        state.in_hand.insert(parcel);
        drop(guard);
        self.news.notify_one();
        true
    }

    /// The next parcel, once there is one.
    pub(super) async fn next(&self) -> Taken {
        loop {
            if let Some(taken) = self.pop() {
                return taken;
            }
            self.news.notified().await;
        }
    }

    fn pop(&self) -> Option<Taken> {
        let mut guard = self.state();
        let state = &mut *guard;
        while let Some(owner) = state.turns.pop_front() {
            let Some(of_one) = state.owners.get_mut(&owner) else {
                continue;
            };
            let Some(parcel) = of_one.waiting.pop_front() else {
                continue;
            };
            of_one.on_their_way += 1;
            if !of_one.waiting.is_empty() && of_one.on_their_way < self.each {
                state.turns.push_back(owner);
            }
            return Some(Taken {
                parcel,
                owner,
                line: self.clone(),
            });
        }
        None
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut guard = self.line.state();
        let state = &mut *guard;
        state.in_hand.remove(&self.parcel);
        let Some(of_one) = state.owners.get_mut(&self.owner) else {
            return;
        };
        let was_full = of_one.on_their_way == self.line.each;
        of_one.on_their_way -= 1;
        if of_one.waiting.is_empty() && of_one.on_their_way == 0 {
            state.owners.remove(&self.owner);
        } else if was_full && !of_one.waiting.is_empty() {
            state.turns.push_back(self.owner);
            self.line.news.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(n: u128) -> Parcel {
        Parcel::Delivery(Uuid::from_u128(n))
    }

    fn owner(n: u128) -> Uuid {
        Uuid::from_u128(1_000_000 + n)
    }

    #[test]
    fn owners_take_turns_and_each_has_so_many_on_their_way() {
        let line = Line::new(2);
        for n in 1..=4 {
            assert!(line.push(parcel(n), owner(1)));
        }
        assert!(line.push(parcel(5), owner(2)));

        let taken: Vec<Taken> = std::iter::from_fn(|| line.pop()).collect();
        let order: Vec<Parcel> = taken.iter().map(|taken| taken.parcel).collect();
        assert_eq!(order, [1, 5, 2].map(parcel), "the other two wait");

        drop(taken);
        let rest: Vec<Taken> = std::iter::from_fn(|| line.pop()).collect();
        assert_eq!(rest.len(), 2);
        drop(rest);
        let state = line.state();
        assert!(state.owners.is_empty() && state.in_hand.is_empty() && state.turns.is_empty());
    }

    #[test]
    fn what_is_in_hand_is_not_taken_twice() {
        let line = Line::new(2);
        assert!(line.push(parcel(1), owner(1)));
        assert!(line.push(parcel(1), owner(1)));
        let taken = line.pop().unwrap();
        assert!(line.push(parcel(1), owner(1)), "it is on its way");
        assert!(line.pop().is_none());
        drop(taken);
        assert!(line.push(parcel(1), owner(1)));
        assert!(line.pop().is_some());
    }

    #[test]
    fn one_owner_does_not_fill_the_line() {
        let line = Line::new(2);
        let most = DEPTH_OF_ONE as u128;
        for n in 0..most {
            assert!(line.push(parcel(n), owner(1)));
        }
        assert!(!line.push(parcel(most), owner(1)));
        assert!(line.push(parcel(most), owner(2)));
    }
}
