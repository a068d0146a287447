//! Whole answers, composed in the upstream's form.

mod archive;
mod cassette;
mod damage;
mod harvest;
mod plan;

use chrono::{DateTime, TimeZone, Utc};
use domain::Record;
use serde_json::{Value, json};
use upstream::{Connector, Harvest};

use crate::Hst;

fn utc(y: i32, mo: u32, d: u32, h: u32, mi: u32, s: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(y, mo, d, h, mi, s).unwrap()
}

fn now() -> DateTime<Utc> {
    utc(2025, 7, 30, 12, 0, 0)
}

fn read(body: impl AsRef<[u8]>) -> Harvest {
    Hst.read("timeline_07_28_25", body.as_ref(), now()).unwrap()
}

fn only(harvest: &Harvest) -> &Record {
    assert_eq!(harvest.records.len(), 1, "{:#?}", harvest.records);
    harvest.records[0].as_ref().unwrap()
}

fn by_id<'h>(harvest: &'h Harvest, obs_id: &str) -> &'h Record {
    let mut found = harvest.readable().filter(|record| record.obs_id == obs_id);
    let record = found.next().unwrap_or_else(|| panic!("no {obs_id}"));
    assert!(found.next().is_none(), "{obs_id} twice");
    record
}

/// One exposure, printed in its columns.
#[derive(Clone)]
struct Row {
    date: &'static str,
    begin: &'static str,
    end: &'static str,
    unit: &'static str,
    pi: &'static str,
    target: &'static str,
    instrument: &'static str,
    mode: &'static str,
    element: &'static str,
    seconds: &'static str,
}

/// A visit of programme 17918, as published for 28 July 2025.
const ROW: Row = Row {
    date: "2025.209",
    begin: "01:07:54",
    end: "02:03:30",
    unit: "1791807",
    pi: "Loriga",
    target: "FSR2007-0584",
    instrument: "WFC3/IR",
    mode: "MULTIA",
    element: "F110W",
    seconds: "44.11",
};

impl Row {
    fn line(&self) -> String {
        format!(
            "{:<8} {:<8} {:<8}  {:<7}  {:<10.10} {:<6} {:<30.30} {:<8.8} {:<6.6} {:<12} {:<12} {:>9}  01 01 01",
            self.date,
            self.begin,
            self.end,
            self.unit,
            self.pi,
            "01-001",
            self.target,
            self.instrument,
            self.mode,
            "FIX",
            self.element,
            self.seconds,
        )
    }
}

const RULER: &str = "-------- -------- --------  -------  ---------- ------ ----------                     -------- ------ ------------ ------------ --------- -- -- -- --";

const TITLE: (&str, &str, &str) = (
    "17918",
    "Loriga",
    "Unveiling the unseen: a HST first (and only) view of extremely obscured",
);

/// A report of the week from 28 July 2025, its exposures on these pages.
fn report(pages: &[&[String]]) -> String {
    report_of("2025.209", "2025.216", pages, &[TITLE])
}

fn report_of(from: &str, to: &str, pages: &[&[String]], titles: &[(&str, &str, &str)]) -> String {
    let mut text = String::new();
    for (n, rows) in pages.iter().enumerate() {
        text += &format!(
            "\n\n29-Jul-2025 22:51:44    ---   HST  Observing  Timeline  Report  for  SMS:   252097D1   ---    Page {}\n\
             \x20    SMS Start: {from}:00:00:00 (x), End: {to}:00:00:00 (x)\n\n\
             \x20        Observation  Set            Principal                 Science\n\
             \x20        Begin UT End  UT   SU Id    Investigat Exp #  Target  Instrume Mode\n{RULER}\n",
            n + 1
        );
        for row in *rows {
            text += row;
            text += "\n";
        }
    }
    if !titles.is_empty() {
        text += "\n29-Jul-2025 22:51:48    ---  HST  Observing  Timeline  Report  ---   Page 1\n\
                 \x20         Proposal  Titles    for  SMS:   252097D1\n\n\
                 \x20    Prop  Prog    Principal\n     Id    Id      Investigator       Proposal Title\n";
        text += &format!("     ----- ----    ---------------    {}\n", "-".repeat(70));
    }
    for (program, pi, title) in titles {
        text += &format!("     {program:<5} FJW     {pi:<15.15}    {title}\n");
    }
    text
}

fn week(rows: &[Row]) -> String {
    let lines: Vec<String> = rows.iter().map(Row::line).collect();
    report(&[&lines])
}

/// An answer of MAST with these rows.
fn mast(rows: &[Value]) -> Vec<u8> {
    json!({
        "status": "COMPLETE", "msg": "", "data": rows, "fields": [],
        "paging": {"page": 1, "pageSize": 5000, "pagesFiltered": 1,
                   "rows": rows.len(), "rowsFiltered": rows.len(), "rowsTotal": rows.len()},
    })
    .to_string()
    .into_bytes()
}

/// One exposure of visit 07 of programme 17918 in the archive.
fn dataset(obs_id: &str, changes: Value) -> Value {
    let mut row = json!({
        "obs_id": obs_id, "obsid": 1, "obs_collection": "HST", "project": "HST",
        "instrument_name": "WFC3/IR", "filters": "F110W", "target_name": "FSR2007-0584",
        "s_ra": 36.8125, "s_dec": 61.6244, "calib_level": 2, "intentType": "science",
        "t_min": 60884.05, "t_max": 60884.0506, "t_exptime": 44.11,
        "em_min": 900.0, "em_max": 1400.0, "proposal_id": "17918", "mtFlag": false,
    });
    for (key, value) in changes.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}
