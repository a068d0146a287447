use chrono::TimeDelta;
use domain::{Basis, Category, Claim, Intent, Role, TMaxKind};
use upstream::Error;

use super::*;

#[test]
fn the_exposures_of_a_visit_are_one_activity() {
    let second = Row {
        element: "F160W",
        seconds: "41.17",
        ..ROW
    };
    let third = Row {
        instrument: "WFC3/UV",
        mode: "ACCUM",
        element: "F606W",
        seconds: "30",
        ..ROW
    };

    let harvest = read(week(&[ROW, second, third]));

    assert_eq!(harvest.read, 3);
    let record = only(&harvest);
    let facts = &record.facts;
    assert_eq!(record.obs_id, "17918:07");
    assert_eq!(record.claim, Claim::Plan);
    assert!(record.on_track);
    assert_eq!(facts.group_id.as_deref(), Some("17918:07"));
    assert_eq!(facts.proposal_id.as_deref(), Some("17918"));
    assert_eq!(facts.target_name.as_deref(), Some("FSR2007-0584"));
    assert_eq!(facts.t_min, Some(utc(2025, 7, 28, 1, 7, 54)));
    assert_eq!(facts.t_max, Some(utc(2025, 7, 28, 2, 3, 30)));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::Planned));
    assert_eq!(facts.t_planning, Some(utc(2025, 7, 29, 22, 51, 44)));
    assert!((facts.t_plan_exptime.unwrap() - 115.28).abs() < 1e-9);
    assert_eq!(facts.instrument_name.as_deref(), Some("WFC3/IR"));
    assert_eq!(facts.instrument_mode.as_deref(), Some("MULTIACCUM"));
    let names: Vec<&str> = facts
        .instruments
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["WFC3/IR", "WFC3/UVIS"]);
    assert_eq!(facts.instruments[0].filters, ["F110W", "F160W"]);
    assert_eq!(facts.band, ["Infrared", "UV", "Optical"]);
    assert_eq!(facts.intent, Some(Intent::Science));
    assert_eq!(facts.category, Some(Category::Other));
    assert_eq!((facts.s_ra, facts.s_dec), (None, None));
    assert_eq!(harvest.horizon, Some(utc(2025, 8, 4, 0, 0, 0)));
    assert!(harvest.covers.is_empty());
}

#[test]
fn a_visit_over_midnight_ends_on_the_next_day() {
    let harvest = read(week(&[Row {
        begin: "23:40:00",
        end: "00:35:00",
        ..ROW
    }]));

    let facts = &only(&harvest).facts;
    assert_eq!(facts.t_min, Some(utc(2025, 7, 28, 23, 40, 0)));
    assert_eq!(facts.t_max, Some(utc(2025, 7, 29, 0, 35, 0)));
}

#[test]
fn a_visit_over_new_year_ends_in_the_next_year() {
    for (day, from, to, end) in [
        (
            "2025.365",
            "2025.363",
            "2026.005",
            utc(2026, 1, 1, 0, 35, 0),
        ),
        (
            "2024.366",
            "2024.365",
            "2025.006",
            utc(2025, 1, 1, 0, 35, 0),
        ),
    ] {
        let row = Row {
            date: day,
            begin: "23:40:00",
            end: "00:35:00",
            ..ROW
        };

        let harvest = read(report_of(from, to, &[&[row.line()]], &[TITLE]));

        assert_eq!(only(&harvest).facts.t_max, Some(end));
    }
}

#[test]
fn a_row_without_a_date_continues_the_row_above() {
    let more = format!("{:115}F435W", "");

    let harvest = read(report(&[&[ROW.line(), more]]));

    let record = only(&harvest);
    assert_eq!(harvest.read, 1);
    assert_eq!(record.facts.instruments[0].filters, ["F110W", "F435W"]);
    assert!(record.raw.contains("F435W"));
}

#[test]
fn a_continuation_of_nothing_is_kept_aside() {
    let more = format!("{:115}F435W", "");

    let harvest = read(report(&[&[ROW.line(), String::new(), more]]));

    let aside = harvest.unreadable().next().unwrap();
    assert!(aside.reason.starts_with("date: "), "{aside}");
    assert!(aside.raw.ends_with("F435W"));
}

#[test]
fn a_lamp_is_a_calibration_off_the_track() {
    let harvest = read(week(&[Row {
        target: "DARK-NM",
        instrument: "WFC3/UV",
        mode: "ACCUM",
        ..ROW
    }]));

    let record = only(&harvest);
    assert_eq!(record.facts.intent, Some(Intent::Calibration));
    assert!(!record.on_track);
    assert_eq!(record.facts.target_name.as_deref(), Some("DARK-NM"));
}

#[test]
fn a_lamp_within_a_science_visit_leaves_it_science() {
    let lamp = Row {
        target: "WAVE",
        ..ROW
    };
    let acquisition = Row {
        mode: "ACQ/IM",
        instrument: "COS/NUV",
        ..ROW
    };

    let harvest = read(week(&[acquisition, lamp, ROW]));

    let record = only(&harvest);
    assert_eq!(record.facts.intent, Some(Intent::Science));
    assert_eq!(record.facts.target_name.as_deref(), Some("FSR2007-0584"));
    assert_eq!(record.facts.instrument_name.as_deref(), Some("WFC3/IR"));
    assert!(record.on_track);
}

#[test]
fn no_target_is_not_a_target() {
    let harvest = read(week(&[Row {
        target: "NONE",
        ..ROW
    }]));

    assert_eq!(only(&harvest).facts.target_name, None);
}

fn parallel() -> Row {
    Row {
        unit: "05092E1",
        pi: "",
        target: "PARALLEL-FIELD",
        begin: "01:20:00",
        end: "01:50:00",
        ..ROW
    }
}

#[test]
fn a_pure_parallel_names_the_prime_it_runs_beside() {
    let harvest = read(week(&[ROW, parallel()]));

    let record = by_id(&harvest, "5092:E1");
    assert_eq!(record.facts.role, Role::PureParallel);
    assert_eq!(record.parallel_of.as_deref(), Some("17918:07"));
    assert!(!record.on_track);
    assert_eq!(by_id(&harvest, "17918:07").facts.role, Role::Prime);
}

#[test]
fn a_pure_parallel_beside_two_primes_names_none() {
    let next = Row {
        unit: "1791808",
        begin: "01:45:00",
        end: "02:40:00",
        ..ROW
    };

    let harvest = read(week(&[ROW, next, parallel()]));

    assert_eq!(by_id(&harvest, "5092:E1").parallel_of, None);
}

#[test]
fn a_pure_parallel_beside_a_lamp_only_names_none() {
    let lamp = Row {
        target: "BIAS",
        ..ROW
    };

    let harvest = read(week(&[lamp, parallel()]));

    assert_eq!(by_id(&harvest, "5092:E1").parallel_of, None);
}

#[test]
fn a_visit_that_returns_in_the_week_is_two_starts() {
    let again = Row {
        date: "2025.212",
        ..ROW
    };

    let harvest = read(week(&[ROW, again]));

    let starts: Vec<_> = harvest
        .readable()
        .map(|record| record.facts.t_min)
        .collect();
    assert_eq!(
        starts,
        [
            Some(utc(2025, 7, 28, 1, 7, 54)),
            Some(utc(2025, 7, 31, 1, 7, 54))
        ]
    );
}

#[test]
fn rows_that_disagree_on_their_visit_give_its_whole_extent() {
    let other = Row {
        begin: "01:10:00",
        end: "02:10:00",
        ..ROW
    };

    let facts = &only(&read(week(&[other, ROW]))).facts.clone();

    assert_eq!(
        facts.t_max.unwrap() - facts.t_min.unwrap(),
        TimeDelta::seconds(3726)
    );
}

#[test]
fn texts_that_fill_their_column_are_flagged() {
    let harvest = read(week(&[Row {
        target: "COMET-67P-CHURYUMOV-GER-UPDATE",
        pi: "Griffiths",
        mode: "ACQ/PE",
        ..ROW
    }]));

    let facts = &only(&harvest).facts;
    assert_eq!(
        facts.truncated,
        ["target_name", "proposal_title", "instrument_mode"]
    );
    assert_eq!(facts.proposal_pi.as_deref(), Some("Griffiths"));
}

#[test]
fn the_fuller_name_comes_from_the_titles() {
    let row = Row {
        pi: "WFC3-Calib",
        unit: "1640501",
        ..ROW
    };
    let titles = [("16405", "WFC3-Calibration-Team", "WFC3 IR Gain Monitor")];

    let harvest = read(report_of("2025.209", "2025.216", &[&[row.line()]], &titles));

    let facts = &only(&harvest).facts;
    assert_eq!(facts.proposal_pi.as_deref(), Some("WFC3-Calibratio"));
    assert_eq!(
        facts.proposal_title.as_deref(),
        Some("WFC3 IR Gain Monitor")
    );
    assert_eq!(facts.truncated, ["proposal_pi"]);
}

#[test]
fn a_damaged_row_is_kept_aside_and_the_rest_goes_on() {
    let damaged = [
        (0..8, "2025.400", "date: "),
        (0..8, "2O25.209", "date: "),
        (9..17, "25:00:00", "begin: "),
        (18..26, "        ", "end: "),
        (28..35, "17918\u{e9}7", "SU id: "),
        (128..137, "    -4.00", "exposure time: "),
        (128..137, "      nan", "exposure time: "),
        (0..8, "2025.109", "date: "),
        (85..86, "X", "instrument: "),
        (60..61, "\u{7}", "row: "),
    ];
    for (range, text, reason) in damaged {
        let mut line = ROW.line();
        line.replace_range(range, text);
        let sound = Row {
            unit: "1791808",
            ..ROW
        };

        let harvest = read(report(&[&[line, sound.line()]]));

        let aside = harvest.unreadable().next().unwrap();
        assert!(aside.reason.starts_with(reason), "{aside}");
        assert_eq!(aside.row, 9);
        assert_eq!(by_id(&harvest, "17918:08").claim, Claim::Plan);
        assert_eq!(harvest.read, 2);
    }
}

#[test]
fn unknown_seconds_leave_the_sum_unknown() {
    let unknown = Row { seconds: "", ..ROW };

    assert_eq!(
        only(&read(week(&[ROW, unknown]))).facts.t_plan_exptime,
        None
    );
}

#[test]
fn older_rulers_have_narrower_targets() {
    let ruler = "-------- -------- --------  -------  ---------- ------ ---------- -------- ------ ------------ ------------ --------- -- -- -- --";
    let line = ROW.line();
    let line = format!("{}{}", &line[..65], &line[85..]);
    let text = report(&[&[line]]).replace(RULER, ruler);

    let facts = &only(&read(text)).facts.clone();

    assert_eq!(facts.target_name.as_deref(), Some("FSR2007-05"));
    assert!(facts.is_truncated("target_name"));
    assert_eq!(facts.instrument_name.as_deref(), Some("WFC3/IR"));
}

#[test]
fn what_is_no_answer_of_hubble_is_refused() {
    let noise: Vec<u8> = (0..2000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let rows = mast(&[dataset("jw01", json!({"obs_collection": "JWST"}))]);
    let count = mast(&[json!({"Column1": 599})]);
    let headers = report(&[&[]]);
    let answers: [&[u8]; 8] = [
        b"",
        &noise,
        b"<html><body>503</body></html>",
        b"targname ra dec config\nFSR2007-0584 02 27 15.00 +61 37 28.0 WFC3/IR\n",
        &rows,
        &count,
        headers.as_bytes(),
        b"{\"results\": []}",
    ];
    for body in answers {
        let answer = Hst.read("x", body, now());

        assert!(matches!(&answer, Err(Error::Unreadable(_))), "{answer:?}");
    }
}

#[test]
fn a_plan_is_never_more_than_scheduled() {
    let harvest = read(week(&[ROW]));

    assert_ne!(only(&harvest).claim, Claim::Happened(Basis::Archived));
}
