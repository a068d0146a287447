//! A filter taken apart: what must hold, each part as alternatives of terms, and how seldom each
//! part lets an activity pass, by which the part to look it up by is chosen.

use std::borrow::Cow;

use super::cells;
use super::terms::{Kind, Terms, WITHIN};
use crate::filter::{ActivityFilter, Pattern, ProposalPattern};
use crate::sky::{Bounds, Region};

/// One term, before it has a number.
pub(super) type Asked<'a> = (Kind, Cow<'a, str>);

/// One of the ways holds, and of that every term.
#[derive(Debug)]
pub(super) struct Clause<'a> {
    pub(super) ways: Vec<Vec<Asked<'a>>>,
}

impl<'a> Clause<'a> {
    /// What always holds.
    pub(super) fn always() -> Self {
        Clause::any(std::iter::once((Kind::Always, Cow::from(""))))
    }

    /// One of these terms.
    fn any(terms: impl Iterator<Item = Asked<'a>>) -> Self {
        Clause {
            ways: terms.map(|term| vec![term]).collect(),
        }
    }

    /// The term, if there is only one.
    pub(super) fn only(&self) -> Option<&Asked<'a>> {
        match self.ways.as_slice() {
            [way] => way.first().filter(|_| way.len() == 1),
            _ => None,
        }
    }

    /// Whether every way has one term, so that being looked up by it is all.
    pub(super) fn is_plain(&self) -> bool {
        self.ways.iter().all(|way| way.len() == 1)
    }

    /// How many of a thousand activities may be expected to pass. A guess.
    pub(super) fn chance(&self, terms: &Terms) -> f64 {
        let of_way = |way: &Vec<Asked>| rarest(way, terms).map_or(1000.0, |(_, chance)| chance);
        self.ways.iter().map(of_way).sum::<f64>().min(1000.0)
    }
}

/// The term of a way that holds least often, and its chance.
pub(super) fn rarest<'b, 'a>(way: &'b [Asked<'a>], terms: &Terms) -> Option<(&'b Asked<'a>, f64)> {
    let chances = way.iter().map(|term| (term, chance(term, terms)));
    chances.min_by(|one, other| one.1.total_cmp(&other.1))
}

/// How many of a thousand activities a term holds for. A guess: what many ask for happens more
/// often, too.
fn chance((kind, text): &Asked, terms: &Terms) -> f64 {
    // A beginning says less the shorter it is.
    let start = |whole: f64, most: f64| (most / 4_f64.powi(text.len().min(16) as i32)).max(whole);
    let word = |most: f64| (most / 1.5_f64.powi(text.len().min(16) as i32)).max(0.5);
    let base = match kind {
        Kind::Always => 1000.0,
        Kind::Role | Kind::Tracking | Kind::Class => 600.0,
        Kind::Basis | Kind::Intent | Kind::Category => 500.0,
        Kind::Status | Kind::Band => 300.0,
        Kind::Source | Kind::Site => 100.0,
        Kind::TargetClass => 50.0,
        Kind::Facility => 40.0,
        Kind::Instrument => 15.0,
        Kind::FacilityStart => start(40.0, 4000.0),
        Kind::InstrumentStart => start(15.0, 4000.0),
        Kind::Target | Kind::TargetCut => 0.3,
        Kind::TargetStart => start(0.3, 2000.0),
        Kind::Proposal | Kind::ProposalWithin => 0.3,
        Kind::ProposalStart => start(0.3, 2000.0),
        Kind::ProposalWithinStart => start(0.3, 200.0),
        Kind::Pi => word(20.0),
        Kind::PiStart => start(0.5, 1000.0),
        Kind::Text => word(100.0),
        Kind::TextStart => start(1.0, 4000.0),
    };
    let uses = f64::from(terms.uses(*kind, text.as_bytes()));
    base * (1.0 + uses.ln_1p() / 20.0)
}

/// What must hold of words and names.
pub(super) fn clauses(filter: &ActivityFilter) -> Vec<Clause<'_>> {
    let mut all = Vec::new();
    let words = [
        (Kind::Source, &filter.source),
        (Kind::Status, &filter.status),
        (Kind::Basis, &filter.basis),
        (Kind::Intent, &filter.intent),
        (Kind::Role, &filter.role),
        (Kind::Tracking, &filter.tracking),
        (Kind::Category, &filter.category),
        (Kind::TargetClass, &filter.target_class),
        (Kind::Band, &filter.band),
        (Kind::Site, &filter.site),
    ];
    for (kind, values) in words {
        let terms = values.iter().map(|value| (kind, Cow::from(value)));
        all.push(Clause::any(terms));
    }
    let classes = filter.class.iter().map(|ground| match ground {
        true => (Kind::Class, Cow::from("ground")),
        false => (Kind::Class, Cow::from("space")),
    });
    all.push(Clause::any(classes));

    let names = [
        (Kind::Facility, Kind::FacilityStart, &filter.facility),
        (Kind::Instrument, Kind::InstrumentStart, &filter.instrument),
        (Kind::Target, Kind::TargetStart, &filter.target),
    ];
    for (whole, start, patterns) in names {
        let terms = patterns.iter().map(|pattern| asked(whole, start, pattern));
        all.push(Clause::any(terms));
    }
    all.push(Clause::any(filter.proposal.iter().map(programme)));
    all.extend(conjunctions(Kind::Pi, Kind::PiStart, &filter.pi));
    all.extend(conjunctions(Kind::Text, Kind::TextStart, &filter.text));
    all.retain(|clause| !clause.ways.is_empty());
    all
}

fn asked(whole: Kind, start: Kind, pattern: &Pattern) -> Asked<'_> {
    match pattern {
        Pattern::Is(text) => (whole, Cow::from(text)),
        Pattern::Starts(text) => (start, Cow::from(text)),
    }
}

fn programme(wanted: &ProposalPattern) -> Asked<'_> {
    let (whole, start) = (Kind::ProposalWithin, Kind::ProposalWithinStart);
    match &wanted.collection {
        None => asked(Kind::Proposal, Kind::ProposalStart, &wanted.pattern),
        Some(collection) => {
            let (kind, text) = asked(whole, start, &wanted.pattern);
            (kind, Cow::from(format!("{collection}{WITHIN}{text}")))
        }
    }
}

/// One way makes each of its words a clause of its own.
fn conjunctions(whole: Kind, start: Kind, ways: &[Vec<Pattern>]) -> Vec<Clause<'_>> {
    let read = |pattern| asked(whole, start, pattern);
    match ways {
        [words] => words
            .iter()
            .map(|word| Clause::any(std::iter::once(read(word))))
            .collect(),
        ways => vec![Clause {
            ways: ways
                .iter()
                .map(|words| words.iter().map(read).collect())
                .collect(),
        }],
    }
}

/// How many of a thousand activities lie in regions bounded so. A guess: people look at the same
/// places as telescopes.
pub(super) fn chance_of_regions(around: &[Bounds]) -> f64 {
    let of = |bounds: &Bounds| 500.0 * (1.0 - bounds.radius_deg.to_radians().cos()) + 0.2;
    around.iter().map(of).sum::<f64>().min(1000.0)
}

/// A circle around each region.
pub(super) fn around(regions: &[Region]) -> Vec<Bounds> {
    regions.iter().map(cells::bounds).collect()
}
