//! Why somebody is told, in words: which of their conditions held, and how near to their region.

use chrono::{DateTime, Utc};
use domain::filter::{ActivityFilter, Context, NoAliases};
use domain::sky::separation_deg;
use domain::{Activity, Keys, Region};
use serde_json::json;

/// Values of a key told one by one before the rest is counted.
const SHOWN: usize = 3;
/// Longest text kept, in characters.
const LONGEST: usize = 600;

/// Why a snapshot passes a filter: `facility JWST; pos CIRCLE 10.7 41.3 2 (0.03° from its centre)`.
pub(super) fn why(filter: &ActivityFilter, activity: &Activity, now: DateTime<Utc>) -> String {
    let mut held: Vec<(&str, Vec<&str>)> = Vec::new();
    for (key, value) in filter.to_pairs() {
        match held.last_mut() {
            Some((last, values)) if *last == key => values.push(value),
            _ => held.push((key, vec![value])),
        }
    }
    if held.is_empty() {
        return "everything is told".to_owned();
    }
    let keys = Keys::of(activity);
    let parts = held.into_iter().map(|(key, mut values)| {
        if values.len() > 1 {
            let that_hold = |value: &&str| holds(key, value, activity, &keys, now);
            let holding: Vec<&str> = values.iter().copied().filter(that_hold).collect();
            // A telescope's other names are known to the catalogue only.
            if !holding.is_empty() {
                values = holding;
            }
        }
        told(key, &values, activity)
    });
    let text = parts.collect::<Vec<_>>().join("; ");
    text.chars().take(LONGEST).collect()
}

fn told(key: &str, values: &[&str], activity: &Activity) -> String {
    let mut shown: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|value| match key {
            "pos" => with_separation(value, activity),
            // Coordinates of somebody's own site stay out of mails that may be passed on.
            "visible_from" => "your site".to_owned(),
            _ => (*value).to_owned(),
        })
        .collect();
    shown.dedup();
    if values.len() > SHOWN {
        shown.push(format!("and {} more", values.len() - SHOWN));
    }
    format!("{key} {}", shown.join(", "))
}

fn holds(key: &str, value: &str, activity: &Activity, keys: &Keys, now: DateTime<Utc>) -> bool {
    let one = json!({ key: [value] });
    ActivityFilter::from_json(&one, Context::Subscription, &NoAliases)
        .is_ok_and(|filter| filter.matches(activity, keys, None, now))
}

fn with_separation(pos: &str, activity: &Activity) -> String {
    let facts = &activity.facts;
    let centre = match Region::parse(pos) {
        Ok(Region::Circle(circle)) => Some((circle.ra(), circle.dec())),
        _ => None,
    };
    match (centre, facts.s_ra, facts.s_dec) {
        (Some((ra, dec)), Some(s_ra), Some(s_dec)) => {
            let degrees = separation_deg(ra, dec, s_ra, s_dec);
            format!("{pos} ({} from its centre)", angle(degrees))
        }
        _ => pos.to_owned(),
    }
}

/// An angle as astronomers write small ones.
fn angle(degrees: f64) -> String {
    if degrees < 1.0 / 60.0 {
        format!("{:.0}″", degrees * 3600.0)
    } else if degrees < 1.0 {
        format!("{:.1}′", degrees * 60.0)
    } else {
        format!("{degrees:.1}°")
    }
}

#[cfg(test)]
mod tests {
    use domain::{Basis, Facts, Status};
    use uuid::Uuid;

    use super::*;

    fn activity() -> Activity {
        let seen = "2026-11-21T06:00:00Z".parse().unwrap();
        Activity {
            id: Uuid::nil(),
            source: "jwst".to_owned(),
            obs_id: "1:1:1".to_owned(),
            attempt: 1,
            repeat_of: None,
            parallel_of: None,
            revision: 1,
            seq: 1,
            status: Status::Scheduled,
            basis: Basis::Scheduled,
            demo: false,
            first_seen: seen,
            last_changed: seen,
            facts: Facts {
                obs_collection: "JWST".to_owned(),
                facility_name: "JWST".to_owned(),
                target_name: Some("M-31".to_owned()),
                s_ra: Some(10.0),
                s_dec: Some(41.5),
                ..Facts::default()
            },
        }
    }

    fn of(filter: serde_json::Value) -> String {
        let filter = ActivityFilter::from_json(&filter, Context::Subscription, &NoAliases);
        let now = "2026-11-21T06:00:00Z".parse().unwrap();
        why(&filter.unwrap(), &activity(), now)
    }

    #[test]
    fn of_several_values_those_that_held_are_told() {
        let why = of(json!({ "target": ["M33", "M31"], "source": ["jwst"] }));
        assert_eq!(why, "source jwst; target M31");
    }

    #[test]
    fn a_region_is_told_with_the_separation_from_its_centre() {
        let why = of(json!({ "pos": ["CIRCLE 10 41 2"] }));
        assert_eq!(why, "pos CIRCLE 10 41 2 (30.0′ from its centre)");
    }

    #[test]
    fn a_filter_without_conditions_says_so() {
        assert_eq!(of(json!({})), "everything is told");
    }

    #[test]
    fn small_angles_are_written_in_minutes_and_seconds() {
        assert_eq!(angle(2.34), "2.3°");
        assert_eq!(angle(0.5), "30.0′");
        assert_eq!(angle(0.01), "36″");
    }
}
