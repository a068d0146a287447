//! The fixed columns of a report, taken from its header and the ruler under it.

use upstream::{Error, Result, columns};

/// One column: the characters between the start of its ruler and the start of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    from: usize,
    to: usize,
    width: usize,
}

impl Column {
    /// The column's text in a line, without blanks around it.
    pub(crate) fn of<'a>(&self, line: &'a str) -> &'a str {
        cut(line, self.from, self.to).trim()
    }

    /// Whether a text leaves no room in the column, so that its end may be missing.
    pub(crate) fn is_filled_by(&self, text: &str) -> bool {
        text.chars().count() >= self.width
    }
}

/// The columns the connector reads, wherever they stand.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// `program:observation:visit`; blank on continuation lines.
    pub(crate) id: Column,
    /// How the telescope is guided.
    pub(crate) pcs: Option<Column>,
    /// Visit type.
    pub(crate) kind: Column,
    /// Start, or the mark of an attached visit.
    pub(crate) start: Column,
    /// `DD/HH:MM:SS`.
    pub(crate) duration: Column,
    /// Instrument and mode.
    pub(crate) mode: Column,
    /// Target.
    pub(crate) target: Column,
    /// Class of target.
    pub(crate) category: Option<Column>,
    /// Comma-separated keywords, up to the end of the line.
    pub(crate) keywords: Option<Column>,
    /// Where columns start and what they are called, to tell shifted lines.
    starts: Vec<(usize, String)>,
}

impl Table {
    /// Finds header and ruler. Answers the table and how many lines stand up to the ruler,
    /// the ruler included.
    ///
    /// # Errors
    /// `Unreadable` when there is no such pair of lines near the top, or a needed column is missing.
    pub(crate) fn find<'a>(lines: impl Iterator<Item = &'a str>) -> Result<(Self, usize)> {
        const NEAR_THE_TOP: usize = 40;
        let mut header: Option<&str> = None;
        for (index, line) in lines.take(NEAR_THE_TOP).enumerate() {
            if let Some(header) = header
                && !columns::ruler(line).is_empty()
            {
                return Ok((Self::from_ruler(header, line)?, index + 1));
            }
            header = line.contains("VISIT ID").then_some(line);
        }
        Err(Error::Unreadable(
            "not a weekly report of JWST visits: expected a VISIT ID header with a ruler of \
             dashes under it"
                .to_owned(),
        ))
    }

    fn from_ruler(header: &str, ruler: &str) -> Result<Self> {
        let spans = columns::ruler(ruler);
        let columns: Vec<(String, Column)> = spans
            .iter()
            .enumerate()
            .map(|(i, span)| {
                let column = Column {
                    from: span.start,
                    to: spans.get(i + 1).map_or(usize::MAX, |next| next.start),
                    width: span.len(),
                };
                (column.of(header).to_uppercase(), column)
            })
            .collect();
        let find = |name: &str| columns.iter().find(|(n, _)| n == name).map(|(_, c)| *c);
        let need = |name: &str| {
            let missing = || Error::Unreadable(format!("the weekly report has no column {name}"));
            find(name).ok_or_else(missing)
        };
        Ok(Table {
            id: need("VISIT ID")?,
            pcs: find("PCS MODE"),
            kind: need("VISIT TYPE")?,
            start: need("SCHEDULED START TIME")?,
            duration: need("DURATION")?,
            mode: need("SCIENCE INSTRUMENT AND MODE")?,
            target: need("TARGET NAME")?,
            category: find("CATEGORY"),
            keywords: find("KEYWORDS"),
            starts: columns
                .iter()
                .map(|(name, column)| (column.from, name.clone()))
                .collect(),
        })
    }

    /// The column whose start a line's text runs across: such a line is shifted or damaged.
    pub(crate) fn run_across(&self, line: &str) -> Option<&str> {
        self.starts
            .iter()
            .filter(|(from, _)| *from > 0)
            .find(|(from, _)| !cut(line, from - 1, *from).trim().is_empty())
            .map(|(_, name)| name.as_str())
    }
}

/// The characters `from..to` of a line, as far as it reaches. Reports are ASCII as a rule, so that
/// counting characters is the exception.
fn cut(line: &str, from: usize, to: usize) -> &str {
    if line.is_ascii() {
        line.get(from..to.min(line.len())).unwrap_or("")
    } else {
        columns::slice(line, from..to)
    }
}
