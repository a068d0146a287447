//! One row of CAOM, read with tolerance for what the portal calls a number.

use domain::Unreadable;
use serde_json::{Map, Value};

use crate::table::shortened;
use crate::units::mjd_to_utc;

/// One CAOM observation. Every column may be null; unknown columns stay in `raw`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MastRow {
    /// Identifier given by the mission.
    pub obs_id: Option<String>,
    /// MAST's own identifier.
    pub obsid: Option<String>,
    /// `HST`, `JWST`, `HLA` …
    pub obs_collection: Option<String>,
    /// Pipeline (`CALJWST`; `APT` for planned rows …).
    pub provenance_name: Option<String>,
    /// Instrument and mode, `NIRCAM/IMAGE`.
    pub instrument_name: Option<String>,
    /// Project.
    pub project: Option<String>,
    /// Optical elements, joined with `;`.
    pub filters: Option<String>,
    /// `INFRARED`, `OPTICAL`, `UV` …
    pub wavelength_region: Option<String>,
    /// Target as the proposer names it.
    pub target_name: Option<String>,
    /// Class of target, joined with `;`.
    pub target_classification: Option<String>,
    /// ICRS degrees, 0 ≤ s_ra < 360; both coordinates are null when either is absurd.
    pub s_ra: Option<f64>,
    /// ICRS degrees.
    pub s_dec: Option<f64>,
    /// Footprint as it came (`POLYGON …`, `CIRCLE …`; frame `GSC1`, `ICRS`, `J2000` or none).
    pub s_region: Option<String>,
    /// `image`, `spectrum` …
    pub dataproduct_type: Option<String>,
    /// −1 planned, 0–4 performed.
    pub calib_level: Option<i64>,
    /// `science` or `calibration`.
    pub intent_type: Option<String>,
    /// Start, MJD UTC (see [`units::mjd_to_utc`](mjd_to_utc)); null when absurd.
    pub t_min: Option<f64>,
    /// End, MJD UTC; null when absurd.
    pub t_max: Option<f64>,
    /// Exposure time, seconds; null when negative.
    pub t_exptime: Option<f64>,
    /// Shortest wavelength, **nanometres** (see [`units::nm_to_m`](crate::units::nm_to_m)); null
    /// when 0, which stands for unknown.
    pub em_min: Option<f64>,
    /// Longest wavelength, nanometres; null when 0.
    pub em_max: Option<f64>,
    /// Title of the programme.
    pub obs_title: Option<String>,
    /// When the data become public, MJD UTC; null when absurd.
    pub t_obs_release: Option<f64>,
    /// Programme.
    pub proposal_id: Option<String>,
    /// Principal investigator: a last name, or `Last, First`.
    pub proposal_pi: Option<String>,
    /// `GO`, `GTO`, `DD`, `CAL` …
    pub proposal_type: Option<String>,
    /// Sequence number.
    pub sequence_number: Option<i64>,
    /// `PUBLIC`, `EXCLUSIVE_ACCESS`, `RESTRICTED`.
    pub data_rights: Option<String>,
    /// Whether the target moves.
    pub mt_flag: Option<bool>,
    /// Number of the row in the answer, from 1.
    pub row: usize,
    /// The row as it came.
    pub raw: String,
}

impl MastRow {
    /// Reads one row of an answer's `data`.
    pub(super) fn read(row: usize, raw: &str) -> Result<Self, Unreadable> {
        fields(raw)
            .and_then(|fields| MastRow::of(&Fields(fields)))
            .map(|read| MastRow {
                row,
                raw: raw.to_owned(),
                ..read
            })
            .map_err(|reason| Unreadable {
                row,
                reason,
                raw: shortened(raw, 4000),
            })
    }

    /// Why this row could not be used after all.
    #[must_use]
    pub fn unreadable(&self, reason: impl Into<String>) -> Unreadable {
        Unreadable {
            row: self.row,
            reason: reason.into(),
            raw: self.raw.clone(),
        }
    }

    fn of(fields: &Fields) -> Result<Self, String> {
        let (s_ra, s_dec) = position(fields.number("s_ra")?, fields.number("s_dec")?);
        Ok(MastRow {
            obs_id: fields.text("obs_id")?,
            obsid: fields.text("obsid")?,
            obs_collection: fields.text("obs_collection")?,
            provenance_name: fields.text("provenance_name")?,
            instrument_name: fields.text("instrument_name")?,
            project: fields.text("project")?,
            filters: fields.text("filters")?,
            wavelength_region: fields.text("wavelength_region")?,
            target_name: fields.text("target_name")?,
            target_classification: fields.text("target_classification")?,
            s_ra,
            s_dec,
            s_region: fields.text("s_region")?,
            dataproduct_type: fields.text("dataproduct_type")?,
            calib_level: fields.integer("calib_level")?,
            intent_type: fields.text("intentType")?,
            t_min: fields.date("t_min")?,
            t_max: fields.date("t_max")?,
            t_exptime: fields.number("t_exptime")?.filter(|t| *t >= 0.0),
            em_min: fields.number("em_min")?.filter(|nm| *nm > 0.0),
            em_max: fields.number("em_max")?.filter(|nm| *nm > 0.0),
            obs_title: fields.text("obs_title")?,
            t_obs_release: fields.date("t_obs_release")?,
            proposal_id: fields.text("proposal_id")?,
            proposal_pi: fields.text("proposal_pi")?,
            proposal_type: fields.text("proposal_type")?,
            sequence_number: fields.integer("sequence_number")?,
            data_rights: fields.text("dataRights")?,
            mt_flag: fields.flag("mtFlag")?,
            row: 0,
            raw: String::new(),
        })
    }
}

fn fields(raw: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(raw) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("data: not an object".to_owned()),
        Err(why) => Err(format!("data: {why}")),
    }
}

/// Both coordinates, or neither: half a position is none.
fn position(ra: Option<f64>, dec: Option<f64>) -> (Option<f64>, Option<f64>) {
    match (ra, dec) {
        (Some(ra), Some(dec)) if (0.0..=360.0).contains(&ra) && dec.abs() <= 90.0 => {
            let ra = if ra < 360.0 { ra } else { 0.0 };
            (Some(ra), Some(dec))
        }
        _ => (None, None),
    }
}

/// The columns of a row.
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&self, name: &str) -> Result<Option<String>, String> {
        let text = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(_) => return Err(format!("{name}: not a text")),
        };
        Ok((!text.is_empty()).then_some(text))
    }

    fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) => Ok(Some(number).filter(|number| number.is_finite())),
            Err(_) if text.eq_ignore_ascii_case("null") => Ok(None),
            Err(_) => Err(format!("{name}: not a number: {}", shortened(&text, 80))),
        }
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, String> {
        let Some(number) = self.number(name)? else {
            return Ok(None);
        };
        if number.fract() != 0.0 || number.abs() > 9e15 {
            return Err(format!("{name}: not an integer: {number}"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked above")]
        let integer = number as i64;
        Ok(Some(integer))
    }

    /// A Modified Julian Date in the age of telescopes we know; some rows hold 0 or worse.
    fn date(&self, name: &str) -> Result<Option<f64>, String> {
        let number = self.number(name)?;
        Ok(number.filter(|mjd| mjd_to_utc(*mjd).is_some()))
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Ok(Some(true)),
            "false" | "f" | "0" => Ok(Some(false)),
            "null" => Ok(None),
            _ => Err(format!(
                "{name}: not true or false: {}",
                shortened(&text, 80)
            )),
        }
    }
}
