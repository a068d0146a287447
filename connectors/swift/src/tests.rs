//! Tests on composed answers and cassettes.

mod asking;
mod damage;
mod edges;
mod pairing;
mod reading;

use chrono::{DateTime, Utc};
use domain::Record;
use serde_json::{Value, json};
use upstream::{Connector, Harvest, Result};

use crate::Swift;

/// A time in UTC.
fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Reads an answer as a saved file.
fn read(answer: &Value) -> Result<Harvest> {
    Swift.read(
        "saved.json",
        answer.to_string().as_bytes(),
        utc("2022-09-24T12:00:30Z"),
    )
}

/// The only record of an answer that holds one.
fn only(answer: &Value) -> Record {
    let harvest = read(answer).unwrap();
    assert_eq!(harvest.records.len(), 1, "{harvest:?}");
    harvest.records[0].clone().unwrap()
}

/// The reason why the only row cannot be read.
fn refused(row: Value) -> String {
    let harvest = read(&json!([row, entry()])).unwrap();
    harvest.unreadable().next().unwrap().reason.clone()
}

/// A row of the plan of 2022-09-24, with the names of version 2.
fn entry() -> Value {
    json!({
        "begin": "2022-09-24T11:11:00", "end": "2022-09-24T11:24:00", "target_name": "U Sco",
        "ra": 245.6283, "dec": -17.8786, "roll": null, "target_id": 31417, "segment": 174,
        "obs_id": "00031417174", "bat_mode": 0, "xrt_mode": 7, "uvot_mode": 12525, "fom": 90.0,
        "comment": null, "timetarg": 0, "takodb": null
    })
}

/// The same row with some fields changed.
fn entry_with(changes: Value) -> Value {
    let mut row = entry();
    for (name, value) in changes.as_object().unwrap() {
        row[name] = value.clone();
    }
    row
}

/// An accepted answer of `planquery`.
fn planned(entries: &[Value]) -> Value {
    json!({ "ppstmax": "2022-09-25T00:00:00", "entries": entries, "status": { "status": "Accepted" } })
}

/// An accepted answer of `obsquery`.
fn flown(entries: &[Value], afstmax: &str) -> Value {
    json!({ "afstmax": afstmax, "entries": entries, "status": { "status": "Accepted" } })
}
