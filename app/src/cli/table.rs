//! Tables of text that fit the width they are given.

use crate::words::plain;

/// Blanks between two columns.
const GAP: usize = 2;
/// No column that may be cut gets narrower than this.
const NARROWEST: usize = 8;
/// Width of tables when the terminal does not say, or says less.
const WIDTH: usize = 100;

/// A table being filled.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// A column's heading, and whether its cells may be cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    heading: &'static str,
    elastic: bool,
}

impl Column {
    /// A column whose cells are always whole.
    pub(super) const fn whole(heading: &'static str) -> Column {
        Column {
            heading,
            elastic: false,
        }
    }

    /// A column whose cells are cut when the table gets too wide.
    pub(super) const fn elastic(heading: &'static str) -> Column {
        Column {
            heading,
            elastic: true,
        }
    }
}

impl Table {
    /// An empty table.
    pub(super) fn new(columns: &[Column]) -> Table {
        Table {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row: a cell a column. Unknown is an empty cell.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push(cells.into_iter().map(|cell| plain(&cell)).collect());
    }

    /// The lines of the table, headings first, at most `width` characters wide as far as cutting
    /// the elastic columns can achieve that.
    pub(super) fn lines(&self, width: usize) -> Vec<String> {
        let widths = self.widths(width);
        let headings: Vec<String> = self.columns.iter().map(|c| c.heading.to_owned()).collect();
        std::iter::once(&headings)
            .chain(&self.rows)
            .map(|row| one(row, &widths))
            .collect()
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let natural = |(index, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
                .max(column.heading.len())
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(natural).collect();
        let gaps = GAP * self.columns.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        while excess > 0 {
            // The widest gives first, so that short names stay whole.
            let elastic = self
                .columns
                .iter()
                .zip(&mut widths)
                .filter(|(c, _)| c.elastic);
            let Some((_, widest)) = elastic.max_by_key(|(_, width)| **width) else {
                break;
            };
            if *widest <= NARROWEST {
                break;
            }
            *widest -= 1;
            excess -= 1;
        }
        widths
    }
}

fn one(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = cut(cell, *width);
        line.push_str(&cell);
        line.extend(std::iter::repeat_n(
            ' ',
            width.saturating_sub(cell.chars().count()) + GAP,
        ));
    }
    line.truncate(line.trim_end().len());
    line
}

/// At most `width` characters of a text; `…` stands for the rest.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// How wide tables may be: what the shell says in `COLUMNS`, but never below 100.
pub(super) fn width() -> usize {
    let said = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    said.unwrap_or(WIDTH).clamp(WIDTH, 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[[&str; 3]]) -> Table {
        let mut table = Table::new(&[
            Column::whole("START"),
            Column::elastic("TARGET"),
            Column::elastic("PI"),
        ]);
        for row in cells {
            table.row(row.map(str::to_owned));
        }
        table
    }

    #[test]
    fn columns_are_as_wide_as_what_they_hold() {
        let table = table(&[["06:00", "M 31", ""], ["07:00", "47 Tuc", "x"]]);
        assert_eq!(
            table.lines(100),
            ["START  TARGET  PI", "06:00  M 31", "07:00  47 Tuc  x"]
        );
    }

    #[test]
    fn the_widest_column_is_cut_first_and_says_so() {
        let long = "a very long name of a field near the galactic centre";
        let table = table(&[["06:00", long, "short name"]]);
        let lines = table.lines(40);
        assert_eq!(lines[1], "06:00  a very long name of…   short name");
        assert!(lines.iter().all(|line| line.chars().count() <= 40));
    }

    #[test]
    fn nothing_is_cut_to_where_it_says_nothing() {
        let table = table(&[["06:00", "a name with blanks", "another name"]]);
        assert_eq!(table.lines(1)[1], "06:00  a name…   another…");
    }

    #[test]
    fn letters_of_more_than_one_byte_count_as_one() {
        assert_eq!(cut("ééééé", 4), "ééé…");
        assert_eq!(cut("éééé", 4), "éééé");
        assert_eq!(cut("x", 0), "…");
    }
}
