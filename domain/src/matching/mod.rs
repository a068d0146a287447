//! Many filters at once: which of them does one activity pass?
//!
//! [`Index::matching`] gives the slots whose filters
//! [`ActivityFilter::matches`](crate::ActivityFilter::matches) would let the activity pass, without
//! looking at the others.
//!
//! Each filter is looked up by the one of its parts that is expected to hold least often: by terms
//! (a word, a name, the beginning of one), found by hash, or by the cells of the sky it touches.
//! What else must hold stands beside it: nothing, or one more term, or for regions a circle of
//! eight bytes that is sure of nearly all cases. Only for the rest its record is asked, which holds
//! the whole filter in a few words. So an activity costs the reading of the lists it belongs to,
//! from front to back, and no look at filters that have nothing to do with it.
//!
//! A filter knows its places, and the last of a list fills the place of one that goes: putting in
//! and taking out cost the same whatever the lists' length.

mod aim;
mod cells;
mod check;
mod edit;
mod held;
mod ids;
mod pages;
mod place;
mod plan;
mod record;
mod terms;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use self::aim::{Aim, Outline};
use self::cells::{Cells, Look};
use self::held::Held;
use self::ids::Ids;
use self::pages::Pages;
use self::place::Place;
use self::record::{Question, Record};
use self::terms::{ALWAYS, Checked, Terms};
use crate::activity::Activity;
use crate::filter::Visible;
use crate::keys::Keys;

/// Filters under numbers of the caller's, called slots.
///
/// Slots are dense: the caller counts from 0 and uses again what it removed.
#[derive(Debug, Default)]
pub struct Index {
    slots: Pages<Place>,
    terms: Terms,
    cells: Cells,
    outlines: Pages<Outline>,
    records: Pages<Record>,
    /// What is asked last, as it costs most.
    visible: HashMap<u32, Box<Visible>>,
}

impl Index {
    /// Filters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no filter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Memory in use, bytes, without what the allocator adds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of_records = self.records.iter().map(Record::bytes).sum::<usize>();
        self.slots.bytes()
            + self.terms.bytes()
            + self.cells.bytes()
            + self.outlines.bytes()
            + self.records.bytes()
            + of_records
            + self.visible.capacity() * (size_of::<(u32, Box<Visible>)>() + 1)
            + self.visible.len() * size_of::<Visible>()
    }

    /// Adds the slots whose filters the activity passes, each once, in no order: as
    /// [`ActivityFilter::matches`](crate::ActivityFilter::matches) without an event.
    pub fn matching(
        &self,
        activity: &Activity,
        keys: &Keys,
        now: DateTime<Utc>,
        found: &mut Vec<u32>,
    ) {
        self.matching_at(activity, keys, now, now, found);
    }

    /// The same for an event that happened `at`: as
    /// [`ActivityFilter::matches_event`](crate::ActivityFilter::matches_event), but for `event`,
    /// which filters in an index are not asked about.
    pub fn matching_at(
        &self,
        activity: &Activity,
        keys: &Keys,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
        found: &mut Vec<u32>,
    ) {
        let question = Question {
            held: Held::of(&self.terms, keys),
            aim: keys.shape.as_ref().map(Aim::at),
            facts: &activity.facts,
            shape: keys.shape.as_ref(),
            at,
            exptime: keys.exptime,
            now,
        };
        let mut repeated = Repeated::default();
        self.by_terms(&question, found, &mut repeated);
        self.by_sky(&question, found, &mut repeated);
        repeated.finish(found);
    }

    fn by_terms(&self, question: &Question, found: &mut Vec<u32>, repeated: &mut Repeated) {
        for term in question
            .held
            .list
            .iter()
            .filter_map(|id| self.terms.get(*id))
        {
            found.extend_from_slice(&term.plain);
            let mut repeats = false;
            let mut last = (ALWAYS, true);
            for Checked { slot, check } in &term.checked {
                if last.0 != check.term() {
                    last = (check.term(), question.held.has(check.term()));
                }
                if !last.1 || check.asks() && !self.passes(*slot, question) {
                    continue;
                }
                if check.repeats() {
                    repeated.slots.push(*slot);
                    repeats = true;
                } else {
                    found.push(*slot);
                }
            }
            repeated.lists += usize::from(repeats);
        }
    }

    fn by_sky(&self, question: &Question, found: &mut Vec<u32>, repeated: &mut Repeated) {
        let Some(aim) = &question.aim else {
            return;
        };
        let before = found.len();
        let several = self.cells.show(aim, |Look { slot, check, round }| {
            let mut sure = aim.meets_round(*round);
            if sure == Some(false) {
                return;
            }
            let mut check = *check;
            if let Some(outline) = check.outline().and_then(|it| self.outlines.get(it)) {
                sure = aim.meets_corners(outline.corners());
                check = outline.check;
            }
            if sure == Some(false) || !question.held.has(check.term()) {
                return;
            }
            if (check.asks() || sure.is_none()) && !self.passes(*slot, question) {
                return;
            }
            if check.repeats() {
                repeated.slots.push(*slot);
                repeated.lists = usize::MAX / 2;
            } else {
                found.push(*slot);
            }
        });
        if several {
            repeated.slots.extend(found.drain(before..));
            repeated.lists = usize::MAX / 2;
        }
    }

    /// Whether all that the record of a slot demands holds.
    fn passes(&self, slot: u32, question: &Question) -> bool {
        let record = self
            .slots
            .get(slot)
            .and_then(|it| self.records.get(it.list()));
        record.is_some_and(|record| record.passes(question)) && self.is_visible(slot, question)
    }

    fn is_visible(&self, slot: u32, question: &Question) -> bool {
        let visible = self.visible.get(&slot);
        visible.is_none_or(|visible| visible.holds(question.facts, question.shape, question.at))
    }
}

/// Slots that an activity may lead to more than once.
#[derive(Default)]
struct Repeated {
    slots: Vec<u32>,
    /// Lists they were found in; a list has a slot once.
    lists: usize,
}

impl Repeated {
    /// Adds each of them once.
    fn finish(self, found: &mut Vec<u32>) {
        if self.lists <= 1 {
            found.extend(self.slots);
            return;
        }
        let mut seen = Ids::with_room(self.slots.len());
        found.extend(self.slots.into_iter().filter(|slot| seen.insert(*slot)));
    }
}
