//! Terms: what filters ask of one value of a key, each distinct one once, with the filters that are
//! looked up by it.

use hashbrown::HashTable;

use super::check::Check;
use super::pages::{Pages, push, trim};
use super::text::{Hashing, Text};

/// What a term asks: of which key, and whether a value is to equal its text or begin with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Nothing: it always holds.
    Always,
    Source,
    Status,
    Basis,
    Intent,
    Role,
    Tracking,
    Category,
    TargetClass,
    Band,
    Site,
    Class,
    Facility,
    FacilityStart,
    Instrument,
    InstrumentStart,
    /// A programme and its runs.
    Proposal,
    ProposalStart,
    /// The same of one collection, which stands before the programme, with [`WITHIN`] between.
    ProposalWithin,
    ProposalWithinStart,
    Target,
    TargetStart,
    Pi,
    PiStart,
    Text,
    TextStart,
    /// Not asked by filters: the first characters of targets, which name the terms of targets that
    /// begin with them.
    TargetCut,
}

const KINDS: usize = Kind::TargetCut as usize + 1;

/// Between a collection and a programme; in neither, because folding drops it.
pub(super) const WITHIN: char = '\0';

/// The term that always holds.
pub(super) const ALWAYS: u32 = 0;

/// A filter that is looked up here and has more to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked {
    pub(super) slot: u32,
    pub(super) check: Check,
}

/// One term.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) kind: Kind,
    pub(super) text: Text,
    /// Filters, and terms, that name it.
    uses: u32,
    /// Slots of filters that ask nothing else.
    pub(super) plain: Vec<u32>,
    /// Filters that do.
    pub(super) checked: Vec<Checked>,
}

/// All terms.
#[derive(Debug)]
pub(super) struct Terms {
    all: Pages<Term>,
    table: HashTable<u32>,
    pub(super) hashing: Hashing,
    /// How many terms there are of a kind, and of which lengths.
    kinds: [Lengths; KINDS],
}

/// How many terms of a kind have how many bytes.
#[derive(Debug, Default)]
struct Lengths {
    count: u32,
    by_length: Vec<u32>,
}

impl Default for Terms {
    fn default() -> Self {
        let mut terms = Terms {
            all: Pages::default(),
            table: HashTable::new(),
            hashing: Hashing::default(),
            kinds: Default::default(),
        };
        terms.all.put(ALWAYS, Term::new(Kind::Always, b""));
        terms
    }
}

impl Term {
    fn new(kind: Kind, text: &[u8]) -> Self {
        Term {
            kind,
            text: Text::of(text),
            uses: 0,
            plain: Vec::new(),
            checked: Vec::new(),
        }
    }
}

impl Terms {
    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<&Term> {
        self.all.get(id)
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Term> {
        self.all.get_mut(id)
    }

    /// Whether anybody asks for a term of this kind.
    #[inline]
    pub(super) fn any(&self, kind: Kind) -> bool {
        self.kinds[kind as usize].count > 0
    }

    /// Whether anybody asks for a term of this kind of as many bytes.
    #[inline]
    pub(super) fn any_of_length(&self, kind: Kind, length: usize) -> bool {
        let lengths = &self.kinds[kind as usize].by_length;
        lengths.get(length).is_some_and(|count| *count > 0)
    }

    /// No term of this kind is longer.
    #[inline]
    pub(super) fn longest(&self, kind: Kind) -> usize {
        self.kinds[kind as usize].by_length.len().saturating_sub(1)
    }

    /// The term of a kind with a text, whose hashing state is known.
    #[inline]
    pub(super) fn find(&self, kind: Kind, text: &[u8], state: u64) -> Option<u32> {
        let hash = self.hashing.finish(state, kind as u8);
        let found = self.table.find(hash, |id| self.is(*id, kind, text));
        found.copied()
    }

    fn is(&self, id: u32, kind: Kind, text: &[u8]) -> bool {
        self.get(id)
            .is_some_and(|term| term.kind == kind && term.text.bytes() == text)
    }

    /// How many use a term.
    pub(super) fn uses(&self, kind: Kind, text: &[u8]) -> u32 {
        let id = self.find(kind, text, self.hashing.state(text));
        id.and_then(|id| self.get(id)).map_or(0, |term| term.uses)
    }

    /// The term of a kind with a text, used once more.
    pub(super) fn intern(&mut self, kind: Kind, text: &str) -> u32 {
        if kind == Kind::Always {
            return ALWAYS;
        }
        let bytes = text.as_bytes();
        let state = self.hashing.state(bytes);
        let id = match self.find(kind, bytes, state) {
            Some(id) => id,
            None => self.begin(kind, text, state),
        };
        if let Some(term) = self.get_mut(id) {
            term.uses += 1;
        }
        id
    }

    fn begin(&mut self, kind: Kind, text: &str, state: u64) -> u32 {
        let bytes = text.as_bytes();
        let id = self.all.add(Term::new(kind, bytes));
        let hash = self.hashing.finish(state, kind as u8);
        let (all, hashing) = (&self.all, &self.hashing);
        self.table
            .insert_unique(hash, id, |id| hash_of(all, hashing, *id));

        let lengths = &mut self.kinds[kind as usize];
        lengths.count += 1;
        if lengths.by_length.len() <= bytes.len() {
            lengths.by_length.resize(bytes.len() + 1, 0);
        }
        lengths.by_length[bytes.len()] += 1;

        if let (true, Some(first)) = (is_target(kind), cut(text)) {
            let first = self.intern(Kind::TargetCut, first);
            if let Some(first) = self.get_mut(first) {
                push(&mut first.plain, id);
            }
        }
        id
    }

    /// A term is used once less; nobody's terms are forgotten.
    pub(super) fn release(&mut self, id: u32) {
        let Some(term) = self.all.get_mut(id).filter(|_| id != ALWAYS) else {
            return;
        };
        term.uses = term.uses.saturating_sub(1);
        if term.uses > 0 {
            return;
        }
        let hash = hash_of(&self.all, &self.hashing, id);
        if let Ok(entry) = self.table.find_entry(hash, |other| *other == id) {
            entry.remove();
        }
        if self.table.len() < self.table.capacity() / 4 {
            let (all, hashing) = (&self.all, &self.hashing);
            self.table
                .shrink_to(self.table.len() * 2, |id| hash_of(all, hashing, *id));
        }
        let Some(term) = self.all.take(id) else {
            return;
        };
        let text = term.text.bytes();
        let lengths = &mut self.kinds[term.kind as usize];
        lengths.count -= 1;
        lengths.by_length[text.len()] -= 1;
        while lengths.by_length.last() == Some(&0) {
            lengths.by_length.pop();
        }
        if let (true, Some(first)) = (
            is_target(term.kind),
            std::str::from_utf8(text).ok().and_then(cut),
        ) {
            self.forget_cut(first, id);
        }
    }

    /// A target's term is no longer among those that begin so.
    fn forget_cut(&mut self, first: &str, id: u32) {
        let state = self.hashing.state(first.as_bytes());
        let Some(cut) = self.find(Kind::TargetCut, first.as_bytes(), state) else {
            return;
        };
        if let Some(term) = self.get_mut(cut)
            && let Some(at) = term.plain.iter().position(|other| *other == id)
        {
            term.plain.swap_remove(at);
            trim(&mut term.plain);
        }
        self.release(cut);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Memory of the terms and of their lists.
    pub(super) fn bytes(&self) -> usize {
        let of_term = |term: &Term| {
            let (plain, checked) = (term.plain.capacity(), term.checked.capacity());
            term.text.heap() + plain * size_of::<u32>() + checked * size_of::<Checked>()
        };
        self.all.bytes()
            + self.table.allocation_size()
            + self.all.iter().map(of_term).sum::<usize>()
    }
}

fn hash_of(all: &Pages<Term>, hashing: &Hashing, id: u32) -> u64 {
    all.get(id).map_or(0, |term| {
        hashing.finish(hashing.state(term.text.bytes()), term.kind as u8)
    })
}

fn is_target(kind: Kind) -> bool {
    matches!(kind, Kind::Target | Kind::TargetStart)
}

/// The characters of a target that a name cut off must have at least.
pub(super) fn cut(text: &str) -> Option<&str> {
    let (last, c) = text.char_indices().nth(crate::filter::TRUNCATED_FROM - 1)?;
    text.get(..last + c.len_utf8())
}
