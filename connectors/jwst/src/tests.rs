//! Tests on composed reports, rows and cassettes.

use domain::Record;
use upstream::{Connector, Harvest};

use crate::Jwst;

mod damage;
mod index;
mod join;
mod plan;
mod refused;
mod report;

pub(super) const HEAD: &str = "\
Visit Information for OP Package 2521607f02

VISIT ID       PCS MODE    VISIT TYPE                     SCHEDULED START TIME  DURATION     SCIENCE INSTRUMENT AND MODE                         TARGET NAME                      CATEGORY                        KEYWORDS
-------------  ----------  -----------------------------  --------------------  -----------  --------------------------------------------------  -------------------------------  ------------------------------  --------------------------------
";

pub(super) const FIXED: &str = "PRIME TARGETED FIXED";
pub(super) const ATTACHED: &str = "^ATTACHED TO PRIME^";

/// A line of a report: id, guiding, type, start, duration, mode, target, class, keywords.
pub(super) fn line(cells: [&str; 9]) -> String {
    let [
        id,
        pcs,
        kind,
        start,
        duration,
        mode,
        target,
        category,
        keywords,
    ] = cells;
    let line = format!(
        "{id:<13}  {pcs:<10}  {kind:<29}  {start:<20}  {duration:<11}  {mode:<50}  {target:<31}  \
         {category:<30}  {keywords}"
    );
    line.trim_end().to_owned() + "\n"
}

/// A guided prime on a fixed star, an hour long.
pub(super) fn prime(id: &str, start: &str, mode: &str, target: &str) -> String {
    line([
        id,
        "FINEGUIDE",
        FIXED,
        start,
        "00/01:00:00",
        mode,
        target,
        "Star",
        "K stars",
    ])
}

pub(super) fn coordinated(mode: &str) -> String {
    line(["", "", "COORDINATED PARALLEL", "", "", mode, "", "", ""])
}

pub(super) fn further_target(name: &str) -> String {
    line(["", "", "", "", "", "", name, "Star", "M stars"])
}

pub(super) fn attached(id: &str, kind: &str, mode: &str) -> String {
    line([id, "NONE", kind, ATTACHED, "", mode, "", "", ""])
}

pub(super) fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

pub(super) fn read(rows: &[String]) -> Harvest {
    let text = HEAD.to_owned() + &rows.concat();
    let now = at("2025-08-03T00:00:00Z");
    Jwst.read("20250804_report_20250802.txt", text.as_bytes(), now)
        .unwrap()
}

pub(super) fn records(harvest: &Harvest) -> Vec<&Record> {
    harvest.readable().collect()
}
