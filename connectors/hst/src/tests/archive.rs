use domain::{Basis, Claim, Intent, Role, TMaxKind, TrackingType};

use super::*;
use crate::archive::Archive;
use crate::timeline::Timeline;
use crate::{join, visit};

/// The plan of one week, filled from these archive rows.
fn joined(rows: &[Row], archived: &[Value]) -> Vec<Record> {
    let timeline = Timeline::read(week(rows).as_bytes()).unwrap();
    let mut archive = Archive::default();
    archive.take(upstream::mast::read(&mast(archived)).unwrap());
    assert!(archive.unreadable.is_empty(), "{:?}", archive.unreadable);
    join::fill(visit::plans(&timeline), &archive)
}

/// A row without data yet.
fn planned(obs_id: &str, changes: Value) -> Value {
    let mut row = dataset(
        obs_id,
        json!({"calib_level": -1, "t_min": null, "t_max": null}),
    );
    for (key, value) in changes.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

#[test]
fn the_datasets_of_a_visit_are_one_activity_that_happened() {
    let harvest = read(mast(&[
        dataset(
            "ifjw07abq",
            json!({"t_min": 60884.06, "t_max": 60884.07, "filters": "F160W", "t_exptime": 10.0}),
        ),
        dataset("ifjw07aaq", json!({"s_region": "POLYGON GSC1 1 2 3 4 5 6"})),
    ]));

    let record = only(&harvest);
    let facts = &record.facts;
    assert_eq!(record.obs_id, "17918:07");
    assert_eq!(record.claim, Claim::Happened(Basis::Archived));
    assert_eq!(facts.t_min, Some(utc(2025, 7, 28, 1, 12, 0)));
    assert_eq!(facts.t_max, Some(utc(2025, 7, 28, 1, 40, 48)));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::LowerBound));
    assert_eq!(record.first_science, facts.t_min);
    assert_eq!((facts.s_ra, facts.s_dec), (Some(36.8125), Some(61.6244)));
    assert_eq!(facts.s_region.as_deref(), Some("POLYGON ICRS 1 2 3 4 5 6"));
    assert_eq!(facts.t_exptime, Some(54.11));
    assert_eq!(facts.n_exposures, Some(2));
    assert_eq!((facts.em_min, facts.em_max), (Some(9e-7), Some(1.4e-6)));
    assert_eq!(facts.tracking_type, Some(TrackingType::Sidereal));
    assert_eq!(facts.instruments[0].filters, ["F110W", "F160W"]);
    assert_eq!(facts.band, ["Infrared"]);
    assert_eq!(facts.intent, Some(Intent::Science));
}

#[test]
fn other_collections_and_products_are_left_out() {
    let harvest = read(mast(&[
        dataset("ifjw07aaq", json!({})),
        dataset("hst_17918_07_wfc3_ir_f110w", json!({"project": "HAP"})),
        dataset("hst_17918_07_wfc3", json!({"obs_collection": "HLA"})),
        dataset("ifjw07abq", json!({"calib_level": null})),
    ]));

    assert_eq!(only(&harvest).facts.n_exposures, Some(1));
    assert_eq!(harvest.read, 4);
    assert_eq!(harvest.skipped.values().sum::<usize>(), 3);
}

#[test]
fn an_association_leaves_the_number_of_exposures_unknown() {
    let harvest = read(mast(&[dataset("ifjw07010", json!({}))]));

    assert_eq!(only(&harvest).facts.n_exposures, None);
}

#[test]
fn rows_that_cannot_be_are_kept_aside() {
    for (changes, reason) in [
        (json!({"proposal_id": null}), "proposal_id: "),
        (json!({"proposal_id": "GO-1"}), "proposal_id: "),
        (json!({"obs_id": null}), "obs_id: "),
        (json!({"obs_id": "jw05924001001"}), "obs_id: "),
        (json!({"t_min": 12.0}), "t_min: "),
        (json!({"t_max": 60884.0}), "t_max: "),
        (json!({"t_min": null}), "t_min: "),
        (json!({"target_name": "M31\u{0}"}), "target_name: "),
    ] {
        let sound = dataset("ifjw08aaq", json!({}));

        let harvest = read(mast(&[dataset("ifjw07aaq", changes), sound]));

        let aside = harvest.unreadable().next().unwrap();
        assert!(aside.reason.starts_with(reason), "{aside}");
        assert_eq!(by_id(&harvest, "17918:08").facts.n_exposures, Some(1));
    }
}

#[test]
fn a_confirmed_visit_keeps_what_only_the_plan_tells() {
    let records = joined(
        &[ROW],
        &[dataset("ifjw07aaq", json!({"proposal_pi": "Loriga"}))],
    );

    let [record] = records.as_slice() else {
        panic!("{records:#?}")
    };
    let facts = &record.facts;
    assert_eq!(record.claim, Claim::Happened(Basis::Archived));
    assert_eq!(facts.t_min, Some(utc(2025, 7, 28, 1, 12, 0)));
    assert_eq!(facts.t_planning, Some(utc(2025, 7, 29, 22, 51, 44)));
    assert_eq!(facts.t_plan_exptime, Some(44.11));
    assert_eq!(facts.t_exptime, Some(44.11));
    assert_eq!(facts.instrument_mode.as_deref(), Some("MULTIACCUM"));
    assert_eq!(facts.instruments.len(), 1);
    assert_eq!(facts.s_ra, Some(36.8125));
    assert_eq!(facts.proposal_pi.as_deref(), Some("Loriga"));
    assert!(record.raw.contains("2025.209") && record.raw.contains("ifjw07aaq"));
    assert!(record.on_track);
}

#[test]
fn data_of_an_earlier_start_do_not_confirm_a_later_one() {
    let earlier = dataset("ifjw07aaq", json!({"t_min": 60800.0, "t_max": 60800.01}));

    let records = joined(&[ROW], &[earlier]);

    let claims: Vec<Claim> = records.iter().map(|record| record.claim).collect();
    assert_eq!(claims, [Claim::Plan, Claim::Happened(Basis::Archived)]);
}

#[test]
fn coordinates_come_from_the_same_visit() {
    let records = joined(
        &[ROW],
        &[
            planned("ifjw08010", json!({"s_ra": 1.0, "s_dec": 2.0})),
            planned("ifjw07010", json!({})),
        ],
    );

    assert_eq!(records[0].claim, Claim::Plan);
    assert_eq!(
        (records[0].facts.s_ra, records[0].facts.s_dec),
        (Some(36.8125), Some(61.6244))
    );
    assert_eq!(records[0].facts.tracking_type, Some(TrackingType::Sidereal));
}

#[test]
fn the_same_target_of_another_programme_gives_no_coordinates() {
    let other = planned("other", json!({"proposal_id": "17919"}));

    assert_eq!(joined(&[ROW], &[other])[0].facts.s_ra, None);
}

#[test]
fn without_a_visit_programme_target_and_instrument_must_agree() {
    let gives = |rows: &[Value]| joined(&[ROW], rows)[0].facts.s_ra;
    let row = |changes| planned("FSR2007-0584 WFC3", changes);

    assert_eq!(gives(&[row(json!({}))]), Some(36.8125));
    assert_eq!(gives(&[row(json!({"instrument_name": "ACS/WFC"}))]), None);
    assert_eq!(gives(&[row(json!({"target_name": "FSR2007-0585"}))]), None);
    assert_eq!(gives(&[row(json!({})), row(json!({"s_dec": 62.0}))]), None);
}

#[test]
fn a_name_cut_by_the_format_is_completed_by_the_archive() {
    let row = Row {
        target: "COMET-67P-CHURYUMOV-GER-UPDATE",
        ..ROW
    };
    let title = format!("{} galactic clusters", TITLE.2);
    let archived = planned(
        "ifjw07010",
        json!({"target_name": "COMET-67P-CHURYUMOV-GER-UPDATE-2", "mtFlag": true, "obs_title": title}),
    );

    let records = joined(&[row], &[archived]);

    let facts = &records[0].facts;
    assert_eq!(
        facts.target_name.as_deref(),
        Some("COMET-67P-CHURYUMOV-GER-UPDATE-2")
    );
    assert_eq!(facts.proposal_title.as_deref(), Some(title.as_str()));
    assert!(facts.truncated.is_empty(), "{:?}", facts.truncated);
    assert_eq!(facts.tracking_type, Some(TrackingType::SolarSystem));
    assert_eq!(facts.s_ra, None);
}

#[test]
fn a_lamp_never_has_coordinates() {
    let lamp = Row {
        target: "DARK",
        ..ROW
    };
    for archived in [
        planned("ifjw07010", json!({})),
        dataset("ifjw07aaq", json!({"target_name": "DARK"})),
    ] {
        let records = joined(std::slice::from_ref(&lamp), &[archived]);

        assert_eq!(records[0].facts.s_ra, None);
        assert_eq!(records[0].facts.intent, Some(Intent::Calibration));
        assert!(!records[0].on_track);
    }
}

#[test]
fn a_standard_star_is_a_calibration_on_the_track() {
    let records = joined(
        &[ROW],
        &[dataset("ifjw07aaq", json!({"intentType": "calibration"}))],
    );

    assert_eq!(records[0].facts.intent, Some(Intent::Calibration));
    assert_eq!(records[0].facts.s_ra, Some(36.8125));
    assert!(records[0].on_track);
}

#[test]
fn a_parallel_of_the_archive_has_its_own_pointing() {
    let harvest = read(mast(&[dataset(
        "ifjw07aaq",
        json!({"target_name": "PARALLEL-FIELD"}),
    )]));

    let record = only(&harvest);
    assert_eq!(record.facts.role, Role::PureParallel);
    assert_eq!(record.facts.s_ra, Some(36.8125));
    assert!(!record.on_track);
}

#[test]
fn a_planned_row_of_a_saved_answer_only_describes() {
    let harvest = read(mast(&[planned("ifjw07010", json!({}))]));

    assert_eq!(only(&harvest).claim, Claim::Described);
    assert_eq!(only(&harvest).facts.t_min, None);
}

#[test]
fn the_full_name_of_the_investigator_comes_from_the_archive() {
    let row = Row {
        unit: "0888001",
        pi: "Osten",
        ..ROW
    };
    let archived = planned(
        "o6au01010",
        json!({"proposal_id": "8880", "proposal_pi": "Osten, Rachel A."}),
    );

    let records = joined(&[row], &[archived]);

    assert_eq!(
        records[0].facts.proposal_pi.as_deref(),
        Some("Osten, Rachel A.")
    );
}

#[test]
fn a_programme_of_parallels_is_known_by_its_category() {
    let records = joined(
        &[ROW],
        &[planned("ifjw07010", json!({"proposal_type": "GO/PAR"}))],
    );

    assert_eq!(records[0].facts.role, Role::PureParallel);
    assert!(!records[0].on_track);
}
