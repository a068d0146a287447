//! CSV tables keyed by their header.

use std::sync::Arc;

use domain::Unreadable;

use crate::Result;

/// A table with a header. Rows that do not fit it are errors; the others go on.
#[derive(Clone, Debug)]
pub struct Table {
    /// Names in the header, in order.
    pub columns: Vec<String>,
    /// The rows, in order.
    pub rows: Vec<Result<Row, Unreadable>>,
    /// There was more than was asked for (see [`tap::csv`](crate::tap::csv)); always false for text.
    pub overflow: bool,
    /// The answer it came in was [`whole`](crate::Answer::whole); false for text.
    pub whole: bool,
}

/// One row that fits the header.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Arc<[String]>,
    number: usize,
    fields: Vec<String>,
    raw: String,
}

impl Table {
    /// Insists on columns, so that a renamed one is noticed instead of read as null.
    ///
    /// # Errors
    /// `Unreadable` naming the columns that are missing.
    pub fn require(&self, _columns: &[&str]) -> Result<()> {
        unimplemented!()
    }
}

impl Row {
    /// The field under `column`, without blanks around it; nothing when it is empty or unknown.
    #[must_use]
    pub fn get(&self, _column: &str) -> Option<&str> {
        unimplemented!()
    }

    /// The field under `column` as a finite number.
    ///
    /// # Errors
    /// `Unreadable` naming the column, when something else stands there.
    pub fn number(&self, _column: &str) -> Result<Option<f64>, Unreadable> {
        unimplemented!()
    }

    /// Line of the answer it starts on, from 1 (the header is line 1).
    #[must_use]
    pub fn line(&self) -> usize {
        self.number
    }

    /// The row as it came.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Why this row could not be read after all.
    #[must_use]
    pub fn unreadable(&self, _reason: impl Into<String>) -> Unreadable {
        unimplemented!()
    }
}

/// Reads CSV with a header line (quotes as in RFC 4180, either line end).
///
/// # Errors
/// `Unreadable` when it is empty, or markup or a sentence instead of a table.
pub fn read_csv(_body: &[u8]) -> Result<Table> {
    unimplemented!()
}
