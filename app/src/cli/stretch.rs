//! A stretch of time asked for by hand.

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use upstream::Window;

use super::Usage;

/// `--from` and `--to`.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Stretch {
    /// Only from this time on (UTC; a date or 2026-11-21T06:00:00Z)
    #[arg(long, value_parser = time)]
    from: Option<DateTime<Utc>>,
    /// Only before this time
    #[arg(long, value_parser = time)]
    to: Option<DateTime<Utc>>,
}

impl Stretch {
    /// The stretch; none when nothing was given. Without an end it ends now.
    ///
    /// # Errors
    /// Wrong usage: an end without a beginning, or before it.
    pub(super) fn window(self, now: DateTime<Utc>) -> anyhow::Result<Option<Window>> {
        match (self.from, self.to) {
            (None, None) => Ok(None),
            (Some(from), to) => {
                let to = to.unwrap_or(now);
                if to <= from {
                    return Err(Usage(format!("--to {to} is not after --from {from}")).into());
                }
                Ok(Some(Window { from, to }))
            }
            (None, Some(_)) => Err(Usage("--to needs --from".to_owned()).into()),
        }
    }
}

/// A time, or a date meaning its midnight.
pub(super) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let date = || {
        let date: NaiveDate = text.parse().ok()?;
        Some(date.and_hms_opt(0, 0, 0)?.and_utc())
    };
    text.parse()
        .ok()
        .or_else(date)
        .ok_or_else(|| format!("{text:?} is no time; it takes 2026-11-21 or 2026-11-21T06:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: Option<&str>, to: Option<&str>) -> Result<Option<String>, String> {
        let read = |text: Option<&str>| text.map(|text| time(text).unwrap());
        let stretch = Stretch {
            from: read(from),
            to: read(to),
        };
        let window = stretch
            .window(time("2026-11-21").unwrap())
            .map_err(|e| e.to_string())?;
        Ok(window.map(|window| format!("{} {}", window.from, window.to)))
    }

    #[test]
    fn a_stretch_without_an_end_ends_now() {
        let expected = "2026-11-01 00:00:00 UTC 2026-11-21 00:00:00 UTC".to_owned();
        assert_eq!(window(Some("2026-11-01"), None), Ok(Some(expected)));
        assert_eq!(window(None, None), Ok(None));
    }

    #[test]
    fn an_end_needs_a_beginning_before_it() {
        assert_eq!(
            window(None, Some("2026-11-01")),
            Err("--to needs --from".to_owned())
        );
        assert!(window(Some("2026-11-02T00:00:00Z"), Some("2026-11-01")).is_err());
        assert!(time("yesterday").is_err());
    }
}
