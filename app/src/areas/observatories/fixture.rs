//! The catalogue's files, as they are written.

use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::areas::satellites::OrbitClass;

/// The observatories on the ground, as compiled in.
pub(super) const OBSERVATORIES: &str = include_str!("../../../../fixtures/observatories.yaml");

/// A site on the ground.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Short name in addresses and activities: lower case letters.
    pub key: String,
    /// Name as people write it.
    pub name: String,
    /// Geodetic latitude, degrees, north positive.
    pub latitude_deg: f64,
    /// Longitude, degrees, east positive, −180 to 180.
    pub longitude_deg: f64,
    /// Height, metres.
    pub height_m: f64,
    /// Time zone of the IANA database.
    pub time_zone: String,
    /// Observatory code of the Minor Planet Center.
    pub mpc_code: Option<String>,
    /// Where the figures stand.
    pub source: String,
    /// Home page.
    pub home: Option<String>,
    /// Who is to be credited.
    pub credit: Option<String>,
    /// Page with the data policy.
    pub policy: Option<String>,
    /// Its telescopes.
    pub(super) telescopes: Vec<Telescope>,
}

/// A telescope on the ground.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Telescope {
    pub(super) name: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) groups: Vec<String>,
    #[serde(default)]
    pub(super) partial: Vec<String>,
    pub(super) mpc_code: Option<String>,
    pub(super) aperture_m: Option<f64>,
    pub(super) home: Option<String>,
    pub(super) credit: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) source: Option<String>,
    pub(super) instruments: Vec<Instrument>,
}

/// An instrument.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Name as the facility's data spell it.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Bands of the spectrum, by the words of the filter.
    #[serde(default)]
    pub bands: Vec<String>,
    /// Field of view as published, degrees: diameter, or the longer side.
    pub fov_deg: Option<f64>,
    /// Where the field of view stands.
    pub source: Option<String>,
}

/// A spacecraft.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spacecraft {
    pub(super) name: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) groups: Vec<String>,
    pub(super) orbit: OrbitClass,
    pub(super) norad_id: Option<u32>,
    pub(super) cospar_id: Option<String>,
    pub(super) mpc_code: Option<String>,
    pub(super) aperture_m: Option<f64>,
    pub(super) home: Option<String>,
    pub(super) credit: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) source: Option<String>,
    pub(super) instruments: Vec<Instrument>,
}

/// Reads a file's entries. The message names the file, the line and the field.
pub(super) fn read<T: DeserializeOwned>(file: &str, text: &str) -> anyhow::Result<Vec<T>> {
    serde_norway::from_str(text).with_context(|| format!("reading {file}"))
}
