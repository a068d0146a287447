//! CSV tables keyed by their header.

use std::sync::Arc;

use domain::Unreadable;

use crate::lines::{Piece, Rows};
use crate::{Error, Result};

/// Most characters of a broken row kept.
const LONGEST: usize = 4000;

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
    line: usize,
    fields: csv::StringRecord,
    raw: String,
}

impl Table {
    /// Insists on columns, so that a renamed one is noticed instead of read as null.
    ///
    /// # Errors
    /// `Unreadable` naming the columns that are missing.
    pub fn require(&self, columns: &[&str]) -> Result<()> {
        let is_missing = |name: &&str| !self.columns.iter().any(|column| column == name);
        let missing: Vec<&str> = columns.iter().copied().filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(", ");
        Err(Error::Unreadable(format!(
            "the table has no column {missing}"
        )))
    }
}

impl Row {
    /// The field under `column`, without blanks around it; nothing when it is empty or unknown.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        let field = self.fields.get(at)?.trim();
        (!field.is_empty()).then_some(field)
    }

    /// The field under `column` as a finite number; `NaN` is nothing.
    ///
    /// # Errors
    /// `Unreadable` naming the column, when something else stands there.
    pub fn number(&self, column: &str) -> Result<Option<f64>, Unreadable> {
        let Some(text) = self.get(column) else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            Ok(number) if number.is_nan() => Ok(None),
            _ => Err(self.unreadable(format!("{column}: not a number: {}", shortened(text, 80)))),
        }
    }

    /// Line of the answer it starts on, from 1 (the header is line 1).
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The row as it came.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Why this row could not be read after all.
    #[must_use]
    pub fn unreadable(&self, reason: impl Into<String>) -> Unreadable {
        Unreadable {
            row: self.line,
            reason: reason.into(),
            raw: self.raw.clone(),
        }
    }
}

/// Reads CSV with a header line (quotes as in RFC 4180, either line end).
///
/// # Errors
/// `Unreadable` when it is empty, or markup or a sentence instead of a table.
pub fn read_csv(body: &[u8]) -> Result<Table> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(Error::Unreadable("markup instead of a table".to_owned()));
    }
    let mut pieces = Rows::new(body);
    let header = pieces
        .next()
        .ok_or_else(|| Error::Unreadable("an empty answer instead of a table".to_owned()))?;
    let names = fields(header.text)
        .map_err(|why| Error::Unreadable(format!("the header of the table is {why}")))?;
    let columns: Arc<[String]> = names.iter().map(|name| name.trim().to_owned()).collect();

    let mut rows = Vec::new();
    while let Some(piece) = pieces.next() {
        rows.push(match read_row(&columns, piece) {
            Err(_) if piece.is_open || piece.text.contains(&b'\n') => {
                let first = pieces.only_first_line(piece);
                Err(broken(first, "a quote that is not closed"))
            }
            row => row,
        });
    }
    if rows.is_empty() && is_sentence(header.text) {
        let words = shortened(&String::from_utf8_lossy(header.text), 300);
        return Err(Error::Unreadable(format!(
            "words instead of a table: {words}"
        )));
    }
    Ok(Table {
        columns: columns.to_vec(),
        rows,
        overflow: false,
        whole: false,
    })
}

fn read_row(columns: &Arc<[String]>, piece: Piece<'_>) -> Result<Row, Unreadable> {
    if piece.is_open {
        return Err(broken(piece, "a quote that is not closed"));
    }
    let fields = fields(piece.text).map_err(|why| broken(piece, why))?;
    if fields.len() != columns.len() {
        let (found, wanted) = (fields.len(), columns.len());
        let why = format!("{found} fields under {wanted} columns");
        return Err(broken(piece, &why));
    }
    Ok(Row {
        columns: columns.clone(),
        line: piece.line,
        fields,
        raw: String::from_utf8_lossy(piece.text).into_owned(),
    })
}

/// The fields of one row.
fn fields(row: &[u8]) -> Result<csv::StringRecord, &'static str> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(row.len().clamp(64, 8192))
        .from_reader(row);
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) => Ok(record),
        Err(_) => Err("not UTF-8"),
    }
}

fn broken(piece: Piece<'_>, reason: &str) -> Unreadable {
    Unreadable {
        row: piece.line,
        reason: reason.to_owned(),
        raw: shortened(&String::from_utf8_lossy(piece.text), LONGEST),
    }
}

/// Whether a header without rows is really a message sent in place of a table.
fn is_sentence(header: &[u8]) -> bool {
    let text = String::from_utf8_lossy(header).trim().to_lowercase();
    (!text.contains(',') && text.contains(' '))
        || text.contains(": ")
        || text.ends_with(['.', '!'])
        || text.starts_with("error")
        || text.starts_with(['{', '['])
}

/// At most `longest` characters of `text`, with an ellipsis when it was longer.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}\u{2026}", text.get(..at).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn broken_rows(table: &Table) -> Vec<(usize, &str, &str)> {
        let broken = table.rows.iter().filter_map(|row| row.as_ref().err());
        broken
            .map(|row| (row.row, row.reason.as_str(), row.raw.as_str()))
            .collect()
    }

    fn column<'a>(table: &'a Table, name: &str) -> Vec<Option<&'a str>> {
        let rows = table.rows.iter().filter_map(|row| row.as_ref().ok());
        rows.map(|row| row.get(name)).collect()
    }

    #[test]
    fn fields_are_found_by_name() {
        let table =
            read_csv(b"\xef\xbb\xbfdp_id,dp_tech,ra\r\nX.1,\"IFU,NODDING\",10.5\r\nX.2,,NaN\r\n")
                .unwrap();

        assert_eq!(table.columns, ["dp_id", "dp_tech", "ra"]);
        assert_eq!(column(&table, "dp_tech"), [Some("IFU,NODDING"), None]);
        assert_eq!(column(&table, "nosuch"), [None, None]);
        let first = table.rows[0].as_ref().unwrap();
        assert_eq!(first.number("ra"), Ok(Some(10.5)));
        assert_eq!(first.raw(), "X.1,\"IFU,NODDING\",10.5");
        assert_eq!(first.line(), 2);
        assert_eq!(table.rows[1].as_ref().unwrap().number("ra"), Ok(None));
    }

    #[test]
    fn a_row_with_too_few_fields_is_an_error_and_the_rest_goes_on() {
        let table = read_csv(b"a,b\n1\n2,3\n4,5,6\n7,8\n").unwrap();

        assert_eq!(column(&table, "a"), [Some("2"), Some("7")]);
        assert_eq!(
            broken_rows(&table),
            [
                (2, "1 fields under 2 columns", "1"),
                (4, "3 fields under 2 columns", "4,5,6")
            ]
        );
    }

    #[test]
    fn a_stray_quote_costs_one_row() {
        let table = read_csv(b"a,b\n1,\"x\n2,y\n3,z\n").unwrap();

        assert_eq!(column(&table, "b"), [Some("y"), Some("z")]);
        assert_eq!(
            broken_rows(&table),
            [(2, "a quote that is not closed", "1,\"x")]
        );
    }

    #[test]
    fn bytes_that_are_no_text_cost_one_row() {
        let table = read_csv(b"a,b\n1,\xff\n2,y\n").unwrap();

        assert_eq!(column(&table, "a"), [Some("2")]);
        assert_eq!(broken_rows(&table), [(2, "not UTF-8", "1,\u{fffd}")]);
    }

    #[test]
    fn a_number_that_is_none_names_its_column() {
        let table = read_csv(b"ra\nabc\ninf\n").unwrap();

        let reasons: Vec<String> = table
            .rows
            .iter()
            .map(|row| row.as_ref().unwrap().number("ra").unwrap_err().reason)
            .collect();
        assert_eq!(reasons, ["ra: not a number: abc", "ra: not a number: inf"]);
    }

    #[test]
    fn a_header_without_rows_is_an_empty_table() {
        let table = read_csv(b"dp_id,ra\n").unwrap();

        assert!(table.rows.is_empty());
        assert_eq!(table.require(&["ra", "dp_id"]), Ok(()));
        assert_eq!(
            table.require(&["ra", "dec", "object"]).unwrap_err(),
            Error::Unreadable("the table has no column dec, object".to_owned())
        );
    }

    #[test]
    fn what_is_no_table_is_unreadable() {
        for body in [
            "",
            "\n\n",
            "<html>",
            "Query timed out",
            "ERROR,1",
            "Incorrect ADQL query: no column ra, dec",
            "{\"detail\":[]}",
        ] {
            assert!(read_csv(body.as_bytes()).is_err(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_csv(&body);
        }

        #[test]
        fn quoted_fields_come_back(fields in proptest::collection::vec("[a-z\",\n é]{1,8}", 1..5)) {
            let quoted: Vec<String> = fields
                .iter()
                .map(|field| format!("\"{}\"", field.replace('"', "\"\"")))
                .collect();
            let header: Vec<String> = (0..fields.len()).map(|n| format!("c{n}")).collect();
            let text = format!("{}\n{}\n", header.join(","), quoted.join(","));

            let table = read_csv(text.as_bytes()).unwrap();

            prop_assert_eq!(table.rows.len(), 1);
            let row = table.rows[0].as_ref().unwrap();
            for (name, field) in header.iter().zip(&fields) {
                prop_assert_eq!(row.get(name).unwrap_or(""), field.trim());
            }
        }
    }
}
