//! What a list is asked for, from its query string.

use domain::filter::{ActivityFilter, Aliases, Context};

use super::search::{After, Sort};
use crate::error::Result;
use crate::page::Pairs;

/// A list as it is asked for.
pub(super) struct Wanted {
    /// Own sites are named in it, their places not yet put in.
    pub(super) filter: ActivityFilter,
    pub(super) sort: Sort,
    pub(super) after: Option<After>,
    pub(super) limit: usize,
}

impl Wanted {
    /// Reads a query string.
    ///
    /// # Errors
    /// Naming the parameter that was not understood.
    pub(super) fn read(query: Option<&str>, names: &dyn Aliases) -> Result<Wanted> {
        let pairs = Pairs::read(query, &["limit", "sort", "cursor"])?;
        let limit = pairs.limit()?;
        let sort: Option<Sort> = pairs.parsed("sort", "-t_min, t_min or seq")?;
        let after = pairs.parsed("cursor", "the `next` of a page of the same list")?;
        Ok(Wanted {
            filter: pairs.filter(Context::Lists, names)?,
            sort: sort.unwrap_or_default(),
            after,
            limit,
        })
    }
}
