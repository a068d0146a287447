//! A visit's identifier, and the words of its row in ours.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use domain::{Instrument, Intent, Role, TrackingType};

/// `program:observation:visit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct VisitId {
    pub(crate) program: u32,
    observation: u32,
    visit: u32,
}

impl VisitId {
    /// Reads `4501:13:1`.
    pub(crate) fn from_report(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let id = VisitId {
            program: digits(parts.next()?, 5)?,
            observation: digits(parts.next()?, 3)?,
            visit: digits(parts.next()?, 3)?,
        };
        parts.next().is_none().then_some(id)
    }

    /// Reads the visit in an archive's `jwPPPPPOOOVVV_…`. Products that combine several visits
    /// (`jwPPPPP-oOOO_…`) carry none.
    pub(crate) fn from_archive(obs_id: &str) -> Option<Self> {
        let (visit, _) = obs_id.strip_prefix("jw")?.split_once('_')?;
        if visit.len() != 11 {
            return None;
        }
        Some(VisitId {
            program: digits(visit.get(..5)?, 5)?,
            observation: digits(visit.get(5..8)?, 3)?,
            visit: digits(visit.get(8..)?, 3)?,
        })
    }
}

impl fmt::Display for VisitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.program, self.observation, self.visit)
    }
}

fn digits(text: &str, at_most: usize) -> Option<u32> {
    let fine = !text.is_empty() && text.len() <= at_most;
    (fine && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Reads `2025-08-04T04:51:40Z`.
pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok()?;
    plausible(DateTime::from_timestamp(time.and_utc().timestamp(), 0)?)
}

/// A time within the years any facility's plan or log can speak of.
pub(crate) fn plausible(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    use chrono::Datelike;
    (1990..=2100).contains(&time.year()).then_some(time)
}

/// Reads `DD/HH:MM:SS`.
pub(crate) fn duration(text: &str) -> Option<TimeDelta> {
    let (days, clock) = text.split_once('/')?;
    let mut clock = clock.split(':');
    let mut part = |limit: u32| {
        let n = digits(clock.next()?, 2)?;
        (n < limit).then_some(i64::from(n))
    };
    let (hours, minutes, seconds) = (part(24)?, part(60)?, part(60)?);
    if clock.next().is_some() {
        return None;
    }
    let days = i64::from(digits(days, 3)?);
    TimeDelta::try_seconds(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

/// The instrument a mode names (`WFSC NIRCam Fine Phasing`); station keeping names none.
pub(crate) fn instrument(mode: &str) -> Option<Instrument> {
    const INSTRUMENTS: [&str; 5] = ["NIRCAM", "NIRSPEC", "NIRISS", "MIRI", "FGS"];
    let name = mode.split_whitespace().find_map(|word| {
        INSTRUMENTS
            .into_iter()
            .find(|name| name.eq_ignore_ascii_case(word))
    })?;
    Some(Instrument {
        name: name.to_owned(),
        mode: Some(mode.to_owned()),
        filters: Vec::new(),
    })
}

/// What a visit is for, from its type, mode and class of target.
///
/// A target of class `Calibration` makes a calibration, also where it is the sky background of a
/// science programme. The engineering imaging of NIRCam serves both calibration and commissioning,
/// so there the type says nothing.
pub(crate) fn intent(kind: &str, mode: &str, category: &str) -> Option<Intent> {
    const UPKEEP: [&str; 3] = ["STATION KEEPING", "MOMENTUM UNLOAD", "WFSC"];
    const CALIBRATING: [&str; 6] = [
        "Calibration",
        "Dark",
        "Internal",
        "External Flat",
        "Anneal",
        "Lamp",
    ];
    if UPKEEP.iter().any(|word| kind.contains(word)) {
        Some(Intent::Engineering)
    } else if kind.contains("CALIBRATION")
        || category.eq_ignore_ascii_case("Calibration")
        || CALIBRATING.iter().any(|word| mode.contains(word))
    {
        Some(Intent::Calibration)
    } else if kind.contains("UNTARGETED") {
        Some(Intent::Engineering)
    } else if mode.is_empty() || mode.contains("Engineering") {
        None
    } else {
        Some(Intent::Science)
    }
}

/// The part of a visit beside others. `beside_own_programme`: it is attached to a prime of the
/// programme it belongs to itself.
pub(crate) fn role(kind: &str, attached: bool, beside_own_programme: bool) -> Role {
    if kind.starts_with("COORDINATED") {
        Role::CoordinatedParallel
    } else if kind.starts_with("PARALLEL") {
        Role::PureParallel
    } else if !attached {
        Role::Prime
    } else if beside_own_programme {
        Role::CoordinatedParallel
    } else {
        Role::PureParallel
    }
}

/// How the telescope follows the sky. Unguided visits (burns, lamps, parallels) do not say.
pub(crate) fn tracking(kind: &str, pcs: &str) -> Option<TrackingType> {
    if kind.contains("MOVING") || pcs == "MOVING" {
        Some(TrackingType::SolarSystem)
    } else if kind.contains("FIXED") || kind.contains("WFSC") || pcs == "FINEGUIDE" {
        Some(TrackingType::Sidereal)
    } else {
        None
    }
}
