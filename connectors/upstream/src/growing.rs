//! Answers that change while they are recorded: lines of a body that come, and go.
//!
//! A cassette of a whole night would repeat the same rows hundreds of times. So a recorded answer
//! may hold every line it ever had, and the pseudo header `x-lines` says of the passing ones, by
//! their number from 1, when they were there: `12 2026-08-18T05:20:00Z` since then,
//! `13 - 2026-08-18T05:20:00Z` until then, `14 2026-08-18T05:20:00Z 2026-08-18T05:50:00Z` between.
//! Only answers that are [played](crate::Upstream::playing) change.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use vcr_cassette::HttpInteraction;

use crate::cassette::{restored, stored};

/// Names the passing lines of a recorded answer.
pub(crate) const LINES: &str = "x-lines";

/// One line of an answer, for composing cassettes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    text: String,
    life: Life,
}

/// When a line is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Life {
    /// From this instant on; always before, when there is none.
    since: Option<DateTime<Utc>>,
    /// First instant at which it is gone.
    until: Option<DateTime<Utc>>,
}

impl Line {
    /// A line that is always there.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Line {
            text: text.into(),
            life: Life::default(),
        }
    }

    /// The same line, appearing at `at`.
    #[must_use]
    pub fn since(mut self, at: DateTime<Utc>) -> Self {
        self.life.since = Some(at);
        self
    }

    /// The same line, gone from `at` on.
    #[must_use]
    pub fn until(mut self, at: DateTime<Utc>) -> Self {
        self.life.until = Some(at);
        self
    }
}

impl Life {
    fn holds(self, now: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= now) && self.until.is_none_or(|until| now < until)
    }

    /// As the header has it; nothing for a line that is always there.
    fn written(self, number: usize) -> Option<String> {
        let iso = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match (self.since, self.until) {
            (None, None) => None,
            (Some(since), None) => Some(format!("{number} {}", iso(since))),
            (since, Some(until)) => {
                let since = since.map_or("-".to_owned(), iso);
                Some(format!("{number} {since} {}", iso(until)))
            }
        }
    }

    /// Reads one value of the header; what is none of ours passes for a line that stays.
    fn read(value: &str) -> Option<(usize, Self)> {
        let mut words = value.split_whitespace();
        let number = words.next()?.parse().ok()?;
        let mut instant = || {
            let at = DateTime::parse_from_rfc3339(words.next()?).ok()?;
            Some(at.to_utc())
        };
        let (since, until) = (instant(), instant());
        Some((number, Life { since, until }))
    }
}

/// The body of these lines, and the values of the header that goes with it.
pub(crate) fn written(lines: &[Line]) -> (String, Vec<String>) {
    let mut body = String::new();
    for line in lines {
        body.push_str(&line.text);
        body.push('\n');
    }
    let lives = lines.iter().zip(1..);
    let lives = lives.filter_map(|(line, number)| line.life.written(number));
    (body, lives.collect())
}

/// The answer as it stood at `now`, its length stated anew where it was stated.
pub(crate) fn as_of(scene: &HttpInteraction, now: DateTime<Utc>) -> Cow<'_, HttpInteraction> {
    let Some(lives) = scene.response.headers.get(LINES) else {
        return Cow::Borrowed(scene);
    };
    let lives: HashMap<usize, Life> = lives.iter().filter_map(|life| Life::read(life)).collect();
    let Ok(body) = restored(&scene.response.body) else {
        return Cow::Borrowed(scene);
    };
    let lines = body.split_inclusive(|byte| *byte == b'\n').zip(1..);
    let there = lines.filter(|(_, number)| lives.get(number).is_none_or(|life| life.holds(now)));
    let there: Vec<&[u8]> = there.map(|(line, _)| line).collect();
    let body = there.concat();
    let mut scene = scene.clone();
    let headers = &mut scene.response.headers;
    headers.remove(LINES);
    if let Some(length) = headers.get_mut("content-length") {
        *length = vec![body.len().to_string()];
    }
    scene.response.body = stored(&body);
    Cow::Owned(scene)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::{Cassette, Take, Upstream};

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 8, 18, hour, 0, 0).unwrap()
    }

    fn night() -> Cassette {
        let lines = [
            Line::new("header"),
            Line::new("first").since(at(2)),
            Line::new("passing").since(at(2)).until(at(4)),
            Line::new("old").until(at(4)),
        ];
        Cassette::new().with(
            Take::get("https://a.example.org/rows", &[])
                .answers_lines("text/plain", &lines)
                .recorded(at(0)),
        )
    }

    async fn played(hour: u32) -> (String, bool) {
        // Through its text, as cassettes are on file.
        let cassette = Cassette::parse(night().to_json().as_bytes()).unwrap();
        let upstream = Upstream::playing(vec![cassette], move || at(hour));
        let answer = upstream.get("https://a.example.org/rows", &[]).await;
        let answer = answer.unwrap();
        let words: Vec<&str> = answer.text().unwrap().lines().collect();
        (words.join(" "), answer.whole)
    }

    #[tokio::test]
    async fn lines_come_and_go_and_the_answer_stays_whole() {
        assert_eq!(played(1).await, ("header old".to_owned(), true));
        let all = "header first passing old".to_owned();
        assert_eq!(played(2).await, (all.clone(), true));
        assert_eq!(played(3).await, (all, true));
        assert_eq!(played(4).await, ("header first".to_owned(), true));
    }

    #[test]
    fn a_life_nobody_can_read_lasts_for_ever() {
        assert_eq!(Life::read("x 2026"), None);
        assert_eq!(Life::read(""), None);
        assert_eq!(Life::read("3 soon"), Some((3, Life::default())));
    }
}
