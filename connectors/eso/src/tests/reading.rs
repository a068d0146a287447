//! Saved answers.

use domain::{Basis, Claim, Intent, TMaxKind, TrackingType};

use super::{at, csv, exposure, field, one, read, read_text, with};
use crate::query::COLUMNS;

#[test]
fn the_exposures_of_a_block_are_one_activity() {
    let record = one(&[
        exposure("2013-08-27T01:05:24.3279"),
        exposure("2013-08-27T01:18:45.0684"),
    ]);

    assert_eq!(record.obs_id, "ESO-VLT-U4:200282039:2013-08-26");
    assert_eq!(record.claim, Claim::Happened(Basis::Archived));
    assert!(record.on_track);
    let facts = &record.facts;
    assert_eq!(facts.group_id.as_deref(), Some(record.obs_id.as_str()));
    assert_eq!(facts.obs_collection, "ESO");
    assert_eq!(facts.facility_name, "ESO-VLT-U4");
    assert_eq!(facts.site.as_deref(), Some("paranal"));
    assert_eq!(facts.intent, Some(Intent::Science));
    assert_eq!(facts.instrument_name.as_deref(), Some("SINFONI"));
    assert_eq!(facts.instrument_mode.as_deref(), Some("IR_SPECTROSCOPY"));
    assert_eq!(facts.instruments[0].filters, ["H+K"]);
    assert_eq!(facts.band, ["Infrared"]);
    assert_eq!(facts.target_name.as_deref(), Some("SGR A"));
    assert_eq!(facts.tracking_type, Some(TrackingType::Sidereal));
    assert_eq!(facts.t_min, Some(at("2013-08-27T01:05:24.3279Z")));
    assert_eq!(facts.t_max, Some(at("2013-08-27T01:23:45.0684Z")));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::LowerBound));
    assert_eq!(facts.t_uncertainty, None);
    assert_eq!(facts.t_exptime, Some(600.0));
    assert_eq!(facts.n_exposures, Some(2));
    assert_eq!(facts.proposal_pi.as_deref(), Some("GILLESSEN"));
    assert_eq!(facts.t_planning, Some(at("2013-08-27T04:02:35.663Z")));
    assert_eq!(facts.obs_release_date, Some(at("2014-08-27T04:03:31.840Z")));
}

#[test]
fn a_block_carried_out_in_another_night_or_on_another_telescope_is_another_activity() {
    let harvest = read(&[
        exposure("2013-08-27T01:05:24"),
        exposure("2013-08-27T17:05:24"),
        with(
            exposure("2013-08-27T01:06:00"),
            &[("telescope", "ESO-VLT-U3")],
        ),
    ]);

    let ids: Vec<&str> = harvest
        .readable()
        .map(|record| record.obs_id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "ESO-VLT-U4:200282039:2013-08-26",
            "ESO-VLT-U3:200282039:2013-08-26",
            "ESO-VLT-U4:200282039:2013-08-27",
        ]
    );
}

#[test]
fn the_fraction_that_exp_start_misprints_is_taken_from_date_obs() {
    let record = one(&[with(
        exposure("2013-08-27T01:18:45.0684"),
        &[("exp_start", "2013-08-27T01:18:45.683Z")],
    )]);

    assert_eq!(record.facts.t_min, Some(at("2013-08-27T01:18:45.0684Z")));
}

#[test]
fn without_date_obs_the_start_is_known_to_a_second() {
    let record = one(&[with(
        exposure("2013-08-27T01:18:45.683"),
        &[("date_obs", "")],
    )]);

    assert_eq!(record.facts.t_min, Some(at("2013-08-27T01:18:45.683Z")));
    assert_eq!(record.facts.t_uncertainty, Some(1.0));
}

#[test]
fn a_sky_offset_counts_but_gives_no_position() {
    let sky = with(
        exposure("2013-08-27T01:05:24"),
        &[
            ("dp_type", "SKY"),
            ("ra", "266.19052388"),
            ("dec", "-28.89525"),
        ],
    );

    let before = one(std::slice::from_ref(&sky));
    let after = one(&[sky, exposure("2013-08-27T01:18:45")]);

    assert_eq!((before.facts.s_ra, before.facts.s_dec), (None, None));
    assert_eq!(after.facts.s_ra, Some(266.41480694));
    assert_eq!(after.facts.s_dec, Some(-29.00877));
    assert_eq!(after.facts.n_exposures, Some(2));
    assert_eq!(after.first_science, Some(at("2013-08-27T01:05:24Z")));
}

#[test]
fn sentinel_coordinates_are_no_position() {
    let sentinel = [("ra", "-596.52323555"), ("dec", "-596.52323555")];
    let first = with(exposure("2013-08-27T01:05:24"), &sentinel);

    let alone = one(std::slice::from_ref(&first));
    let followed = one(&[first, exposure("2013-08-27T01:18:45")]);
    let edge = one(&[with(exposure("2013-08-27T01:05:24"), &[("ra", "360.0")])]);

    assert_eq!(alone.facts.s_ra, None);
    assert_eq!(followed.facts.s_ra, Some(266.41480694));
    assert_eq!((edge.facts.s_ra, edge.facts.s_dec), (None, None));
}

#[test]
fn an_acquisition_belongs_to_its_block_and_is_not_counted() {
    let acquisition = with(
        exposure("2013-08-27T01:00:00"),
        &[
            ("dp_cat", "ACQUISITION"),
            ("exposure", "10.0"),
            ("ra", "266.3"),
        ],
    );

    let before = one(std::slice::from_ref(&acquisition));
    let after = one(&[acquisition, exposure("2013-08-27T01:18:45")]);

    assert_eq!(before.obs_id, after.obs_id);
    assert_eq!(before.facts.intent, Some(Intent::Acquisition));
    assert_eq!(before.facts.n_exposures, Some(0));
    assert_eq!(before.facts.s_ra, None);
    assert_eq!(before.first_science, None);
    assert_eq!(after.facts.intent, Some(Intent::Science));
    assert_eq!(after.facts.n_exposures, Some(1));
    assert_eq!(after.facts.t_exptime, Some(300.0));
    assert_eq!(after.facts.t_min, Some(at("2013-08-27T01:00:00Z")));
    assert_eq!(after.first_science, Some(at("2013-08-27T01:18:45Z")));
}

#[test]
fn the_category_says_what_a_block_is_for() {
    for (dp_cat, intent) in [
        ("SCIENCE", Some(Intent::Science)),
        ("ACQUISITION", Some(Intent::Acquisition)),
        ("CALIB", Some(Intent::Calibration)),
        ("TECHNICAL", Some(Intent::Engineering)),
        ("TEST", Some(Intent::Engineering)),
        ("SOMETHING ELSE", None),
    ] {
        let record = one(&[with(exposure("2013-08-27T01:05:24"), &[("dp_cat", dp_cat)])]);

        assert_eq!(record.facts.intent, intent, "{dp_cat}");
    }
}

#[test]
fn calibrations_hold_no_line_of_sight_and_have_no_position() {
    let flat = with(
        exposure("2013-08-27T11:05:24"),
        &[
            ("dp_cat", "CALIB"),
            ("dp_type", "FLAT"),
            ("object", "FLAT"),
            ("target", ""),
        ],
    );

    let record = one(&[flat]);

    assert!(!record.on_track);
    assert_eq!(record.facts.target_name, None);
    assert_eq!(record.facts.tracking_type, None);
    assert_eq!(record.facts.s_ra, None);
    assert_eq!(record.facts.n_exposures, None);
}

#[test]
fn both_families_of_programme_ids_are_kept_as_given() {
    for prog_id in [
        "091.B-0088(B)",
        "0102.A-9002(A)",
        "1100.A-0528",
        "106.212B.001",
        "109.2393.001",
        "60.A-9284H",
        "E-095.F-9802A-2015",
    ] {
        let record = one(&[with(
            exposure("2013-08-27T01:05:24"),
            &[("prog_id", prog_id)],
        )]);

        assert_eq!(record.facts.proposal_id.as_deref(), Some(prog_id));
        assert!(record.facts.links[0].url.ends_with(prog_id));
    }
}

#[test]
fn a_programme_id_that_fits_no_link_has_none() {
    let record = one(&[with(
        exposure("2013-08-27T01:05:24"),
        &[("prog_id", "A&b=c #1")],
    )]);

    assert_eq!(record.facts.proposal_id.as_deref(), Some("A&b=c #1"));
    assert!(record.facts.links.is_empty());
}

#[test]
fn co_investigators_are_nowhere_in_the_raw_rows() {
    let harvest = read(&[
        exposure("2013-08-27T01:05:24"),
        with(exposure("2013-08-27T01:06:24"), &[("exposure", "-1")]),
    ]);

    let record = harvest.readable().next().unwrap();
    let unreadable = harvest.unreadable().next().unwrap();
    for raw in [&record.raw, &unreadable.raw] {
        assert!(raw.contains("GILLESSEN"), "{raw}");
        assert!(!raw.contains("GENZEL"), "{raw}");
        assert!(!raw.contains("EISENHAUER"), "{raw}");
    }
    assert!(record.raw.starts_with("dp_id,dp_cat,"));
    assert_eq!(record.raw.lines().count(), 2);
}

#[test]
fn a_pi_with_initials_keeps_them() {
    let record = one(&[with(
        exposure("2013-08-27T01:05:24"),
        &[("pi_coi", "HAINAUT, O")],
    )]);

    assert_eq!(record.facts.proposal_pi.as_deref(), Some("HAINAUT, O"));
    assert!(record.raw.contains("\"HAINAUT, O\""));
}

#[test]
fn all_sky_monitors_are_left_out() {
    let harvest = read(&[with(
        exposure("2019-04-26T00:08:49"),
        &[("telescope", "APICAM"), ("instrument", "APICAM")],
    )]);

    assert_eq!(harvest.read, 1);
    assert_eq!(harvest.records, []);
    assert_eq!(harvest.skipped["all-sky monitor"], 1);
}

#[test]
fn without_a_block_the_run_of_a_template_is_the_activity() {
    let free = [("ob_id", ""), ("tpl_start", "2019-02-08T07:00:00")];
    let record = one(&[
        with(exposure("2019-02-08T07:03:09"), &free),
        with(exposure("2019-02-08T07:12:44"), &free),
    ]);

    assert_eq!(
        record.obs_id,
        "ESO-VLT-U4:SINFONI.2019-02-08T07:00:00:2019-02-07"
    );
}

#[test]
fn without_block_and_template_each_file_is_an_activity() {
    let free = [("ob_id", "-1"), ("tpl_start", "")];
    let harvest = read(&[
        with(exposure("2019-02-08T07:03:09"), &free),
        with(exposure("2019-02-08T07:12:44"), &free),
    ]);

    let ids: Vec<&str> = harvest
        .readable()
        .map(|record| record.obs_id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "ESO-VLT-U4:SINFO.2019-02-08T07:03:09:2019-02-07",
            "ESO-VLT-U4:SINFO.2019-02-08T07:12:44:2019-02-07",
        ]
    );
}

#[test]
fn the_interferometer_lists_its_telescopes() {
    let record = one(&[with(
        exposure("2016-02-25T05:14:21"),
        &[
            ("telescope", "ESO-VLTI-U1234"),
            ("instrument", "GRAVITY"),
            ("target", "ETA_CAR"),
        ],
    )]);

    assert_eq!(record.facts.facility_name, "ESO-VLTI-U1234");
    assert_eq!(record.facts.telescopes.len(), 4);
    assert_eq!(record.facts.site.as_deref(), Some("paranal"));
}

#[test]
fn the_object_of_a_science_frame_stands_in_for_the_target() {
    let name = |object: &str| {
        one(&[with(
            exposure("2019-02-08T07:03:09"),
            &[("target", ""), ("object", object)],
        )])
        .facts
        .target_name
    };

    assert_eq!(name("NGC-3627").as_deref(), Some("NGC-3627"));
    assert_eq!(name("SEARCH,OBJECT,DISPERSED"), None);
    assert_eq!(name("SKY"), None);
}

#[test]
fn a_planet_is_not_tracked_with_the_stars() {
    let record = one(&[with(
        exposure("2019-02-08T07:03:09"),
        &[("target", "JUPITER")],
    )]);

    assert_eq!(record.facts.tracking_type, Some(TrackingType::SolarSystem));
}

#[test]
fn wavelengths_come_in_metres() {
    let record = one(&[with(
        exposure("2019-02-08T07:03:09"),
        &[("lambda_min", "1450"), ("lambda_max", "2450")],
    )]);

    assert_eq!(record.facts.em_min, Some(1.45e-6));
    assert_eq!(record.facts.em_max, Some(2.45e-6));
}

#[test]
fn columns_in_any_order_and_unknown_ones_are_fine() {
    let mut columns: Vec<&str> = COLUMNS.iter().rev().copied().collect();
    columns.push("something_new");
    let row = exposure("2013-08-27T01:05:24");

    let harvest = read_text(&csv(&columns, std::slice::from_ref(&row))).unwrap();

    let record = harvest.readable().next().unwrap();
    assert_eq!(record.facts.target_name, Some(field(&row, "target")));
}
