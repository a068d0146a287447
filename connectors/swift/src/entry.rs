//! One row of a plan or an as-flown log: a snapshot.
//!
//! Field names are those of API v2, and where they differ those of API 1.2 (`targname`, `seg`,
//! `obsid`, `xrt`, …).

use chrono::NaiveDateTime;
use domain::Unreadable;
use serde_json::{Map, Value};

use crate::clock::instant;
use crate::ident::ObsId;
use crate::modes;

/// What one row says, times by the spacecraft clock.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    /// Target and segment.
    pub(crate) obs: ObsId,
    /// Start, of the slew where there is one.
    pub(crate) begin: NaiveDateTime,
    /// End of the slew (as-flown only).
    pub(crate) settle: Option<NaiveDateTime>,
    /// End.
    pub(crate) end: Option<NaiveDateTime>,
    /// Name of the target.
    pub(crate) target_name: Option<String>,
    /// The upstream's class of target (as-flown only).
    pub(crate) target_class: Option<String>,
    /// Right ascension and declination of the pointing, J2000 degrees; the requested object's
    /// where no pointing is given.
    pub(crate) pointing: Option<(f64, f64)>,
    /// XRT mode by name.
    pub(crate) xrt: Option<String>,
    /// UVOT mode, hexadecimal.
    pub(crate) uvot: Option<String>,
    /// BAT mode, hexadecimal.
    pub(crate) bat: Option<String>,
    /// Exposure, seconds, where the row itself states one.
    pub(crate) exposure: Option<f64>,
    /// The row as it came.
    pub(crate) raw: String,
}

impl Snapshot {
    /// Identifier of the activity this row alone would make.
    pub(crate) fn id(&self) -> String {
        self.obs.snapshot(self.begin)
    }

    /// Seconds from the end of the slew to the end.
    pub(crate) fn settled(&self) -> Option<f64> {
        Some((self.end? - self.settle?).as_seconds_f64())
    }

    /// A passage of the radiation belt: a cold place of the sky to wait at.
    pub(crate) fn is_belt_passage(&self) -> bool {
        self.uvot.as_deref() == Some(modes::UVOT_BELT) || self.name_begins("saa-")
    }

    /// The attitude of least air drag, held while nothing is pointed at.
    pub(crate) fn is_drag_attitude(&self) -> bool {
        self.name_begins("dragpointing") || self.name_begins("drag pointing")
    }

    fn name_begins(&self, with: &str) -> bool {
        let name = self.target_name.as_deref().unwrap_or_default();
        name.to_lowercase().replace('_', " ").starts_with(with)
    }
}

/// Reads one row; `row` is its number in the answer, from 1, `list` the list it stands in.
pub(crate) fn read(list: &str, row: usize, raw: &str) -> Result<Snapshot, Unreadable> {
    fields(raw).map_err(|why| Unreadable {
        row,
        reason: format!("{list} entry: {why}"),
        raw: raw.to_owned(),
    })
}

fn fields(raw: &str) -> Result<Snapshot, String> {
    let row: Map<String, Value> =
        serde_json::from_str(raw).map_err(|e| format!("not a JSON object: {e}"))?;
    let time = |name: &str| instant(row.get(name)).map_err(|why| format!("{name} {why}"));
    let begin = time("begin")?.ok_or("begin is missing")?;
    let (settle, end) = (time("settle")?, time("end")?);
    if end.is_some_and(|end| end < begin) {
        return Err("end lies before begin".to_owned());
    }
    if settle.is_some_and(|settle| settle < begin || end.is_some_and(|end| end < settle)) {
        return Err("settle lies outside begin and end".to_owned());
    }
    let exposure = number(&row, &["exposure"])?;
    if exposure.is_some_and(|seconds| seconds < 0.0) {
        return Err("exposure is negative".to_owned());
    }
    Ok(Snapshot {
        obs: obs_id(&row)?,
        begin,
        settle,
        end,
        target_name: text(&row, &["target_name", "targname", "targetname"])?,
        target_class: text(&row, &["targettype"])?,
        pointing: match pointing(&row, &["ra", "ra_point"], &["dec", "dec_point"])? {
            None => pointing(&row, &["ra_object"], &["dec_object"])?,
            given => given,
        },
        xrt: modes::xrt(one_of(&row, &["xrt_mode", "xrt"])),
        uvot: modes::hexadecimal(one_of(&row, &["uvot_mode", "uvot"])),
        bat: modes::hexadecimal(one_of(&row, &["bat_mode", "bat"])),
        exposure,
        raw: raw.to_owned(),
    })
}

/// By either spelling of `obs_id`, else by target and segment. A number that lost its leading
/// zeros would pass for the integer spelling: target and segment, where given, must agree.
fn obs_id(row: &Map<String, Value>) -> Result<ObsId, String> {
    let target = number(row, &["target_id", "targetid"])?;
    let segment = number(row, &["segment", "seg"])?;
    let parts = match (target, segment) {
        (Some(target), Some(segment)) => Some(
            whole(target)
                .zip(whole(segment))
                .and_then(|(t, s)| ObsId::new(t, s))
                .ok_or("target_id and segment are out of range")?,
        ),
        _ => None,
    };
    let Some(given) = one_of(row, &["obs_id", "obsid", "obsnum"]) else {
        return parts.ok_or_else(|| "obs_id is missing".to_owned());
    };
    let spelled = ObsId::read(given);
    match (spelled, parts) {
        (None, _) => Err("obs_id is of neither spelling (00035000007, 117475512)".to_owned()),
        (Some(spelled), Some(parts)) if spelled != parts => {
            Err("obs_id is not that of target_id and segment".to_owned())
        }
        (Some(spelled), _) => Ok(spelled),
    }
}

fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..1e12).contains(&number)).then_some(number as u64)
}

fn pointing(
    row: &Map<String, Value>,
    ra: &[&str],
    dec: &[&str],
) -> Result<Option<(f64, f64)>, String> {
    let (Some(ra), Some(dec)) = (number(row, ra)?, number(row, dec)?) else {
        return Ok(None);
    };
    if !(0.0..=360.0).contains(&ra) {
        return Err("ra lies outside 0 to 360 degrees".to_owned());
    }
    if !(-90.0..=90.0).contains(&dec) {
        return Err("dec lies outside -90 to 90 degrees".to_owned());
    }
    Ok(Some((ra % 360.0, dec)))
}

/// The first of these fields that says something.
pub(crate) fn one_of<'a>(row: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names
        .iter()
        .filter_map(|name| row.get(*name))
        .find(|value| match value {
            Value::Null => false,
            Value::String(text) => !matches!(text.trim(), "" | "None"),
            _ => true,
        })
}

/// A number, or the text of one.
pub(crate) fn number(row: &Map<String, Value>, names: &[&str]) -> Result<Option<f64>, String> {
    let Some(value) = one_of(row, names) else {
        return Ok(None);
    };
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.filter(|n: &f64| n.is_finite()) {
        Some(number) => Ok(Some(number)),
        None => Err(format!("{} is no number", names[0])),
    }
}

fn text(row: &Map<String, Value>, names: &[&str]) -> Result<Option<String>, String> {
    match one_of(row, names) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(format!("{} is no text", names[0])),
    }
}
