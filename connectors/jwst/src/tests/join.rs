use domain::{Basis, Claim, TMaxKind};
use upstream::mast::MastRow;
use upstream::units::utc_to_mjd;

use super::*;
use crate::join;

fn planned(obs_id: &str, instrument: &str, target: &str, ra: f64, dec: f64) -> MastRow {
    MastRow {
        obs_id: Some(obs_id.to_owned()),
        obs_collection: Some("JWST".to_owned()),
        instrument_name: Some(instrument.to_owned()),
        target_name: Some(target.to_owned()),
        s_ra: Some(ra),
        s_dec: Some(dec),
        calib_level: Some(-1),
        raw: format!("{{\"obs_id\":\"{obs_id}\"}}"),
        ..MastRow::default()
    }
}

fn performed(obs_id: &str, instrument: &str, start: &str, seconds: f64) -> MastRow {
    let start = utc_to_mjd(at(start));
    MastRow {
        t_min: Some(start),
        t_max: Some(start + seconds / 86_400.0),
        t_exptime: Some(seconds),
        calib_level: Some(2),
        intent_type: Some("science".to_owned()),
        ..planned(obs_id, instrument, "HAT-P-11", 297.71, 48.08)
    }
}

fn one_visit(rows: &[MastRow]) -> Harvest {
    let mode = "NIRISS Single-Object Slitless Spectroscopy";
    let mut harvest = read(&[prime("5924:1:1", "2025-08-04T06:00:00Z", mode, "HAT-P-11")]);
    join(&mut harvest, rows);
    harvest
}

#[test]
fn a_planned_row_of_the_visit_tells_where_who_and_what() {
    let harvest = one_visit(&[MastRow {
        filters: Some("CLEAR;GR700XD".to_owned()),
        em_min: Some(600.0),
        em_max: Some(2800.0),
        s_region: Some("POLYGON 297.65 48.07 297.71 48.08 297.71 48.06".to_owned()),
        proposal_pi: Some("Sing, David K.".to_owned()),
        obs_title: Some("JWSTs Exoplanet Grand Tour Spectroscopic Survey".to_owned()),
        ..planned(
            "jw05924001001_xx102_00001_niriss",
            "NIRISS/IMAGE",
            "HAT-P-11",
            297.70936375,
            48.0808611111,
        )
    }]);

    let [record] = records(&harvest)[..] else {
        panic!()
    };
    let facts = &record.facts;
    assert_eq!(record.claim, Claim::Plan);
    assert_eq!(
        (facts.s_ra, facts.s_dec),
        (Some(297.70936375), Some(48.0808611111))
    );
    assert_eq!((facts.em_min, facts.em_max), (Some(6e-7), Some(2.8e-6)));
    assert_eq!(facts.instruments[0].filters, ["CLEAR", "GR700XD"]);
    assert_eq!(facts.proposal_pi.as_deref(), Some("Sing, David K."));
    assert_eq!(
        facts.s_region.as_deref(),
        Some("POLYGON ICRS 297.65 48.07 297.71 48.08 297.71 48.06")
    );
    assert_eq!(facts.t_exptime, None);
    assert!(
        record
            .raw
            .ends_with("{\"obs_id\":\"jw05924001001_xx102_00001_niriss\"}")
    );
}

#[test]
fn the_visit_joins_and_not_the_name_of_the_target() {
    let harvest = one_visit(&[
        planned(
            "jw05924002001_xx102_00001_niriss",
            "NIRISS/IMAGE",
            "HAT-P-11",
            1.0,
            50.0,
        ),
        planned(
            "jw05924-o001_t001_niriss",
            "NIRISS/IMAGE",
            "HAT-P-11",
            2.0,
            50.0,
        ),
    ]);

    assert_eq!(records(&harvest)[0].facts.s_ra, None);
}

#[test]
fn the_position_is_that_of_the_target_and_not_of_the_acquisition_star() {
    let harvest = one_visit(&[
        planned(
            "jw05924001001_xx101_00001_niriss",
            "NIRISS/IMAGE",
            "TA-STAR",
            297.5,
            48.5,
        ),
        planned(
            "jw05924001001_xx102_00001_niriss",
            "NIRISS/IMAGE",
            "HAT_P_11",
            297.7,
            48.1,
        ),
    ]);

    assert_eq!(records(&harvest)[0].facts.s_ra, Some(297.7));
}

#[test]
fn footprints_that_differ_are_no_footprint_of_the_visit() {
    let region = |text: &str, row| MastRow {
        s_region: Some(text.to_owned()),
        ..row
    };
    let row = |id| planned(id, "NIRISS/IMAGE", "HAT-P-11", 297.7, 48.1);
    let harvest = one_visit(&[
        region(
            "CIRCLE ICRS 297.7 48.1 0.02",
            row("jw05924001001_xx101_00001_niriss"),
        ),
        region(
            "CIRCLE ICRS 297.8 48.1 0.02",
            row("jw05924001001_xx102_00001_niriss"),
        ),
    ]);

    let facts = &records(&harvest)[0].facts;
    assert_eq!((facts.s_ra, facts.s_region.as_deref()), (Some(297.7), None));
}

#[test]
fn moving_targets_and_placeholders_have_no_coordinates() {
    let moving = line([
        "5094:3:1",
        "MOVING",
        "PRIME TARGETED MOVING",
        "2025-08-04T06:00:00Z",
        "00/00:37:33",
        "NIRSpec IFU Spectroscopy",
        "3I_ATLAS",
        "Solar System",
        "Comet",
    ]);
    let mut harvest = read(&[
        moving,
        prime("1:1:1", "2025-08-04T08:00:00Z", "MIRI Imaging", "A"),
        prime("1:2:1", "2025-08-04T09:30:00Z", "MIRI Imaging", "B"),
    ]);
    let flagged = planned(
        "jw00001001001_xx101_00001_miri",
        "MIRI/IMAGE",
        "A",
        12.0,
        5.0,
    );
    join(
        &mut harvest,
        &[
            planned(
                "jw05094003001_xx101_00001_nirspec",
                "NIRSPEC/IFU",
                "3I_ATLAS",
                40.0,
                20.0,
            ),
            MastRow {
                mt_flag: Some(true),
                ..flagged
            },
            planned(
                "jw00001002001_xx101_00001_miri",
                "MIRI/IMAGE",
                "B",
                359.99974,
                0.00002,
            ),
        ],
    );

    assert!(harvest.readable().all(|record| record.facts.s_ra.is_none()));
}

#[test]
fn data_confirm_the_visit_and_distinct_exposures_are_counted() {
    let harvest = one_visit(&[
        performed(
            "jw05924001001_04101_00001_nis",
            "NIRISS/SOSS",
            "2025-08-04T06:40:00Z",
            600.0,
        ),
        performed(
            "jw05924001001_04101_00002_nis_b",
            "NIRISS/SOSS",
            "2025-08-04T06:52:00Z",
            300.0,
        ),
        performed(
            "jw05924001001_04101_00002_nis",
            "NIRISS/SOSS",
            "2025-08-04T06:52:00Z",
            300.0,
        ),
    ]);

    let [record] = records(&harvest)[..] else {
        panic!()
    };
    let facts = &record.facts;
    assert_eq!(record.claim, Claim::Happened(Basis::Archived));
    assert_eq!(record.first_science, Some(at("2025-08-04T06:40:00Z")));
    assert_eq!(facts.t_min, Some(at("2025-08-04T06:40:00Z")));
    assert_eq!(facts.t_max, Some(at("2025-08-04T06:57:00Z")));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::LowerBound));
    assert_eq!(facts.n_exposures, Some(2));
    assert_eq!(facts.t_exptime, Some(900.0));
    assert_eq!(facts.s_ra, Some(297.71));
    assert_eq!(facts.target_name.as_deref(), Some("HAT-P-11"));
    assert!(record.on_track);
}

#[test]
fn a_visit_performed_before_and_planned_again_is_two_records() {
    let harvest = one_visit(&[performed(
        "jw05924001001_04101_00001_nis",
        "NIRISS/SOSS",
        "2025-08-02T06:40:00Z",
        600.0,
    )]);

    let [before, again] = records(&harvest)[..] else {
        panic!()
    };
    assert_eq!(before.claim, Claim::Happened(Basis::Archived));
    assert_eq!(before.facts.t_min, Some(at("2025-08-02T06:40:00Z")));
    assert_eq!(before.facts.t_planning, None);
    assert_eq!(again.claim, Claim::Plan);
    assert_eq!(again.facts.t_min, Some(at("2025-08-04T06:00:00Z")));
}

#[test]
fn each_instrument_of_a_visit_has_its_own_filters() {
    let mut harvest = read(&[
        prime("7814:2:17", "2025-08-06T22:59:15Z", "MIRI Imaging", "UDS-2"),
        coordinated("NIRCam Imaging"),
    ]);
    let filters = |text: &str, row| MastRow {
        filters: Some(text.to_owned()),
        ..row
    };
    join(
        &mut harvest,
        &[
            filters(
                "F1280W",
                planned(
                    "jw07814002017_xx101_00001_miri",
                    "MIRI/IMAGE",
                    "UDS-2",
                    34.4,
                    -5.2,
                ),
            ),
            filters(
                "F200W;F356W",
                planned(
                    "jw07814002017_xx201_00001_nircam",
                    "NIRCAM/IMAGE",
                    "UDS-2",
                    34.3,
                    -5.1,
                ),
            ),
        ],
    );

    let facts = &records(&harvest)[0].facts;
    assert_eq!(facts.instruments[0].filters, ["F1280W"]);
    assert_eq!(facts.instruments[1].filters, ["F200W", "F356W"]);
    assert_eq!(facts.s_ra, Some(34.4));
}

#[test]
fn a_pure_parallel_points_where_its_own_data_say_and_nowhere_before() {
    let beside = |rows: &[MastRow]| {
        let mut harvest = read(&[
            prime(
                "2079:4:1",
                "2025-08-04T06:00:00Z",
                "NIRSpec IFU Spectroscopy",
                "M31",
            ),
            attached("3383:282:1", "PARALLEL PURE", "NIRISS Imaging"),
        ]);
        join(&mut harvest, rows);
        harvest.readable().last().unwrap().facts.s_ra
    };

    let id = "jw03383282001_xx101_00001_niriss";
    assert_eq!(
        beside(&[planned(id, "NIRISS/IMAGE", "PARALLEL", 10.6, 41.2)]),
        None
    );
    let id = "jw03383282001_02101_00001_nis";
    let data = performed(id, "NIRISS/IMAGE", "2025-08-04T06:40:00Z", 600.0);
    assert_eq!(beside(&[data]), Some(297.71));
}
