//! Who is meant by a name. All names here are folded.

use std::collections::{BTreeMap, BTreeSet};

use domain::fold::fold;

use super::catalogue::Facility;

/// The names of the facilities.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Names that belong to one facility: its own, its aliases, those of parts of it. To its index.
    single: BTreeMap<String, usize>,
    /// Names that stand for others: to the names they stand for.
    other: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Collects the names, telling of those that two facilities claim.
    pub(super) fn of(facilities: &[Facility]) -> (Names, Vec<String>) {
        let mut names = Names::default();
        let mut faults = Vec::new();
        for (index, facility) in facilities.iter().enumerate() {
            let mut own = BTreeSet::new();
            let singles = [
                std::slice::from_ref(&facility.name),
                &facility.aliases,
                &facility.partial,
            ];
            for name in singles.into_iter().flatten() {
                let folded = fold(name);
                if !own.insert(folded.clone()) {
                    faults.push(format!("{}: {name:?} stands there twice", facility.entry()));
                    continue;
                }
                if let Some(holder) = names.single.insert(folded, index) {
                    let holder = facilities
                        .get(holder)
                        .map_or("another", |f| f.name.as_str());
                    faults.push(format!(
                        "{}: {name:?} is a name of {holder} too",
                        facility.entry()
                    ));
                }
            }
            for name in &facility.aliases {
                names.stands_for(fold(name), facility);
            }
        }
        for facility in facilities {
            for group in &facility.groups {
                let folded = fold(group);
                if names.single.contains_key(&folded) {
                    let entry = facility.entry();
                    faults.push(format!(
                        "{entry}: {group:?} is a group and one facility's name"
                    ));
                }
                names.stands_for(folded, facility);
            }
        }
        (names, faults)
    }

    fn stands_for(&mut self, folded: String, facility: &Facility) {
        let meant = self.other.entry(folded).or_default();
        meant.push(fold(&facility.name));
        meant.extend(facility.partial.iter().map(|name| fold(name)));
    }

    /// The one facility of this name.
    pub(super) fn index(&self, folded: &str) -> Option<usize> {
        self.single.get(folded).copied()
    }

    /// The names `folded` stands for, besides itself.
    pub(super) fn meant(&self, folded: &str) -> Vec<String> {
        self.other.get(folded).cloned().unwrap_or_default()
    }

    /// The names that some other name beginning with `folded` stands for.
    pub(super) fn meant_by_prefix(&self, folded: &str) -> Vec<String> {
        let from_there = self.other.range(folded.to_owned()..);
        let found: BTreeSet<&String> = from_there
            .take_while(|(name, _)| name.starts_with(folded))
            .flat_map(|(_, meant)| meant)
            .collect();
        found.into_iter().cloned().collect()
    }

    /// Every name.
    pub(super) fn all(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.single.keys().chain(self.other.keys()).collect();
        all.into_iter().cloned().collect()
    }
}
