//! The last look at a record before it is let in: whatever a damaged answer may hold, the database
//! and everybody behind it get finite numbers, ordered times and texts of sane length.

use chrono::{DateTime, Datelike, Utc};

use crate::activity::Facts;
use crate::record::Record;

/// Longest name, in characters. Longer ones are cut and marked as cut.
const LONGEST_NAME: usize = 300;
/// Longest title.
const LONGEST_TITLE: usize = 1000;
/// Longest footprint. Longer ones are dropped: half a polygon is another polygon.
const LONGEST_REGION: usize = 20_000;
/// Most entries of a list.
const LONGEST_LIST: usize = 200;
/// Longest identifier.
const LONGEST_ID: usize = 200;
/// Longest raw record kept.
const LONGEST_RAW: usize = 256 * 1024;

/// Puts a record into shape.
///
/// # Errors
/// Why it cannot be let in, naming the field.
pub fn tidy(mut record: Record) -> Result<Record, String> {
    if !is_id(&record.obs_id) {
        return Err(format!(
            "obs_id: empty, over {LONGEST_ID} characters, or not text"
        ));
    }
    // What can be no identifier can be nobody's prime.
    record.parallel_of = record.parallel_of.filter(|prime| is_id(prime));
    record.raw = shortened(&record.raw, LONGEST_RAW).replace('\0', "");
    let facts = &mut record.facts;
    texts(facts);
    numbers(facts)?;
    times(facts)?;
    record.first_science = record.first_science.filter(|time| sane(*time));
    if facts.facility_name.is_empty() || facts.obs_collection.is_empty() {
        return Err("facility_name: empty".to_owned());
    }
    Ok(record)
}

fn is_id(text: &str) -> bool {
    let fits = !text.trim().is_empty() && text.chars().count() <= LONGEST_ID;
    fits && !text.chars().any(char::is_control)
}

fn texts(facts: &mut Facts) {
    for (field, text, longest) in [
        ("target_name", &mut facts.target_name, LONGEST_NAME),
        ("proposal_pi", &mut facts.proposal_pi, LONGEST_NAME),
        ("proposal_title", &mut facts.proposal_title, LONGEST_TITLE),
        ("group_id", &mut facts.group_id, LONGEST_NAME),
        ("site", &mut facts.site, LONGEST_NAME),
        ("instrument_name", &mut facts.instrument_name, LONGEST_NAME),
        ("instrument_mode", &mut facts.instrument_mode, LONGEST_NAME),
        ("target_class", &mut facts.target_class, LONGEST_NAME),
        ("proposal_id", &mut facts.proposal_id, LONGEST_NAME),
    ] {
        let cut = text
            .as_ref()
            .is_some_and(|text| text.chars().count() > longest);
        if cut && !facts.truncated.iter().any(|name| name == field) {
            facts.truncated.push(field.to_owned());
        }
        *text = text
            .take()
            .map(|text| clean(&text, longest))
            .filter(|text| !text.is_empty());
    }
    facts.s_region = facts
        .s_region
        .take()
        .filter(|region| region.len() <= LONGEST_REGION && !region.chars().any(char::is_control));
    facts.obs_collection = clean(&facts.obs_collection, LONGEST_NAME);
    facts.facility_name = clean(&facts.facility_name, LONGEST_NAME);
    for list in [&mut facts.telescopes, &mut facts.band, &mut facts.keywords] {
        list.truncate(LONGEST_LIST);
        list.iter_mut()
            .for_each(|text| *text = clean(text, LONGEST_NAME));
        list.retain(|text| !text.is_empty());
    }
    facts.instruments.truncate(LONGEST_LIST);
    for instrument in &mut facts.instruments {
        instrument.name = clean(&instrument.name, LONGEST_NAME);
        instrument.mode = instrument
            .mode
            .take()
            .map(|mode| clean(&mode, LONGEST_NAME));
        instrument.filters.truncate(LONGEST_LIST);
        instrument
            .filters
            .iter_mut()
            .for_each(|text| *text = clean(text, LONGEST_NAME));
    }
    facts.links.truncate(LONGEST_LIST);
    facts
        .links
        .retain(|link| link.url.starts_with("https://") || link.url.starts_with("http://"));
}

fn numbers(facts: &mut Facts) -> Result<(), String> {
    for value in [
        &mut facts.em_min,
        &mut facts.em_max,
        &mut facts.s_fov,
        &mut facts.t_uncertainty,
        &mut facts.t_exptime,
        &mut facts.t_plan_exptime,
    ] {
        *value = value.filter(|number| number.is_finite() && *number >= 0.0);
    }
    let (ra, dec) = (facts.s_ra, facts.s_dec);
    let whole = ra.is_some() == dec.is_some();
    let ra_fits = ra.is_none_or(|ra| (0.0..360.0).contains(&ra));
    let dec_fits = dec.is_none_or(|dec| (-90.0..=90.0).contains(&dec));
    if !whole || !ra_fits || !dec_fits {
        return Err(format!(
            "s_ra, s_dec: {ra:?}, {dec:?} are no place on the sky"
        ));
    }
    Ok(())
}

fn times(facts: &mut Facts) -> Result<(), String> {
    for (field, time) in [("t_min", facts.t_min), ("t_max", facts.t_max)] {
        if let Some(time) = time.filter(|time| !sane(*time)) {
            return Err(format!("{field}: {time} is no time of an observation"));
        }
    }
    if let (Some(start), Some(end)) = (facts.t_min, facts.t_max)
        && end < start
    {
        return Err(format!("t_max: {end} is before t_min {start}"));
    }
    facts.t_planning = facts.t_planning.filter(|time| sane(*time));
    facts.obs_release_date = facts.obs_release_date.filter(|time| sane(*time));
    Ok(())
}

/// Space telescopes began in the sixties; plans reach a few years ahead, releases a few decades.
fn sane(time: DateTime<Utc>) -> bool {
    (1960..2200).contains(&time.year())
}

fn clean(text: &str, longest: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let plain: String = plain.take(longest).collect();
    plain.trim().to_owned()
}

fn shortened(text: &str, longest: usize) -> &str {
    let mut end = longest.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Claim;

    fn record() -> Record {
        let facts = Facts {
            obs_collection: "HST".into(),
            facility_name: "HST".into(),
            t_min: "2026-11-21T12:00:00Z".parse().ok(),
            t_max: "2026-11-21T13:00:00Z".parse().ok(),
            ..Facts::default()
        };
        Record::new("1:1", Claim::Plan, facts, "raw")
    }

    #[test]
    fn a_sane_record_passes_unchanged() {
        assert_eq!(tidy(record()), Ok(record()));
    }

    #[test]
    fn what_no_database_could_take_is_refused_with_its_field() {
        let mut ends_first = record();
        ends_first.facts.t_max = "2026-11-21T11:00:00Z".parse().ok();
        let mut nowhere = record();
        (nowhere.facts.s_ra, nowhere.facts.s_dec) = (Some(-596.5), Some(-596.5));
        let mut half = record();
        half.facts.s_ra = Some(1.0);
        let mut ancient = record();
        ancient.facts.t_min = "0012-11-21T12:00:00Z".parse().ok();
        let nameless = Record {
            obs_id: "\0".into(),
            ..record()
        };
        for (record, field) in [
            (ends_first, "t_max"),
            (nowhere, "s_ra"),
            (half, "s_ra"),
            (ancient, "t_min"),
            (nameless, "obs_id"),
        ] {
            assert!(tidy(record).unwrap_err().starts_with(field), "{field}");
        }
    }

    #[test]
    fn control_characters_and_endless_texts_are_cut_and_marked() {
        let mut odd = record();
        odd.facts.target_name = Some(format!("M\0{}", "1".repeat(1000)));
        odd.facts.t_exptime = Some(f64::NAN);
        odd.facts.links = vec![crate::Link {
            title: "x".into(),
            url: "javascript:alert(1)".into(),
        }];
        let facts = tidy(odd).unwrap().facts;
        assert_eq!(facts.target_name.map(|name| name.len()), Some(LONGEST_NAME));
        assert_eq!(facts.truncated, ["target_name"]);
        assert_eq!((facts.t_exptime, facts.links.len()), (None, 0));
    }

    #[test]
    fn a_title_too_long_is_cut_and_marked() {
        let mut wordy = record();
        wordy.facts.proposal_title = Some("x".repeat(LONGEST_TITLE + 1));
        let facts = tidy(wordy).unwrap().facts;
        let length = facts.proposal_title.map(|title| title.len());
        assert_eq!(length, Some(LONGEST_TITLE));
        assert_eq!(facts.truncated, ["proposal_title"]);
    }

    #[test]
    fn a_prime_whose_id_can_be_none_is_unknown() {
        for (prime, fits) in [
            ("1:2:1".to_owned(), true),
            ("1\0:2".to_owned(), false),
            (" ".to_owned(), false),
            ("1".repeat(LONGEST_ID + 1), false),
        ] {
            let beside = Record {
                parallel_of: Some(prime.clone()),
                ..record()
            };
            let expected = fits.then_some(prime);
            assert_eq!(tidy(beside).unwrap().parallel_of, expected);
        }
    }
}
