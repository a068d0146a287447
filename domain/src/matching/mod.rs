//! Many filters at once: which of them does one activity pass?
//!
//! [`Index::matching`] gives the slots whose filters [`ActivityFilter::matches`] would let the
//! activity pass, without looking at the others.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::activity::Activity;
use crate::filter::ActivityFilter;
use crate::keys::Keys;

/// Filters under numbers of the caller's, called slots.
///
/// Slots are dense: the caller counts from 0 and uses again what it removed.
#[derive(Debug, Default)]
pub struct Index {
    filters: BTreeMap<u32, Box<ActivityFilter>>,
}

impl Index {
    /// Puts a filter into a slot, instead of what was there.
    pub fn insert(&mut self, slot: u32, filter: &ActivityFilter) {
        self.filters.insert(slot, Box::new(filter.clone()));
    }

    /// Empties a slot; answers whether anything was there.
    pub fn remove(&mut self, slot: u32) -> bool {
        self.filters.remove(&slot).is_some()
    }

    /// Filters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.filters.len()
    }

    /// Whether there is no filter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Adds the slots whose filters the activity passes, each once, in no order. Events are not
    /// asked for: it is as [`ActivityFilter::matches`] without an event.
    pub fn matching(
        &self,
        activity: &Activity,
        keys: &Keys,
        now: DateTime<Utc>,
        found: &mut Vec<u32>,
    ) {
        let passed = self
            .filters
            .iter()
            .filter(|(_, filter)| filter.matches(activity, keys, None, now));
        found.extend(passed.map(|(slot, _)| *slot));
    }
}
