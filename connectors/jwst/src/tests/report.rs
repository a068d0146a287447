use domain::{Claim, Intent, Role, TMaxKind, TrackingType};

use super::*;

#[test]
fn a_prime_has_its_own_interval_and_holds_the_line_of_sight() {
    let harvest = read(&[line([
        "7651:13:1",
        "FINEGUIDE",
        FIXED,
        "2025-08-04T13:11:40Z",
        "01/01:35:23",
        "NIRCam Coronagraphic Imaging",
        "1RXS-J124830.1-594449",
        "Star",
        "K stars, Exoplanets",
    ])]);

    let [record] = records(&harvest)[..] else {
        panic!()
    };
    let facts = &record.facts;
    assert_eq!(record.obs_id, "7651:13:1");
    assert_eq!(record.claim, Claim::Plan);
    assert!(record.on_track);
    assert_eq!(record.parallel_of, None);
    assert_eq!(facts.group_id.as_deref(), Some("7651:13:1"));
    assert_eq!(facts.t_min, Some(at("2025-08-04T13:11:40Z")));
    assert_eq!(facts.t_max, Some(at("2025-08-05T14:47:03Z")));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::Planned));
    assert_eq!(facts.t_planning, Some(at("2025-08-02T00:00:00Z")));
    assert_eq!(facts.instrument_name.as_deref(), Some("NIRCAM"));
    assert_eq!(
        facts.instrument_mode.as_deref(),
        Some("NIRCam Coronagraphic Imaging")
    );
    assert_eq!(facts.band, ["Infrared"]);
    assert_eq!(facts.target_name.as_deref(), Some("1RXS-J124830.1-594449"));
    assert_eq!(facts.target_class.as_deref(), Some("Star"));
    assert_eq!(facts.keywords, ["K stars", "Exoplanets"]);
    assert_eq!(facts.tracking_type, Some(TrackingType::Sidereal));
    assert_eq!(facts.intent, Some(Intent::Science));
    assert_eq!(facts.proposal_id.as_deref(), Some("7651"));
    assert_eq!(facts.s_ra, None);
    assert!(facts.truncated.is_empty());
    assert_eq!(harvest.horizon, facts.t_max);
    assert!(harvest.covers.is_empty());
}

#[test]
fn an_attached_visit_runs_beside_the_prime_above_with_columns_of_its_own() {
    let harvest = read(&[
        prime("2079:4:1", "2025-08-04T06:00:00Z", "NIRISS Imaging", "UDF"),
        attached(
            "3383:282:1",
            "PARALLEL PURE",
            "NIRISS Wide Field Slitless Spectroscopy",
        ),
        attached("4455:25:1", "PARALLEL DARK CALIBRATION", "NIRSpec Dark"),
    ]);

    let [prime, pure, dark] = records(&harvest)[..] else {
        panic!()
    };
    for beside in [pure, dark] {
        assert_eq!(beside.facts.t_min, prime.facts.t_min);
        assert_eq!(beside.facts.t_max, prime.facts.t_max);
        assert_eq!(beside.parallel_of.as_deref(), Some("2079:4:1"));
        assert_eq!(beside.facts.role, Role::PureParallel);
        assert_eq!(beside.facts.target_name, None);
        assert_eq!(beside.facts.tracking_type, None);
        assert!(!beside.on_track);
    }
    assert_eq!(pure.facts.proposal_id.as_deref(), Some("3383"));
    assert_eq!(pure.facts.intent, Some(Intent::Science));
    assert_eq!(dark.facts.intent, Some(Intent::Calibration));
}

#[test]
fn a_coordinated_parallel_is_a_further_instrument_of_the_visit_above() {
    let harvest = read(&[
        prime("7814:2:17", "2025-08-06T22:59:15Z", "MIRI Imaging", "UDS-2"),
        coordinated("NIRCam Imaging"),
        coordinated("NIRCam Imaging"),
    ]);

    let [record] = records(&harvest)[..] else {
        panic!()
    };
    let names: Vec<&str> = record
        .facts
        .instruments
        .iter()
        .map(|i| i.name.as_str())
        .collect();
    assert_eq!(names, ["MIRI", "NIRCAM"]);
    assert_eq!(record.facts.role, Role::Prime);
    assert_eq!(record.facts.instrument_name.as_deref(), Some("MIRI"));
    assert_eq!(record.raw.lines().count(), 3);
    assert_eq!(harvest.read, 3);
}

#[test]
fn a_further_target_stays_in_the_raw_text_alone() {
    let harvest = read(&[
        prime(
            "9254:8:1",
            "2025-08-05T21:58:06Z",
            "NIRSpec Fixed Slit Spectroscopy",
            "GRB250706B",
        ),
        further_target("GRB250706B_acq_star"),
        prime(
            "1286:3:1",
            "2025-08-06T21:58:06Z",
            "NIRSpec MultiObject Spectroscopy",
            "",
        ),
        further_target("HD-42581"),
    ]);

    let [with, without] = records(&harvest)[..] else {
        panic!()
    };
    assert_eq!(with.facts.target_name.as_deref(), Some("GRB250706B"));
    assert!(with.raw.contains("GRB250706B_acq_star"));
    assert_eq!(without.facts.target_name, None);
}

#[test]
fn a_moving_target_is_tracked_through_the_solar_system() {
    let harvest = read(&[line([
        "5094:2:1",
        "MOVING",
        "PRIME TARGETED MOVING",
        "2025-08-06T10:15:55Z",
        "00/00:37:33",
        "NIRSpec IFU Spectroscopy",
        "3I_ATLAS",
        "Solar System",
        "Comet",
    ])]);

    let tracking = records(&harvest)[0].facts.tracking_type;
    assert_eq!(tracking, Some(TrackingType::SolarSystem));
}

#[test]
fn visits_that_keep_the_telescope_running_are_engineering() {
    let upkeep =
        |id, pcs, kind, start, mode| line([id, pcs, kind, start, "00/01:00:00", mode, "", "", ""]);
    let harvest = read(&[
        upkeep(
            "1547:5:1",
            "COARSE",
            "PRIME STATION KEEPING",
            "2025-08-04T01:00:00Z",
            "Station Keeping",
        ),
        upkeep(
            "1000:1:10",
            "NONE",
            "FULL BIASED MOMENTUM UNLOAD",
            "2025-08-04T03:00:00Z",
            "",
        ),
        upkeep(
            "2745:7:1",
            "NONE",
            "PRIME UNTARGETED",
            "2025-08-04T05:00:00Z",
            "Realtime Commanding",
        ),
        line([
            "7127:184:1",
            "FINEGUIDE",
            "PRIME WFSC ROUTINE",
            "2025-08-04T07:00:00Z",
            "00/00:28:07",
            "WFSC NIRCam Fine Phasing",
            "2MASS-15585297+2239240",
            "Calibration",
            "Focus test",
        ]),
    ]);

    let instruments: Vec<_> = harvest
        .readable()
        .map(|r| r.facts.instrument_name.as_deref())
        .collect();
    assert!(
        harvest
            .readable()
            .all(|r| r.facts.intent == Some(Intent::Engineering) && r.on_track)
    );
    assert_eq!(instruments, [None, None, None, Some("NIRCAM")]);
}

#[test]
fn lamps_and_the_class_calibration_are_calibrations() {
    let harvest = read(&[
        line([
            "4467:4:1",
            "NONE",
            "PRIME UNTARGETED",
            "2025-08-04T01:00:00Z",
            "00/00:18:14",
            "NIRSpec Internal Lamp",
            "",
            "",
            "",
        ]),
        line([
            "9284:1:2",
            "FINEGUIDE",
            FIXED,
            "2025-08-04T03:00:00Z",
            "00/00:32:12",
            "MIRI Imaging",
            "LAT00-LONG230",
            "Calibration",
            "External flat field",
        ]),
    ]);

    assert!(
        harvest
            .readable()
            .all(|r| r.facts.intent == Some(Intent::Calibration))
    );
}

#[test]
fn a_name_that_fills_its_column_may_be_cut() {
    let full = "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
    let harvest = read(&[
        prime("1:1:1", "2025-08-04T01:00:00Z", "MIRI Imaging", full),
        prime("1:2:1", "2025-08-04T03:00:00Z", "MIRI Imaging", &full[1..]),
    ]);

    let [cut, short] = records(&harvest)[..] else {
        panic!()
    };
    assert_eq!(cut.facts.truncated, ["target_name"]);
    assert!(short.facts.truncated.is_empty());
}

#[test]
fn a_visit_twice_in_a_report_is_two_records_the_earlier_first() {
    let harvest = read(&[
        prime(
            "1727:156:1",
            "2025-08-09T01:00:00Z",
            "MIRI Imaging",
            "CWEBTILE-4-9",
        ),
        prime(
            "1727:156:1",
            "2025-08-04T01:00:00Z",
            "MIRI Imaging",
            "CWEBTILE-4-9",
        ),
        prime(
            "1727:156:1",
            "2025-08-04T01:00:00Z",
            "MIRI Imaging",
            "CWEBTILE-4-9",
        ),
    ]);

    let starts: Vec<_> = harvest.readable().map(|r| r.facts.t_min.unwrap()).collect();
    assert_eq!(
        starts,
        [at("2025-08-04T01:00:00Z"), at("2025-08-09T01:00:00Z")]
    );
    assert_eq!(
        harvest.skipped["a visit given twice with the same start"],
        1
    );
}

#[test]
fn an_attached_visit_without_a_prime_above_has_no_time() {
    let harvest = read(&[
        attached("1520:162:1", "PARALLEL SLEW CALIBRATION", "MIRI Anneal"),
        prime(
            "9284:1:1",
            "2025-08-05T14:40:00Z",
            "NIRISS External Calibration",
            "LAT00-LONG230",
        ),
    ]);

    let first = records(&harvest)[0];
    assert_eq!(
        (first.obs_id.as_str(), first.facts.t_min),
        ("1520:162:1", None)
    );
    assert_eq!(first.parallel_of, None);
}
