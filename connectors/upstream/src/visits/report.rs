//! The XML of a report.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::table::shortened;
use crate::{Error, Result};

/// Deepest nesting read.
const DEEPEST: usize = 64;

/// Most visits of a programme kept.
const VISITS: usize = 5000;

/// Most children of a visit kept.
const CHILDREN: usize = 100;

/// Most characters of a child, or an attribute, kept.
const LONGEST: usize = 500;

/// Most characters of a visit's own text kept.
const LONGEST_RAW: usize = 4000;

/// What a programme's report says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The programme.
    pub program: Option<String>,
    /// When it was made, where its zone is one we know.
    pub made: Option<DateTime<Utc>>,
    /// Its visits, in the report's order.
    pub visits: Vec<Visit>,
}

/// One visit of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Visit {
    /// The observation it belongs to, where there are any (JWST).
    pub observation: Option<String>,
    /// Its own number or letters.
    pub visit: Option<String>,
    /// What its children say, by their names.
    says: Vec<(String, String)>,
    /// The report's own text of it.
    pub raw: String,
}

/// Begin and end of a visit, expected or actual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Begin.
    pub from: DateTime<Utc>,
    /// End, unless it is missing or before the begin.
    pub to: Option<DateTime<Utc>>,
}

/// What the status of a visit means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It was executed.
    Executed,
    /// It failed or was skipped.
    Failed,
    /// Neither of them yet.
    Open,
    /// A word we do not know.
    Unknown(&'a str),
}

impl Visit {
    /// What its children of this name say, in their order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.says.iter().filter(move |(child, _)| child == name);
        named.map(|(_, text)| text.as_str())
    }

    /// What its status means.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        const OPEN: [&str; 5] = [
            "scheduled",
            "flight ready",
            "implementation",
            "pending submission",
            "withdrawn",
        ];
        let Some(status) = self.all("status").next() else {
            return Standing::Open;
        };
        match status.to_ascii_lowercase().as_str() {
            "executed" | "collecting" | "archived" => Standing::Executed,
            failed if failed.starts_with("failed") || failed.starts_with("skipped") => {
                Standing::Failed
            }
            open if OPEN.contains(&open) => Standing::Open,
            _ => Standing::Unknown(status),
        }
    }

    /// When it took place, or is expected to. A time that cannot be read is none.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        let mut ends = self.all("endTime").map(instant);
        self.all("startTime").filter_map(move |from| {
            let to = ends.next().flatten();
            let from = instant(from)?;
            let to = to.filter(|to| from <= *to);
            Some(Span { from, to })
        })
    }
}

/// Reads a report to its end.
///
/// # Errors
/// `Unreadable` when it is no visit status report, or ends before it is closed.
pub fn read(body: &[u8]) -> Result<Report> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    let mut reading = Reading::default();
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader
            .read_event()
            .map_err(|e| no_report(&format!("broken XML: {e}")))?;
        match event {
            Event::Start(tag) => reading.open(&tag, before)?,
            Event::Empty(tag) => {
                reading.open(&tag, before)?;
                reading.close(text, reader.buffer_position());
            }
            Event::End(_) => reading.close(text, reader.buffer_position()),
            Event::Text(text) => reading.say(&text.into_inner()),
            Event::CData(text) => reading.say(&text.into_inner()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(letter)) => reading.say(letter.encode_utf8(&mut [0; 4])),
                _ => reading.say(resolve_predefined_entity(&entity.into_inner()).unwrap_or("")),
            },
            Event::Eof => return reading.end(),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn no_report(why: &str) -> Error {
    Error::Unreadable(format!(
        "not a visit status report: {}",
        shortened(why, LONGEST)
    ))
}

/// What was read so far. The report is at depth 1, visits at 2, their children at 3: what lies
/// deeper (of which visit one is the repeat) has names that mean something else higher up.
#[derive(Default)]
struct Reading {
    report: Report,
    was_opened: bool,
    depth: usize,
    /// The visit we are in, and where it begins.
    visit: Option<(usize, Visit)>,
    /// The child we are in, of the report or of a visit.
    child: Option<(String, String)>,
}

impl Reading {
    fn open(&mut self, tag: &BytesStart<'_>, begin: usize) -> Result<()> {
        let name = tag.local_name();
        let name = name.as_ref();
        self.depth = self.depth.saturating_add(1);
        match self.depth {
            1 if self.was_opened || name != "visitStatusReport" => {
                let name = shortened(name, 40);
                return Err(no_report(&format!("it holds an element {name:?}")));
            }
            1 => {
                self.was_opened = true;
                self.report.program = attribute(tag, "id");
            }
            2 if name == "visit" => {
                let visit = Visit {
                    observation: attribute(tag, "observation"),
                    visit: attribute(tag, "visit"),
                    ..Visit::default()
                };
                self.visit = Some((begin, visit));
            }
            2 | 3 => self.child = Some((shortened(name, 40), String::new())),
            DEEPEST.. => return Err(no_report("XML nested too deeply")),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, text: &str, end: u64) {
        match (self.depth, self.child.take()) {
            (2, Some((name, made))) if name == "reportTime" => {
                self.report.made = eastern(&tidied(&made));
            }
            (3, Some((name, said))) => self.hear(name, &said),
            (4.., child) => self.child = child,
            _ => {}
        }
        if self.depth == 2
            && let Some((begin, mut visit)) = self.visit.take()
            && self.report.visits.len() < VISITS
        {
            let end = usize::try_from(end).unwrap_or(usize::MAX);
            let raw = text.get(begin..end).unwrap_or_default();
            visit.raw = shortened(raw.trim(), LONGEST_RAW);
            self.report.visits.push(visit);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn hear(&mut self, name: String, said: &str) {
        let said = tidied(said);
        if let Some((_, visit)) = &mut self.visit
            && visit.says.len() < CHILDREN
            && !said.is_empty()
        {
            visit.says.push((name, said));
        }
    }

    fn say(&mut self, text: &str) {
        if self.depth <= 3
            && let Some((_, said)) = &mut self.child
            && said.len() < 4 * LONGEST
        {
            said.push_str(&shortened(text, LONGEST));
        }
    }

    fn end(self) -> Result<Report> {
        if !self.was_opened {
            return Err(no_report("it is no XML"));
        }
        if self.depth > 0 {
            return Err(no_report("it ends before it is closed"));
        }
        Ok(self.report)
    }
}

fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let mut found = tag.attributes().flatten();
    let found = found.find(|attribute| attribute.key.local_name().as_ref() == wanted)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    let value = tidied(&value);
    (!value.is_empty()).then_some(value)
}

/// On one line, without anything that steers a terminal, and not endless.
fn tidied(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    shortened(&words.join(" "), LONGEST)
}

/// Reads `Jun 21, 2022 02:41:18`, UT.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let time = NaiveDateTime::parse_from_str(text, "%b %d, %Y %H:%M:%S").ok()?;
    plausible(time)
}

/// Reads `Mon Aug 03 05:50:37 EDT 2026`.
fn eastern(text: &str) -> Option<DateTime<Utc>> {
    let words: Vec<&str> = text.split(' ').collect();
    let [_, month, day, clock, zone, year] = words[..] else {
        return None;
    };
    let behind = match zone {
        "EDT" => 4,
        "EST" => 5,
        "UTC" | "GMT" | "UT" => 0,
        _ => return None,
    };
    let time = format!("{month} {day} {clock} {year}");
    let time = NaiveDateTime::parse_from_str(&time, "%b %d %H:%M:%S %Y").ok()?;
    plausible(time.checked_add_signed(TimeDelta::hours(behind))?)
}

fn plausible(time: NaiveDateTime) -> Option<DateTime<Utc>> {
    (1990..=2100)
        .contains(&time.year())
        .then(|| time.and_utc())
        // A leap second is the next second's first instant to everybody else here.
        .and_then(|time| DateTime::from_timestamp(time.timestamp(), 0))
}
