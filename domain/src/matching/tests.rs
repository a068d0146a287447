//! What the index promises: to find what the evaluator finds, and to forget what was removed.

mod activities;
mod filters;
mod geometry;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::filter::ActivityFilter;

fn now() -> DateTime<Utc> {
    "2026-11-21T07:00:00Z".parse().unwrap()
}

/// What the index finds, in order.
fn found(index: &Index, activity: &Activity) -> Vec<u32> {
    let mut found = Vec::new();
    index.matching(activity, &Keys::of(activity), now(), &mut found);
    found.sort_unstable();
    found
}

/// What the evaluator finds.
fn wanted(filters: &[Option<ActivityFilter>], activity: &Activity) -> Vec<u32> {
    let keys = Keys::of(activity);
    let passed = filters.iter().zip(0..).filter(|(filter, _)| {
        let filter = filter.as_ref();
        filter.is_some_and(|filter| filter.matches(activity, &keys, None, now()))
    });
    passed.map(|(_, slot)| slot).collect()
}

#[track_caller]
fn agree(index: &Index, filters: &[Option<ActivityFilter>], activities: &[Activity]) {
    for activity in activities {
        let (found, wanted) = (found(index, activity), wanted(filters, activity));
        if found != wanted {
            let slots = found.iter().chain(&wanted);
            let slot = slots
                .copied()
                .find(|slot| found.contains(slot) != wanted.contains(slot));
            let filter = slot.and_then(|slot| filters.get(slot as usize)?.as_ref());
            let filter = filter.map(ActivityFilter::canonical);
            panic!("slot {slot:?} of {found:?}, wanted {wanted:?}: {filter:?} of {activity:?}");
        }
    }
}

fn index_of(filters: &[Option<ActivityFilter>]) -> Index {
    let mut index = Index::default();
    for (filter, slot) in filters.iter().zip(0..) {
        if let Some(filter) = filter {
            index.insert(slot, filter);
        }
    }
    index
}

#[test]
fn no_filter_passes_where_there_is_none_and_the_empty_one_always() {
    let mut index = Index::default();
    let activity = activities::plain();
    assert!(found(&index, &activity).is_empty());
    index.insert(3, &ActivityFilter::default());
    assert_eq!(found(&index, &activity), [3]);
    assert!(index.remove(3) && !index.remove(3));
    assert!(found(&index, &activity).is_empty());
}

#[test]
fn a_slot_is_found_once_however_many_ways_lead_to_it() {
    let mut index = Index::default();
    let twice = [("instrument", "NIRCAM"), ("instrument", "NIRCam Imaging")];
    index.insert(0, &filters::read(&twice));
    let overlapping = [("pos", "CIRCLE 10 41 2"), ("pos", "CIRCLE 11 41 2")];
    index.insert(1, &filters::read(&overlapping));
    index.insert(
        2,
        &filters::read(&[
            ("text", "spiral"),
            ("text", "spi*"),
            ("text", "galaxies jwst"),
        ]),
    );
    assert_eq!(found(&index, &activities::plain()), [0, 1, 2]);
}

#[test]
fn everything_is_given_back_when_everything_is_removed() {
    let mut runner = TestRunner::deterministic();
    let filters: Vec<_> = (0..3000)
        .map(|_| filters::any().new_tree(&mut runner).unwrap().current())
        .map(Some)
        .collect();
    let empty = Index::default().bytes();
    let mut index = index_of(&filters);
    let full = index.bytes();
    (0..1500).for_each(|slot| assert!(index.remove(slot)));
    assert!(index.bytes() < full * 8 / 10, "{} of {full}", index.bytes());
    (1500..3000).for_each(|slot| assert!(index.remove(slot)));
    assert!(index.is_empty());
    assert!(
        index.bytes() < empty + 50_000,
        "{} of {full}",
        index.bytes()
    );
    assert_eq!(
        (index.terms.len(), index.cells.len(), index.outlines.len()),
        (1, 0, 0)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// 24,000 pairs, and some more after changes.
    #[test]
    fn the_index_finds_what_the_evaluator_finds(
        (filters, activities) in filters::and_activities(20, 3),
    ) {
        let filters: Vec<_> = filters.into_iter().map(Some).collect();
        agree(&index_of(&filters), &filters, &activities);
    }

    #[test]
    fn it_still_does_after_filters_came_and_went(
        (mut filters, activities) in filters::and_activities(40, 2),
        changes in prop::collection::vec((0..20_usize, prop::option::of(20..40_usize)), 0..60),
    ) {
        let spare = filters.split_off(20);
        let mut filters: Vec<_> = filters.into_iter().map(Some).collect();
        let mut index = index_of(&filters);
        for (slot, other) in changes {
            filters[slot] = other.map(|other| spare[other - 20].clone());
            match &filters[slot] {
                Some(filter) => index.insert(slot as u32, filter),
                None => {
                    index.remove(slot as u32);
                }
            }
            prop_assert_eq!(index.len(), filters.iter().flatten().count());
        }
        agree(&index, &filters, &activities);
    }
}
