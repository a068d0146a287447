//! Answers of MAST.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use upstream::mast::INVOKE;
use upstream::units::utc_to_mjd;
use upstream::{Line, Take};

use super::{Element, list};

/// An answer to what asks about a collection by a column.
pub(super) fn take(collection: &str, column: &str, rows: Vec<Element>) -> Take {
    let mut lines = vec![Line::new(r#"{"status":"COMPLETE","msg":"","data":["#)];
    lines.extend(list(rows));
    lines.push(Line::new(
        r#"],"paging":{"page":1,"pageSize":5000,"pagesFiltered":1}}"#,
    ));
    let collection = format!("\"values\":[\"{collection}\"]");
    let column = format!("\"paramName\":\"{column}\"");
    Take::post(INVOKE, &[])
        .answers_lines("application/json", &lines)
        .matching(&[&collection, &column])
}

/// A row as it is while nothing has been done yet.
pub(super) fn planned(mut row: Value) -> Value {
    row["calib_level"] = json!(-1);
    row
}

/// The row once it has been.
pub(super) fn performed(mut row: Value, begin: DateTime<Utc>, end: DateTime<Utc>) -> Value {
    row["calib_level"] = json!(2);
    row["t_min"] = json!(days(begin));
    row["t_max"] = json!(days(end));
    row["t_exptime"] = json!((end - begin).num_seconds() * 4 / 5);
    row
}

/// MJD to a tenth of a second, as short as MAST writes it.
fn days(at: DateTime<Utc>) -> f64 {
    (utc_to_mjd(at) * 1e6).round() / 1e6
}
