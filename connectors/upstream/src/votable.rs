//! What a VOTable says about the query it answers.

use crate::Result;

/// What became of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// All rows are there.
    Ok,
    /// There were more rows than the service gives.
    Overflow,
    /// It failed, in the service's own words; rows before that are worth nothing.
    Failed(String),
}

/// Reads a VOTable to its end and says what became of the query.
///
/// # Errors
/// `Unreadable` when it is no VOTable, or ends before it is closed.
pub fn status(_body: &[u8]) -> Result<Status> {
    unimplemented!()
}
