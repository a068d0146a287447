//! Page after page, by key.
//!
//! CSV does not say that it was cut off, so a page asks for one row more than it takes
//! (`tap::csv`). The next page begins at the second in which the last row began, inclusive, and
//! repeated rows replace themselves: with the fraction of `exp_start` misprinted, a finer key could
//! step over rows. A second that fills a page by itself is read in the order of `dp_id`.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domain::Unreadable;
use upstream::table::{Row, Table};
use upstream::{Error, Result, Upstream, tap};

use crate::exposure::optional_instant;
use crate::query::{Query, SYNC};
use crate::raw;

/// Rows of a page.
pub(crate) const PAGE: usize = 5000;

/// Characters kept of a row that does not fit its header; it may be half the answer.
const LONGEST_RAW: usize = 4000;

/// Rows of one or more tables, each file once.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// The header.
    pub(crate) columns: Vec<String>,
    /// The rows that fit it, the newest text of each.
    pub(crate) rows: Vec<Row>,
    /// Those that do not.
    pub(crate) broken: Vec<Unreadable>,
    /// Rows met again.
    pub(crate) repeated: usize,
    /// Pages that did not say where they end.
    pub(crate) open: usize,
    places: HashMap<String, usize>,
    texts: HashSet<String>,
}

impl Rows {
    /// Adds an answer with the same columns. Pages overlap, so what is met again means nothing.
    fn add_page(&mut self, table: Table) {
        self.open += usize::from(!table.whole);
        self.add(table);
        self.repeated = 0;
    }

    /// Adds a table with the same columns.
    pub(crate) fn add(&mut self, table: Table) {
        self.columns = table.columns;
        for row in table.rows {
            match row {
                Ok(row) => self.put(row),
                Err(broken) => self.put_broken(broken),
            }
        }
    }

    fn put(&mut self, row: Row) {
        let Some(dp_id) = row.get("dp_id") else {
            self.rows.push(row);
            return;
        };
        let place = self.places.get(dp_id).and_then(|at| self.rows.get_mut(*at));
        if let Some(known) = place {
            self.repeated += 1;
            *known = row;
        } else {
            self.places.insert(dp_id.to_owned(), self.rows.len());
            self.rows.push(row);
        }
    }

    fn put_broken(&mut self, mut broken: Unreadable) {
        broken.raw = raw::broken_line(&broken.raw);
        broken.raw = broken.raw.chars().take(LONGEST_RAW).collect();
        if self.texts.insert(broken.raw.clone()) {
            self.broken.push(broken);
        } else {
            self.repeated += 1;
        }
    }
}

/// Asks for all rows of `query`, in at most `most` pages, and adds them to `rows`. Answers the
/// second from which on it has not read, if it stopped before the end.
pub(crate) async fn ask(
    upstream: &Upstream,
    query: &Query,
    most: usize,
    rows: &mut Rows,
) -> Result<Option<DateTime<Utc>>> {
    let mut from = query.from;
    for _ in 0..most {
        let table = page(upstream, query, &query.from(from)).await?;
        let (overflow, last) = (table.overflow, last_key(&table, query.key));
        rows.add_page(table);
        if !overflow {
            return Ok(None);
        }
        let last = last.ok_or_else(|| {
            Error::Unreadable(format!(
                "a full page of `dbo.raw` has no readable {}",
                query.key
            ))
        })?;
        if last > from {
            from = last;
        } else {
            let next = after(from);
            crowded(upstream, query, (from, next), most, rows).await?;
            from = next;
        }
    }
    Ok(Some(from))
}

/// Reads a second that holds more rows than a page.
async fn crowded(
    upstream: &Upstream,
    query: &Query,
    (second, next): (DateTime<Utc>, DateTime<Utc>),
    most: usize,
    rows: &mut Rows,
) -> Result<()> {
    let mut last = String::new();
    for _ in 0..most {
        let table = page(upstream, query, &query.within(second, next, &last)).await?;
        let overflow = table.overflow;
        let newest = table
            .rows
            .iter()
            .rev()
            .filter_map(|row| row.as_ref().ok())
            .find_map(|row| row.get("dp_id"))
            .unwrap_or("")
            .to_owned();
        rows.add_page(table);
        if !overflow || newest == last {
            return Ok(());
        }
        last = newest;
    }
    Ok(())
}

async fn page(upstream: &Upstream, query: &Query, adql: &str) -> Result<Table> {
    let table = tap::csv(upstream, SYNC, adql, PAGE).await?;
    table.require(query.columns)?;
    Ok(table)
}

/// The second in which the last row's `key` lies.
fn last_key(table: &Table, key: &str) -> Option<DateTime<Utc>> {
    table
        .rows
        .iter()
        .filter_map(|row| optional_instant(row.as_ref().ok()?, key).ok()?)
        .max()
        .map(|at| at.trunc_subsecs(0))
}

/// The second after it.
pub(crate) fn after(at: DateTime<Utc>) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(at)
}
