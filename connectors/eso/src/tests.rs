//! Whole answers in, records out. The rows are composed from published facts of ESO programmes.

mod changes;
mod damage;
mod harvesting;
mod reading;
mod refusing;

use chrono::{DateTime, Utc};
use domain::Record;
use upstream::{Connector, Harvest, Result};

use crate::Eso;
use crate::query::COLUMNS;

/// One row as column and text; what is not named is empty.
type Fields = Vec<(&'static str, String)>;

/// The time, for tests in which it does not matter.
fn noon() -> DateTime<Utc> {
    at("2013-08-31T12:00:00Z")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A SINFONI exposure of the Galactic centre that began at `start` (UTC, without a zone).
fn exposure(start: &str) -> Fields {
    vec![
        ("dp_id", format!("SINFO.{start}")),
        ("dp_cat", "SCIENCE".into()),
        ("dp_type", "OBJECT".into()),
        ("dp_tech", "IFU,NODDING".into()),
        ("instrument", "SINFONI".into()),
        ("telescope", "ESO-VLT-U4".into()),
        ("ins_mode", "IR_SPECTROSCOPY".into()),
        ("filter_path", "H+K".into()),
        ("object", "SGR A".into()),
        ("target", "SGR A".into()),
        ("ra", "266.41480694".into()),
        ("dec", "-29.00877".into()),
        ("exp_start", format!("{start}Z")),
        ("date_obs", start.into()),
        ("exposure", "300.0".into()),
        ("ob_id", "200282039".into()),
        ("tpl_start", "2013-08-27T01:05:10".into()),
        ("prog_id", "091.B-0088(B)".into()),
        ("pi_coi", "GILLESSEN/ GENZEL/ EISENHAUER/".into()),
        ("release_date", "2014-08-27T04:03:31.840Z".into()),
        ("last_mod_date", "2013-08-27T04:02:35.663Z".into()),
    ]
}

/// The same row with other texts in some columns.
fn with(mut fields: Fields, changes: &[(&'static str, &str)]) -> Fields {
    for (column, text) in changes {
        fields.retain(|(name, _)| name != column);
        fields.push((column, (*text).to_owned()));
    }
    fields
}

/// Rows as the wire has them.
fn csv(columns: &[&str], rows: &[Fields]) -> String {
    let mut text = columns.join(",");
    text.push('\n');
    for row in rows {
        let line: Vec<String> = columns.iter().map(|column| field(row, column)).collect();
        text.push_str(&line.join(","));
        text.push('\n');
    }
    text
}

fn field(row: &Fields, column: &str) -> String {
    let text = row
        .iter()
        .find(|(name, _)| *name == column)
        .map_or("", |(_, text)| text.as_str());
    if text.contains(',') {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}

fn read_text(text: &str) -> Result<Harvest> {
    Eso.read("dbo_raw.csv", text.as_bytes(), noon())
}

fn read(rows: &[Fields]) -> Harvest {
    read_text(&csv(COLUMNS, rows)).unwrap()
}

/// The only record of these rows.
fn one(rows: &[Fields]) -> Record {
    let harvest = read(rows);
    let mut records = harvest.readable();
    let record = records.next().unwrap().clone();
    assert_eq!(records.next(), None);
    record
}
