//! An activity: one line of a facility's plan or log, and what we know of it.
//!
//! Names and units are those of IVOA ObsCore 1.1 and ObsLocTAP 1.0; the words that are ours
//! (`basis`, `status`, `role`, …) are defined in `docs/contract.md`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares a set of words: an enum, its spelling in JSON, SQL and filters, and both conversions.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word, in the order of the contract.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word as JSON, SQL and filters spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word { $($word => Ok($name::$variant),)+ _ => Err(UnknownWord(word.to_owned())) }
            }
        }
    };
}
pub(crate) use words;

/// A word that is none of its set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(pub String);

words! {
    /// How we know. Nothing is ever shown as surer than this.
    Basis {
        /// A published plan says so.
        Scheduled = "scheduled",
        /// Telemetry, an as-flown log or the facility said so.
        Reported = "reported",
        /// Its data arrived in an archive.
        Archived = "archived",
    }
}

words! {
    /// Where an activity stands.
    Status {
        /// In a plan, without a time yet.
        Planned = "planned",
        /// In a plan, at a time.
        Scheduled = "scheduled",
        /// Running: by plan or reported, as `basis` says.
        InProgress = "in_progress",
        /// The planned end has passed and nobody has said what happened.
        Elapsed = "elapsed",
        /// It happened: reported or archived.
        Performed = "performed",
        /// It failed, was skipped, or the as-flown log passed it by.
        Aborted = "aborted",
        /// Gone from the plan.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What an activity is for.
    Intent {
        /// Science, on a target or a field.
        Science = "science",
        /// Calibration: darks, flats, standards.
        Calibration = "calibration",
        /// Target acquisition.
        Acquisition = "acquisition",
        /// Everything that keeps the facility running.
        Engineering = "engineering",
    }
}

words! {
    /// The part an activity plays beside others at the same time.
    Role {
        /// Points the telescope, or stands alone.
        Prime = "prime",
        /// Planned together with a prime, by the same programme.
        CoordinatedParallel = "coordinated_parallel",
        /// Runs beside a prime of another programme.
        PureParallel = "pure_parallel",
    }
}

words! {
    /// How the telescope follows the sky (ObsLocTAP `tracking_type`).
    TrackingType {
        /// With the stars.
        Sidereal = "Sidereal",
        /// With a body of the solar system.
        SolarSystem = "Solar-system-object-tracking",
        /// Fixed in azimuth and elevation.
        FixedAzEl = "Fixed-az-el-transit",
    }
}

words! {
    /// Scheduling category (ObsLocTAP `category`).
    Category {
        /// Cannot move in time.
        Fixed = "Fixed",
        /// Together with other facilities.
        Coordinated = "Coordinated",
        /// Anywhere within a window.
        Window = "Window",
        /// None of these.
        Other = "Other",
    }
}

words! {
    /// What `t_max` says.
    TMaxKind {
        /// The end a plan gives.
        Planned = "planned",
        /// The end as it was.
        Exact = "exact",
        /// It ended then or later (overheads are not included).
        LowerBound = "lower_bound",
    }
}

/// One instrument of an activity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Instrument {
    /// Name as the facility spells it, e.g. `NIRCAM`.
    pub name: String,
    /// Observing mode as the facility spells it.
    pub mode: Option<String>,
    /// Filters and other optical elements.
    #[serde(default)]
    pub filters: Vec<String>,
}

/// A page about the activity or its programme. Only `http` and `https` are let in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    /// What stands there.
    pub title: String,
    /// Where.
    pub url: String,
}

/// What an upstream says about an activity: everything but its identity and its standing.
///
/// Unknown is `None` (or empty for lists), never an invented value. Angles are ICRS degrees (FK5,
/// J2000 and GSC1 are taken as ICRS), wavelengths metres, durations seconds, times UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Data collection, e.g. `JWST`.
    pub obs_collection: String,
    /// What people call one observation: groups snapshots or exposures.
    pub group_id: Option<String>,
    /// What it is for.
    pub intent: Option<Intent>,
    /// Its part beside others.
    pub role: Role,
    /// Telescope as its publisher's ObsCore spells it (`ESO-VLT-U1`, `JWST`).
    pub facility_name: String,
    /// The telescopes of a combined run (VLTI); empty otherwise.
    #[serde(default)]
    pub telescopes: Vec<String>,
    /// Key of the ground site in our catalogue; null in space.
    pub site: Option<String>,
    /// The leading instrument.
    pub instrument_name: Option<String>,
    /// Its mode.
    pub instrument_mode: Option<String>,
    /// All instruments, the leading one first.
    #[serde(default)]
    pub instruments: Vec<Instrument>,
    /// `Radio`, `Millimeter`, `Infrared`, `Optical`, `UV`, `EUV`, `X-ray`, `Gamma-ray`.
    #[serde(default)]
    pub band: Vec<String>,
    /// Shortest wavelength, metres.
    pub em_min: Option<f64>,
    /// Longest wavelength, metres.
    pub em_max: Option<f64>,
    /// Object observed, as the facility names it.
    pub target_name: Option<String>,
    /// The upstream's own class of target.
    pub target_class: Option<String>,
    /// The upstream's keywords.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// How the telescope follows the sky.
    pub tracking_type: Option<TrackingType>,
    /// Right ascension of the pointing, ICRS degrees, 0 ≤ s_ra < 360.
    pub s_ra: Option<f64>,
    /// Declination of the pointing, ICRS degrees.
    pub s_dec: Option<f64>,
    /// Diameter of the field, degrees, only as published.
    pub s_fov: Option<f64>,
    /// Footprint in ICRS (`POLYGON ICRS …`, `CIRCLE ICRS …`), only as published.
    pub s_region: Option<String>,
    /// Scheduling category.
    pub category: Option<Category>,
    /// 0, 1 or 2 (2: cannot move).
    pub priority: Option<u8>,
    /// When the plan line was added or last changed.
    pub t_planning: Option<DateTime<Utc>>,
    /// Start.
    pub t_min: Option<DateTime<Utc>>,
    /// End.
    pub t_max: Option<DateTime<Utc>>,
    /// What `t_max` says.
    pub t_max_kind: Option<TMaxKind>,
    /// Uncertainty of the times, seconds; null when unstated.
    pub t_uncertainty: Option<f64>,
    /// Exposure time performed, seconds; never derived from `t_max − t_min`.
    pub t_exptime: Option<f64>,
    /// Exposure time planned, seconds.
    pub t_plan_exptime: Option<f64>,
    /// Exposures taken so far.
    pub n_exposures: Option<u32>,
    /// When the data become public.
    pub obs_release_date: Option<DateTime<Utc>>,
    /// Programme.
    pub proposal_id: Option<String>,
    /// Its title.
    pub proposal_title: Option<String>,
    /// Its principal investigator.
    pub proposal_pi: Option<String>,
    /// Pages about it.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Names of the fields above whose text the upstream's format cut off.
    #[serde(default)]
    pub truncated: Vec<String>,
}

#[expect(
    clippy::derivable_impls,
    reason = "`words!` derives for all sets alike"
)]
impl Default for Role {
    fn default() -> Self {
        Role::Prime
    }
}

impl Facts {
    /// Whether the upstream's format cut off the text of `field` (`"target_name"`, …).
    #[must_use]
    pub fn is_truncated(&self, field: &str) -> bool {
        self.truncated.iter().any(|name| name == field)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn has_no_place(seq: &i64) -> bool {
    *seq == 0
}

/// One activity, as REST, sockets, mails and the command line show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Ours, stable for ever.
    pub id: Uuid,
    /// The connector that told us.
    pub source: String,
    /// Identifier given by the facility; with `source` and `attempt` the key.
    pub obs_id: String,
    /// 1, and one more for each new start of the same `obs_id`.
    pub attempt: u32,
    /// The attempt before this one.
    pub repeat_of: Option<Uuid>,
    /// The prime this runs beside.
    pub parallel_of: Option<Uuid>,
    /// Grows when planned time, pointing, target or instrument change.
    pub revision: u32,
    /// Place in the log of its newest event; not written before it has one.
    #[serde(default, skip_serializing_if = "has_no_place")]
    pub seq: i64,
    /// Where it stands.
    pub status: Status,
    /// How we know.
    pub basis: Basis,
    /// Made up for the demo.
    pub demo: bool,
    /// When we first heard of it.
    pub first_seen: DateTime<Utc>,
    /// When we last changed it.
    pub last_changed: DateTime<Utc>,
    /// What the upstream says.
    #[serde(flatten)]
    pub facts: Facts,
}
