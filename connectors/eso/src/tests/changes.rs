//! Rows changed after the fact.

use super::harvesting::{cassette, harvest, ids, night, place, place_of, take};
use super::{Fields, at, csv, exposure, with};
use crate::cursor::Place;
use crate::night::Night;
use crate::query::{COLUMNS, KEYS, Query};

/// The place of the tests below: in a night that began on 27 August, changes an hour old.
fn hour_ago() -> Place {
    place("2013-08-28T05:00:00Z", "2013-08-28T05:30:00Z")
}

fn changes_since(since: &str) -> Query {
    let tonight = Night::of(at("2013-08-28T05:00:00Z"));
    Query::changes(at(since), tonight.back(30), tonight.start())
}

fn blocks_again(condition: &str) -> String {
    let tonight = Night::of(at("2013-08-28T05:00:00Z"));
    let first = tonight.back(30);
    let query = Query::exposures(first, tonight.start(), Some(condition.to_owned()));
    query.from(first.start())
}

#[tokio::test]
async fn a_changed_row_brings_its_whole_block_again() {
    let changed = with(
        exposure("2013-08-27T01:05:24"),
        &[("last_mod_date", "2013-08-28T05:59:59.5Z")],
    );
    let block = [changed.clone(), exposure("2013-08-27T01:18:45")];
    let query = changes_since("2013-08-28T05:20:00Z");
    let tape = cassette([
        night("2013-08-28T03:00:00Z", &[]),
        take(&query.from(query.from), &csv(KEYS, &[changed])),
        take(&blocks_again("ob_id IN (200282039)"), &csv(COLUMNS, &block)),
    ]);

    let harvest = harvest(tape, "2013-08-28T06:30:00Z", Some(hour_ago()))
        .await
        .unwrap();

    assert_eq!(ids(&harvest), ["ESO-VLT-U4:200282039:2013-08-26"]);
    assert_eq!(
        harvest.readable().next().unwrap().facts.n_exposures,
        Some(2)
    );
    let next = place_of(&harvest);
    assert_eq!(next.last_mod_date, at("2013-08-28T05:59:59Z"));
    assert_eq!(next.checked, at("2013-08-28T06:30:00Z"));
    assert!(!next.behind);
}

#[tokio::test]
async fn changed_rows_without_a_block_are_asked_for_by_template_or_file() {
    let free = with(exposure("2013-08-27T01:05:24"), &[("ob_id", "")]);
    let alone = with(
        exposure("2013-08-27T01:06:24"),
        &[("ob_id", "0"), ("tpl_start", "")],
    );
    let query = changes_since("2013-08-28T05:20:00Z");
    let none = "(ob_id IS NULL OR ob_id <= 0) AND";
    let tape = cassette([
        night("2013-08-28T03:00:00Z", &[]),
        take(
            &query.from(query.from),
            &csv(KEYS, &[free.clone(), alone.clone()]),
        ),
        take(
            &blocks_again(&format!("{none} tpl_start IN ('2013-08-27T01:05:10')")),
            &csv(COLUMNS, &[free]),
        ),
        take(
            &blocks_again(&format!("{none} dp_id IN ('SINFO.2013-08-27T01:06:24')")),
            &csv(COLUMNS, &[alone]),
        ),
    ]);

    let harvest = harvest(tape, "2013-08-28T06:30:00Z", Some(hour_ago()))
        .await
        .unwrap();

    assert_eq!(
        ids(&harvest),
        [
            "ESO-VLT-U4:SINFONI.2013-08-27T01:05:10:2013-08-26",
            "ESO-VLT-U4:SINFO.2013-08-27T01:06:24:2013-08-26",
        ]
    );
}

#[tokio::test]
async fn changes_within_the_nights_just_read_are_not_asked_for_again() {
    let tonight = exposure("2013-08-28T01:05:24");
    let query = changes_since("2013-08-28T05:20:00Z");
    let tape = cassette([
        night("2013-08-28T03:00:00Z", std::slice::from_ref(&tonight)),
        take(&query.from(query.from), &csv(KEYS, &[tonight])),
    ]);

    let harvest = harvest(tape, "2013-08-28T06:30:00Z", Some(hour_ago()))
        .await
        .unwrap();

    assert_eq!(ids(&harvest), ["ESO-VLT-U4:200282039:2013-08-27"]);
}

#[tokio::test]
async fn more_changes_than_a_harvest_follows_are_left_to_the_next() {
    let changed: Vec<Fields> = (0..501)
        .map(|n| {
            let id = format!("SINFO.{n}");
            let ob_id = (1000 + n).to_string();
            with(
                exposure("2013-08-27T01:05:24"),
                &[
                    ("dp_id", &id),
                    ("ob_id", &ob_id),
                    ("last_mod_date", "2013-08-28T05:45:00.1Z"),
                ],
            )
        })
        .collect();
    let query = changes_since("2013-08-28T05:20:00Z");
    let again = (0..5).map(|hundred| {
        let ids: Vec<String> = (0..100)
            .map(|n| (1000 + hundred * 100 + n).to_string())
            .collect();
        take(
            &blocks_again(&format!("ob_id IN ({})", ids.join(", "))),
            &csv(COLUMNS, &[]),
        )
    });
    let tape = cassette(
        [
            night("2013-08-28T03:00:00Z", &[]),
            take(&query.from(query.from), &csv(KEYS, &changed)),
        ]
        .into_iter()
        .chain(again),
    );

    let harvest = harvest(tape, "2013-08-28T06:30:00Z", Some(hour_ago()))
        .await
        .unwrap();

    let next = place_of(&harvest);
    assert_eq!(next.last_mod_date, at("2013-08-28T05:45:00Z"));
    assert!(next.behind);
}

#[tokio::test]
async fn changes_that_cannot_be_asked_for_stop_nothing() {
    let row = exposure("2013-08-28T01:05:24");
    let tape = cassette([night("2013-08-28T03:00:00Z", &[row])]);

    let harvest = harvest(tape, "2013-08-28T06:30:00Z", Some(hour_ago()))
        .await
        .unwrap();

    assert_eq!(harvest.readable().count(), 1);
    assert!(harvest.notes[0].starts_with("changed rows are unknown: "));
    let next = place_of(&harvest);
    assert_eq!(next.last_mod_date, hour_ago().last_mod_date);
    assert_eq!(next.checked, at("2013-08-28T06:30:00Z"));
}
