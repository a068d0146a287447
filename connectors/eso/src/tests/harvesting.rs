//! Harvests against cassettes.

use chrono::{DateTime, Utc};
use domain::Clock;
use upstream::{Ask, Cassette, Connector, Cursor, Error, Harvest, Result, Take, Upstream, Window};

use super::{Fields, at, csv, exposure, with};
use crate::Eso;
use crate::cursor::Place;
use crate::night::Night;
use crate::pages::PAGE;
use crate::query::{COLUMNS, Query, SYNC};

/// One question and its answer.
pub(super) fn take(adql: &str, answer: &str) -> Take {
    let most = (PAGE + 1).to_string();
    Take::post(
        SYNC,
        &[
            ("REQUEST", "doQuery"),
            ("LANG", "ADQL"),
            ("FORMAT", "csv"),
            ("MAXREC", &most),
            ("QUERY", adql),
        ],
    )
    .answers("text/csv", answer)
}

/// The question for a night, from `from` on.
fn night_from(night: Night, from: DateTime<Utc>) -> String {
    Query::exposures(night, night.end(), None).from(from)
}

/// A night named by any instant of it, asked for as a whole.
pub(super) fn night(of: &str, rows: &[Fields]) -> Take {
    let night = Night::of(at(of));
    take(&night_from(night, night.start()), &csv(COLUMNS, rows))
}

pub(super) fn cassette(takes: impl IntoIterator<Item = Take>) -> Cassette {
    takes.into_iter().fold(Cassette::new(), Cassette::with)
}

pub(super) async fn harvest(
    cassette: Cassette,
    now: &str,
    cursor: Option<Place>,
) -> Result<Harvest> {
    let ask = Ask {
        now: at(now),
        cursor: cursor.and_then(|place| place.cursor()),
        window: None,
    };
    ask_for(cassette, &ask).await
}

async fn ask_for(cassette: Cassette, ask: &Ask) -> Result<Harvest> {
    let upstream = Upstream::replay(vec![cassette], Clock::fixed(ask.now));
    Eso.harvest(&upstream, ask).await
}

/// The cursor after an exposure that began at `exp_start`, changes having just been asked for.
pub(super) fn place(exp_start: &str, now: &str) -> Place {
    Place::first(at(exp_start), at(now))
}

pub(super) fn place_of(harvest: &Harvest) -> Place {
    Place::parse(harvest.cursor.as_ref().unwrap()).unwrap()
}

pub(super) fn ids(harvest: &Harvest) -> Vec<&str> {
    harvest
        .readable()
        .map(|record| record.obs_id.as_str())
        .collect()
}

#[tokio::test]
async fn the_first_harvest_reads_three_nights_and_tonight() {
    let saved = include_bytes!("../../../../fixtures/cassettes/eso/galactic-centre.json");
    let ask = Ask {
        now: at("2013-08-31T00:50:00Z"),
        cursor: None,
        window: None,
    };

    let harvest = ask_for(Cassette::parse(saved).unwrap(), &ask)
        .await
        .unwrap();

    assert_eq!(harvest.read, 3);
    assert_eq!(ids(&harvest), ["ESO-VLT-U4:200282283:2013-08-30"]);
    let facts = &harvest.readable().next().unwrap().facts;
    assert_eq!(facts.n_exposures, Some(3));
    assert_eq!(facts.s_ra, Some(266.431157));
    assert_eq!(harvest.covers, []);
    let next = place_of(&harvest);
    assert_eq!(next.exp_start, at("2013-08-31T00:18:22.3045Z"));
    assert_eq!(next.last_mod_date, at("2013-08-31T00:50:00Z"));
}

#[tokio::test]
async fn a_block_grows_from_harvest_to_harvest() {
    let saved = include_bytes!("../../../../fixtures/cassettes/eso/galactic-centre.json");
    let times =
        ["00:50", "01:00", "03:40", "04:00"].map(|time| at(&format!("2013-08-31T{time}:00Z")));
    let mut cursor = None;
    let mut counts = Vec::new();
    for now in times {
        let tape = Cassette::parse(saved).unwrap();
        let upstream = Upstream::playing(vec![tape], move || now);
        let ask = Ask {
            now,
            cursor,
            window: None,
        };
        let harvest = Eso.harvest(&upstream, &ask).await.unwrap();
        counts.push(
            harvest
                .readable()
                .filter_map(|record| record.facts.n_exposures)
                .collect::<Vec<_>>(),
        );
        assert_eq!(harvest.notes, [] as [&str; 0]);
        cursor = harvest.cursor;
    }

    assert_eq!(counts, [vec![3], vec![6], vec![6, 2], vec![6, 3]]);
}

#[tokio::test]
async fn the_next_harvest_begins_with_the_night_twelve_hours_before() {
    let grown = [
        exposure("2013-08-27T01:05:24"),
        exposure("2013-08-27T01:18:45"),
    ];
    let tape = cassette([
        night("2013-08-26T03:00:00Z", &[]),
        night("2013-08-27T03:00:00Z", &grown),
    ]);
    let before = place("2013-08-27T01:05:24Z", "2013-08-27T01:20:00Z");

    let harvest = harvest(tape, "2013-08-27T01:30:00Z", Some(before))
        .await
        .unwrap();

    assert_eq!(
        harvest.readable().next().unwrap().facts.n_exposures,
        Some(2)
    );
    assert_eq!(place_of(&harvest).exp_start, at("2013-08-27T01:18:45Z"));
}

#[tokio::test]
async fn late_in_the_night_only_tonight_is_asked_for() {
    let tape = cassette([night("2013-08-27T03:00:00Z", &[])]);
    let before = place("2013-08-27T05:00:00Z", "2013-08-27T05:20:00Z");

    let harvest = harvest(tape, "2013-08-27T05:30:00Z", Some(before.clone()))
        .await
        .unwrap();

    assert_eq!(place_of(&harvest), before, "nothing new, nothing moves");
}

#[tokio::test]
async fn a_full_page_is_followed_by_one_from_its_last_second() {
    let start = at("2013-08-27T01:00:00Z");
    let rows: Vec<Fields> = (0..PAGE + 3)
        .map(|n| {
            let second = start + chrono::TimeDelta::seconds(i64::try_from(n).unwrap());
            exposure(&second.format("%Y-%m-%dT%H:%M:%S.683").to_string())
        })
        .collect();
    let tonight = Night::of(start);
    let last = start + chrono::TimeDelta::seconds(i64::try_from(PAGE).unwrap() - 1);
    let tape = cassette([
        take(
            &night_from(tonight, tonight.start()),
            &csv(COLUMNS, &rows[..=PAGE]),
        ),
        take(&night_from(tonight, last), &csv(COLUMNS, &rows[PAGE - 1..])),
    ]);
    let before = place("2013-08-27T05:00:00Z", "2013-08-27T05:20:00Z");

    let harvest = harvest(tape, "2013-08-27T05:30:00Z", Some(before))
        .await
        .unwrap();

    assert_eq!(harvest.read, PAGE + 3);
    assert_eq!(harvest.skipped.len(), 0);
    let facts = &harvest.readable().next().unwrap().facts;
    assert_eq!(facts.n_exposures, u32::try_from(PAGE + 3).ok());
}

#[tokio::test]
async fn a_second_that_fills_a_page_is_read_by_file() {
    let rows: Vec<Fields> = (0..=PAGE)
        .map(|n| {
            let id = format!("SINFO.{n:05}");
            with(exposure("2013-08-27T01:00:00"), &[("dp_id", &id)])
        })
        .collect();
    let tonight = Night::of(at("2013-08-27T01:00:00Z"));
    let (second, next) = (at("2013-08-27T01:00:00Z"), at("2013-08-27T01:00:01Z"));
    let query = Query::exposures(tonight, tonight.end(), None);
    let full = csv(COLUMNS, &rows);
    let later = with(exposure("2013-08-27T02:00:00"), &[]);
    let tape = cassette([
        take(&query.from(tonight.start()), &full),
        take(&query.from(second), &full),
        take(&query.within(second, next, ""), &full),
        take(
            &query.within(second, next, &format!("SINFO.{:05}", PAGE - 1)),
            &csv(COLUMNS, &rows[PAGE..]),
        ),
        take(&query.from(next), &csv(COLUMNS, &[later])),
    ]);
    let before = place("2013-08-27T05:00:00Z", "2013-08-27T05:20:00Z");

    let harvest = harvest(tape, "2013-08-27T05:30:00Z", Some(before))
        .await
        .unwrap();

    assert_eq!(harvest.read, PAGE + 2);
}

#[tokio::test]
async fn after_a_long_silence_ten_nights_are_caught_up_at_a_time() {
    let first = Night::of(at("2013-08-01T01:00:00Z"));
    let nights = (0..10).scan(first, |next, _| {
        let night = *next;
        *next = night.next();
        Some(take(&night_from(night, night.start()), &csv(COLUMNS, &[])))
    });
    let before = place("2013-08-01T05:00:00Z", "2013-08-28T05:30:00Z");

    let harvest = harvest(cassette(nights), "2013-08-28T05:40:00Z", Some(before))
        .await
        .unwrap();

    assert_eq!(place_of(&harvest).exp_start, at("2013-08-10T16:00:00Z"));
}

#[tokio::test]
async fn a_damaged_cursor_starts_over_and_says_so() {
    let tape = cassette(
        ["25", "26", "27", "28"].map(|day| night(&format!("2013-08-{day}T03:00:00Z"), &[])),
    );
    let ask = Ask {
        now: at("2013-08-28T05:30:00Z"),
        cursor: Some(Cursor("{".to_owned())),
        window: None,
    };

    let harvest = ask_for(tape, &ask).await.unwrap();

    assert_eq!(harvest.notes, ["the cursor was unreadable: started over"]);
}

#[tokio::test]
async fn a_window_is_read_by_whole_nights_and_leaves_the_cursor_alone() {
    let early = with(exposure("2013-08-26T23:00:00"), &[("ob_id", "7")]);
    let inside = [
        exposure("2013-08-27T01:05:24"),
        exposure("2013-08-27T04:30:00"),
    ];
    let tape = cassette([
        night(
            "2013-08-27T03:00:00Z",
            &[vec![early], inside.to_vec()].concat(),
        ),
        night("2013-08-28T03:00:00Z", &[]),
    ]);
    let ask = Ask {
        now: at("2013-08-31T05:30:00Z"),
        cursor: None,
        window: Some(Window {
            from: at("2013-08-27T04:00:00Z"),
            to: at("2013-08-28T04:00:00Z"),
        }),
    };

    let harvest = ask_for(tape, &ask).await.unwrap();

    assert_eq!(ids(&harvest), ["ESO-VLT-U4:200282039:2013-08-26"]);
    assert_eq!(
        harvest.readable().next().unwrap().facts.n_exposures,
        Some(2)
    );
    assert_eq!(harvest.skipped["outside the window"], 1);
    assert_eq!(harvest.cursor, None);
}

#[tokio::test]
async fn an_answer_with_other_columns_is_refused() {
    let tonight = Night::of(at("2013-08-28T05:00:00Z"));
    let tape = cassette([take(
        &night_from(tonight, tonight.start()),
        "dp_id,object\nA,B\n",
    )]);
    let before = place("2013-08-28T05:00:00Z", "2013-08-28T05:20:00Z");

    let answer = harvest(tape, "2013-08-28T05:30:00Z", Some(before)).await;

    assert!(matches!(answer, Err(Error::Unreadable(_))), "{answer:?}");
}

#[tokio::test]
async fn an_error_of_the_service_is_an_error() {
    let tonight = Night::of(at("2013-08-28T05:00:00Z"));
    let votable = r#"<?xml version="1.0"?><VOTABLE version="1.3"><RESOURCE type="results">
        <INFO name="QUERY_STATUS" value="ERROR">unknown column</INFO></RESOURCE></VOTABLE>"#;
    let tape = cassette([take(&night_from(tonight, tonight.start()), "")
        .status(400)
        .answers("application/x-votable+xml", votable)]);
    let before = place("2013-08-28T05:00:00Z", "2013-08-28T05:20:00Z");

    let answer = harvest(tape, "2013-08-28T05:30:00Z", Some(before)).await;

    let Err(Error::Unreadable(why)) = answer else {
        panic!("{answer:?}");
    };
    assert!(why.contains("unknown column"), "{why}");
}
