//! Instruments, their modes and their bands.

use domain::Instrument;
use serde_json::Value;

use crate::entry::Snapshot;

/// UVOT mode of the passages of the radiation belt: shut.
pub(crate) const UVOT_BELT: &str = "0x0009";
/// XRT mode without any data.
const XRT_NULL: &str = "Null";

/// XRT modes by their number.
const XRT: [(u64, &str); 11] = [
    (0, "Auto"),
    (1, XRT_NULL),
    (2, "ShortIM"),
    (3, "LongIM"),
    (4, "PUPD"),
    (5, "LRPD"),
    (6, "WT"),
    (7, "PC"),
    (8, "Raw"),
    (9, "Bias"),
    (255, "Manual"),
];

/// The name of an XRT mode, given by number or by name. A number nobody has named stays as it is.
pub(crate) fn xrt(value: Option<&Value>) -> Option<String> {
    let text = plain(value?)?;
    let name = text
        .parse()
        .ok()
        .and_then(|n: u64| XRT.iter().find(|(number, _)| *number == n));
    Some(name.map_or(text, |(_, name)| (*name).to_owned()))
}

/// A UVOT or BAT mode as people write it, `0x30ed`, given by number or already hexadecimal.
pub(crate) fn hexadecimal(value: Option<&Value>) -> Option<String> {
    let text = plain(value?)?;
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let number = match digits {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    Some(number.map_or(text, |number| format!("{number:#06x}")))
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.trim().to_owned()),
        _ => None,
    }
}

/// The three instruments, which look at the same place together, with their modes.
pub(crate) fn instruments(snapshot: &Snapshot) -> Vec<Instrument> {
    let modes = [
        ("XRT", &snapshot.xrt),
        ("UVOT", &snapshot.uvot),
        ("BAT", &snapshot.bat),
    ];
    modes
        .into_iter()
        .map(|(name, mode)| Instrument {
            name: name.to_owned(),
            mode: mode.clone(),
            filters: Vec::new(),
        })
        .collect()
}

/// The bands of the instruments that take data: none does in the radiation belt, and XRT and UVOT
/// have each a mode without data.
pub(crate) fn bands(snapshot: &Snapshot) -> Vec<String> {
    if snapshot.is_belt_passage() {
        return Vec::new();
    }
    let mut bands = Vec::new();
    if snapshot.xrt.as_deref() != Some(XRT_NULL) {
        bands.push("X-ray");
    }
    bands.extend(["UV", "Optical", "Gamma-ray"]);
    bands.into_iter().map(str::to_owned).collect()
}
