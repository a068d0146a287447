//! Activities of few words, so that filters of the same words find them.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use uuid::Uuid;

use super::now;
use crate::activity::{
    Activity, Basis, Category, Facts, Instrument, Intent, Role, Status, TrackingType,
};
use crate::sky::tests::{offset, outlines, positions};

pub(super) const SOURCES: &[&str] = &["jwst", "eso", "Swift"];
pub(super) const FACILITIES: &[&str] = &["JWST", "ESO-VLT-U1", "ESO-VLT-U2", "Swift", "HST"];
pub(super) const INSTRUMENTS: &[&str] = &["NIRCAM", "NIRCam Imaging", "MIRI", "UVES", "UVOT"];
pub(super) const PROGRAMMES: &[&str] = &[
    "4501",
    "04501",
    "45",
    "106.212B.001",
    "106.212B",
    "091.B-0088(B)",
    "091.B-0088",
];
pub(super) const COLLECTIONS: &[&str] = &["JWST", "ESO", "swift", "J.W"];
pub(super) const TARGETS: &[&str] = &[
    "M 31",
    "NGC 1365",
    "NGC 13",
    "NGC 136",
    "C/2024 E1 (Wierzchos)",
    "C/2024 E1 (Wierz",
    "SAX J1808.4-3658",
    "SAX J1808.4-36",
    "Sgr A*",
    "Sgr A",
    "3I/ATLAS",
    "Ångström Field 7",
    "日本の星",
];
pub(super) const NAMES: &[&str] = &["Pérez-González, P.", "O'Neil, Ann", "Gonzalez", "Li, N."];
pub(super) const CLASSES: &[&str] = &["Galaxy", "Star", "Gal"];
pub(super) const SITES: &[&str] = &["paranal", "La Silla"];
pub(super) const BANDS: &[&str] = &["Infrared", "Optical", "UV", "X-ray"];
pub(super) const KEYWORDS: &[&str] = &["Spiral galaxies", "spirals", "M 31 halo", "nircam"];

/// A visit to the Andromeda galaxy.
pub(super) fn plain() -> Activity {
    activity(Facts {
        obs_collection: "JWST".to_owned(),
        facility_name: "JWST".to_owned(),
        instrument_name: Some("NIRCAM".to_owned()),
        instrument_mode: Some("NIRCam Imaging".to_owned()),
        target_name: Some("M 31".to_owned()),
        keywords: vec!["Spiral galaxies".to_owned()],
        s_ra: Some(10.6847),
        s_dec: Some(41.2688),
        ..Facts::default()
    })
}

fn activity(facts: Facts) -> Activity {
    Activity {
        id: Uuid::nil(),
        source: "jwst".to_owned(),
        obs_id: "1".to_owned(),
        attempt: 1,
        repeat_of: None,
        parallel_of: None,
        revision: 1,
        seq: 1,
        status: Status::InProgress,
        basis: Basis::Scheduled,
        demo: false,
        first_seen: now(),
        last_changed: now(),
        facts,
    }
}

/// One that lies at one of these places, or somewhere.
pub(super) fn any(places: Vec<(f64, f64)>) -> impl Strategy<Value = Activity> {
    let standing = (select(SOURCES), select(Status::ALL), select(Basis::ALL));
    (standing, who(), what(), sky(places), when()).prop_map(
        |((source, status, basis), who, what, sky, when)| {
            let facts = Facts {
                target_name: what.target_name,
                target_class: what.target_class,
                truncated: what.truncated,
                keywords: what.keywords,
                proposal_id: what.proposal_id,
                proposal_pi: what.proposal_pi,
                s_ra: sky.s_ra,
                s_dec: sky.s_dec,
                s_fov: sky.s_fov,
                s_region: sky.s_region,
                t_min: when.t_min,
                t_max: when.t_max,
                t_exptime: when.t_exptime,
                t_plan_exptime: when.t_plan_exptime,
                ..who
            };
            Activity {
                source: source.to_owned(),
                status,
                basis,
                ..activity(facts)
            }
        },
    )
}

fn text(of: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    option::weighted(0.8, select(of).prop_map(str::to_owned))
}

fn texts(of: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    let some = subsequence(of, 0..=most.min(of.len()));
    some.prop_map(|some| some.into_iter().map(str::to_owned).collect())
}

fn who() -> impl Strategy<Value = Facts> {
    let words = (
        option::of(select(Intent::ALL)),
        select(Role::ALL),
        option::of(select(TrackingType::ALL)),
        option::of(select(Category::ALL)),
        text(SITES),
        texts(BANDS, 2),
    );
    let names = (
        select(COLLECTIONS),
        select(FACILITIES),
        texts(FACILITIES, 2),
        text(INSTRUMENTS),
        text(INSTRUMENTS),
        texts(INSTRUMENTS, 2),
    );
    (words, names).prop_map(|(words, names)| {
        let (intent, role, tracking_type, category, site, band) = words;
        let (collection, facility, telescopes, instrument_name, instrument_mode, others) = names;
        let instruments = others.into_iter().map(|name| Instrument {
            name,
            ..Instrument::default()
        });
        Facts {
            intent,
            role,
            tracking_type,
            category,
            site,
            band,
            obs_collection: collection.to_owned(),
            facility_name: facility.to_owned(),
            telescopes,
            instrument_name,
            instrument_mode,
            instruments: instruments.collect(),
            ..Facts::default()
        }
    })
}

fn what() -> impl Strategy<Value = Facts> {
    let all = (
        text(TARGETS),
        option::of(3..18_usize),
        text(CLASSES),
        texts(KEYWORDS, 2),
        text(PROGRAMMES),
        text(NAMES),
    );
    all.prop_map(
        |(target, cut, target_class, keywords, proposal_id, proposal_pi)| Facts {
            target_name: target.map(|name| name.chars().take(cut.unwrap_or(99)).collect()),
            truncated: cut.map(|_| "target_name".to_owned()).into_iter().collect(),
            target_class,
            keywords,
            proposal_id,
            proposal_pi,
            ..Facts::default()
        },
    )
}

/// At a place, with a field or a footprint or neither; or nowhere.
fn sky(places: Vec<(f64, f64)>) -> impl Strategy<Value = Facts> {
    let places = match places.as_slice() {
        [] => positions().boxed(),
        _ => prop_oneof![3 => select(places), 1 => positions()].boxed(),
    };
    let size = prop_oneof![Just(0.0), 0.0..0.3, 0.0..20.0, Just(180.0), Just(360.0)];
    let footprint = prop_oneof![
        4 => Just(String::new()),
        1 => outlines(20.0).prop_map(|outline| corners(&outline)),
        1 => (outlines(2.0), outlines(30.0))
            .prop_map(|(one, other)| format!("{} {}", corners(&one), corners(&other))),
    ];
    (
        option::weighted(0.95, places),
        option::weighted(0.4, size),
        footprint,
    )
        .prop_map(|(place, fov, footprint)| Facts {
            s_ra: place.map(|(ra, _)| if ra < 360.0 { ra } else { 0.0 }),
            s_dec: place.map(|(_, dec)| dec),
            s_fov: fov,
            s_region: Some(footprint).filter(|text| !text.is_empty()),
            ..Facts::default()
        })
}

fn corners(outline: &[(f64, f64)]) -> String {
    let numbers = outline.iter().map(|(ra, dec)| format!(" {ra} {dec}"));
    std::iter::once("POLYGON ICRS".to_owned())
        .chain(numbers)
        .collect()
}

fn when() -> impl Strategy<Value = Facts> {
    let seconds = || prop_oneof![Just(0.0), Just(300.0), 0.0..2000.0];
    let all = (
        option::weighted(0.8, -7200..7200_i64),
        option::weighted(0.7, 0..7200_i64),
        option::of(seconds()),
        option::of(seconds()),
    );
    all.prop_map(|(start, length, t_exptime, t_plan_exptime)| Facts {
        t_min: start.map(later),
        t_max: start
            .zip(length)
            .map(|(start, length)| later(start + length)),
        t_exptime,
        t_plan_exptime,
        ..Facts::default()
    })
}

fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// Places where regions end: on their corners, and about on their edges.
pub(super) fn edges(corners: &[(f64, f64)], reach: f64) -> Vec<(f64, f64)> {
    let around = |corner: &(f64, f64)| {
        let corner = *corner;
        let turns = (0..8).map(f64::from);
        turns.map(move |turn| offset(corner, turn * 45.0, reach * (0.9999 + turn * 2.5e-5)))
    };
    corners
        .iter()
        .flat_map(around)
        .chain(corners.iter().copied())
        .collect()
}
