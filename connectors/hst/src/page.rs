//! The form of a page of the report: its header lines and its rulers.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use upstream::columns;

/// Columns of the observations' ruler.
const COLUMNS: usize = 16;

/// Columns of the titles' ruler.
const TITLE_COLUMNS: usize = 4;

/// A line that stands at the top of a page.
#[derive(Debug, PartialEq)]
pub(crate) enum Heading {
    /// First line of a page of observations, or of titles (which names no SMS).
    Page {
        issued: Option<DateTime<Utc>>,
        number: Option<usize>,
        sms: Option<String>,
    },
    /// The stretch the report covers; nothing when it cannot be read.
    Stretch(Option<(DateTime<Utc>, DateTime<Utc>)>),
    /// The section with the programmes' titles, and the SMS they belong to.
    Titles(Option<String>),
}

impl Heading {
    /// Reads a line, if it is a heading.
    pub(crate) fn read(line: &str) -> Option<Heading> {
        // Only the first characters of a line can hold a heading; a line is never that long.
        let words: Vec<&str> = line.split_whitespace().take(20).collect();
        let after = |word: &str| {
            let at = words.iter().position(|w| *w == word)?;
            words.get(at + 1).map(|w| (*w).to_owned())
        };
        if holds(&words, &["HST", "Observing", "Timeline", "Report"]) {
            return Some(Heading::Page {
                issued: issued(&words),
                number: after("Page").and_then(|n| n.parse().ok()),
                sms: after("SMS:"),
            });
        }
        if words.starts_with(&["SMS", "Start:"]) {
            let from = after("Start:").and_then(|text| instant(&text));
            let to = after("End:").and_then(|text| instant(&text));
            return Some(Heading::Stretch(
                from.zip(to).filter(|(from, to)| from < to),
            ));
        }
        words
            .starts_with(&["Proposal", "Titles", "for", "SMS:"])
            .then(|| Heading::Titles(after("SMS:")))
    }
}

fn holds(words: &[&str], wanted: &[&str]) -> bool {
    words.windows(wanted.len()).any(|window| window == wanted)
}

/// `29-Jul-2025 22:51:44`. No zone is stated; taken as UTC, like every other time of the report.
fn issued(words: &[&str]) -> Option<DateTime<Utc>> {
    let text = format!("{} {}", words.first()?, words.get(1)?);
    let time = NaiveDateTime::parse_from_str(&text, "%d-%b-%Y %H:%M:%S").ok()?;
    known(time.and_utc())
}

/// `2025.209:00:00:00`.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = text.split_once(':')?;
    known(date(day)?.and_time(clock(time)?).and_utc())
}

/// `YYYY.DDD`, the day of the year from 1.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let (year, day) = text.split_once('.')?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || day.len() != 3 || !digits(year) || !digits(day) {
        return None;
    }
    NaiveDate::from_yo_opt(year.parse().ok()?, day.parse().ok()?)
}

/// `HH:MM:SS`.
pub(crate) fn clock(text: &str) -> Option<NaiveTime> {
    (text.len() == 8)
        .then(|| NaiveTime::parse_from_str(text, "%H:%M:%S").ok())
        .flatten()
        .filter(|time| chrono::Timelike::nanosecond(time) < 1_000_000_000)
}

/// The instant, if the telescope can have been or be there at it.
pub(crate) fn known(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (1990..2100)
        .contains(&chrono::Datelike::year(&at))
        .then_some(at)
}

/// Where the columns of the observations stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cut {
    columns: Vec<Range<usize>>,
}

/// A column of the observations, by its place in the ruler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Date = 0,
    Begin = 1,
    End = 2,
    Unit = 3,
    Pi = 4,
    Target = 6,
    Instrument = 7,
    Mode = 8,
    Aperture = 9,
    Element = 10,
    Seconds = 11,
}

impl Cut {
    /// Reads the ruler of a page of observations. The target's dashes are shorter than its
    /// column, which reaches to the next one.
    pub(crate) fn read(line: &str) -> Option<Cut> {
        let mut columns = columns::ruler(line);
        if columns.len() != COLUMNS || columns.first() != Some(&(0..8)) {
            return None;
        }
        let end = columns
            .get(Column::Instrument as usize)?
            .start
            .checked_sub(1)?;
        let target = columns.get_mut(Column::Target as usize)?;
        target.end = end.max(target.end);
        Some(Cut { columns })
    }

    /// The text in a column.
    pub(crate) fn field<'l>(&self, line: &'l str, column: Column) -> Option<&'l str> {
        columns::field(line, self.range(column))
    }

    /// How many letters a column takes.
    pub(crate) fn width(&self, column: Column) -> usize {
        self.range(column).len()
    }

    /// Whether a blank stands before the column, as it does in every row that is not shifted.
    pub(crate) fn is_apart(&self, line: &str, column: Column) -> bool {
        let start = self.range(column).start;
        columns::field(line, start.saturating_sub(1)..start).is_none()
    }

    fn range(&self, column: Column) -> Range<usize> {
        self.columns.get(column as usize).cloned().unwrap_or(0..0)
    }
}

/// Where the columns of the titles stand: programme, its code, PI, title.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TitleCut {
    pub(crate) program: Range<usize>,
    pub(crate) pi: Range<usize>,
    pub(crate) title: Range<usize>,
}

impl TitleCut {
    /// Reads the ruler of a page of titles.
    pub(crate) fn read(line: &str) -> Option<TitleCut> {
        let columns = columns::ruler(line);
        match columns.as_slice() {
            [program, _, pi, title] if columns.len() == TITLE_COLUMNS => Some(TitleCut {
                program: program.clone(),
                pi: pi.clone(),
                title: title.clone(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn a_page_header_names_issue_page_and_sms() {
        let line = "29-Jul-2025 22:51:44   ---   HST  Observing  Timeline  Report  for  SMS:   252097D1   ---   Page 12";

        assert_eq!(
            Heading::read(line),
            Some(Heading::Page {
                issued: Utc.with_ymd_and_hms(2025, 7, 29, 22, 51, 44).single(),
                number: Some(12),
                sms: Some("252097D1".to_owned()),
            })
        );
    }

    #[test]
    fn the_stretch_is_given_in_days_of_the_year() {
        let line = "   SMS Start: 2024.365:00:00:00 (30-DEC-2024 00:00:00), End: 2025.006:00:00:00 (06-JAN-2025 00:00:00)";

        assert_eq!(
            Heading::read(line),
            Some(Heading::Stretch(Some((
                Utc.with_ymd_and_hms(2024, 12, 30, 0, 0, 0).unwrap(),
                Utc.with_ymd_and_hms(2025, 1, 6, 0, 0, 0).unwrap(),
            ))))
        );
    }

    #[test]
    fn the_last_day_of_a_leap_year_exists_and_of_another_does_not() {
        assert_eq!(date("2024.366"), NaiveDate::from_ymd_opt(2024, 12, 31));
        assert_eq!(date("2025.366"), None);
        assert_eq!(date("2025.000"), None);
        assert_eq!(date("+025.001"), None);
    }
}
