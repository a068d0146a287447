//! TAP, the VO's query protocol: ADQL in, CSV out.

pub use crate::table::{Row, Table, read_csv};
use crate::{Result, Upstream};

/// Text as an ADQL string literal, quotes and all.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Asks the synchronous endpoint at `url` (`…/sync`) for at most `maxrec` rows.
///
/// CSV cannot say that it was cut off, so one row more is asked for: when it comes, it is dropped
/// and `overflow` is set. `adql` must not carry a `TOP` of its own.
///
/// # Errors
/// `Unreadable` with the service's own words for an error it reports, whatever the HTTP status;
/// `Unreachable` for a maintenance page; and what [`Upstream`] answers.
pub async fn csv(_upstream: &Upstream, _url: &str, _adql: &str, _maxrec: usize) -> Result<Table> {
    unimplemented!()
}
