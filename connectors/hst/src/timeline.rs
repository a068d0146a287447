//! The weekly timeline: pages of exposures, then pages of programme titles.
//!
//! Quirks: begin and end belong to the whole visit and stand on each of its exposures; the end has
//! no date, so an end before the begin is on the next day; a line without a date continues the
//! spectral elements of the one above; texts are cut at the width of their column.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::Unreadable;
use upstream::{Error, Result, columns};

use crate::page::{self, Column, Cut, Heading, TitleCut};
use crate::words;

/// One report.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// When it was issued. The report states no zone; taken as UTC.
    pub(crate) issued: Option<DateTime<Utc>>,
    /// First instant it covers.
    pub(crate) from: DateTime<Utc>,
    /// First instant it no longer covers.
    pub(crate) to: DateTime<Utc>,
    /// Its exposures in the order of the report.
    pub(crate) exposures: Vec<Exposure>,
    /// What its last section says about programmes, by number.
    pub(crate) programmes: BTreeMap<String, Programme>,
    /// Lines that could not be read.
    pub(crate) unreadable: Vec<Unreadable>,
    /// Rows of exposures, readable or not.
    pub(crate) rows: usize,
    /// Every page of both sections is there, so nothing was lost on the way.
    pub(crate) complete: bool,
}

/// A text, and whether it fills its column and so may have been cut.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) cut: bool,
}

/// One exposure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exposure {
    pub(crate) program: String,
    pub(crate) visit: String,
    /// Begin and end of the visit it belongs to.
    pub(crate) begin: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) pi: Option<Text>,
    pub(crate) target: Option<Text>,
    pub(crate) instrument: Option<String>,
    /// As printed.
    pub(crate) mode: Option<String>,
    pub(crate) elements: Vec<String>,
    pub(crate) seconds: Option<f64>,
    pub(crate) raw: String,
}

/// What the titles say of a programme.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Programme {
    pub(crate) pi: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) raw: String,
}

impl Timeline {
    /// Reads a report.
    ///
    /// # Errors
    /// `Unreadable` when no page header, or no stretch of time, is found in it.
    pub(crate) fn read(body: &[u8]) -> Result<Timeline> {
        let text = decode(body);
        let mut reader = Reader::default();
        for (at, line) in text.lines().enumerate() {
            reader.line(at + 1, line);
        }
        reader.finish()
    }
}

/// The body as text. What is not UTF-8 is Latin-1, one letter a byte, so columns stay in place.
fn decode(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => body.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The line without what a database or terminal could stumble over.
fn clean(line: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    line.trim_end().chars().take(400).map(printable).collect()
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Section {
    #[default]
    Before,
    Exposures,
    Titles,
}

/// Reads line by line.
#[derive(Default)]
struct Reader {
    section: Section,
    cut: Option<Cut>,
    title_cut: Option<TitleCut>,
    /// The line above was an exposure: a line without a date continues it.
    continues: bool,
    /// Page numbers of the exposures and of the titles, as they came.
    pages: Vec<Option<usize>>,
    title_pages: Vec<Option<usize>>,
    /// Rulers and stretches met, one of each a page.
    rulers: usize,
    stretches: Vec<Option<(DateTime<Utc>, DateTime<Utc>)>>,
    sms: BTreeSet<Option<String>>,
    issued: Option<DateTime<Utc>>,
    exposures: Vec<Exposure>,
    programmes: BTreeMap<String, Programme>,
    unreadable: Vec<Unreadable>,
    rows: usize,
}

impl Reader {
    fn line(&mut self, row: usize, line: &str) {
        let line = line.trim_start_matches('\u{c}').trim_end();
        let continues = std::mem::take(&mut self.continues);
        if line.is_empty() {
            return;
        }
        if let Some(heading) = Heading::read(line) {
            return self.heading(heading);
        }
        let outcome = match self.section {
            Section::Before if looks_like_a_row(line) => {
                self.rows += 1;
                Err("date: a row above the first page header".to_owned())
            }
            Section::Before => Ok(()),
            Section::Exposures => self.exposure(line, continues),
            Section::Titles => self.title(line),
        };
        if let Err(reason) = outcome {
            let raw = clean(line);
            self.unreadable.push(Unreadable { row, reason, raw });
        }
    }

    fn heading(&mut self, heading: Heading) {
        match heading {
            Heading::Page {
                issued,
                number,
                sms,
            } => {
                self.issued = self.issued.or(issued);
                self.cut = None;
                self.title_cut = None;
                if sms.is_some() {
                    self.section = Section::Exposures;
                    self.pages.push(number);
                    self.sms.insert(sms);
                } else {
                    self.section = Section::Titles;
                    self.title_pages.push(number);
                }
            }
            Heading::Stretch(stretch) => self.stretches.push(stretch),
            Heading::Titles(sms) => {
                self.section = Section::Titles;
                self.sms.insert(sms);
            }
        }
    }

    fn exposure(&mut self, line: &str, continues: bool) -> Result<(), String> {
        if let Some(cut) = Cut::read(line) {
            self.cut = Some(cut);
            self.rulers += 1;
            return Ok(());
        }
        let Some(cut) = self.cut.clone() else {
            if !looks_like_a_row(line) {
                return Ok(()); // column names
            }
            self.rows += 1;
            return Err("columns: no ruler stands above the row".to_owned());
        };
        if line.contains(char::is_control) {
            self.rows += 1;
            return Err("row: holds control characters".to_owned());
        }
        if cut.field(line, Column::Date).is_none() && continues {
            let more = continuation(&cut, line)?;
            if let Some(last) = self.exposures.last_mut() {
                last.elements.push(more);
                last.raw = format!("{}\n{line}", last.raw);
                self.continues = true;
            }
            return Ok(());
        }
        self.rows += 1;
        let exposure = exposure(&cut, line)?;
        if let Some((from, to)) = self.stretches.iter().flatten().next() {
            // A visit under way at the border of two weeks may stand in both.
            let day = TimeDelta::days(1);
            if exposure.begin - *from < -day || exposure.begin - *to > day {
                return Err("date: outside the stretch of the report".to_owned());
            }
        }
        self.exposures.push(exposure);
        self.continues = true;
        Ok(())
    }

    fn title(&mut self, line: &str) -> Result<(), String> {
        if let Some(cut) = TitleCut::read(line) {
            self.title_cut = Some(cut);
            return Ok(());
        }
        let Some(cut) = &self.title_cut else {
            return Ok(()); // column names
        };
        let program = columns::field(line, cut.program.clone())
            .and_then(words::program)
            .ok_or("proposal_id: not a number")?;
        let text = |range: std::ops::Range<usize>, width: usize| {
            let text = columns::field(line, range)?;
            (!text.contains(char::is_control)).then(|| Text::new(text, width))
        };
        let programme = Programme {
            pi: text(cut.pi.clone(), cut.pi.len()),
            title: text(cut.title.start..usize::MAX, cut.title.len()),
            raw: clean(line),
        };
        self.programmes.insert(program, programme);
        Ok(())
    }

    fn finish(self) -> Result<Timeline> {
        if self.pages.is_empty() && self.title_pages.is_empty() {
            return Err(Error::Unreadable(
                "not an HST weekly timeline: no line says `HST Observing Timeline Report`"
                    .to_owned(),
            ));
        }
        let Some((from, to)) = self.stretches.iter().flatten().next().copied() else {
            return Err(Error::Unreadable(
                "the HST weekly timeline has no readable `SMS Start` line".to_owned(),
            ));
        };
        if self.rows == 0 {
            return Err(Error::Unreadable(
                "the HST weekly timeline holds no exposure".to_owned(),
            ));
        }
        let complete = self.is_complete((from, to));
        Ok(Timeline {
            issued: self.issued,
            from,
            to,
            exposures: self.exposures,
            programmes: self.programmes,
            unreadable: self.unreadable,
            rows: self.rows,
            complete,
        })
    }

    /// The titles follow the exposures, so a report that was cut short has none; a page that got
    /// lost leaves a hole in the numbers.
    fn is_complete(&self, stretch: (DateTime<Utc>, DateTime<Utc>)) -> bool {
        let counted = |pages: &[Option<usize>]| {
            !pages.is_empty() && pages.iter().zip(1..).all(|(page, n)| *page == Some(n))
        };
        counted(&self.pages)
            && counted(&self.title_pages)
            && self.rulers == self.pages.len()
            && self.stretches.len() == self.pages.len()
            && self.stretches.iter().all(|s| *s == Some(stretch))
            && stretch.1 - stretch.0 <= TimeDelta::days(35)
            && self.sms.len() == 1
            && !self.sms.contains(&None)
            && !self.programmes.is_empty()
    }
}

impl Text {
    fn new(text: &str, width: usize) -> Text {
        Text {
            text: text.to_owned(),
            cut: text.chars().count() >= width,
        }
    }
}

/// Digits where a date stands, however damaged: column names have none there.
fn looks_like_a_row(line: &str) -> bool {
    columns::slice(line, 0..8)
        .bytes()
        .any(|b| b.is_ascii_digit())
}

/// The further spectral element of a line that holds nothing else.
fn continuation(cut: &Cut, line: &str) -> Result<String, String> {
    let element = cut.field(line, Column::Element);
    match element {
        Some(element) if element == line.trim() => Ok(element.to_owned()),
        _ => Err("date: missing, and the line is no continuation either".to_owned()),
    }
}

fn exposure(cut: &Cut, line: &str) -> Result<Exposure, String> {
    for (column, name) in [
        (Column::Begin, "begin"),
        (Column::End, "end"),
        (Column::Unit, "SU id"),
        (Column::Target, "target"),
        (Column::Instrument, "instrument"),
        (Column::Mode, "mode"),
        (Column::Aperture, "aperture"),
        (Column::Element, "spectral element"),
        (Column::Seconds, "exposure time"),
    ] {
        if !cut.is_apart(line, column) {
            return Err(format!("{name}: the column before runs into it"));
        }
    }
    let field = |column| cut.field(line, column);
    let day = field(Column::Date)
        .and_then(page::date)
        .ok_or("date: not `YYYY.DDD`")?;
    let time = |column| field(column).and_then(page::clock);
    let begin = time(Column::Begin).ok_or("begin: not `HH:MM:SS`")?;
    let end = time(Column::End).ok_or("end: not `HH:MM:SS`")?;
    let last = if end < begin {
        day.succ_opt()
    } else {
        Some(day)
    };
    let begin = page::known(day.and_time(begin).and_utc()).ok_or("date: year out of range")?;
    let end = last.and_then(|last| page::known(last.and_time(end).and_utc()));
    let end = end.ok_or("end: year out of range")?;
    let (program, visit) = unit(field(Column::Unit).unwrap_or(""))?;
    let text = |column| Some(Text::new(field(column)?, cut.width(column)));
    Ok(Exposure {
        program,
        visit,
        begin,
        end,
        pi: text(Column::Pi),
        target: text(Column::Target),
        instrument: field(Column::Instrument).map(words::instrument),
        mode: field(Column::Mode).map(str::to_owned),
        elements: field(Column::Element)
            .map(str::to_owned)
            .into_iter()
            .collect(),
        seconds: field(Column::Seconds).map(seconds).transpose()?,
        raw: line.to_owned(),
    })
}

/// `1791807`: programme 17918, visit 07 (base 36). The numbers under `Exp #` repeat the visit and
/// are not consulted.
fn unit(text: &str) -> Result<(String, String), String> {
    let (program, visit) = text.split_at_checked(5).unwrap_or(("", ""));
    let visit = words::visit(visit.split(':').next().unwrap_or(""));
    words::program(program)
        .filter(|_| program.len() == 5)
        .zip(visit)
        .ok_or_else(|| "SU id: not five digits and a visit".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse()
        .ok()
        .filter(|seconds: &f64| plain && seconds.is_finite())
        .ok_or_else(|| "exposure time: not a number of seconds".to_owned())
}
