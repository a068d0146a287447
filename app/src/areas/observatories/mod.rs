//! Observatories on the ground.

use domain::filter::Aliases;

/// The catalogue.
#[derive(Debug, Default)]
pub struct Catalogue {}

impl Aliases for Catalogue {
    fn facility(&self, _folded: &str) -> Vec<String> {
        Vec::new()
    }
    fn facility_prefix(&self, _folded: &str) -> Vec<String> {
        Vec::new()
    }
}

impl Catalogue {
    /// Loads.
    pub fn load() -> anyhow::Result<Catalogue> {
        Ok(Catalogue {})
    }

    /// Site.
    pub fn site_of(&self, _facility: &str) -> Option<String> {
        None
    }
}
