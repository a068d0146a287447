//! Recorded rows of the archive, joined to the week they belong to.

use jwst::join;
use serde_json::{Value, json};
use upstream::mast::{self, MastRow};

use super::{how_many, report};
use crate::harness::samples::{file, record};

/// The rows lack the portal's envelope and most columns; the test puts them into it.
fn archive(rows: Vec<Value>) -> Vec<MastRow> {
    let rows = rows.into_iter().map(|mut row| {
        row["obs_collection"] = json!("JWST");
        row["calib_level"] = json!(-1);
        row
    });
    let answer = json!({ "status": "COMPLETE", "msg": "", "data": rows.collect::<Vec<_>>() });
    let rows = mast::read(answer.to_string().as_bytes()).unwrap();
    rows.into_iter().map(Result::unwrap).collect()
}

#[test]
fn recorded_planned_rows_complete_the_week_they_were_planned_for() {
    let (Some(mut week), Some(rows)) = (
        report("20250804_report_20250802.txt"),
        file("jwst/mast-planned-rows.json"),
    ) else {
        return;
    };

    let rows = archive(serde_json::from_slice(&rows).unwrap());
    assert_eq!(rows.len(), 247);
    join(&mut week, &rows);

    assert_eq!(week.records.len(), 75);
    assert_eq!(how_many(&week, |record| record.facts.s_ra.is_some()), 19);
    let pointing = |id| {
        let facts = &record(&week, id).facts;
        (facts.s_ra, facts.s_dec)
    };
    assert_eq!(
        pointing("7532:2:1"),
        (Some(266.4168166667), Some(-29.007825))
    );
    assert_eq!(
        pointing("5924:1:1"),
        (Some(297.70936375), Some(48.0808611111))
    );
    assert_eq!(
        pointing("4938:2:1"),
        (Some(86.8507833333), Some(-60.5214083333))
    );
    assert_eq!(pointing("5094:2:1"), (None, None));
    assert_eq!(pointing("6434:551:1"), (None, None));

    let field = &record(&week, "7814:2:16").facts;
    assert_eq!(field.instruments[0].filters, ["F1280W", "F1500W"]);
    assert_eq!(field.instruments[1].filters.len(), 8);
    assert_eq!(
        (field.em_min, field.em_max),
        (Some(1.331e-6), Some(1.65e-5))
    );
    let centre = &record(&week, "7532:2:1").facts;
    assert_eq!(
        (centre.em_min, &centre.instruments[0].filters[..]),
        (None, &[][..])
    );
}

/// The row is printed as a table with blanks between its cells and quotes where one holds blanks.
fn printed_row(table: &str) -> Value {
    let cells = |line: &str| -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        for letter in line.chars() {
            match (letter, cells.last_mut()) {
                ('"', _) => quoted = !quoted,
                (' ', _) if !quoted => cells.push(String::new()),
                (_, Some(cell)) => cell.push(letter),
                _ => {}
            }
        }
        cells
    };
    let mut lines = table.lines().filter(|line| !line.starts_with('#'));
    let names = cells(lines.next().unwrap());
    let values = cells(lines.next().unwrap());
    assert_eq!(names.len(), values.len());
    let value = |text: String| match text.as_str() {
        "" | "nan" => Value::Null,
        "False" => json!(false),
        number => number
            .parse::<f64>()
            .map_or_else(|_| json!(number), |n| json!(n)),
    };
    names
        .into_iter()
        .zip(values.into_iter().map(value))
        .collect()
}

#[test]
fn a_whole_recorded_row_tells_who_and_which_part_of_the_sky() {
    let (Some(mut week), Some(table)) = (
        report("20250804_report_20250802.txt"),
        file("jwst/mast-planned-observation.ecsv"),
    ) else {
        return;
    };

    let row = printed_row(std::str::from_utf8(&table).unwrap());
    join(&mut week, &archive(vec![row]));

    let facts = &record(&week, "5924:1:1").facts;
    assert_eq!(facts.proposal_pi.as_deref(), Some("Sing, David K."));
    assert_eq!(
        facts.proposal_title.as_deref(),
        Some("JWSTs Exoplanet Grand Tour Spectroscopic Survey")
    );
    assert_eq!(facts.instruments[0].filters, ["CLEAR", "GR700XD"]);
    assert_eq!((facts.em_min, facts.em_max), (Some(6e-7), Some(2.8e-6)));
    let region = facts.s_region.as_deref().unwrap();
    assert!(
        region.starts_with("POLYGON ICRS 297.655414535 48.07750526975 "),
        "{region}"
    );
    assert_eq!(how_many(&week, |record| record.facts.s_ra.is_some()), 1);
}
