//! What all connectors read with, on recorded answers of many services.

use upstream::votable::{Status, status};
use upstream::{mast, table};

use crate::harness::samples::file;

#[test]
fn recorded_documents_say_what_became_of_their_query() {
    let failed = |text: &str| Status::Failed(text.to_owned());
    for (name, expected) in [
        ("votable_ok.xml", Status::Ok),
        ("votable_overflow.xml", Status::Overflow),
        (
            "tap_error_http200_irsa.xml",
            failed("Table neowiser_p1bs_psd not found"),
        ),
        (
            "conesearch_error1.xml",
            failed("Error in input RA value: as3f"),
        ),
    ] {
        let Some(body) = file(&format!("ivoa/{name}")) else {
            return;
        };
        assert_eq!(status(&body).unwrap(), expected, "{name}");
    }
}

#[test]
fn recorded_tables_have_no_broken_row() {
    for (name, rows) in [
        ("eso/dbo_raw_sgra.csv", 15),
        ("swift/plan-day-2022-09-24.csv", 98),
    ] {
        let Some(body) = file(name) else { return };
        let table = table::read_csv(&body).unwrap();
        assert_eq!(table.rows.len(), rows, "{name}");
        assert!(table.rows.iter().all(Result::is_ok), "{name}");
    }
}

#[test]
fn recorded_answers_of_mast_have_no_broken_row() {
    for (name, rows) in [
        ("hst/mast-caom-filtered.json", 3),
        ("hst/mast-caom-cone.json", 19),
    ] {
        let Some(body) = file(name) else { return };
        let read = mast::read(&body).unwrap();
        assert_eq!(read.len(), rows, "{name}");
        assert!(read.iter().all(Result::is_ok), "{name}");
    }
}
