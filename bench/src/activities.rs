//! Activities as archives and plans hold them: composed, but with real words, places and sizes.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Activity, Basis, Claim, Facts, Instrument, Intent, Link, Record, Role, Status, TMaxKind,
    TrackingType,
};
use uuid::Uuid;

use crate::random::Random;
use crate::sky::Sky;

/// When every bench thinks it is.
pub(crate) const NOW: &str = "2026-11-21T06:00:00Z";

/// How far back archives reach here.
pub(crate) const YEARS: i64 = 5;

/// What a telescope is called, where it stands, and what hangs on it.
struct Telescope {
    collection: &'static str,
    facility: &'static str,
    site: Option<&'static str>,
    instruments: &'static [(&'static str, &'static str, &'static str)],
}

const TELESCOPES: &[Telescope] = &[
    Telescope {
        collection: "JWST",
        facility: "JWST",
        site: None,
        instruments: &[
            ("NIRCAM", "NIRCam Imaging", "Infrared"),
            ("NIRSPEC", "NIRSpec MultiObject Spectroscopy", "Infrared"),
            ("MIRI", "MIRI Medium Resolution Spectroscopy", "Infrared"),
            (
                "NIRISS",
                "NIRISS Wide Field Slitless Spectroscopy",
                "Infrared",
            ),
        ],
    },
    Telescope {
        collection: "HST",
        facility: "HST",
        site: None,
        instruments: &[
            ("WFC3", "UVIS", "Optical"),
            ("ACS", "WFC", "Optical"),
            ("COS", "FUV", "UV"),
        ],
    },
    Telescope {
        collection: "SWIFT",
        facility: "Swift",
        site: None,
        instruments: &[
            ("XRT", "PC", "X-ray"),
            ("UVOT", "0x30ed", "UV"),
            ("BAT", "event", "Gamma-ray"),
        ],
    },
    Telescope {
        collection: "ESO",
        facility: "ESO-VLT-U1",
        site: Some("paranal"),
        instruments: &[
            ("ESPRESSO", "SINGLEHR", "Optical"),
            ("FORS2", "IMG", "Optical"),
            ("KMOS", "IFU", "Infrared"),
        ],
    },
    Telescope {
        collection: "ESO",
        facility: "ESO-VLT-U4",
        site: Some("paranal"),
        instruments: &[
            ("MUSE", "WFM-AO-N", "Optical"),
            ("HAWKI", "IMG", "Infrared"),
            ("ERIS", "NIX", "Infrared"),
        ],
    },
    Telescope {
        collection: "ESO",
        facility: "ESO-VISTA",
        site: Some("paranal"),
        instruments: &[("4MOST", "LRS", "Optical")],
    },
    Telescope {
        collection: "ESO",
        facility: "ESO-3.6",
        site: Some("lasilla"),
        instruments: &[("HARPS", "HAM", "Optical"), ("NIRPS", "HE", "Infrared")],
    },
];

const CATALOGUES: &[&str] = &[
    "NGC", "IC", "HD", "HIP", "TOI", "GJ", "UGC", "PGC", "WASP", "Abell",
];
const TITLES: &[&str] = &[
    "A census of young clusters in the inner disc",
    "The atmospheres of temperate sub-Neptunes",
    "Outflows of luminous quasars at cosmic noon",
    "Tracing the cold gas around dusty starbursts",
    "Radial velocities of bright planet hosts",
    "Light echoes and late spectra of nearby supernovae",
    "Resolved kinematics of lensed galaxies",
    "Chemistry of protoplanetary discs in Lupus and Taurus",
];
const KEYWORDS: &[&str] = &[
    "G dwarfs",
    "Spiral galaxies",
    "Exoplanets",
    "Supernovae",
    "Quasars",
    "Globular clusters",
];

/// The time [`NOW`] names.
pub(crate) fn now() -> DateTime<Utc> {
    NOW.parse().unwrap_or(DateTime::UNIX_EPOCH)
}

/// What an upstream says about the activity of this number: the same for the same number.
pub(crate) fn facts(number: u64, sky: &Sky, start: DateTime<Utc>) -> Facts {
    let mut random = Random::new(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let telescope = &TELESCOPES[random.below(TELESCOPES.len())];
    let (instrument, mode, band) = telescope.instruments[random.below(telescope.instruments.len())];
    let (ra, dec, popular) = sky.pointing(&mut random);
    let (ra, dec) = (rounded(ra, 6), rounded(dec, 6));
    let lasting = lasting(&mut random);
    let programme = 1000 + random.below(9000);
    let target = match popular {
        Some(rank) => format!("{} {}", CATALOGUES[rank % CATALOGUES.len()], 100 + rank),
        None => format!(
            "{} {}",
            random.pick(CATALOGUES),
            2100 + random.below(60_000)
        ),
    };
    let (s_fov, s_region) = extent(&mut random, ra, dec);
    Facts {
        obs_collection: telescope.collection.to_owned(),
        group_id: Some(format!("{programme}-{}", random.below(40))),
        intent: Some(if random.chance(0.85) {
            Intent::Science
        } else {
            Intent::Calibration
        }),
        role: Role::Prime,
        facility_name: telescope.facility.to_owned(),
        site: telescope.site.map(str::to_owned),
        instrument_name: Some(instrument.to_owned()),
        instrument_mode: Some(mode.to_owned()),
        instruments: vec![Instrument {
            name: instrument.to_owned(),
            mode: Some(mode.to_owned()),
            filters: vec![format!("F{}W", 115 + 35 * random.below(10))],
        }],
        band: vec![band.to_owned()],
        target_name: Some(target),
        target_class: Some("Star".to_owned()),
        keywords: vec![random.pick(KEYWORDS).to_owned()],
        tracking_type: Some(TrackingType::Sidereal),
        s_ra: Some(ra),
        s_dec: Some(dec),
        s_fov,
        s_region,
        t_min: Some(start),
        t_max: Some(start + lasting),
        t_max_kind: Some(TMaxKind::Planned),
        t_plan_exptime: Some(rounded(lasting.as_seconds_f64() * 0.7, 1)),
        proposal_id: Some(programme.to_string()),
        proposal_title: Some(random.pick(TITLES).to_owned()),
        links: vec![Link {
            title: "Programme".to_owned(),
            url: format!("https://www.stsci.edu/jwst-program-info/program/?program={programme}"),
        }],
        ..Facts::default()
    }
}

/// From a few minutes to a night; one of a hundred takes days.
fn lasting(random: &mut Random) -> TimeDelta {
    let hours = match random.chance(0.01) {
        true => random.between(24.0, 240.0),
        false => (random.normal() * 0.8).exp().min(20.0),
    };
    TimeDelta::seconds(whole(hours * 3600.0))
}

/// Field of view and footprint: most upstreams publish neither.
fn extent(random: &mut Random, ra: f64, dec: f64) -> (Option<f64>, Option<String>) {
    match random.unit() {
        x if x < 0.60 => (None, None),
        x if x < 0.88 => (Some(rounded(random.between(0.02, 0.5), 3)), None),
        x if x < 0.98 => {
            let (half, wide) = (0.03, 0.03 / dec.to_radians().cos().max(0.01));
            let corner = |x: f64, y: f64| {
                let dec = (dec + y * half).clamp(-90.0, 90.0);
                format!("{:.6} {dec:.6}", (ra + x * wide).rem_euclid(360.0))
            };
            let corners = [
                corner(-1.0, -1.0),
                corner(1.0, -1.0),
                corner(1.0, 1.0),
                corner(-1.0, 1.0),
            ];
            (None, Some(format!("POLYGON ICRS {}", corners.join(" "))))
        }
        _ => (Some(rounded(random.between(2.0, 30.0), 1)), None),
    }
}

/// A plan line ahead of [`NOW`], or an archive's record behind it, in equal parts.
pub(crate) fn record(number: u64, sky: &Sky) -> Record {
    let seconds = i64::try_from(number.wrapping_mul(7919) % (20 * 86_400)).unwrap_or(0);
    let planned = number.is_multiple_of(2);
    let start = now()
        + TimeDelta::seconds(if planned {
            86_400 + seconds
        } else {
            -864_000 - seconds
        });
    let mut facts = facts(number, sky, start);
    let claim = if planned {
        Claim::Plan
    } else {
        facts.t_max_kind = Some(TMaxKind::LowerBound);
        facts.t_exptime = facts.t_plan_exptime.take();
        facts.n_exposures = Some(4);
        Claim::Happened(Basis::Archived)
    };
    let raw = format!(
        "{number:>10}  {}  {:?}  {:?}  {}",
        facts.facility_name,
        facts.target_name,
        facts.instrument_mode,
        start.to_rfc3339()
    );
    let mut record = Record::new(
        format!("{}:{number}", facts.obs_collection),
        claim,
        facts,
        raw,
    );
    record.on_track = planned;
    record
}

/// A stored activity of the last [`YEARS`]: the same for the same number.
pub(crate) fn stored(number: u64, sky: &Sky) -> Activity {
    let mut random = Random::new(number ^ 0x5353_5353);
    let age = random.between(0.0, 365.25 * 86_400.0) * 5.0;
    let start = now() - TimeDelta::seconds(whole(age));
    let mut facts = facts(number, sky, start);
    facts.t_max_kind = Some(TMaxKind::Exact);
    Activity {
        id: Uuid::from_u128((u128::from(number) << 64) | u128::from(random.bits())),
        source: "bench".to_owned(),
        obs_id: format!("{}:{number}", facts.obs_collection),
        attempt: 1,
        repeat_of: None,
        parallel_of: None,
        revision: 1,
        seq: i64::try_from(number).unwrap_or(0) + 1,
        status: Status::Performed,
        basis: Basis::Archived,
        demo: false,
        first_seen: start,
        last_changed: start,
        facts,
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[expect(clippy::cast_possible_truncation, reason = "a few years in seconds")]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}
