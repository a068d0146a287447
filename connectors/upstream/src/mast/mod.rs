//! MAST's portal API: `Mast.Caom.Filtered`, for HST and JWST.
//!
//! Quirks: a query that takes long answers `EXECUTING`, and the same request asked again fetches
//! its result; errors come with HTTP 200; answers come in pages.

mod row;

use std::time::Duration;

use domain::Unreadable;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

pub use self::row::MastRow;
use crate::table::shortened;
use crate::{Error, Result, Upstream};

/// Where the portal listens.
pub const INVOKE: &str = "https://mast.stsci.edu/api/v0/invoke";

/// All columns [`MastRow`] knows, as the portal wants them.
pub const COLUMNS: &str = "obs_id,obsid,obs_collection,provenance_name,instrument_name,project,\
filters,wavelength_region,target_name,target_classification,s_ra,s_dec,s_region,dataproduct_type,\
calib_level,intentType,t_min,t_max,t_exptime,em_min,em_max,obs_title,t_obs_release,proposal_id,\
proposal_pi,proposal_type,sequence_number,dataRights,mtFlag";

/// Rows on a page.
const PAGE: usize = 5000;

/// Most pages read: more is no news but a mistake in the filters.
const PAGES: usize = 20;

/// Longest time spent waiting for one page.
const PATIENCE: Duration = Duration::from_secs(600);

/// A condition on one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// The column holds one of these.
    OneOf(&'static str, Vec<String>),
    /// The column lies between these, inclusive.
    Between(&'static str, f64, f64),
    /// The column is like this text, `%` standing for any.
    Like(&'static str, String),
}

/// Asks `Mast.Caom.Filtered` for all rows that pass `filters`, page by page. `columns` is a comma
/// list ([`COLUMNS`] for all).
///
/// # Errors
/// `Unreadable` with MAST's own words for an error; `Unreachable` when it does not finish within
/// ten minutes of waiting or answers with something else than JSON; and what [`Upstream`] answers.
pub async fn filtered(
    upstream: &Upstream,
    columns: &str,
    filters: &[Filter],
) -> Result<Vec<Result<MastRow, Unreadable>>> {
    let mut rows = Vec::new();
    for page in 1..=PAGES {
        let envelope = finished(upstream, &request(columns, filters, page)).await?;
        let pages = envelope.pages();
        if pages > PAGES as u64 {
            return Err(Error::Unreadable(format!(
                "MAST holds {pages} pages of such rows, more than the {PAGES} we read"
            )));
        }
        let before = rows.len();
        envelope.rows_into(&mut rows)?;
        if page as u64 >= pages || rows.len() == before {
            break;
        }
    }
    Ok(rows)
}

/// The form value `request` that [`filtered`] posts for `page` (from 1); for composing cassettes.
#[must_use]
pub fn request(columns: &str, filters: &[Filter], page: usize) -> String {
    let filters = filters.iter().map(Condition::from).collect();
    let request = Request {
        service: "Mast.Caom.Filtered",
        format: "json",
        pagesize: PAGE,
        page,
        params: Params { columns, filters },
    };
    serde_json::to_string(&request).unwrap_or_default()
}

/// Reads one saved answer: the portal's envelope, or a bare list of rows.
///
/// # Errors
/// `Unreadable` when it is neither, or reports an error.
pub fn read(body: &[u8]) -> Result<Vec<Result<MastRow, Unreadable>>> {
    let mut rows = Vec::new();
    if body.trim_ascii_start().starts_with(b"[") {
        let data = parse(body, |text| serde_json::from_str(text))?;
        let envelope = Envelope {
            data: Some(data),
            ..Envelope::default()
        };
        envelope.rows_into(&mut rows)?;
    } else {
        let envelope = Envelope::read(body)?;
        if envelope.standing()? == Standing::Executing {
            let text = "an answer of MAST that was saved before the query was done";
            return Err(Error::Unreadable(text.to_owned()));
        }
        envelope.rows_into(&mut rows)?;
    }
    Ok(rows)
}

/// Asks until the query is done.
async fn finished(upstream: &Upstream, request: &str) -> Result<Envelope> {
    let mut waited = Duration::ZERO;
    let mut wait = Duration::from_secs(2);
    loop {
        let answer = upstream.post_form(INVOKE, &[("request", request)]).await?;
        let envelope = Envelope::read(&answer.body).map_err(|error| match error {
            // Their front end answers with pages of its own when the portal is down.
            Error::Unreadable(text) if !is_object(&answer.body) => Error::Unreachable(text),
            other => other,
        })?;
        if envelope.standing()? == Standing::Complete {
            return Ok(envelope);
        }
        let left = PATIENCE.saturating_sub(waited);
        if left.is_zero() {
            let seconds = PATIENCE.as_secs();
            return Err(Error::Unreachable(format!(
                "MAST was still executing the query after {seconds} s"
            )));
        }
        let pause = wait.min(left);
        upstream.pause(pause).await;
        waited = waited.saturating_add(pause);
        wait = wait.saturating_mul(2);
    }
}

/// What is posted. Fields are written in this order, so the same question is the same text.
#[derive(Serialize)]
struct Request<'a> {
    service: &'static str,
    format: &'static str,
    pagesize: usize,
    page: usize,
    params: Params<'a>,
}

#[derive(Serialize)]
struct Params<'a> {
    columns: &'a str,
    filters: Vec<Condition<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Condition<'a> {
    param_name: &'a str,
    values: Values<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free_text: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    Texts(&'a [String]),
    Ranges([Range; 1]),
}

#[derive(Serialize)]
struct Range {
    min: f64,
    max: f64,
}

impl<'a> From<&'a Filter> for Condition<'a> {
    fn from(filter: &'a Filter) -> Self {
        let (param_name, values, free_text) = match filter {
            Filter::OneOf(name, texts) => (*name, Values::Texts(texts), None),
            Filter::Between(name, min, max) => {
                let (min, max) = (*min, *max);
                (*name, Values::Ranges([Range { min, max }]), None)
            }
            Filter::Like(name, text) => (*name, Values::Texts(&[]), Some(text.as_str())),
        };
        Condition {
            param_name,
            values,
            free_text,
        }
    }
}

/// What is answered.
#[derive(Debug, Default, Deserialize)]
struct Envelope {
    status: Option<String>,
    msg: Option<Value>,
    data: Option<Vec<Box<RawValue>>>,
    paging: Option<Paging>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paging {
    pages_filtered: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Complete,
    Executing,
}

impl Envelope {
    fn read(body: &[u8]) -> Result<Self> {
        parse(body, |text| serde_json::from_str(text))
    }

    fn standing(&self) -> Result<Standing> {
        let status = self.status.as_deref().unwrap_or_default().trim();
        match status.to_ascii_uppercase().as_str() {
            "COMPLETE" => Ok(Standing::Complete),
            "EXECUTING" => Ok(Standing::Executing),
            "ERROR" => Err(Error::Unreadable(format!(
                "MAST answered an error: {}",
                self.message()
            ))),
            _ => Err(Error::Unreadable(format!(
                "MAST answered the unknown status {:?}",
                shortened(status, 40)
            ))),
        }
    }

    fn message(&self) -> String {
        let text = match &self.msg {
            Some(Value::String(text)) if !text.trim().is_empty() => text.trim().to_owned(),
            None | Some(Value::Null | Value::String(_)) => "without words".to_owned(),
            Some(other) => other.to_string(),
        };
        shortened(&text, 500)
    }

    /// Number of pages; one where it is not said.
    fn pages(&self) -> u64 {
        let pages = self.paging.as_ref().and_then(|p| p.pages_filtered.as_ref());
        pages.and_then(Value::as_u64).unwrap_or(1)
    }

    fn rows_into(self, rows: &mut Vec<Result<MastRow, Unreadable>>) -> Result<()> {
        let data = self
            .data
            .ok_or_else(|| Error::Unreadable("an answer of MAST without data".to_owned()))?;
        for raw in data {
            let number = rows.len().saturating_add(1);
            rows.push(MastRow::read(number, raw.get()));
        }
        Ok(())
    }
}

fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// Parses JSON; once more with `NaN` and `Infinity`, which some of their tools write, as null.
fn parse<T>(body: &[u8], read: impl Fn(&str) -> serde_json::Result<T>) -> Result<T> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Error::Unreadable("an answer of MAST that is not UTF-8".to_owned()))?;
    read(text).or_else(|why| {
        read(&without_nan(text))
            .map_err(|_| Error::Unreadable(format!("an answer that is not MAST's JSON: {why}")))
    })
}

/// `NaN`, `Infinity` and `-Infinity` outside of strings become `null`.
fn without_nan(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(letter) = rest.chars().next() {
        let token = ["NaN", "-Infinity", "Infinity"]
            .into_iter()
            .find(|token| !in_string && rest.starts_with(token));
        let length = match (token, letter) {
            (Some(token), _) => {
                clean.push_str("null");
                token.len()
            }
            (None, '\\') if in_string => {
                let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
                clean.extend(rest.chars().take(2));
                1 + escaped
            }
            (None, _) => {
                in_string ^= letter == '"';
                clean.push(letter);
                letter.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    clean
}

#[cfg(test)]
mod tests;
