//! The order of a list of activities, and a place in it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

/// The order of a list. What has no start comes last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest start first.
    #[default]
    NewestStart,
    /// Oldest start first.
    OldestStart,
    /// In the order of each activity's newest event.
    Seq,
}

impl FromStr for Sort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "-t_min" => Ok(Sort::NewestStart),
            "t_min" => Ok(Sort::OldestStart),
            "seq" => Ok(Sort::Seq),
            other => Err(format!(
                "{other:?} is no order; it takes -t_min, t_min or seq"
            )),
        }
    }
}

/// Where a page ended: the key of its last item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Behind an activity with a start.
    Start(DateTime<Utc>, Uuid),
    /// Behind an activity without one.
    Timeless(Uuid),
    /// Behind an event.
    Seq(i64),
}

impl After {
    /// Whether it is a place in a list of this order: elsewhere it means nothing.
    #[must_use]
    pub fn fits(self, sort: Sort) -> bool {
        matches!(self, After::Seq(_)) == (sort == Sort::Seq)
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            After::Start(start, id) => write!(f, "t{}.{}", start.timestamp_micros(), id.simple()),
            After::Timeless(id) => write!(f, "n{}", id.simple()),
            After::Seq(seq) => write!(f, "s{seq}"),
        }
    }
}

impl FromStr for After {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            if let Some(rest) = text.strip_prefix('t') {
                let (micros, id) = rest.split_once('.')?;
                let start = DateTime::from_timestamp_micros(micros.parse().ok()?)
                    .filter(|start| (1..=9999).contains(&start.year()))?;
                return Some(After::Start(start, id.parse().ok()?));
            }
            if let Some(id) = text.strip_prefix('n') {
                return Some(After::Timeless(id.parse().ok()?));
            }
            Some(After::Seq(text.strip_prefix('s')?.parse().ok()?))
        };
        read().ok_or_else(|| format!("{text:?} is no cursor; it takes the `next` of a page"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let id = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
        let start = "2026-11-21T06:00:00.25Z".parse().unwrap();
        for after in [
            After::Start(start, id),
            After::Timeless(id),
            After::Seq(1842),
        ] {
            assert_eq!(after.to_string().parse(), Ok(after));
        }
        assert!("x".parse::<After>().is_err());
        assert!("t1.x".parse::<After>().is_err());
    }

    #[test]
    fn a_cursor_of_a_year_no_database_keeps_is_none() {
        let id = Uuid::from_u128(1).simple();
        for micros in [
            -8_000_000_000_000_000_000,
            i64::MIN,
            -62_135_596_800_000_001,
            253_402_300_800_000_000,
            i64::MAX,
        ] {
            assert!(format!("t{micros}.{id}").parse::<After>().is_err());
        }
        for micros in [-62_135_596_800_000_000_i64, 253_402_300_799_999_999] {
            assert!(format!("t{micros}.{id}").parse::<After>().is_ok());
        }
    }
}
