//! Visit status reports of HST and JWST.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use upstream::visits::LOCATION;
use upstream::{Line, Take};

use super::minutes;

/// A visit, and what becomes of it.
pub(super) struct Visit {
    pub(super) program: String,
    /// Its observation, for JWST.
    pub(super) observation: Option<String>,
    pub(super) visit: String,
    pub(super) begin: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) fails: bool,
}

/// A report for each of the visits' programmes. A visit was executed, or has failed, a quarter of an
/// hour after its end; until then it is scheduled, its times being those of the plan.
pub(super) fn takes(observatory: &str, visits: Vec<Visit>) -> Vec<Take> {
    let mut programmes: BTreeMap<String, Vec<Visit>> = BTreeMap::new();
    for visit in visits {
        let program = visit.program.trim_start_matches('0').to_owned();
        programmes.entry(program).or_default().push(visit);
    }
    let take = |(program, visits): (String, Vec<Visit>)| {
        let head = format!("<visitStatusReport observatory=\"{observatory}\" id=\"{program}\">");
        let mut lines = vec![Line::new(head)];
        lines.extend(visits.iter().flat_map(told));
        lines.push(Line::new("</visitStatusReport>"));
        let (id, observatory) = (
            format!("id={program}&"),
            format!("observatory={observatory}"),
        );
        Take::get(LOCATION, &[])
            .answers_lines("text/xml", &lines)
            .matching(&[&id, &observatory])
    };
    programmes.into_iter().map(take).collect()
}

fn told(visit: &Visit) -> [Line; 4] {
    let observation = visit.observation.iter();
    let observation: String = observation
        .map(|id| format!("observation=\"{id}\" "))
        .collect();
    let time = |at: DateTime<Utc>| at.format("%b %d, %Y %H:%M:%S");
    let became = if visit.fails { "Failed" } else { "Executed" };
    let known = visit.end + minutes(15);
    [
        Line::new(format!("<visit {observation}visit=\"{}\">", visit.visit)),
        Line::new("<status>Scheduled</status>").until(known),
        Line::new(format!("<status>{became}</status>")).since(known),
        Line::new(format!(
            "<startTime>{}</startTime><endTime>{}</endTime></visit>",
            time(visit.begin),
            time(visit.end)
        )),
    ]
}
