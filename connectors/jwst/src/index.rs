//! The index page: which reports there are.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use scraper::{Html, Selector};
use upstream::{Error, Result, Window};

use crate::report;

const HOST: &str = "https://www.stsci.edu";

/// What every link to a report contains.
const DOCUMENTS: &str = "science-execution/observing-schedules/_documents/";

/// A week ends where the next one starts, if that is not further away: weeks of 6 to 9 days occur.
const LONGEST: u64 = 10;

/// A report of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// First day it plans.
    pub start: NaiveDate,
    /// Day after the last one it plans: the start of the next report, or seven days on.
    pub end: NaiveDate,
    /// Day it was issued.
    pub issued: NaiveDate,
    /// Where it is.
    pub url: String,
    /// What stays when the week is issued again.
    key: String,
}

impl Week {
    /// First instant of the week.
    #[must_use]
    pub fn from(&self) -> DateTime<Utc> {
        self.start.and_time(NaiveTime::MIN).and_utc()
    }

    /// First instant after the week.
    #[must_use]
    pub fn to(&self) -> DateTime<Utc> {
        self.end.and_time(NaiveTime::MIN).and_utc()
    }

    /// Reads a link, if it is one to a report.
    fn from_link(href: &str) -> Option<Self> {
        if !href.contains(DOCUMENTS) {
            return None;
        }
        let url = if href.starts_with('/') {
            format!("{HOST}{href}")
        } else {
            href.to_owned()
        };
        if !url.strip_prefix(HOST)?.starts_with('/') {
            return None;
        }
        let path = url.split(['?', '#']).next()?;
        let name = path.rsplit('/').next()?;
        let (stem, _) = name.split_once("_report_")?;
        let issued = report::issued(name)?.date_naive();
        let start = day(stem).or_else(|| package_day(stem))?;
        Some(Week {
            start,
            end: start.checked_add_days(Days::new(7))?,
            issued,
            key: stem.split(['f', 'F']).next()?.to_owned(),
            url,
        })
    }
}

/// A week start, `20250804`.
fn day(stem: &str) -> Option<NaiveDate> {
    let fine = stem.len() == 8 && stem.bytes().all(|b| b.is_ascii_digit());
    let day = NaiveDate::parse_from_str(stem, "%Y%m%d")
        .ok()
        .filter(|_| fine)?;
    (1990..=2100).contains(&day.year()).then_some(day)
}

/// The day in the number of an operations package, `YYDDDNNfVV`: the name of reports of 2022.
fn package_day(stem: &str) -> Option<NaiveDate> {
    let (number, version) = stem.split_once(['f', 'F'])?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if number.len() != 7 || !digits(number) || !digits(version) {
        return None;
    }
    let year: i32 = number.get(..2)?.parse().ok()?;
    NaiveDate::from_yo_opt(2000 + year, number.get(2..5)?.parse().ok()?)
}

/// Reads the index page: one report a week, the one issued last, in the order of time.
///
/// # Errors
/// `Unreadable` when it links to no report.
pub fn read(html: &str) -> Result<Vec<Week>> {
    let anchors = Selector::parse("a[href]")
        .map_err(|e| Error::Unreadable(format!("selecting links: {e}")))?;
    let mut weeks: Vec<Week> = Html::parse_document(html)
        .select(&anchors)
        .filter_map(|anchor| Week::from_link(anchor.value().attr("href")?.trim()))
        .collect();
    if weeks.is_empty() {
        return Err(Error::Unreadable(
            "not the index of JWST observing schedules: it links to no weekly report".to_owned(),
        ));
    }
    // A week issued again replaces its link; should both stand there, the later one counts.
    weeks.sort_by(|a, b| (a.start, &a.key, b.issued).cmp(&(b.start, &b.key, a.issued)));
    weeks.dedup_by(|later, first| later.key == first.key && later.start == first.start);

    let starts: Vec<NaiveDate> = weeks.iter().map(|week| week.start).collect();
    for week in &mut weeks {
        let next = starts.get(starts.partition_point(|start| *start <= week.start));
        let near = week.start.checked_add_days(Days::new(LONGEST));
        if let Some(next) = next.filter(|next| near.is_some_and(|near| **next <= near)) {
            week.end = *next;
        }
    }
    Ok(weeks)
}

/// The reports to read, as positions in the index: those that intersect the window, or all that
/// reach into the future and the two before.
///
/// A visit may begin some hours after the end of the week whose report holds it, so that a report
/// counts for one more day.
pub(crate) fn wanted(weeks: &[Week], now: DateTime<Utc>, window: Option<Window>) -> Vec<usize> {
    const BEFORE: usize = 2;
    match window {
        Some(window) => {
            let reaches = |week: &Week| {
                let spill = week.end.checked_add_days(Days::new(1)).unwrap_or(week.end);
                week.from() < window.to && window.from < spill.and_time(NaiveTime::MIN).and_utc()
            };
            (0..weeks.len())
                .filter(|&i| weeks.get(i).is_some_and(reaches))
                .collect()
        }
        None => {
            let ahead = weeks
                .iter()
                .position(|week| week.to() > now)
                .unwrap_or(weeks.len());
            (ahead.saturating_sub(BEFORE)..weeks.len()).collect()
        }
    }
}
