//! What is asked: the list of weeks, the weeks' timelines, and the archive's rows for them.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use scraper::{Html, Selector};
use upstream::mast::{self, Filter};
use upstream::{Ask, Error, Result, Upstream, units};

use crate::archive::Archive;
use crate::timeline::Timeline;

/// The directory of the timelines.
pub(crate) const DIRECTORY: &str = "https://www.stsci.edu/ftp/observing/weekly_timeline/";

/// How many of the newest timelines are read.
const NEWEST: usize = 3;

/// How late, in days, data may arrive in the archive: each harvest looks back so far.
const LATE: i64 = 10;

/// How far back a harvest after a long silence looks, days.
const SILENCE: i64 = 60;

/// Programmes asked for at once.
const CHUNK: usize = 40;

/// A week in the directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Week {
    /// The day it begins.
    begin: NaiveDate,
    /// Its file, `timeline_MM_DD_YY`.
    name: String,
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Week {
    /// Reads a link of the directory; nothing for other files.
    fn read(href: &str) -> Option<Week> {
        let name = href.rsplit('/').next()?;
        let parts: Vec<&str> = name.strip_prefix("timeline_")?.split('_').collect();
        let [month, day, year] = parts.as_slice() else {
            return None;
        };
        let number = |part: &&str| -> Option<i32> {
            let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            part.parse().ok().filter(|_| plain)
        };
        // The telescope was launched in 1990.
        let year = match number(year)? {
            year @ 90.. => 1900 + year,
            year => 2000 + year,
        };
        let month = number(month)?.unsigned_abs();
        Some(Week {
            begin: NaiveDate::from_ymd_opt(year, month, number(day)?.unsigned_abs())?,
            name: name.to_owned(),
        })
    }

    fn overlaps(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let end = self.begin.checked_add_days(Days::new(7));
        self.begin <= to.date_naive() && end.is_none_or(|end| end >= from.date_naive())
    }
}

/// The weeks to read: those of the window asked for, or the newest and the current one.
pub(crate) async fn weeks(upstream: &Upstream, ask: &Ask) -> Result<Vec<Week>> {
    let answer = upstream.get(DIRECTORY, &[]).await?;
    let weeks = listed(&String::from_utf8_lossy(&answer.body));
    if weeks.is_empty() {
        return Err(Error::Unreadable(format!(
            "{DIRECTORY}: no link to a `timeline_MM_DD_YY` in it"
        )));
    }
    Ok(wanted(weeks, ask))
}

/// The weeks linked in the directory, earliest first.
fn listed(html: &str) -> BTreeSet<Week> {
    let page = Html::parse_document(html);
    let Ok(links) = Selector::parse("a[href]") else {
        return BTreeSet::new();
    };
    page.select(&links)
        .filter_map(|link| link.value().attr("href"))
        .filter_map(Week::read)
        .collect()
}

fn wanted(weeks: BTreeSet<Week>, ask: &Ask) -> Vec<Week> {
    if let Some(window) = ask.window {
        let overlaps = |week: &Week| week.overlaps(window.from, window.to);
        return weeks.into_iter().filter(overlaps).collect();
    }
    let today = ask.now.date_naive();
    let current = weeks.iter().rfind(|week| week.begin <= today).cloned();
    let newest = weeks.into_iter().rev().take(NEWEST);
    let wanted: BTreeSet<Week> = newest.chain(current).collect();
    wanted.into_iter().collect()
}

/// Reads a week, and tells whether its answer arrived whole.
pub(crate) async fn timeline(upstream: &Upstream, week: &Week) -> Result<(Timeline, bool)> {
    let answer = upstream.get(&format!("{DIRECTORY}{week}"), &[]).await?;
    Ok((Timeline::read(&answer.body)?, answer.whole))
}

/// The time whose data are asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Stretch {
    /// The window asked for; else from the earliest week read, or as far back as data may be
    /// late since the last harvest, until now.
    pub(crate) fn of(ask: &Ask, weeks: Option<DateTime<Utc>>) -> Stretch {
        if let Some(window) = ask.window {
            return Stretch {
                from: window.from,
                to: window.to,
            };
        }
        let back = |from: DateTime<Utc>, days| {
            let from = from.checked_sub_signed(TimeDelta::days(days));
            from.unwrap_or(DateTime::<Utc>::MIN_UTC)
        };
        let last = ask.cursor.as_ref().map(|cursor| cursor.0.as_str());
        let last = last.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let since = last.map_or(ask.now, |last| last.to_utc()).min(ask.now);
        let from = weeks.into_iter().chain([back(since, LATE)]).min();
        Stretch {
            from: from.unwrap_or(since).max(back(ask.now, SILENCE)),
            to: ask.now,
        }
    }

    /// Whether an activity that began at `at` is of this time.
    pub(crate) fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }

    /// The condition on the starts of exposures: a day earlier, so that a visit that began before
    /// the stretch shows by its earlier exposures; in whole days, so that it asks the same all day.
    pub(crate) fn filter(&self) -> Filter {
        let from = units::utc_to_mjd(self.from).floor() - 1.0;
        let to = units::utc_to_mjd(self.to).floor() + 1.0;
        Filter::Between("t_min", from, to)
    }
}

/// What the archive answered, and what went less than well.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    pub(crate) rows: Archive,
    pub(crate) notes: Vec<String>,
}

/// Asks the archive what was done in the stretch, and where the programmes of the plan point.
/// The plan stands without it, so its failure is a note.
pub(crate) async fn archive(
    upstream: &Upstream,
    stretch: Stretch,
    programs: &BTreeSet<String>,
) -> Answered {
    let mut answered = Answered::default();
    match mast::filtered(upstream, mast::COLUMNS, &performed(stretch)).await {
        Ok(rows) => answered.rows.take(rows),
        Err(error) => {
            let note = format!("MAST did not tell what was performed: {error}");
            answered.notes.push(note);
        }
    }
    let programs: Vec<String> = programs.iter().cloned().collect();
    for chunk in programs.chunks(CHUNK) {
        match mast::filtered(upstream, mast::COLUMNS, &planned(chunk)).await {
            Ok(rows) => answered.rows.take(rows),
            Err(error) => {
                let note = format!("MAST did not tell where planned visits point: {error}");
                answered.notes.push(note);
                break;
            }
        }
    }
    answered
}

/// Everything with data, of any programme: so data of a target of opportunity are found as well.
pub(crate) fn performed(stretch: Stretch) -> [Filter; 2] {
    [collection(), stretch.filter()]
}

/// Everything still planned of these programmes.
pub(crate) fn planned(programs: &[String]) -> [Filter; 3] {
    [
        collection(),
        Filter::OneOf("calib_level", vec!["-1".to_owned()]),
        Filter::OneOf("proposal_id", programs.to_vec()),
    ]
}

fn collection() -> Filter {
    Filter::OneOf("obs_collection", vec!["HST".to_owned()])
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn news(now: DateTime<Utc>) -> Ask {
        Ask {
            now,
            cursor: None,
            window: None,
        }
    }

    #[test]
    fn weeks_are_ordered_by_date_and_not_by_name() {
        let page = "<a href=\"timeline_12_30_24\">a</a> <a href='/ftp/x/timeline_01_06_25'>b</a>\
                    <a href=\"timeline_13_01_25\">c</a> <a href=\"old/\">d</a>";

        let names: Vec<String> = listed(page).iter().map(ToString::to_string).collect();

        assert_eq!(names, ["timeline_12_30_24", "timeline_01_06_25"]);
    }

    #[test]
    fn the_newest_three_and_the_current_week_are_read() {
        let page: String = [
            "07_14_25", "07_21_25", "07_28_25", "08_04_25", "08_11_25", "08_18_25",
        ]
        .iter()
        .map(|week| format!("<a href=timeline_{week}>x</a>"))
        .collect();
        let now = Utc.with_ymd_and_hms(2025, 7, 30, 0, 0, 0).unwrap();

        let names: Vec<String> = wanted(listed(&page), &news(now))
            .iter()
            .map(ToString::to_string)
            .collect();

        assert_eq!(
            names,
            [
                "timeline_07_28_25",
                "timeline_08_04_25",
                "timeline_08_11_25",
                "timeline_08_18_25"
            ]
        );
    }

    #[test]
    fn after_a_silence_the_archive_is_asked_for_all_of_it_within_reason() {
        let now = Utc.with_ymd_and_hms(2025, 7, 30, 12, 0, 0).unwrap();
        let from = |ask: &Ask| Stretch::of(ask, Some(now - TimeDelta::days(2))).from;
        let mut ask = news(now);

        assert_eq!(from(&ask), now - TimeDelta::days(10));
        ask.cursor = Some(upstream::Cursor("2025-07-20T12:00:00Z".to_owned()));
        assert_eq!(from(&ask), now - TimeDelta::days(20));
        ask.cursor = Some(upstream::Cursor("2020-01-01T00:00:00Z".to_owned()));
        assert_eq!(from(&ask), now - TimeDelta::days(60));
    }
}
