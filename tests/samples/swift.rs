//! Recorded results of Swift's API.
//!
//! All were printed by the public Python client, none is a wire answer: tables become entries here
//! (settle = begin + slew time), and the modes of a table come from the same day grouped by
//! observation. Printed exposures are the client's own subtraction, so they are compared, not fed.

use chrono::{NaiveDateTime, TimeDelta};
use domain::{Basis, Claim, Intent, Record, TMaxKind};
use serde_json::{Value, json};
use swift::Swift;
use upstream::{Connector, Error, Harvest};

use crate::harness::records::at;
use crate::harness::samples::file;

/// A table as rows of cells, without its heading.
fn table(name: &str) -> Option<Vec<Vec<String>>> {
    let text = String::from_utf8(file(&format!("swift/{name}"))?).unwrap();
    let rows = text.lines().skip(1);
    Some(
        rows.map(|line| line.split(',').map(str::to_owned).collect())
            .collect(),
    )
}

/// A printed time.
fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

/// The rows of a table as entries of a plan, or of a log where they state a slew.
fn entries(rows: &[Vec<String>]) -> Vec<Value> {
    let entry = |cells: &Vec<String>| {
        let mut entry = json!({
            "begin": cells[0], "end": cells[1], "target_name": cells[2], "obs_id": cells[3]
        });
        if let Some(slew) = cells.get(5) {
            let settle = time(&cells[0]) + TimeDelta::seconds(slew.parse().unwrap());
            entry["settle"] = json!(settle.format("%Y-%m-%dT%H:%M:%S").to_string());
        }
        entry
    };
    rows.iter().map(entry).collect()
}

/// Gives each entry what its observation states.
fn with_modes(entries: &mut [Value], observations: &str) -> Option<()> {
    let grouped: Vec<Value> =
        serde_json::from_slice(&file(&format!("swift/{observations}"))?).unwrap();
    for entry in entries {
        let observation = grouped
            .iter()
            .find(|o| o["obsid"] == entry["obs_id"])
            .unwrap();
        for name in [
            "targetid",
            "seg",
            "xrt",
            "uvot",
            "bat",
            "ra_object",
            "dec_object",
        ] {
            entry[name] = observation[name].clone();
        }
    }
    Some(())
}

fn read(answer: &Value) -> Harvest {
    Swift
        .read(
            "saved.json",
            answer.to_string().as_bytes(),
            at("2026-11-21T00:00:00Z"),
        )
        .unwrap()
}

/// Every row readable, none left out.
fn records(answer: &Value, count: usize) -> Vec<Record> {
    let harvest = read(answer);
    assert_eq!(
        (
            harvest.read,
            harvest.unreadable().count(),
            harvest.skipped.len()
        ),
        (count, 0, 0)
    );
    harvest.readable().cloned().collect()
}

fn plan(entries: &[Value]) -> Value {
    json!({ "ppstmax": null, "entries": entries, "status": { "status": "Accepted" } })
}

fn log(entries: &[Value]) -> Value {
    json!({ "afstmax": null, "entries": entries, "status": { "status": "Accepted" } })
}

/// A printed table in the wire's shape; none for what is no table of snapshots.
pub(crate) fn on_the_wire(name: &str) -> Option<Vec<u8>> {
    let stem = name.strip_suffix(".csv")?;
    if let Some(day) = stem.strip_prefix("plan-day-") {
        let mut entries = entries(&table(name)?);
        if ["2022-09-24", "2022-02-03", "2021-12-16"].contains(&day) {
            with_modes(&mut entries, &format!("plan-observations-{day}.json"))?;
        }
        return serde_json::to_vec_pretty(&plan(&entries)).ok();
    }
    stem.strip_prefix("asflown-")?;
    serde_json::to_vec_pretty(&log(&entries(&table(name)?))).ok()
}

fn groups(records: &[Record]) -> usize {
    let mut groups: Vec<_> = records
        .iter()
        .map(|r| r.facts.group_id.clone().unwrap())
        .collect();
    groups.sort();
    groups.dedup();
    groups.len()
}

/// A plan of one day: snapshots, observations, passages of the radiation belt.
fn plan_day(day: &str, counts: (usize, usize, usize)) -> Option<Vec<Record>> {
    let rows = table(&format!("plan-day-{day}.csv"))?;
    let records = records(&plan(&entries(&rows)), counts.0);
    let belt = records
        .iter()
        .filter(|r| r.facts.intent == Some(Intent::Engineering))
        .count();
    assert_eq!((groups(&records), belt), (counts.1, counts.2));
    for (record, cells) in records.iter().zip(&rows) {
        let facts = &record.facts;
        assert_eq!((record.claim, record.on_track), (Claim::Plan, true));
        let length = facts.t_max.unwrap() - facts.t_min.unwrap();
        assert_eq!(length.num_seconds().to_string(), cells[4]);
        assert_eq!((facts.t_exptime, facts.t_plan_exptime), (None, None));
        assert_eq!(
            (facts.t_uncertainty, facts.t_max_kind),
            (Some(30.0), Some(TMaxKind::Planned))
        );
    }
    Some(records)
}

#[test]
fn the_plan_of_2022_09_24_has_98_snapshots_of_59_observations() {
    let Some(records) = plan_day("2022-09-24", (98, 59, 9)) else {
        return;
    };

    assert_eq!(records[0].obs_id, "03108521005:20220923T235600");
    assert_eq!(records[0].facts.target_name.as_deref(), Some("SGWGS-3730"));
    assert_eq!(records[0].facts.intent, Some(Intent::Science));
    assert_eq!(
        records[2].facts.target_name.as_deref(),
        Some("saa-cold-199-0")
    );
    assert_eq!(records[97].obs_id, "03108545003:20220924T234300");
}

#[test]
fn the_plan_of_2022_02_03_has_100_snapshots_of_81_observations() {
    let Some(records) = plan_day("2022-02-03", (100, 81, 10)) else {
        return;
    };

    assert_eq!(records[0].obs_id, "00074793087:20220202T234300");
    assert_eq!(records[0].facts.intent, Some(Intent::Engineering));
}

#[test]
fn the_plan_of_2021_12_16_has_98_snapshots_of_63_observations() {
    let Some(records) = plan_day("2021-12-16", (98, 63, 10)) else {
        return;
    };

    assert_eq!(records[2].facts.t_min, Some(at("2021-12-16T00:14:00Z")));
    assert_eq!(records[2].facts.intent, Some(Intent::Engineering));
    assert!(
        records
            .iter()
            .any(|r| r.facts.target_name.as_deref() == Some("{[KK98]208}"))
    );
}

#[test]
fn the_plan_of_2021_11_15_has_85_snapshots_of_71_observations() {
    let Some(records) = plan_day("2021-11-15", (85, 71, 10)) else {
        return;
    };

    assert_eq!(records[1].obs_id, "03107647009:20211115T000200");
}

#[test]
fn the_plan_of_2021_08_24_has_225_snapshots_of_180_observations() {
    let Some(records) = plan_day("2021-08-24", (225, 180, 9)) else {
        return;
    };

    assert_eq!(records[2].obs_id, "00048702186:20210824T000301");
    let burst = records
        .iter()
        .find(|r| r.facts.target_name.as_deref() == Some("GRB 210822A"))
        .unwrap();
    assert_eq!(burst.facts.group_id.as_deref(), Some("01069788005"));
}

#[test]
fn days_grouped_by_observation_give_the_modes() {
    for (day, in_wt) in [("2022-09-24", 5), ("2022-02-03", 0), ("2021-12-16", 1)] {
        let Some(rows) = table(&format!("plan-day-{day}.csv")) else {
            return;
        };
        let mut entries = entries(&rows);
        with_modes(&mut entries, &format!("plan-observations-{day}.json")).unwrap();

        let records = records(&plan(&entries), rows.len());

        let modes = |name: &str| {
            records
                .iter()
                .filter(|r| r.facts.instrument_mode.as_deref() == Some(name))
                .count()
        };
        assert_eq!(modes("PC") + modes("Auto") + modes("WT"), records.len());
        assert_eq!(modes("WT"), in_wt, "{day}");
        for record in &records {
            let uvot = record.facts.instruments[1].mode.as_deref();
            let belt = record.facts.intent == Some(Intent::Engineering);
            assert_eq!(uvot == Some("0x0009"), belt, "{}", record.obs_id);
            assert_eq!(record.facts.band.is_empty(), belt);
        }
    }
}

#[test]
fn a_day_grouped_by_observation_is_read_as_it_stands() {
    for (day, count) in [("2022-09-24", 59), ("2022-02-03", 81), ("2021-12-16", 63)] {
        let Some(body) = file(&format!("swift/plan-observations-{day}.json")) else {
            return;
        };

        let harvest = Swift
            .read("plan.json", &body, at("2026-11-21T00:00:00Z"))
            .unwrap();

        assert_eq!(
            (harvest.readable().count(), harvest.unreadable().count()),
            (count, 0)
        );
        assert!(harvest.readable().all(|r| r.claim == Claim::Plan));
    }
}

#[test]
fn the_entries_of_2025_07_01_have_coordinates_and_a_stated_exposure() {
    let Some(body) = file("swift/plan-entries-2025-07-01.json") else {
        return;
    };

    let harvest = Swift
        .read("plan.json", &body, at("2026-11-21T00:00:00Z"))
        .unwrap();

    let records: Vec<_> = harvest.readable().collect();
    assert_eq!((records.len(), harvest.unreadable().count()), (7, 0));
    let first = &records[0].facts;
    assert_eq!(records[0].obs_id, "03400165002:20250701T000500");
    assert_eq!(first.target_name.as_deref(), Some("AU_Mic"));
    assert_eq!(
        (first.s_ra, first.s_dec),
        (Some(311.316788437311), Some(-31.331389710256))
    );
    assert_eq!(
        (first.t_plan_exptime, first.t_exptime),
        (Some(1140.0), None)
    );
    assert_eq!(first.instruments[1].mode.as_deref(), Some("0x308f"));
    assert_eq!(records[6].obs_id, "00080011005:20250701T015900");
    assert_eq!(records[5].facts.instrument_mode.as_deref(), Some("PC"));
}

/// A log: snapshots, observations, seconds exposed.
fn as_flown(name: &str, counts: (usize, usize, f64)) -> Option<Vec<Record>> {
    let rows = table(name)?;
    let records = records(&log(&entries(&rows)), counts.0);
    assert_eq!(groups(&records), counts.1);
    for (record, cells) in records.iter().zip(&rows) {
        assert_eq!(record.claim, Claim::Happened(Basis::Reported));
        assert_eq!(record.facts.t_exptime, cells[4].parse().ok());
        assert_eq!(record.first_science.is_some(), cells[4] != "0");
        assert_eq!(record.facts.t_max_kind, Some(TMaxKind::Exact));
    }
    assert_eq!(
        records
            .iter()
            .filter_map(|r| r.facts.t_exptime)
            .sum::<f64>(),
        counts.2
    );
    Some(records)
}

#[test]
fn ss_433_was_flown_in_77_snapshots_of_36_observations() {
    let Some(records) = as_flown("asflown-ss433.csv", (77, 36, 55_631.0)) else {
        return;
    };

    assert_eq!(records[0].obs_id, "00035190001:20050730T132302");
    assert_eq!(records[0].first_science, Some(at("2005-07-30T13:25:25Z")));
    let slew_only = &records[4];
    assert_eq!(
        (slew_only.obs_id.as_str(), slew_only.facts.t_exptime),
        ("00035190007:20050801T184415", Some(0.0))
    );
}

#[test]
fn one_observation_of_ss_433_has_15_snapshots() {
    let Some(records) = as_flown("asflown-00035190015-snapshots.csv", (15, 1, 7_830.0)) else {
        return;
    };

    assert!(
        records
            .iter()
            .all(|r| r.facts.group_id.as_deref() == Some("00035190015"))
    );
    assert_eq!(records[14].facts.t_max, Some(at("2006-07-02T10:53:56Z")));
}

#[test]
fn six_targets_were_flown_in_the_first_hour_of_2020_05_31() {
    let Some(records) = as_flown("asflown-2020-05-31-one-hour.csv", (6, 6, 2_915.0)) else {
        return;
    };

    assert_eq!(
        records[1].facts.target_name.as_deref(),
        Some("MAXI J1348-630")
    );
    assert_eq!(records[5].facts.t_min, Some(at("2020-05-31T00:54:03Z")));
}

#[test]
fn the_observations_of_ss_433_give_object_and_modes() {
    let Some(rows) = table("asflown-ss433.csv") else {
        return;
    };
    let mut entries = entries(&rows);
    with_modes(&mut entries, "asflown-observations-ss433.json").unwrap();

    let records = records(&log(&entries), 77);

    let facts = &records[0].facts;
    assert_eq!((facts.s_ra, facts.s_dec), (Some(287.9565), Some(4.982667)));
    assert_eq!(facts.instruments[1].mode.as_deref(), Some("0x000a"));
    let body = file("swift/asflown-observations-ss433.json").unwrap();
    let grouped = Swift
        .read("log.json", &body, at("2026-11-21T00:00:00Z"))
        .unwrap();
    assert_eq!(
        grouped
            .readable()
            .filter(|r| r.claim == Claim::Happened(Basis::Reported))
            .count(),
        36
    );
}

/// Whether the connector refuses these bytes with a sentence.
fn refuses(body: &[u8]) -> bool {
    let answer = Swift.read("saved", body, at("2026-11-21T00:00:00Z"));
    matches!(answer, Err(Error::Unreadable(why)) if why.contains("planquery"))
}

#[test]
fn requests_are_no_activities() {
    let Some(rows) = table("too-requests-2022-01.csv") else {
        return;
    };
    let request = |cells: &Vec<String>| {
        json!({
            "too_id": cells[0].parse::<u32>().unwrap(), "instrument": cells[2], "ra": cells[3], "dec": cells[4],
            "timestamp": cells[7], "urgency": cells[9].parse::<u8>().unwrap(), "date_begin": cells[10],
            "date_end": cells[11], "target_id": cells[12].parse::<u32>().unwrap()
        })
    };
    let requests: Vec<_> = rows.iter().map(request).collect();
    assert_eq!(requests.len(), 36);

    assert!(refuses(
        json!({ "entries": requests, "status": { "status": "Accepted" } })
            .to_string()
            .as_bytes()
    ));
    assert!(refuses(&file("swift/too-requests-2022-01.csv").unwrap()));
}

#[test]
fn days_of_a_calendar_are_no_activities() {
    let Some(rows) = table("too-calendar-16821.csv") else {
        return;
    };
    let day = |cells: &Vec<String>| json!({ "start": cells[1], "stop": cells[2], "too_id": 16821, "target_id": 13544 });
    let days: Vec<_> = rows.iter().map(day).collect();
    assert_eq!(days.len(), 6);

    assert!(refuses(
        json!({ "entries": days, "status": { "status": "Accepted" } })
            .to_string()
            .as_bytes()
    ));
    assert!(refuses(&file("swift/too-calendar-16821.csv").unwrap()));
}

#[test]
fn printed_tables_and_modes_are_refused_with_a_sentence() {
    for name in [
        "uvot-mode-0x30ed.txt",
        "plan-day-2021-08-24.csv",
        "plan-day-2022-09-24.csv",
        "asflown-ss433.csv",
    ] {
        let Some(body) = file(&format!("swift/{name}")) else {
            return;
        };
        assert!(refuses(&body), "{name}");
    }
}
