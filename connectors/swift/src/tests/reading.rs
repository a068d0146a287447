use domain::{Basis, Category, Claim, Intent, Role, TMaxKind, TrackingType};
use upstream::{Connector, Error};

use super::*;

#[test]
fn a_plan_entry_becomes_a_planned_snapshot() {
    let record = only(&planned(&[entry()]));

    assert_eq!(record.obs_id, "00031417174:20220924T111100");
    assert_eq!(record.claim, Claim::Plan);
    assert!(record.on_track);
    let facts = record.facts;
    assert_eq!(facts.group_id.as_deref(), Some("00031417174"));
    assert_eq!(facts.facility_name, "Swift");
    assert_eq!(facts.target_name.as_deref(), Some("U Sco"));
    assert_eq!((facts.s_ra, facts.s_dec), (Some(245.6283), Some(-17.8786)));
    assert_eq!(facts.t_min, Some(utc("2022-09-24T11:11:00Z")));
    assert_eq!(facts.t_max, Some(utc("2022-09-24T11:24:00Z")));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::Planned));
    assert_eq!(facts.t_uncertainty, Some(30.0));
    assert_eq!((facts.t_exptime, facts.t_plan_exptime), (None, None));
    assert_eq!(facts.intent, Some(Intent::Science));
    assert_eq!(facts.role, Role::Prime);
    assert_eq!(facts.tracking_type, Some(TrackingType::Sidereal));
    assert_eq!(
        (facts.category, facts.priority),
        (Some(Category::Other), None)
    );
    assert_eq!((facts.proposal_id, facts.proposal_pi), (None, None));
    assert_eq!(facts.band, ["X-ray", "UV", "Optical", "Gamma-ray"]);
    let modes: Vec<_> = facts
        .instruments
        .iter()
        .map(|i| (i.name.as_str(), i.mode.as_deref()))
        .collect();
    assert_eq!(
        modes,
        [
            ("XRT", Some("PC")),
            ("UVOT", Some("0x30ed")),
            ("BAT", Some("0x0000"))
        ]
    );
    assert_eq!(
        facts.links[0].url,
        "https://www.swift.psu.edu/operations/obsSchedule.php?d=2022-09-24&a=0"
    );
}

#[test]
fn an_as_flown_entry_happened_and_was_exposed_once_it_had_settled() {
    let row = entry_with(json!({
        "begin": "2022-09-24T11:11:02", "settle": "2022-09-24T11:13:05", "end": "2022-09-24T11:23:58",
        "ra": 245.5977, "ra_object": 245.6283, "dec_object": -17.8786
    }));

    let record = only(&flown(&[row], "2022-09-24T11:30:00"));

    assert_eq!(record.obs_id, "00031417174:20220924T111102");
    assert_eq!(record.claim, Claim::Happened(Basis::Reported));
    assert_eq!(record.facts.t_exptime, Some(653.0));
    assert_eq!(record.first_science, Some(utc("2022-09-24T11:13:05Z")));
    assert_eq!(record.facts.t_max_kind, Some(TMaxKind::Exact));
    assert_eq!(record.facts.s_ra, Some(245.5977));
}

#[test]
fn a_snapshot_that_only_slewed_has_no_exposure() {
    let row = entry_with(json!({ "settle": "2022-09-24T11:24:00" }));

    let record = only(&flown(&[row], "2022-09-24T11:30:00"));

    assert_eq!(record.facts.t_exptime, Some(0.0));
    assert_eq!(record.first_science, None);
}

#[test]
fn both_spellings_of_obs_id_are_one() {
    for spelling in [json!("00035000007"), json!(117475512), json!("117475512")] {
        let row = json!({ "begin": "2022-09-24 10:12:00", "obs_id": spelling });
        assert_eq!(only(&json!([row])).obs_id, "00035000007:20220924T101200");
    }
}

#[test]
fn target_and_segment_stand_in_for_a_missing_obs_id() {
    let row = entry_with(json!({ "obs_id": null }));

    assert_eq!(
        only(&planned(&[row])).facts.group_id.as_deref(),
        Some("00031417174")
    );
}

#[test]
fn the_names_of_version_1_2_are_read_alike() {
    let old = json!([{
        "begin": "2022-09-24 11:11:00.000", "end": "2022-09-24 11:24:00", "targname": "U Sco",
        "ra": "245.6283", "dec": "-17.8786", "targetid": "31417", "seg": "174",
        "obsid": "00031417174", "xrt": "PC", "uvot": "0x30ED", "bat": "0x0000"
    }]);

    assert_eq!(only(&old).facts, only(&planned(&[entry()])).facts);
}

#[test]
fn both_names_of_a_field_may_stand_in_one_row() {
    let row = entry_with(json!({ "obsid": 1, "targname": "another", "obsnum": null }));

    assert_eq!(
        only(&planned(&[row])).facts.target_name.as_deref(),
        Some("U Sco")
    );
}

#[test]
fn an_exposure_the_plan_states_is_kept_and_none_is_made_up() {
    let row = entry_with(json!({ "exposure": 780 }));

    let facts = only(&planned(&[row])).facts;

    assert_eq!((facts.t_plan_exptime, facts.t_exptime), (Some(780.0), None));
}

#[test]
fn passages_of_the_radiation_belt_are_engineering() {
    let by_name = entry_with(json!({ "target_name": "saa-cold-199-0" }));
    let by_mode = entry_with(json!({ "uvot_mode": 9 }));

    for row in [by_name, by_mode] {
        let facts = only(&planned(&[row])).facts;
        assert_eq!(facts.intent, Some(Intent::Engineering));
        assert!(facts.band.is_empty());
    }
}

#[test]
fn the_attitude_of_least_drag_is_engineering() {
    let facts = only(&planned(&[entry_with(
        json!({ "target_name": "DragPointing", "end": null }),
    )]))
    .facts;

    assert_eq!(facts.intent, Some(Intent::Engineering));
    assert_eq!((facts.t_max, facts.t_max_kind), (None, None));
}

#[test]
fn survey_fillers_are_science() {
    let facts = only(&planned(&[entry_with(
        json!({ "target_name": "SGWGS-3730" }),
    )]))
    .facts;

    assert_eq!(facts.intent, Some(Intent::Science));
}

#[test]
fn an_xrt_without_data_observes_no_x_rays() {
    let facts = only(&planned(&[entry_with(json!({ "xrt_mode": 1 }))])).facts;

    assert_eq!(facts.instrument_mode.as_deref(), Some("Null"));
    assert_eq!(facts.band, ["UV", "Optical", "Gamma-ray"]);
}

#[test]
fn the_object_asked_for_stands_in_for_a_missing_pointing() {
    let row = entry_with(
        json!({ "ra": null, "dec": null, "ra_object": "287.9565", "dec_object": 4.982667 }),
    );

    let facts = only(&flown(&[row], "2022-09-24T11:30:00")).facts;

    assert_eq!((facts.s_ra, facts.s_dec), (Some(287.9565), Some(4.982667)));
}

#[test]
fn a_row_says_which_field_cannot_be_read() {
    assert_eq!(
        refused(entry_with(json!({ "begin": null }))),
        "plan entry: begin is missing"
    );
    assert!(
        refused(entry_with(json!({ "end": "2022-09-24T11:10:00" })))
            .contains("end lies before begin")
    );
    assert!(
        refused(entry_with(json!({ "begin": "1969-09-24T11:11:00" })))
            .contains("begin lies outside")
    );
    assert!(
        refused(entry_with(json!({ "begin": "24 Sep" }))).contains("begin is no spacecraft time")
    );
    assert!(refused(entry_with(json!({ "ra": 400 }))).contains("ra lies outside"));
    assert!(
        refused(entry_with(json!({ "obs_id": "ABC" }))).contains("obs_id is of neither spelling")
    );
    assert!(
        refused(entry_with(json!({ "obs_id": "00031417175" }))).contains("obs_id is not that of")
    );
    assert!(refused(entry_with(json!({ "exposure": -1 }))).contains("exposure is negative"));
    assert!(refused(json!("nothing")).contains("not a JSON object"));
}

#[test]
fn an_unreadable_row_is_kept_beside_the_others() {
    let harvest = read(&planned(&[entry(), json!({ "begin": 5 }), entry()])).unwrap();

    let bad: Vec<_> = harvest.unreadable().collect();
    assert_eq!(
        (bad.len(), bad[0].row, bad[0].raw.as_str()),
        (1, 2, r#"{"begin":5}"#)
    );
    assert_eq!((harvest.read, harvest.readable().count()), (3, 1));
    assert_eq!(harvest.skipped["listed twice"], 1);
}

#[test]
fn a_saved_plan_covers_nothing() {
    let harvest = read(&planned(&[entry()])).unwrap();

    assert!(harvest.covers.is_empty());
    assert_eq!(harvest.horizon, Some(utc("2022-09-25T00:00:00Z")));
}

#[test]
fn an_empty_plan_is_a_normal_answer() {
    let harvest = read(&planned(&[])).unwrap();

    assert_eq!(
        (harvest.read, harvest.records.len(), harvest.notes.len()),
        (0, 0, 1)
    );
}

#[test]
fn the_end_of_the_log_may_be_the_clocks_own_count() {
    let mut answer = flown(&[entry()], "");
    answer["afstmax"] = json!({ "met": 685711800.0, "utcf": -28.85, "isutc": false });

    let listing = crate::answer::read(answer.to_string().as_bytes()).unwrap();

    assert_eq!(listing.reaches.unwrap().to_string(), "2022-09-24 11:30:00");
}

#[test]
fn a_refusal_is_told_with_its_reason() {
    let rejected =
        json!({ "entries": [], "status": { "status": "Rejected", "errors": ["No such target"] } });
    let bare = json!({ "entries": [], "status": "Rejected" });
    let detail =
        json!({ "detail": [{ "loc": ["query", "begin"], "msg": "not a date", "type": "x" }] });

    let told = |answer| read(&answer).unwrap_err().to_string();
    assert!(told(rejected).contains("(Rejected): No such target"));
    assert!(told(bare).contains("refused: Rejected"));
    assert!(told(detail).contains("begin: not a date"));
}

#[test]
fn answers_of_other_calls_are_refused() {
    let requests = json!({ "entries": [{ "too_id": 16857, "ra": 1.5, "urgency": 3, "target_id": 88155 }],
        "status": { "status": "Accepted" } });
    let clock =
        json!({ "entries": [{ "met": 1.0, "utcf": -28.85, "isutc": true }], "status": "Accepted" });
    let other = json!({ "data": [{ "obs_id": "jw1", "t_min": 6.0 }], "status": "COMPLETE" });

    for answer in [
        requests,
        clock,
        other,
        json!([]),
        json!(7),
        json!({}),
        json!("text"),
    ] {
        assert!(
            matches!(read(&answer), Err(Error::Unreadable(_))),
            "{answer}"
        );
    }
    for body in [
        &b""[..],
        b"\xff\xfe\x00",
        b"Begin,End,Name\n",
        b"<html></html>",
    ] {
        assert!(matches!(
            Swift.read("x", body, utc("2022-09-24T12:00:00Z")),
            Err(Error::Unreadable(_))
        ));
    }
}
