//! Activities and filters drawn at random, full of what is easily got wrong.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ephemeris::Site;
use domain::filter::Home;
use domain::{
    Activity, Basis, Category, Claim, Facts, Instrument, Intent, Record, Role, TrackingType,
};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use uuid::Uuid;

use crate::harness::hub::NOW;
use crate::harness::records::at;

const TARGETS: &[&str] = &[
    "M-31",
    "M31",
    "Messier 31",
    "NGC 0224",
    "NGC224",
    "NGC 3627",
    "Sgr A*",
    "SGR A",
    "SGRA",
    "C/2024 E1 (Wierzchos)",
    "C2024E1",
    "C2024E1-sky",
    "3I/ATLAS",
    "3I_ATLAS",
    "1P/Halley",
    "Ångström",
    "ANGSTROM",
    "ángstrom 7",
    "2MASS J05352184-0546085",
    "HD-209458",
    "η Car",
    "Eta Carinae",
    "WASP-39",
    "WASP-039",
    "PARALLEL-FIELD",
];
const LONG: &str = "SDSS-J143359.99-000000.0-FIELD-NO-7";
const PIS: &[&str] = &[
    "GENZEL",
    "Genzel, Reinhard",
    "de la Cruz",
    "O'Dell",
    "Müller-Lüdenscheidt",
];
const PROPOSALS: &[&str] = &[
    "4501",
    "04501",
    "091.B-0088(B)",
    "091.B-0088(C)",
    "106.212B.001",
    "106.212B",
    "60.A-9102(A)",
];
const WORDS: &[&str] = &[
    "Spiral galaxies",
    "Ultracool dwarfs",
    "Deep field",
    "H II regions",
];
const FACILITIES: &[&str] = &[
    "JWST",
    "HST",
    "ESO-VLT-U1",
    "ESO-VLT-U4",
    "ESO-VLTI",
    "Swift",
];
const CLASSES: &[&str] = &["Galaxy", "galaxy", "Solar System", "Clusters of Galaxies"];
const MODES: &[&str] = &["NIRCam Imaging", "MIRI Imaging", "IFU", "Äcquisition"];

/// Nearly everywhere, but more often where it is difficult.
fn place(rng: &mut StdRng) -> (f64, f64) {
    let ra = match rng.random_range(0..4) {
        0 => [0.0, 359.999_999, 0.000_001, 180.0][rng.random_range(0..4)],
        1 => (359.0 + rng.random::<f64>() * 2.0) % 360.0,
        _ => rng.random::<f64>() * 360.0,
    };
    let dec = match rng.random_range(0..4) {
        0 => [90.0, -90.0, 0.0, 89.999][rng.random_range(0..4)],
        1 => (89.0 + rng.random::<f64>()) * if rng.random() { 1.0 } else { -1.0 },
        _ => rng.random::<f64>() * 180.0 - 90.0,
    };
    (ra, dec)
}

fn start(rng: &mut StdRng) -> DateTime<Utc> {
    let spread = if rng.random_range(0..5) == 0 {
        2_000_000
    } else {
        40_000
    };
    at(NOW) + TimeDelta::minutes(rng.random_range(-spread..20_000))
}

fn maybe<T: Clone>(rng: &mut StdRng, from: &[T]) -> Option<T> {
    (rng.random_range(0..4) > 0).then(|| from.choose(rng).unwrap().clone())
}

pub(super) fn record(rng: &mut StdRng, number: usize) -> Record {
    let facility = (*FACILITIES.choose(rng).unwrap()).to_owned();
    let ground = facility.starts_with("ESO");
    let mut facts = Facts {
        obs_collection: if ground { "ESO" } else { "JWST" }.to_owned(),
        site: ground.then(|| "paranal".to_owned()),
        telescopes: match facility.as_str() {
            "ESO-VLTI" => vec!["ESO-VLT-U1".to_owned(), "ESO-VLT-U4".to_owned()],
            _ => Vec::new(),
        },
        facility_name: facility,
        intent: maybe(rng, Intent::ALL),
        role: *Role::ALL.choose(rng).unwrap(),
        tracking_type: maybe(rng, TrackingType::ALL),
        category: maybe(rng, Category::ALL),
        target_class: maybe(rng, CLASSES).map(str::to_owned),
        keywords: maybe(rng, WORDS).into_iter().map(str::to_owned).collect(),
        band: maybe(rng, &["Infrared", "X-ray", "Optical"])
            .into_iter()
            .map(str::to_owned)
            .collect(),
        target_name: maybe(rng, TARGETS).map(str::to_owned),
        proposal_id: maybe(rng, PROPOSALS).map(str::to_owned),
        proposal_pi: maybe(rng, PIS).map(str::to_owned),
        proposal_title: maybe(rng, WORDS).map(|words| format!("On {words}, naïvely")),
        t_exptime: maybe(rng, &[0.0, 60.0, 3600.5]),
        t_plan_exptime: maybe(rng, &[10.0, 600.0]),
        ..Facts::default()
    };
    if rng.random_range(0..8) == 0 {
        let cut: String = LONG.chars().take(rng.random_range(3..=31)).collect();
        facts.target_name = Some(cut);
        facts.truncated = vec!["target_name".to_owned()];
    }
    for _ in 0..rng.random_range(0..3) {
        facts.instruments.push(Instrument {
            name: (*["NIRCAM", "MIRI", "XSHOOTER"].choose(rng).unwrap()).to_owned(),
            mode: maybe(rng, MODES).map(str::to_owned),
            filters: Vec::new(),
        });
    }
    facts.instrument_name = facts.instruments.first().map(|one| one.name.clone());
    if rng.random_range(0..6) > 0 {
        let (ra, dec) = place(rng);
        (facts.s_ra, facts.s_dec) = (Some(ra), Some(dec));
        facts.s_fov = maybe(rng, &[0.01, 0.5, 3.0, 40.0, 360.0]);
        if rng.random_range(0..6) == 0 {
            facts.s_region = Some(format!(
                "CIRCLE ICRS {ra} {dec} {}",
                rng.random::<f64>() * 5.0
            ));
        } else if rng.random_range(0..6) == 0 && dec.abs() < 80.0 {
            let (east, west) = ((ra + 1.0) % 360.0, (ra + 359.0) % 360.0);
            facts.s_region = Some(format!(
                "POLYGON ICRS {west} {} {east} {} {ra} {}",
                dec - 1.0,
                dec - 1.0,
                dec + 1.0
            ));
        }
    }
    if rng.random_range(0..10) > 0 {
        let begin = start(rng);
        facts.t_min = Some(begin);
        let lasting = [0, 1, 60, 3000, 60_000, 600_000];
        facts.t_max = maybe(rng, &lasting).map(|minutes| begin + TimeDelta::minutes(minutes));
    }
    let claim = match rng.random_range(0..3) {
        0 => Claim::Happened(Basis::Archived),
        1 => Claim::Happened(Basis::Reported),
        _ => Claim::Plan,
    };
    Record::new(format!("{number}"), claim, facts, "raw")
}

/// One to four keys, most of them of values that occur.
pub(super) fn filter(rng: &mut StdRng, all: &[Activity]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for _ in 0..rng.random_range(1..=3) {
        let key = *KEYS.choose(rng).unwrap();
        for _ in 0..rng.random_range(1..=2) {
            if let Some(value) = value(rng, key, all) {
                pairs.push((key.to_owned(), value));
            }
        }
    }
    if rng.random_range(0..4) == 0 {
        pairs.extend(visibility(rng, all));
    }
    pairs
}

/// An own site of whoever asks.
const HOME: Uuid = Uuid::from_u128(1);

pub(super) fn homes() -> HashMap<Uuid, Home> {
    let site = Site {
        latitude_deg: 48.137,
        longitude_deg: 11.575,
        height_m: 520.0,
    };
    HashMap::from([(
        HOME,
        Home {
            site,
            horizon_deg: 25.0,
        },
    )])
}

/// From one place to three, from pole to pole, and more often from where it is difficult.
pub(super) fn visibility(rng: &mut StdRng, all: &[Activity]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut say = |key: &str, value: String| pairs.push((key.to_owned(), value));
    for _ in 0..rng.random_range(1..=3) {
        let near = all.choose(rng).unwrap().facts.s_dec.unwrap_or(0.0);
        let place = match rng.random_range(0..5) {
            0 => HOME.to_string(),
            1 => format!("{} 0 0", ["90", "-90", "0", "66.6"].choose(rng).unwrap()),
            2 => format!("{near} {} 2000", rng.random_range(-180..=360)),
            _ => format!(
                "{} {} 100",
                rng.random::<f64>() * 180.0 - 90.0,
                rng.random::<f64>() * 360.0
            ),
        };
        say("visible_from", place);
    }
    if rng.random() {
        let altitudes = ["-90", "-5", "0", "20", "45", "60", "85", "90"];
        say("min_alt", (*altitudes.choose(rng).unwrap()).to_owned());
    }
    if rng.random() {
        let altitudes = ["0", "-6", "-12", "-18", "-30", "-60", "90"];
        say("sun_below", (*altitudes.choose(rng).unwrap()).to_owned());
    }
    for when in ["activity", "next24h"] {
        if rng.random_range(0..3) == 0 {
            say("visible_when", when.to_owned());
        }
    }
    pairs
}

const KEYS: &[&str] = &[
    "pos",
    "pos",
    "pos",
    "target",
    "target",
    "text",
    "pi",
    "proposal",
    "facility",
    "instrument",
    "source",
    "status",
    "basis",
    "intent",
    "role",
    "tracking",
    "category",
    "target_class",
    "band",
    "site",
    "class",
    "from",
    "to",
    "at",
    "min_exptime",
];

fn value(rng: &mut StdRng, key: &str, all: &[Activity]) -> Option<String> {
    let activity = all.choose(rng).unwrap();
    let facts = &activity.facts;
    let value = match key {
        "pos" => region(rng, activity),
        "target" => {
            let name = match rng.random_range(0..4) {
                0 => LONG.to_owned(),
                1 => (*TARGETS.choose(rng).unwrap()).to_owned(),
                _ => facts.target_name.clone()?,
            };
            let name = disguised(rng, &name);
            starred(rng, &name)
        }
        "text" => {
            let word = [
                "galaxies", "deep", "nircam", "m31", "genzel", "naïvely", "FIELD", "h",
            ];
            let word = *word.choose(rng).unwrap();
            starred(rng, word)
        }
        "pi" => {
            let name = facts.proposal_pi.clone()?;
            let name = disguised(rng, &name);
            starred(rng, &name)
        }
        "proposal" => {
            let id = [
                "4501",
                "JWST/4501",
                "ESO/091.B-0088",
                "091.B-0088",
                "091*",
                "106.212B",
                "60.A*",
            ];
            (*id.choose(rng).unwrap()).to_owned()
        }
        "facility" => starred(rng, &facts.facility_name),
        "instrument" => {
            let mode = facts.instruments.first().and_then(|one| one.mode.clone());
            starred(rng, &mode.or(facts.instrument_name.clone())?)
        }
        "source" => activity.source.clone(),
        "status" => activity.status.to_string(),
        "basis" => activity.basis.to_string(),
        "intent" => facts
            .intent
            .map_or("null".to_owned(), |intent| intent.to_string()),
        "role" => facts.role.to_string(),
        "tracking" => facts.tracking_type?.to_string().to_uppercase(),
        "category" => facts.category?.to_string(),
        "target_class" => facts.target_class.clone()?.to_uppercase(),
        "band" => facts.band.first()?.to_lowercase(),
        "site" => "Paranal".to_owned(),
        "class" => (*["ground", "space"].choose(rng).unwrap()).to_owned(),
        "from" | "to" | "at" => match rng.random_range(0..3) {
            0 => format!("now-{}h", rng.random_range(0..2000)),
            1 => facts.t_min?.to_rfc3339(),
            _ => facts.t_max.or(facts.t_min)?.to_rfc3339(),
        },
        "min_exptime" => ["0", "60", "600", "3600.5"]
            .choose(rng)
            .map(|s| (*s).to_owned())?,
        other => panic!("{other}"),
    };
    Some(value)
}

/// Prefixes of a name, as a person types them.
fn starred(rng: &mut StdRng, name: &str) -> String {
    if rng.random_range(0..3) > 0 {
        return name.replace('*', "\\*");
    }
    let letters = name.chars().count().max(1);
    let kept: String = name
        .chars()
        .filter(|c| *c != '*')
        .take(rng.random_range(1..=letters))
        .collect();
    let kept = kept.trim();
    if kept.chars().any(char::is_alphanumeric) {
        format!("{kept}*")
    } else {
        "m*".to_owned()
    }
}

/// The same name in another spelling.
fn disguised(rng: &mut StdRng, name: &str) -> String {
    match rng.random_range(0..4) {
        0 => name.to_uppercase(),
        1 => name.to_lowercase(),
        2 => name.replace('-', " "),
        _ => name.to_owned(),
    }
}

fn region(rng: &mut StdRng, activity: &Activity) -> String {
    let (ra, dec) = match (activity.facts.s_ra, activity.facts.s_dec) {
        (Some(ra), Some(dec)) if rng.random_range(0..3) > 0 => (ra, dec),
        _ => place(rng),
    };
    match rng.random_range(0..6) {
        0 => {
            let (low, high) = ((dec - 5.0).max(-90.0), (dec + 5.0).min(90.0));
            let (west, east) = ((ra + 350.0) % 360.0, (ra + 10.0) % 360.0);
            format!("RANGE {west} {east} {low} {high}")
        }
        1 => format!("RANGE 0 360 {} +Inf", dec.min(89.0)),
        2 if dec.abs() < 70.0 => {
            let (west, east) = ((ra + 355.0) % 360.0, (ra + 5.0) % 360.0);
            format!(
                "POLYGON {west} {} {east} {} {ra} {}",
                dec - 5.0,
                dec - 5.0,
                dec + 5.0
            )
        }
        _ => {
            let radius = [0.001, 0.1, 1.0, 10.0, 60.0, 120.0, 180.0];
            format!("CIRCLE {ra} {dec} {}", radius.choose(rng).unwrap())
        }
    }
}
