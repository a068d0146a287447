//! What is known of an activity, for the table of a mail. Unknown is left out, never filled.

use chrono_tz::Tz;
use domain::{Activity, Basis, Facts, Instrument, Status, TMaxKind, TrackingType};

use super::wording::{cut, cut_title};
use super::{Notice, position, times};
use crate::mail::layout::Fact;
use crate::words;

/// Instruments told one by one.
const MOST_INSTRUMENTS: usize = 4;

/// All of it.
pub(super) fn all(notice: &Notice, zone: Tz) -> Vec<Fact> {
    let activity = &notice.envelope.activity;
    let facts = &activity.facts;
    let (starts, ends) = names_of_times(activity);
    let rows = [
        ("Target", target(facts)),
        ("Position", place(facts)),
        (starts, start(facts, zone)),
        (ends, end(facts, zone)),
        ("Telescope", telescope(notice)),
        ("Instrument", instruments(facts)),
        ("Exposure", exposure(facts)),
        ("Programme", programme(facts)),
        (
            "Part",
            words::kind(facts).map(str::to_owned).into_iter().collect(),
        ),
        ("How known", known(notice)),
        ("Matched", vec![notice.why.clone()]),
    ];
    kept(rows)
}

/// What a digest says of each.
pub(super) fn few(notice: &Notice, zone: Tz) -> Vec<Fact> {
    let activity = &notice.envelope.activity;
    let facts = &activity.facts;
    let (starts, _) = names_of_times(activity);
    let rows = [
        ("Position", place(facts)),
        (starts, start(facts, zone)),
        ("Instrument", instruments(facts)),
        ("Matched", vec![notice.why.clone()]),
    ];
    kept(rows)
}

/// What start and end are called: those of what is gone from the plan are past.
fn names_of_times(activity: &Activity) -> (&'static str, &'static str) {
    match activity.status {
        Status::Withdrawn => ("Was to start", "Was to end"),
        _ => ("Start", "End"),
    }
}

fn kept<const N: usize>(rows: [(&'static str, Vec<String>); N]) -> Vec<Fact> {
    let rows = rows.into_iter().map(|(name, lines)| Fact {
        name,
        lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
    });
    rows.filter(|fact| !fact.lines.is_empty()).collect()
}

fn target(facts: &Facts) -> Vec<String> {
    let names = [&facts.target_name, &facts.target_class];
    names.into_iter().flatten().map(|name| cut(name)).collect()
}

fn place(facts: &Facts) -> Vec<String> {
    let mut lines = match (facts.s_ra, facts.s_dec) {
        (Some(ra), Some(dec)) => position::lines(ra, dec),
        _ => return Vec::new(),
    };
    if facts.tracking_type == Some(TrackingType::SolarSystem) {
        lines.push("moves; as published for this observation".to_owned());
    }
    lines
}

fn start(facts: &Facts, zone: Tz) -> Vec<String> {
    let Some(start) = facts.t_min else {
        return Vec::new();
    };
    let mut lines = times::lines(start, zone);
    if let Some(uncertainty) = facts.t_uncertainty.filter(|s| s.is_finite() && *s >= 1.0) {
        lines.push(format!("uncertain by {}", seconds(uncertainty)));
    }
    lines
}

fn end(facts: &Facts, zone: Tz) -> Vec<String> {
    let Some(end) = facts.t_max else {
        return Vec::new();
    };
    let mut lines = times::lines(end, zone);
    match facts.t_max_kind {
        Some(TMaxKind::Planned) => lines.push("as planned".to_owned()),
        Some(TMaxKind::LowerBound) => lines.push("or later".to_owned()),
        Some(TMaxKind::Exact) | None => {}
    }
    lines
}

fn telescope(notice: &Notice) -> Vec<String> {
    let spelt = cut(&notice.envelope.activity.facts.facility_name);
    if spelt == notice.facility {
        return vec![spelt];
    }
    vec![notice.facility.clone(), spelt]
}

fn instruments(facts: &Facts) -> Vec<String> {
    let all = &facts.instruments;
    if all.is_empty() {
        let name = facts.instrument_name.as_deref().map(cut);
        return name.into_iter().collect();
    }
    let mut lines: Vec<String> = all.iter().take(MOST_INSTRUMENTS).map(instrument).collect();
    if all.len() > MOST_INSTRUMENTS {
        lines.push(format!("and {} more", all.len() - MOST_INSTRUMENTS));
    }
    lines
}

fn instrument(instrument: &Instrument) -> String {
    let mut details: Vec<String> = instrument.mode.iter().map(|mode| cut(mode)).collect();
    if !instrument.filters.is_empty() {
        details.push(cut(&instrument.filters.join(", ")));
    }
    match details.is_empty() {
        true => cut(&instrument.name),
        false => format!("{} ({})", cut(&instrument.name), details.join("; ")),
    }
}

fn exposure(facts: &Facts) -> Vec<String> {
    let known = |seconds: Option<f64>| seconds.filter(|s| s.is_finite() && *s > 0.0);
    let mut lines = Vec::new();
    if let Some(done) = known(facts.t_exptime) {
        lines.push(seconds(done));
    }
    if let Some(planned) = known(facts.t_plan_exptime) {
        lines.push(format!("{} planned", seconds(planned)));
    }
    match facts.n_exposures {
        Some(1) => lines.push("1 exposure so far".to_owned()),
        Some(count) => lines.push(format!("{count} exposures so far")),
        None => {}
    }
    lines
}

fn programme(facts: &Facts) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(facts.proposal_id.as_deref().map(cut));
    lines.extend(facts.proposal_title.as_deref().map(cut_title));
    lines.extend(
        facts
            .proposal_pi
            .as_deref()
            .map(|pi| format!("PI {}", cut(pi))),
    );
    lines
}

/// How we know, and how old that is.
fn known(notice: &Notice) -> Vec<String> {
    let activity: &Activity = &notice.envelope.activity;
    let first = match (activity.basis, activity.facts.t_planning) {
        (Basis::Scheduled, Some(issued)) => format!(
            "by plan, issued {} ({})",
            times::day(issued),
            words::beside(issued, notice.now)
        ),
        (Basis::Scheduled, None) => "by plan".to_owned(),
        (basis, _) => format!(
            "{}, read {} ({})",
            words::basis(basis),
            times::told(notice.envelope.logged),
            words::beside(notice.envelope.logged, notice.now)
        ),
    };
    let mut lines = vec![first];
    if let Some(read) = notice.source_read {
        lines.push(format!(
            "source last read {}",
            words::beside(read, notice.now)
        ));
    }
    lines
}

/// A number of seconds as exposure times are given.
fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 10_000.0 => format!("{s:.0} s"),
        s => format!("{:.1} h", s / 3600.0),
    }
}
