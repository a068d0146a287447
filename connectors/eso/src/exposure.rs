//! One row of `dbo.raw`: an exposure.

use chrono::{DateTime, Datelike, NaiveDateTime, SubsecRound, TimeDelta, Utc};
use domain::Unreadable;
use upstream::table::Row;
use upstream::units::nm_to_m;

use crate::night::Night;
use crate::{raw, target, telescope};

/// An exposure longer than this many seconds (eleven days) is a misprint.
const LONGEST: f64 = 1e6;

/// Names longer than this many characters, of telescopes, instruments and files, are noise.
const LONGEST_NAME: usize = 100;

/// What an exposure was taken for (`dp_cat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Science,
    Acquisition,
    Calibration,
    /// `TECHNICAL` and `TEST`.
    Engineering,
    /// A word we do not know, or none.
    Other,
}

/// What a row turned out to be.
pub(crate) enum Reading {
    Exposure(Box<Exposure>),
    /// Left out on purpose, with the reason.
    Skipped(&'static str),
}

/// One exposure.
#[derive(Clone, Debug)]
pub(crate) struct Exposure {
    /// Unique name of the file.
    pub(crate) dp_id: String,
    pub(crate) kind: Kind,
    /// Taken beside the target to subtract the sky.
    pub(crate) sky: bool,
    pub(crate) telescope: String,
    pub(crate) instrument: String,
    pub(crate) mode: Option<String>,
    pub(crate) filter: Option<String>,
    /// The target by the observer's own name.
    pub(crate) target: Option<String>,
    /// ICRS degrees.
    pub(crate) position: Option<(f64, f64)>,
    pub(crate) start: DateTime<Utc>,
    /// The start comes from `exp_start`, whose fraction is not to be trusted.
    pub(crate) rough: bool,
    /// Length, seconds.
    pub(crate) seconds: Option<f64>,
    /// When it ended; its start, if its length is unknown.
    pub(crate) end: DateTime<Utc>,
    /// Identifier of its observing block.
    pub(crate) ob_id: Option<i64>,
    /// Identifier of its template's run.
    pub(crate) tpl_start: Option<String>,
    /// Metres.
    pub(crate) em_min: Option<f64>,
    pub(crate) em_max: Option<f64>,
    pub(crate) proposal_id: Option<String>,
    pub(crate) proposal_title: Option<String>,
    pub(crate) proposal_pi: Option<String>,
    pub(crate) released: Option<DateTime<Utc>>,
    pub(crate) modified: Option<DateTime<Utc>>,
    /// The row, without co-investigators.
    pub(crate) raw: String,
}

impl Exposure {
    /// Reads a row.
    pub(crate) fn read(columns: &[String], row: &Row) -> Result<Reading, Unreadable> {
        let raw = raw::line(columns, row);
        read(row, &raw).map_err(|reason| Unreadable {
            row: row.line(),
            reason,
            raw: raw::broken_line(&raw),
        })
    }

    /// The night it belongs to.
    pub(crate) fn night(&self) -> Night {
        Night::of(self.start)
    }

    /// Science on the target itself.
    pub(crate) fn is_on_target(&self) -> bool {
        self.kind == Kind::Science && !self.sky
    }
}

fn read(row: &Row, raw: &str) -> Result<Reading, String> {
    let telescope = name(row, "telescope")?;
    let instrument = name(row, "instrument")?;
    if telescope::is_monitor(&telescope, &instrument) {
        return Ok(Reading::Skipped("all-sky monitor"));
    }
    let dp_id = name(row, "dp_id")?;
    let kind = kind(row.get("dp_cat"));
    let object = row.get("object");
    let sky = row.get("dp_type").is_some_and(target::is_sky)
        || object.is_some_and(|object| object.eq_ignore_ascii_case("SKY"));
    let (start, rough) = start(row)?;
    let seconds = seconds(row)?;
    let end = end(start, seconds).ok_or("exposure: ends beyond the year 2100")?;
    let named =
        object.filter(|object| kind == Kind::Science && !sky && !target::is_frame_type(object));
    let text = |column: &str| row.get(column).map(str::to_owned);
    Ok(Reading::Exposure(Box::new(Exposure {
        dp_id,
        kind,
        sky,
        telescope,
        instrument,
        mode: text("ins_mode"),
        filter: text("filter_path"),
        target: row.get("target").or(named).map(str::to_owned),
        position: position(row)?,
        start,
        rough,
        seconds,
        end,
        ob_id: ob_id(row)?,
        tpl_start: text("tpl_start"),
        em_min: number(row, "lambda_min")?.and_then(nm_to_m),
        em_max: number(row, "lambda_max")?.and_then(nm_to_m),
        proposal_id: text("prog_id"),
        proposal_title: text("prog_title"),
        proposal_pi: row
            .get("pi_coi")
            .and_then(raw::first_name)
            .map(str::to_owned),
        released: optional_instant(row, "release_date")?,
        modified: optional_instant(row, "last_mod_date")?,
        raw: raw.to_owned(),
    })))
}

/// A field that identifies something and so must be there and be printable.
fn name(row: &Row, column: &str) -> Result<String, String> {
    let name = row.get(column).ok_or_else(|| format!("{column}: empty"))?;
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!("{column}: not a name"));
    }
    Ok(name.to_owned())
}

fn kind(dp_cat: Option<&str>) -> Kind {
    match dp_cat.unwrap_or("").to_ascii_uppercase().as_str() {
        "SCIENCE" => Kind::Science,
        "ACQUISITION" => Kind::Acquisition,
        "CALIB" => Kind::Calibration,
        "TECHNICAL" | "TEST" => Kind::Engineering,
        _ => Kind::Other,
    }
}

/// The start, and whether it is rough.
fn start(row: &Row) -> Result<(DateTime<Utc>, bool), String> {
    if let Some(at) = optional_instant(row, "date_obs")? {
        return Ok((at, false));
    }
    match optional_instant(row, "exp_start")? {
        Some(at) => Ok((at, true)),
        None => Err("date_obs: empty, and exp_start as well".to_owned()),
    }
}

fn seconds(row: &Row) -> Result<Option<f64>, String> {
    let seconds = number(row, "exposure")?;
    match seconds {
        Some(s) if s < 0.0 => Err("exposure: negative".to_owned()),
        Some(s) if s > LONGEST => Err("exposure: longer than eleven days".to_owned()),
        _ => Ok(seconds),
    }
}

/// The end, to the microsecond.
fn end(start: DateTime<Utc>, seconds: Option<f64>) -> Option<DateTime<Utc>> {
    #[expect(clippy::cast_possible_truncation, reason = "at most 1e12 microseconds")]
    let micros = (seconds.unwrap_or(0.0).clamp(0.0, LONGEST) * 1e6).round() as i64;
    start
        .checked_add_signed(TimeDelta::microseconds(micros))
        .filter(|end| end.year() <= 2100)
}

/// The coordinates, when both are on the sphere: calibrations carry sentinels (−596.5…).
fn position(row: &Row) -> Result<Option<(f64, f64)>, String> {
    let (ra, dec) = (number(row, "ra")?, number(row, "dec")?);
    Ok(ra
        .zip(dec)
        .filter(|(ra, dec)| (0.0..360.0).contains(ra) && (-90.0..=90.0).contains(dec)))
}

/// The block's number; zero and less stand for none.
pub(crate) fn ob_id(row: &Row) -> Result<Option<i64>, String> {
    let Some(text) = row.get("ob_id") else {
        return Ok(None);
    };
    let number: i64 = text
        .strip_suffix(".0")
        .unwrap_or(text)
        .parse()
        .map_err(|_| "ob_id: not a whole number".to_owned())?;
    Ok((number > 0).then_some(number))
}

fn number(row: &Row, column: &str) -> Result<Option<f64>, String> {
    row.number(column)
        .map_err(|_| format!("{column}: not a number"))
}

/// A time under `column`, to the microsecond.
pub(crate) fn optional_instant(row: &Row, column: &str) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = row.get(column) else {
        return Ok(None);
    };
    let at =
        instant(text).ok_or_else(|| format!("{column}: not a time of the years 1990 to 2100"))?;
    Ok(Some(at))
}

/// ISO 8601 with `T` or a blank, with any fraction, with or without `Z`: always UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|at| at.and_utc().trunc_subsecs(6))
        .filter(|at| (1990..=2100).contains(&at.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_or_without_a_zone_and_keep_their_fraction() {
        let at = |text: &str| instant(text).map(|at| at.to_rfc3339());

        assert_eq!(
            at("2013-08-27T01:18:45.0684").as_deref(),
            Some("2013-08-27T01:18:45.068400+00:00")
        );
        assert_eq!(at("2013-08-27 01:18:45Z"), at("2013-08-27T01:18:45.000"));
        for text in [
            "",
            "Mar 14 2007",
            "2013-08-27",
            "1889-01-01T00:00:00",
            "2013-02-30T00:00:00",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn an_exposure_ends_after_its_length() {
        let start = instant("2013-08-27T01:18:45.5").unwrap();

        assert_eq!(end(start, None), Some(start));
        assert_eq!(end(start, Some(0.25)), instant("2013-08-27T01:18:45.75"));
        assert_eq!(
            end(instant("2100-12-31T23:59:59").unwrap(), Some(60.0)),
            None
        );
    }

    #[test]
    fn categories_are_read_in_either_case() {
        assert_eq!(kind(Some("SCIENCE")), Kind::Science);
        assert_eq!(kind(Some("calib")), Kind::Calibration);
        assert_eq!(kind(Some("TEST")), Kind::Engineering);
        assert_eq!(kind(None), Kind::Other);
    }
}
