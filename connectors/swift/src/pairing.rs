//! Which as-flown entry is the performance of which plan entry.

use std::collections::{HashMap, HashSet};

use chrono::{SubsecRound, TimeDelta};

use crate::entry::Snapshot;
use crate::ident::ObsId;

/// As-flown entries of one observation looked at for one plan entry, nearest first. More never
/// overlap one snapshot, save in a damaged answer.
const NEAREST: usize = 32;

/// What became of a plan entry, as far as the log tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The as-flown entry of this index is its performance.
    Flown(usize),
    /// Most of its time was flown, in an as-flown entry that is the performance of a neighbour.
    Shared,
    /// The log does not hold it.
    Unseen,
}

impl Fate {
    /// The index of its as-flown entry, if it has its own.
    pub(crate) fn partner(self) -> Option<usize> {
        match self {
            Fate::Flown(index) => Some(index),
            Fate::Shared | Fate::Unseen => None,
        }
    }
}

/// The fate of each plan entry. Its partner is an as-flown entry of the same observation that
/// overlaps it in time. The greatest overlap goes first and nobody has two; one that begins at the
/// very same second goes before all, because both would carry the same identifier.
pub(crate) fn fates(plan: &[Snapshot], flown: &[Snapshot]) -> Vec<Fate> {
    let mut fates = vec![Fate::Unseen; plan.len()];
    let mut overlaps = Vec::new();
    let logged = by_observation(flown);
    for (p, planned) in plan.iter().enumerate() {
        let Some(logged) = logged.get(&planned.obs) else {
            continue;
        };
        let until = logged.partition_point(|f| flown[*f].begin <= end(planned));
        let same = logged.partition_point(|f| flown[*f].begin < planned.begin);
        let near = logged[..until].iter().rev().take(NEAREST);
        for f in near.chain(logged[same..until].first()) {
            let overlap = overlap(planned, &flown[*f]);
            if overlap > TimeDelta::zero() {
                overlaps.push((overlap, p, *f));
            }
            if overlap >= (end(planned) - planned.begin) / 2 {
                fates[p] = Fate::Shared;
            }
        }
    }
    overlaps.sort_unstable_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken = HashSet::new();
    for (_, p, f) in overlaps {
        if fates[p].partner().is_none() && taken.insert(f) {
            fates[p] = Fate::Flown(f);
        }
    }
    fates
}

/// Indices of the entries of each observation, by begin.
fn by_observation(entries: &[Snapshot]) -> HashMap<ObsId, Vec<usize>> {
    let mut lists: HashMap<ObsId, Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        lists.entry(entry.obs).or_default().push(index);
    }
    for list in lists.values_mut() {
        list.sort_by_key(|index| entries[*index].begin);
    }
    lists
}

fn overlap(planned: &Snapshot, flown: &Snapshot) -> TimeDelta {
    if planned.begin.trunc_subsecs(0) == flown.begin.trunc_subsecs(0) {
        return TimeDelta::MAX;
    }
    end(planned).min(end(flown)) - planned.begin.max(flown.begin)
}

/// The end, a day after the begin where none is given.
fn end(entry: &Snapshot) -> chrono::NaiveDateTime {
    let open = entry.begin.checked_add_signed(TimeDelta::days(1));
    entry.end.or(open).unwrap_or(entry.begin)
}
