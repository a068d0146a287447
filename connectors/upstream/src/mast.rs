//! MAST's portal API: `Mast.Caom.Filtered`, for HST and JWST.

use domain::Unreadable;

use crate::{Result, Upstream};

/// Where the portal listens.
pub const INVOKE: &str = "https://mast.stsci.edu/api/v0/invoke";

/// All columns [`MastRow`] knows, as the portal wants them.
pub const COLUMNS: &str = "obs_id,obsid,obs_collection,provenance_name,instrument_name,project,filters,\
wavelength_region,target_name,target_classification,s_ra,s_dec,s_region,dataproduct_type,calib_level,\
intentType,t_min,t_max,t_exptime,em_min,em_max,obs_title,t_obs_release,proposal_id,proposal_pi,\
proposal_type,sequence_number,dataRights,mtFlag";

/// A condition on one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// The column holds one of these.
    OneOf(&'static str, Vec<String>),
    /// The column lies between these, inclusive.
    Between(&'static str, f64, f64),
    /// The column is like this text, `%` standing for any.
    Like(&'static str, String),
}

/// One CAOM observation. Every column may be null; unknown words stay in `raw`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MastRow {
    /// Identifier given by the mission.
    pub obs_id: Option<String>,
    /// MAST's own identifier.
    pub obsid: Option<String>,
    /// `HST`, `JWST`, `HLA` …
    pub obs_collection: Option<String>,
    /// Pipeline (`CALJWST`, `APT` for planned rows …).
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
    /// Start, MJD UTC (see [`units::mjd_to_utc`](crate::units::mjd_to_utc)).
    pub t_min: Option<f64>,
    /// End, MJD UTC.
    pub t_max: Option<f64>,
    /// Exposure time, seconds.
    pub t_exptime: Option<f64>,
    /// Shortest wavelength, **nanometres** (see [`units::nm_to_m`](crate::units::nm_to_m)); 0 is null.
    pub em_min: Option<f64>,
    /// Longest wavelength, nanometres; 0 is null.
    pub em_max: Option<f64>,
    /// Title of the programme.
    pub obs_title: Option<String>,
    /// When the data become public, MJD UTC.
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
    /// The row as it came.
    pub raw: String,
}

/// Asks `Mast.Caom.Filtered` for all rows that pass `filters`, page by page. `columns` is a comma
/// list ([`COLUMNS`] for all).
///
/// # Errors
/// `Unreadable` with MAST's own words for an error; `Unreachable` when it does not finish within
/// ten minutes of waiting or answers with something else than JSON; and what [`Upstream`] answers.
pub async fn filtered(
    _upstream: &Upstream,
    _columns: &str,
    _filters: &[Filter],
) -> Result<Vec<Result<MastRow, Unreadable>>> {
    unimplemented!()
}

/// The form value `request` that [`filtered`] posts for `page`; for composing cassettes.
#[must_use]
pub fn request(_columns: &str, _filters: &[Filter], _page: usize) -> String {
    unimplemented!()
}

/// Reads one saved answer: the portal's envelope, or a bare list of rows.
///
/// # Errors
/// `Unreadable` when it is neither, or reports an error.
pub fn read(_body: &[u8]) -> Result<Vec<Result<MastRow, Unreadable>>> {
    unimplemented!()
}
