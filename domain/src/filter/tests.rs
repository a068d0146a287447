mod evaluating;
mod reading;
mod visible;

use super::*;

/// A catalogue of two telescopes and their other names.
struct Catalogue;

impl Catalogue {
    const NAMES: [(&str, &str); 4] = [
        ("ut1", "eso-vlt-u1"),
        ("vlt-ut1", "eso-vlt-u1"),
        ("vlt-ut2", "eso-vlt-u2"),
        ("hubble", "hst"),
    ];
}

impl Aliases for Catalogue {
    fn facility(&self, folded: &str) -> Vec<String> {
        let under = Self::NAMES.iter().filter(|(alias, _)| *alias == folded);
        under.map(|(_, name)| (*name).to_owned()).collect()
    }

    fn facility_prefix(&self, folded: &str) -> Vec<String> {
        let under = Self::NAMES
            .iter()
            .filter(|(alias, _)| alias.starts_with(folded));
        under.map(|(_, name)| (*name).to_owned()).collect()
    }

    fn known_facilities(&self) -> Vec<String> {
        let both = Self::NAMES.iter().flat_map(|(alias, name)| [*alias, *name]);
        both.chain(["jwst"]).map(str::to_owned).collect()
    }
}

fn read(pairs: &[(&str, &str)]) -> Result<ActivityFilter, FilterError> {
    ActivityFilter::from_pairs(pairs.iter().copied(), Context::Live, &NoAliases)
}

fn filter(pairs: &[(&str, &str)]) -> ActivityFilter {
    read(pairs).unwrap()
}

fn is(text: &str) -> Pattern {
    Pattern::Is(text.to_owned())
}

fn starts(text: &str) -> Pattern {
    Pattern::Starts(text.to_owned())
}
