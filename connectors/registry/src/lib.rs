//! The one list of all connectors.

use upstream::Connector;

/// Every connector, in the order in which sources are listed.
pub static ALL: &[&dyn Connector] = &[&eso::Eso, &hst::Hst, &jwst::Jwst, &swift::Swift];

/// The connector of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Connector> {
    ALL.iter()
        .copied()
        .find(|connector| connector.profile().name == name)
}
