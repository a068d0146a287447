//! Filters that come and go.

use super::Index;
use super::aim::{Outline, Round};
use super::cells::{self, Look};
use super::check::Check;
use super::pages::{push, trim};
use super::place::{In, Place};
use super::plan::{self, Clause};
use super::record::Writer;
use super::terms::{ALWAYS, Checked, Kind};
use crate::filter::ActivityFilter;
use crate::sky::{Bounds, Region};

/// What a filter is looked up by.
enum Key<'a> {
    /// The terms of a clause.
    Terms(Clause<'a>),
    /// The cells of its regions.
    Sky,
}

impl Index {
    /// Puts a filter into a slot, instead of what was there.
    pub fn insert(&mut self, slot: u32, filter: &ActivityFilter) {
        self.remove(slot);
        let mut clauses = plan::clauses(filter);
        let around = plan::around(&filter.pos);
        let key = self.key(&mut clauses, &around);

        let rest = self.number(&clauses);
        let only = self
            .rarest_only(&clauses)
            .and_then(|at| rest.get(at)?.first()?.first());
        let check = Check::new(only.copied());
        let mut demands = Writer::default();
        rest.iter().for_each(|ways| demands.ways(ways));
        let mut ask = rest.len() > usize::from(only.is_some());
        if let Key::Terms(clause) = &key
            && !clause.is_plain()
        {
            let ways = self.number(std::slice::from_ref(clause));
            ways.iter().for_each(|ways| demands.ways(ways));
            ask = true;
        }
        demands.exptime(&filter.min_exptime);
        demands.times(&filter.from, &filter.to, &filter.at);
        demands.regions(&filter.pos, matches!(key, Key::Sky));
        let timed = [&filter.from, &filter.to, &filter.at];
        ask |= timed.into_iter().any(|times| !times.is_empty()) || !filter.min_exptime.is_empty();
        if let Some(visible) = &filter.visible {
            self.visible.insert(slot, Box::new(visible.clone()));
            ask = true;
        }

        let places = match key {
            Key::Terms(clause) => {
                let check = check.asking(ask || !filter.pos.is_empty());
                self.place_by_terms(slot, &clause, check)
            }
            Key::Sky => self.place_by_sky(slot, &filter.pos, &around, check.asking(ask)),
        };
        let place = match places.as_slice() {
            [place] if !ask && filter.pos.is_empty() => *place,
            places => {
                let record = self.records.add(demands.finish(places));
                Place::new(In::Record, record, 0)
            }
        };
        self.slots.put(slot, place);
    }

    /// Empties a slot; answers whether anything was there.
    pub fn remove(&mut self, slot: u32) -> bool {
        let Some(place) = self.slots.take(slot) else {
            return false;
        };
        if self.visible.remove(&slot).is_some() && self.visible.len() < self.visible.capacity() / 4
        {
            self.visible.shrink_to(self.visible.len() * 2);
        }
        if place.kind() != In::Record {
            let check = self.take_out(place);
            self.terms.release(check.term());
            self.terms.release(place.list());
            return true;
        }
        // One by one: what goes may move another place of the same filter.
        let number = place.list();
        self.slots.put(slot, place);
        let count = self.records.get(number).map_or(0, |it| it.places().count());
        for nth in 0..count {
            let place = self.records.get(number).and_then(|it| it.places().nth(nth));
            let Some(place) = place else {
                continue;
            };
            let check = self.take_out(place);
            if let Some(outline) = check.outline() {
                // Others of its places may have named it already.
                self.outlines.take(outline);
            }
            if place.kind() != In::Cell {
                self.terms.release(place.list());
            }
        }
        self.slots.take(slot);
        let terms = self.records.take(number).map(|record| record.terms());
        for term in terms.unwrap_or_default() {
            self.terms.release(term);
        }
        true
    }

    /// What a filter is looked up by; a clause that is it is taken out of the others.
    fn key<'a>(&self, clauses: &mut Vec<Clause<'a>>, around: &[Bounds]) -> Key<'a> {
        let chances = clauses.iter().map(|clause| clause.chance(&self.terms));
        let best = chances
            .enumerate()
            .min_by(|one, other| one.1.total_cmp(&other.1));
        let sky = plan::chance_of_regions(around);
        match best {
            Some((_, chance)) if !around.is_empty() && sky <= chance => Key::Sky,
            Some((at, _)) => Key::Terms(clauses.swap_remove(at)),
            None if !around.is_empty() => Key::Sky,
            None => Key::Terms(Clause::always()),
        }
    }

    /// Numbers for the terms of clauses, used once more each.
    fn number(&mut self, clauses: &[Clause]) -> Vec<Vec<Vec<u32>>> {
        let mut number = |way: &Vec<plan::Asked>| -> Vec<u32> {
            let terms = way.iter();
            terms
                .map(|(kind, text)| self.terms.intern(*kind, text))
                .collect()
        };
        let clauses = clauses.iter();
        clauses
            .map(|clause| clause.ways.iter().map(&mut number).collect())
            .collect()
    }

    /// The clause of one term that holds least often.
    fn rarest_only(&self, clauses: &[Clause]) -> Option<usize> {
        let only = clauses
            .iter()
            .enumerate()
            .filter(|(_, clause)| clause.only().is_some());
        let chances = only.map(|(at, clause)| (at, clause.chance(&self.terms)));
        chances
            .min_by(|one, other| one.1.total_cmp(&other.1))
            .map(|(at, _)| at)
    }

    fn place_by_terms(&mut self, slot: u32, clause: &Clause, check: Check) -> Vec<Place> {
        let mut keys: Vec<u32> = Vec::with_capacity(clause.ways.len());
        for way in &clause.ways {
            let (kind, text) = match plan::rarest(way, &self.terms) {
                Some(((kind, text), _)) => (*kind, text.as_ref()),
                None => (Kind::Always, ""),
            };
            let term = self.terms.intern(kind, text);
            if keys.contains(&term) {
                self.terms.release(term);
            } else {
                keys.push(term);
            }
        }
        let check = check.repeating(keys.len() > 1);
        keys.iter()
            .map(|term| self.place_by_term(slot, *term, check))
            .collect()
    }

    fn place_by_term(&mut self, slot: u32, id: u32, check: Check) -> Place {
        let Some(term) = self.terms.get_mut(id) else {
            return Place::new(In::Plain, ALWAYS, u32::MAX);
        };
        if check.is_nothing() {
            push(&mut term.plain, slot);
            return Place::new(In::Plain, id, (term.plain.len() - 1) as u32);
        }
        push(&mut term.checked, Checked { slot, check });
        Place::new(In::Checked, id, (term.checked.len() - 1) as u32)
    }

    fn place_by_sky(
        &mut self,
        slot: u32,
        regions: &[Region],
        around: &[Bounds],
        check: Check,
    ) -> Vec<Place> {
        let check = check.repeating(regions.len() > 1);
        let mut places = Vec::new();
        for (region, bounds) in regions.iter().zip(around) {
            let check = match region {
                Region::Circle(_) => check,
                Region::Polygon(polygon) => match Outline::of(polygon, check) {
                    Some(outline) => Check::outlined(self.outlines.add(outline)),
                    None => check.asking(true),
                },
                Region::Range(_) => check.asking(true),
            };
            let round = Round::of(bounds);
            let look = Look { slot, check, round };
            for name in cells::cover(region, bounds) {
                let (cell, at) = self.cells.add(name, look);
                places.push(Place::new(In::Cell, cell, at));
            }
        }
        places
    }

    /// Takes a filter out of a list; the last one there takes its place. Answers its check.
    fn take_out(&mut self, place: Place) -> Check {
        let at = place.at() as usize;
        let (check, last, moved) = match place.kind() {
            In::Plain => {
                let Some(term) = self
                    .terms
                    .get_mut(place.list())
                    .filter(|it| at < it.plain.len())
                else {
                    return Check::new(None);
                };
                term.plain.swap_remove(at);
                trim(&mut term.plain);
                (
                    Check::new(None),
                    term.plain.len(),
                    term.plain.get(at).copied(),
                )
            }
            In::Checked => {
                let Some(term) = self
                    .terms
                    .get_mut(place.list())
                    .filter(|it| at < it.checked.len())
                else {
                    return Check::new(None);
                };
                let gone = term.checked.swap_remove(at);
                trim(&mut term.checked);
                let moved = term.checked.get(at).map(|checked| checked.slot);
                (gone.check, term.checked.len(), moved)
            }
            In::Cell => {
                let last = self.cells.len_of(place.list()).saturating_sub(1);
                let Some((gone, moved)) = self.cells.remove(place.list(), place.at()) else {
                    return Check::new(None);
                };
                (gone.check, last as usize, moved)
            }
            In::Record => return Check::new(None),
        };
        if let Some(moved) = moved {
            self.note_move(moved, place.moved_to(last as u32), place);
        }
        check
    }

    /// A filter stands somewhere else from now on.
    fn note_move(&mut self, slot: u32, from: Place, to: Place) {
        let Some(place) = self.slots.get_mut(slot) else {
            return;
        };
        if place.kind() == In::Record {
            let number = place.list();
            if let Some(record) = self.records.get_mut(number) {
                record.moved(from, to);
            }
        } else if *place == from {
            *place = to;
        }
    }
}
