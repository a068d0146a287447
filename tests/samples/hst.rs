//! Hubble's recorded answers, read by value.

use chrono::{DateTime, TimeZone, Utc};
use domain::{Basis, Claim, Intent, Role, TMaxKind};
use hst::Hst;
use upstream::{Connector, Error, Harvest, Result};

use crate::harness::samples::{file, record};

fn utc(y: i32, mo: u32, d: u32, h: u32, mi: u32, s: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(y, mo, d, h, mi, s).unwrap()
}

fn read(name: &str, body: &[u8]) -> Result<Harvest> {
    Hst.read(name, body, utc(2025, 7, 30, 0, 0, 0))
}

fn refused(name: &str, body: &[u8], because: &str) {
    match read(name, body) {
        Err(Error::Unreadable(why)) => assert!(why.contains(because), "{name}: {why}"),
        other => panic!("{name}: {other:?}"),
    }
}

/// The fixture's second and third row carry edited SU ids and times, so they are visits of their
/// own, of a programme the titles do not know.
#[test]
fn the_weekly_timeline_holds_three_visits() {
    let Some(body) = file("hst/timeline_07_28_25.abridged.txt") else {
        return;
    };

    let harvest = read("timeline_07_28_25.abridged.txt", &body).unwrap();

    assert_eq!(harvest.read, 3);
    assert_eq!(harvest.records.len(), 3);
    assert_eq!(harvest.unreadable().count(), 0);
    assert!(harvest.covers.is_empty());
    assert_eq!(harvest.horizon, Some(utc(2025, 8, 4, 0, 0, 0)));

    let first = record(&harvest, "17918:07");
    assert_eq!(first.claim, Claim::Plan);
    assert!(first.on_track);
    let facts = &first.facts;
    assert_eq!(facts.facility_name, "HST");
    assert_eq!(facts.target_name.as_deref(), Some("FSR2007-0584"));
    assert_eq!(facts.instrument_name.as_deref(), Some("WFC3/IR"));
    assert_eq!(facts.instrument_mode.as_deref(), Some("MULTIACCUM"));
    assert_eq!(facts.instruments[0].filters, ["F110W"]);
    assert_eq!(facts.band, ["Infrared"]);
    assert_eq!(facts.t_min, Some(utc(2025, 7, 28, 1, 7, 54)));
    assert_eq!(facts.t_max, Some(utc(2025, 7, 28, 2, 3, 30)));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::Planned));
    assert_eq!(facts.t_planning, Some(utc(2025, 7, 29, 22, 51, 44)));
    assert_eq!(facts.t_plan_exptime, Some(44.11));
    assert_eq!(facts.proposal_pi.as_deref(), Some("Loriga"));
    assert!(
        facts
            .proposal_title
            .as_deref()
            .unwrap()
            .starts_with("Unveiling the unseen")
    );
    assert_eq!(facts.truncated, ["proposal_title"]);
    assert_eq!((facts.s_ra, facts.s_dec), (None, None));

    let second = record(&harvest, "17919:00");
    assert_eq!(second.facts.t_min, Some(utc(2025, 7, 28, 1, 8, 54)));
    assert_eq!(second.facts.t_plan_exptime, Some(41.17));
    assert_eq!(second.facts.proposal_title, None);
    let third = record(&harvest, "17919:10");
    assert_eq!(third.facts.instruments[0].filters, ["F110W", "F435W"]);
    assert_eq!(third.facts.t_max, Some(utc(2025, 7, 28, 2, 6, 30)));
}

/// 19 rows: four datasets of Hubble in three visits, fourteen of the legacy archive, one of GALEX.
#[test]
fn a_cone_of_mast_holds_three_visits_that_happened() {
    let Some(body) = file("hst/mast-caom-cone.json") else {
        return;
    };

    let harvest = read("mast-caom-cone.json", &body).unwrap();

    assert_eq!(harvest.read, 19);
    assert_eq!(harvest.records.len(), 3);
    assert_eq!(harvest.skipped.values().sum::<usize>(), 15);
    for record in harvest.readable() {
        assert_eq!(record.claim, Claim::Happened(Basis::Archived));
        assert_eq!(record.facts.t_max_kind, Some(TMaxKind::LowerBound));
        assert!(
            record
                .facts
                .s_region
                .as_deref()
                .unwrap()
                .starts_with("POLYGON ICRS ")
        );
    }

    let field = record(&harvest, "5371:CS");
    let facts = &field.facts;
    assert_eq!(facts.target_name.as_deref(), Some("LO-LAT"));
    assert_eq!(facts.instrument_name.as_deref(), Some("WFPC2/WFC"));
    assert_eq!(
        (facts.s_ra, facts.s_dec),
        (Some(23.118_171_293_95), Some(60.642_135_758_52))
    );
    assert_eq!(facts.proposal_pi.as_deref(), Some("Griffiths"));
    assert_eq!(facts.t_exptime, Some(1500.0));
    assert!((facts.em_min.unwrap() - 7.1351e-7).abs() < 1e-12);
    assert_eq!(
        facts.t_min.map(|at| at.date_naive().to_string()).as_deref(),
        Some("1995-02-08")
    );
    assert_eq!(facts.role, Role::Prime);
    assert_eq!(facts.intent, None);

    let parallel = record(&harvest, "5092:3E");
    assert_eq!(parallel.facts.role, Role::PureParallel);
    assert_eq!(parallel.facts.n_exposures, Some(2));
    assert_eq!(parallel.facts.t_exptime, Some(1200.0));
    assert_eq!(parallel.facts.instruments[0].filters, ["F606W", "F814W"]);
    assert_eq!(parallel.parallel_of, None);
    assert!(!parallel.on_track);
}

#[test]
fn a_filtered_answer_of_mast_is_one_visit_without_wavelengths() {
    let Some(body) = file("hst/mast-caom-filtered.json") else {
        return;
    };

    let harvest = read("mast-caom-filtered.json", &body).unwrap();

    assert_eq!((harvest.read, harvest.records.len()), (3, 1));
    let visit = record(&harvest, "8880:01");
    assert_eq!(visit.facts.target_name.as_deref(), Some("EV-LAC"));
    assert_eq!(visit.facts.instrument_name.as_deref(), Some("STIS/CCD"));
    assert!((visit.facts.t_exptime.unwrap() - 4.1).abs() < 1e-9);
    assert_eq!((visit.facts.em_min, visit.facts.em_max), (None, None));
    assert_eq!(visit.facts.band, ["Optical"]);
    assert_eq!(visit.facts.s_dec, Some(44.333_818_261_26));
}

#[test]
fn what_the_connector_does_not_read_is_refused() {
    for (name, because) in [
        ("hst/paec_7-present.abridged.cat", "HST weekly timeline"),
        ("hst/esa-hst-observation.vot.xml", "HST weekly timeline"),
        ("hst/mast-caom-count.json", "HST"),
        ("hst/mast-hst-search.json", ""),
        ("hst/mast-columnsconfig.json", ""),
        ("hst/mast-hst-columns.json", ""),
    ] {
        let Some(body) = file(name) else { return };

        refused(name, &body, because);
    }
}

/// The portal describes its columns; a column asked for that it does not know would fail the query.
#[test]
fn the_columns_asked_for_are_those_the_portal_describes() {
    let Some(body) = file("hst/mast-columnsconfig.json") else {
        return;
    };
    // In newer rows of the portal (a recorded row of JWST holds them), not in this description.
    let newer = ["provenance_name", "proposal_type", "sequence_number"];

    let described: serde_json::Value = serde_json::from_slice(&body).unwrap();

    for column in upstream::mast::COLUMNS.split(',') {
        let known = described.get(column).is_some() || newer.contains(&column);
        assert!(known, "{column}");
    }
}

/// The catalogue of planned exposures confirms the cut and the pointing's programme: the same
/// target, instrument and programme as in the timeline. It is not downloaded (tens of MB).
#[test]
fn the_catalogue_and_the_timeline_name_the_same_programme() {
    let Some(catalogue) = file("hst/paec_7-present.abridged.cat") else {
        return;
    };
    let Some(timeline) = file("hst/timeline_07_28_25.abridged.txt") else {
        return;
    };

    let text = String::from_utf8(catalogue).unwrap();
    let row = text
        .lines()
        .rfind(|line| line.contains(" PLANNED "))
        .unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    let harvest = read("timeline", &timeline).unwrap();

    let facts = &record(&harvest, "17918:07").facts;
    assert_eq!(facts.target_name.as_deref(), words.first().copied());
    assert_eq!(facts.instrument_name.as_deref(), words.get(7).copied());
    assert!(words.contains(&facts.proposal_id.as_deref().unwrap()));
}

/// The ESA archive names datasets in the same form: programme code, then visit.
#[test]
fn datasets_carry_the_visit_in_letters_five_and_six() {
    let Some(body) = file("hst/esa-hst-observation.vot.xml") else {
        return;
    };
    let text = String::from_utf8(body).unwrap();
    let mut checked = 0;

    for row in text.split("<TR>").skip(1) {
        let cells: Vec<&str> = row
            .split("</TD>")
            .map(|cell| cell.trim_start_matches("<TD>"))
            .collect();
        let (Some(dataset), Some(code), Some(visit)) = (cells.first(), cells.get(8), cells.get(9))
        else {
            continue;
        };
        if dataset.len() == 9 {
            assert_eq!(dataset.get(1..4).unwrap(), code.to_lowercase());
            assert_eq!(dataset.get(4..6).unwrap(), visit.to_lowercase());
            checked += 1;
        }
    }

    assert!(checked > 40, "{checked}");
}

#[test]
fn the_intent_of_a_planned_visit_on_a_cluster_is_science() {
    let Some(body) = file("hst/timeline_07_28_25.abridged.txt") else {
        return;
    };

    let harvest = read("timeline", &body).unwrap();

    assert!(
        harvest
            .readable()
            .all(|record| record.facts.intent == Some(Intent::Science))
    );
}
