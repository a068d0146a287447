//! Recorded answers of the ESO archive, and tables printed from them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{Basis, Claim, Intent, TrackingType};
use eso::Eso;
use upstream::table::read_csv;
use upstream::{Connector, Error, Harvest};

use crate::harness::records::at;
use crate::harness::samples::{file, record};

/// A time after all of the samples.
fn now() -> DateTime<Utc> {
    at("2026-11-21T12:00:00Z")
}

fn read(body: &[u8]) -> Harvest {
    Eso.read("sample.csv", body, now()).unwrap()
}

/// Why a body is refused.
fn refusal(body: &[u8]) -> String {
    match Eso.read("sample.csv", body, now()) {
        Err(Error::Unreadable(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// A printed table in the wire's shape: its own columns, and those it was printed without, from
/// what its README and the names in it say.
fn completed(
    body: &[u8],
    missing: impl Fn(&BTreeMap<String, String>) -> Vec<(String, String)>,
) -> Vec<u8> {
    let table = read_csv(body).unwrap();
    let mut wire: Vec<BTreeMap<String, String>> = Vec::new();
    for row in &table.rows {
        let row = row.as_ref().unwrap();
        let mut fields: BTreeMap<String, String> = table
            .columns
            .iter()
            .map(|column| (column.clone(), row.get(column).unwrap_or("").to_owned()))
            .collect();
        for (column, text) in missing(&fields) {
            fields.entry(column).or_insert(text);
        }
        for column in WIRE {
            fields.entry((*column).to_owned()).or_default();
        }
        wire.push(fields);
    }
    let columns: Vec<String> = wire[0].keys().cloned().collect();
    let mut text = columns.join(",");
    for fields in &wire {
        let line: Vec<String> = columns
            .iter()
            .map(|column| format!("\"{}\"", fields[column]))
            .collect();
        text.push('\n');
        text.push_str(&line.join(","));
    }
    text.push('\n');
    text.into_bytes()
}

/// Any printed table in the wire's shape, whatever it was printed without.
pub(crate) fn on_the_wire(body: &[u8]) -> Vec<u8> {
    completed(body, |row| {
        pairs(&[
            ("telescope", "ESO-VLT-U1"),
            ("instrument", "MIDI"),
            ("dp_cat", "SCIENCE"),
            ("dp_type", "OBJECT"),
            ("dp_id", &format!("X.{}", row["date_obs"])),
        ])
    })
}

/// Columns the connector insists on.
const WIRE: &[&str] = &[
    "dp_id",
    "dp_cat",
    "dp_type",
    "instrument",
    "telescope",
    "ra",
    "dec",
    "exp_start",
    "date_obs",
    "exposure",
    "ob_id",
];

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(column, text)| ((*column).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn fifteen_rows_of_the_galactic_centre_are_three_blocks() {
    let Some(body) = file("eso/dbo_raw_sgra.csv") else {
        return;
    };

    let harvest = read(&body);

    assert_eq!(harvest.read, 15);
    assert_eq!(harvest.unreadable().count(), 0);
    let ids: Vec<&str> = harvest
        .readable()
        .map(|record| record.obs_id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "ESO-VLT-U4:200282039:2013-08-26",
            "ESO-VLT-U4:200282283:2013-08-30",
            "ESO-VLT-U4:200282301:2013-08-30",
        ]
    );
    let first = record(&harvest, "ESO-VLT-U4:200282039:2013-08-26");
    assert_eq!(first.claim, Claim::Happened(Basis::Archived));
    let facts = &first.facts;
    assert_eq!(facts.intent, Some(Intent::Science));
    assert_eq!(facts.site.as_deref(), Some("paranal"));
    assert_eq!(facts.instrument_name.as_deref(), Some("SINFONI"));
    assert_eq!(facts.instruments[0].filters, ["H+K"]);
    assert_eq!(facts.target_name.as_deref(), Some("SGR A"));
    assert_eq!(facts.tracking_type, Some(TrackingType::Sidereal));
    assert_eq!(
        (facts.s_ra, facts.s_dec),
        (Some(266.41480694), Some(-29.00877))
    );
    assert_eq!(facts.n_exposures, Some(6));
    assert_eq!(facts.t_exptime, Some(1800.0));
    assert_eq!(facts.t_min, Some(at("2013-08-27T01:05:24.3279Z")));
    assert_eq!(facts.t_max, Some(at("2013-08-27T01:43:08.0242Z")));
    assert_eq!(facts.proposal_id.as_deref(), Some("091.B-0088(B)"));
    assert_eq!(facts.proposal_pi.as_deref(), Some("GILLESSEN"));
    assert_eq!(facts.t_planning, Some(at("2013-08-27T04:02:38.880Z")));
    assert_eq!(facts.obs_release_date, Some(at("2014-08-27T04:03:31.840Z")));
    assert_eq!(facts.s_region, None);
    let last = record(&harvest, "ESO-VLT-U4:200282301:2013-08-30");
    assert_eq!(last.facts.n_exposures, Some(3));
    assert_eq!(last.facts.s_ra, Some(266.43107805));
}

#[test]
fn no_co_investigator_is_left_in_any_raw_row() {
    for name in ["eso/dbo_raw_sgra.csv", "eso/ist_sinfoni_sgra.csv"] {
        let Some(body) = file(name) else {
            return;
        };
        for record in read(&body).readable() {
            let pi = record.facts.proposal_pi.as_deref().unwrap();
            assert!(record.raw.contains(pi));
            for name in ["EISENHAUER", "PFUHL", "NAYAKSHIN", "YUSEF-ZADEH", "PERRIN"] {
                assert!(!record.raw.contains(name), "{name} in {}", record.obs_id);
            }
        }
    }
}

#[test]
fn the_instruments_own_table_reads_the_same_and_in_any_order() {
    let Some(body) = file("eso/ist_sinfoni_sgra.csv") else {
        return;
    };

    let harvest = read(&body);

    assert_eq!(harvest.read, 34);
    assert_eq!(harvest.unreadable().count(), 0);
    assert_eq!(harvest.readable().count(), 13);
    let counted: u32 = harvest
        .readable()
        .filter_map(|record| record.facts.n_exposures)
        .sum();
    assert_eq!(counted, 34);
    let nodded = record(&harvest, "ESO-VLT-U4:200187887:2009-05-23");
    assert_eq!(nodded.first_science, Some(at("2009-05-24T09:45:30.3633Z")));
    assert_eq!(
        nodded.facts.s_ra,
        Some(266.41688888),
        "the first row is a sky offset"
    );
    let only_sky = record(&harvest, "ESO-VLT-U4:200187924:2009-05-24");
    assert_eq!((only_sky.facts.s_ra, only_sky.facts.s_dec), (None, None));
    assert_eq!(only_sky.facts.n_exposures, Some(2));
    let trapped = record(&harvest, "ESO-VLT-U4:200187862:2009-05-23");
    assert_eq!(trapped.facts.t_max, Some(at("2009-05-24T06:05:57.0605Z")));
    assert_eq!(trapped.facts.proposal_id.as_deref(), Some("183.B-0100(B)"));
    assert_eq!(trapped.facts.proposal_pi.as_deref(), Some("GENZEL"));
}

#[test]
fn all_sky_images_are_left_out() {
    let Some(body) = file("eso/dbo_raw_apicam_allsky_rendered.csv") else {
        return;
    };

    let harvest = read(&body);

    assert_eq!(harvest.read, 2);
    assert_eq!(harvest.records, []);
    assert_eq!(harvest.skipped["all-sky monitor"], 2);
}

#[test]
fn wide_field_images_of_la_silla_are_found_without_a_block() {
    let Some(body) = file("eso/dbo_raw_ngc3627_rendered.csv") else {
        return;
    };
    let body = completed(&body, |_| {
        pairs(&[
            ("telescope", "MPG/ESO-2.2"),
            ("dp_cat", "SCIENCE"),
            ("dp_type", "OBJECT"),
        ])
    });

    let harvest = read(&body);

    assert_eq!(harvest.read, 5);
    assert_eq!(harvest.readable().count(), 5);
    let first = record(
        &harvest,
        "MPG/ESO-2.2:WFI.2019-02-08T07:03:09.793:2019-02-07",
    );
    assert_eq!(first.facts.site.as_deref(), Some("lasilla"));
    assert_eq!(first.facts.target_name.as_deref(), Some("NGC-3627"));
    assert_eq!(first.facts.band, ["Optical"]);
    assert_eq!(first.facts.proposal_id.as_deref(), Some("0102.A-9002(A)"));
    let long = record(
        &harvest,
        "MPG/ESO-2.2:WFI.2019-02-08T07:18:33.565:2019-02-07",
    );
    assert_eq!(long.facts.t_exptime, Some(359.917));
    assert_eq!(long.facts.t_max, Some(at("2019-02-08T07:24:33.482Z")));
}

#[test]
fn sky_frames_between_those_of_a_supernova_give_no_position() {
    let Some(body) = file("eso/dbo_raw_sofi_sn2013am_rendered.csv") else {
        return;
    };
    let body = completed(&body, |row| {
        let is_sky = row["object"] == "SKY";
        pairs(&[
            ("telescope", "ESO-NTT"),
            ("dp_cat", "SCIENCE"),
            ("dp_type", if is_sky { "SKY" } else { "OBJECT" }),
            ("dp_id", &format!("SOFI.{}", row["date_obs"])),
            ("ob_id", "1"),
        ])
    });

    let harvest = read(&body);

    assert_eq!(harvest.read, 13);
    let block = record(&harvest, "ESO-NTT:1:2013-04-11");
    assert_eq!(block.facts.n_exposures, Some(13));
    assert_eq!(block.facts.target_name.as_deref(), Some("SN2013AM"));
    assert_eq!(block.facts.t_min, Some(at("2013-04-12T02:31:32.984Z")));
    assert_eq!(
        block.facts.t_exptime, None,
        "printed without exposure times"
    );
    assert_eq!(block.facts.s_ra, Some(169.73717));
    assert_eq!(block.facts.proposal_id.as_deref(), Some("188.D-3003(S)"));
}

#[test]
fn sentinel_coordinates_of_calibrations_are_no_position() {
    let Some(body) = file("eso/dbo_raw_midi_mixed_rendered.csv") else {
        return;
    };
    let body = completed(&body, |row| {
        let science = row["object"].contains("OBJECT");
        pairs(&[
            ("telescope", "ESO-VLTI-U12"),
            ("instrument", "MIDI"),
            ("dp_cat", if science { "SCIENCE" } else { "CALIB" }),
            ("dp_type", &row["object"]),
            ("dp_id", &format!("MIDI.{}", row["date_obs"])),
        ])
    });

    let harvest = read(&body);

    assert_eq!(harvest.readable().count(), 9);
    for record in harvest.readable() {
        let is_science = record.facts.intent == Some(Intent::Science);
        assert_eq!(record.facts.s_ra.is_some(), is_science, "{}", record.obs_id);
        assert_eq!(
            record.facts.target_name, None,
            "an object here is a frame type"
        );
        assert_eq!(record.facts.telescopes, ["ESO-VLT-U1", "ESO-VLT-U2"]);
    }
    let science = harvest
        .readable()
        .filter(|record| record.facts.intent == Some(Intent::Science));
    assert_eq!(science.count(), 3);
}

#[test]
fn interferometry_of_eta_carinae_is_one_block_a_night() {
    let Some(body) = file("eso/dbo_raw_vlti_etacar_rendered.csv") else {
        return;
    };
    let body = completed(&body, |row| {
        pairs(&[
            ("telescope", "ESO-VLTI-A1234"),
            ("dp_cat", "SCIENCE"),
            ("dp_type", "OBJECT"),
            (
                "dp_id",
                &format!("{}.{}", row["instrument"], row["date_obs"]),
            ),
            ("ob_id", "1"),
        ])
    });

    let harvest = read(&body);

    assert_eq!(harvest.read, 9);
    assert_eq!(harvest.readable().count(), 3);
    let pionier = record(&harvest, "ESO-VLTI-A1234:1:2015-12-06");
    assert_eq!(pionier.facts.n_exposures, Some(5));
    assert_eq!(pionier.facts.target_name.as_deref(), Some("ETA_CAR"));
    let gravity = record(&harvest, "ESO-VLTI-A1234:1:2016-02-24");
    assert_eq!(gravity.facts.n_exposures, Some(3));
    assert_eq!(gravity.facts.target_name.as_deref(), Some("ETA CARINAE"));
    assert_eq!(gravity.facts.t_min, Some(at("2016-02-25T05:14:21Z")));
    assert_eq!(gravity.facts.site.as_deref(), Some("paranal"));
}

#[test]
fn other_tables_are_refused_naming_what_is_missing() {
    for name in [
        "eso/ist_apex_quicklooks.csv",
        "eso/ist_tables.csv",
        "eso/legacy_wdb_raw_main.csv",
        "eso/obs_collections.csv",
        "eso/obscore_vvv_sgra.csv",
        "eso/tap_schema_dbo_raw.csv",
        "eso/tap_schema_dbo_raw_descriptions_partial.csv",
        "eso/tap_schema_obscore.csv",
        "eso/asm_api_dimm_trimmed.json",
    ] {
        let Some(body) = file(name) else {
            return;
        };

        let why = refusal(&body);

        assert!(!why.is_empty() && why.lines().count() == 1, "{name}: {why}");
    }
}

#[test]
fn every_column_asked_for_is_in_the_schema_with_its_unit() {
    let (Some(schema), Some(recorded)) = (
        file("eso/tap_schema_dbo_raw.csv"),
        file("eso/dbo_raw_sgra.csv"),
    ) else {
        return;
    };
    let schema = read_csv(&schema).unwrap();
    let recorded = read_csv(&recorded).unwrap();
    let units: BTreeMap<&str, &str> = schema
        .rows
        .iter()
        .filter_map(|row| row.as_ref().ok())
        .filter_map(|row| Some((row.get("column_name")?, row.get("unit").unwrap_or(""))))
        .collect();

    for column in eso::COLUMNS {
        assert!(units.contains_key(column), "{column}");
        assert!(
            recorded.columns.iter().any(|name| name == column),
            "{column}"
        );
    }
    for (column, unit) in [
        ("ra", "deg"),
        ("dec", "deg"),
        ("exposure", "s"),
        ("lambda_min", "nm"),
        ("lambda_max", "nm"),
    ] {
        assert_eq!(units[column], unit, "{column}");
    }
}

#[test]
fn the_described_columns_say_what_we_take_them_for() {
    let Some(body) = file("eso/tap_schema_dbo_raw_descriptions_partial.csv") else {
        return;
    };
    let table = read_csv(&body).unwrap();
    let described = |column: &str| {
        let row = table
            .rows
            .iter()
            .filter_map(|row| row.as_ref().ok())
            .find(|row| row.get("column_name") == Some(column));
        row.and_then(|row| row.get("description"))
            .unwrap_or("")
            .to_owned()
    };

    assert!(described("date_obs").contains("exposed as a string"));
    assert!(described("dec").contains("FK5 J2000"));
    assert!(described("tpl_start").contains("identifier"));
}

#[test]
fn survey_products_name_our_telescopes() {
    let Some(body) = file("eso/obscore_vvv_sgra.csv") else {
        return;
    };
    let table = read_csv(&body).unwrap();

    assert_eq!(table.rows.len(), 34);
    for row in table.rows.iter().filter_map(|row| row.as_ref().ok()) {
        let telescope = row.get("facility_name").unwrap();
        assert!(Eso.profile().facilities.contains(&telescope), "{telescope}");
    }
}
