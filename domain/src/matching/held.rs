//! Which terms hold for one activity.

use super::ids::Ids;
use super::terms::{ALWAYS, Kind, Terms, WITHIN, cut};
use crate::keys::Keys;

/// The terms that hold for one activity.
#[derive(Debug)]
pub(super) struct Held {
    /// Each once.
    pub(super) list: Vec<u32>,
    set: Ids,
}

impl Held {
    pub(super) fn of(terms: &Terms, keys: &Keys) -> Self {
        let mut held = Held {
            list: Vec::with_capacity(64),
            set: Ids::with_room(64),
        };
        held.add(ALWAYS);
        let mut look = Look { terms, held };
        look.words(keys);
        look.names(keys);
        look.held
    }

    /// Whether a term holds.
    #[inline]
    pub(super) fn has(&self, term: u32) -> bool {
        self.set.has(term)
    }

    fn add(&mut self, term: u32) {
        if self.set.insert(term) {
            self.list.push(term);
        }
    }
}

/// Looks up what the keys hold.
struct Look<'a> {
    terms: &'a Terms,
    held: Held,
}

impl Look<'_> {
    /// Keys whose values are to be equal.
    fn words(&mut self, keys: &Keys) {
        let class = if keys.ground { "ground" } else { "space" };
        for (kind, value) in [
            (Kind::Source, Some(keys.source.as_str())),
            (Kind::Status, Some(&keys.status)),
            (Kind::Basis, Some(&keys.basis)),
            (Kind::Intent, Some(keys.intent.as_deref().unwrap_or("null"))),
            (Kind::Role, Some(&keys.role)),
            (Kind::Tracking, keys.tracking.as_deref()),
            (Kind::Category, keys.category.as_deref()),
            (Kind::TargetClass, keys.target_class.as_deref()),
            (Kind::Site, keys.site.as_deref()),
            (Kind::Class, Some(class)),
        ] {
            if let Some(value) = value {
                self.equal(kind, value);
            }
        }
        for band in &keys.band {
            self.equal(Kind::Band, band);
        }
    }

    /// Keys whose values may be begun with.
    fn names(&mut self, keys: &Keys) {
        for name in &keys.facility {
            self.value(Kind::Facility, Kind::FacilityStart, name, ends);
        }
        for name in &keys.instrument {
            self.value(Kind::Instrument, Kind::InstrumentStart, name, ends);
        }
        if let Some(programme) = &keys.proposal {
            self.value(Kind::Proposal, Kind::ProposalStart, programme, runs);
            let (whole, start) = (Kind::ProposalWithin, Kind::ProposalWithinStart);
            if self.terms.any(whole) || self.terms.any(start) {
                let within = format!("{}{WITHIN}{programme}", keys.collection);
                self.value(whole, start, &within, runs);
            }
        }
        if let Some(target) = &keys.target {
            self.value(Kind::Target, Kind::TargetStart, target, ends);
            if keys.target_truncated {
                self.cut_off(target);
            }
        }
        for word in &keys.pi {
            self.value(Kind::Pi, Kind::PiStart, word, ends);
        }
        for word in &keys.text {
            self.value(Kind::Text, Kind::TextStart, word, ends);
        }
    }

    fn equal(&mut self, kind: Kind, value: &str) {
        if self.terms.any(kind) {
            let state = self.terms.hashing.state(value.as_bytes());
            self.find(kind, value.as_bytes(), state);
        }
    }

    /// Finds what equals the value, or a part of it that stands for the whole, and what it begins
    /// with.
    fn value(&mut self, whole: Kind, start: Kind, value: &str, stands: fn(Option<&u8>) -> bool) {
        let bytes = value.as_bytes();
        let longest = self.terms.longest(whole).max(self.terms.longest(start));
        let mut state = 0;
        for (at, byte) in bytes.iter().enumerate().take(longest) {
            state = self.terms.hashing.next(state, *byte);
            let (beginning, rest) = bytes.split_at(at + 1);
            if stands(rest.first()) && self.terms.any_of_length(whole, at + 1) {
                self.find(whole, beginning, state);
            }
            if self.terms.any_of_length(start, at + 1) {
                self.find(start, beginning, state);
            }
        }
    }

    /// A name cut off stands for all that begin with it.
    fn cut_off(&mut self, target: &str) {
        let Some(first) = cut(target).filter(|_| self.terms.any(Kind::TargetCut)) else {
            return;
        };
        let state = self.terms.hashing.state(first.as_bytes());
        let cut = self.terms.find(Kind::TargetCut, first.as_bytes(), state);
        let Some(cut) = cut.and_then(|cut| self.terms.get(cut)) else {
            return;
        };
        for id in &cut.plain {
            let term = self.terms.get(*id);
            if term.is_some_and(|term| term.text.bytes().starts_with(target.as_bytes())) {
                self.held.add(*id);
            }
        }
    }

    #[inline]
    fn find(&mut self, kind: Kind, text: &[u8], state: u64) {
        if let Some(id) = self.terms.find(kind, text, state) {
            self.held.add(id);
        }
    }
}

/// A value stands for itself only.
fn ends(next: Option<&u8>) -> bool {
    next.is_none()
}

/// A run of a programme stands for the programme too: the rule of `programme::belongs_to`.
fn runs(next: Option<&u8>) -> bool {
    matches!(next, None | Some(b'.' | b'('))
}
