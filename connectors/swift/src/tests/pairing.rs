use crate::entry::{self, Snapshot};
use crate::pairing::{Fate, fates};

use super::*;

/// A snapshot of U Sco between two times of day.
fn between(begin: &str, end: &str) -> Snapshot {
    let row = entry_with(json!({
        "begin": format!("2022-09-24T{begin}"), "end": format!("2022-09-24T{end}")
    }));
    entry::read("plan", 1, &row.to_string()).unwrap()
}

#[test]
fn the_greatest_overlap_wins() {
    let plan = [
        between("10:00:00", "10:20:00"),
        between("10:20:00", "10:40:00"),
    ];
    let flown = [between("10:19:50", "10:40:00")];

    assert_eq!(fates(&plan, &flown), [Fate::Unseen, Fate::Flown(0)]);
}

#[test]
fn nobody_has_two_fates() {
    let plan = [between("10:00:00", "10:30:00")];
    let flown = [
        between("10:00:02", "10:05:00"),
        between("10:12:00", "10:30:00"),
    ];

    assert_eq!(fates(&plan, &flown), [Fate::Flown(1)]);
}

#[test]
fn the_same_begin_goes_before_a_greater_overlap() {
    let plan = [between("10:00:00", "10:30:00")];
    let flown = [
        between("10:00:00", "10:05:00"),
        between("10:12:00", "10:30:00"),
    ];

    assert_eq!(fates(&plan, &flown), [Fate::Flown(0)]);
}

#[test]
fn two_plan_entries_flown_as_one_are_both_seen() {
    let plan = [
        between("10:00:00", "10:20:00"),
        between("10:20:00", "10:50:00"),
    ];
    let flown = [between("10:00:02", "10:49:58")];

    assert_eq!(fates(&plan, &flown), [Fate::Shared, Fate::Flown(0)]);
}

#[test]
fn touching_is_no_overlap() {
    let plan = [between("10:00:00", "10:20:00")];
    let flown = [between("10:20:00", "10:40:00")];

    assert_eq!(fates(&plan, &flown), [Fate::Unseen]);
}

#[test]
fn another_segment_is_another_observation() {
    let plan = [between("10:00:00", "10:20:00")];
    let mut other = between("10:00:00", "10:20:00");
    other.obs.segment = 175;

    assert_eq!(fates(&plan, &[other]), [Fate::Unseen]);
}

#[test]
fn many_rows_of_one_observation_are_paired_at_once() {
    let rows: Vec<_> = (0..5_000)
        .map(|_| between("10:00:00", "10:20:00"))
        .collect();

    assert_eq!(fates(&rows, &rows).len(), rows.len());
}
