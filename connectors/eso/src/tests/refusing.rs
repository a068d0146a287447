//! What cannot be read, and what happens to the rest.

use upstream::{Connector, Error};

use super::{csv, exposure, noon, read, read_text, with};
use crate::Eso;
use crate::query::COLUMNS;

#[test]
fn a_row_listed_twice_counts_once_and_the_later_text_holds() {
    let harvest = read(&[
        exposure("2013-08-27T01:05:24"),
        with(exposure("2013-08-27T01:05:24"), &[("exposure", "60.0")]),
    ]);

    assert_eq!(harvest.read, 2);
    assert_eq!(harvest.skipped["listed twice"], 1);
    assert_eq!(
        harvest.readable().next().unwrap().facts.t_exptime,
        Some(60.0)
    );
}

#[test]
fn a_row_that_cannot_be_read_names_its_field_and_the_rest_goes_on() {
    for (column, text, reason) in [
        ("telescope", "", "telescope: empty"),
        ("dp_id", "", "dp_id: empty"),
        (
            "date_obs",
            "yesterday",
            "date_obs: not a time of the years 1990 to 2100",
        ),
        (
            "date_obs",
            "1887-01-01T00:00:00",
            "date_obs: not a time of the years 1990 to 2100",
        ),
        ("exposure", "-5", "exposure: negative"),
        ("exposure", "1e300", "exposure: longer than eleven days"),
        ("exposure", "long", "exposure: not a number"),
        ("ra", "17:45:40.09", "ra: not a number"),
        ("ob_id", "x", "ob_id: not a whole number"),
        (
            "last_mod_date",
            "x",
            "last_mod_date: not a time of the years 1990 to 2100",
        ),
    ] {
        let harvest = read(&[
            with(exposure("2013-08-27T01:05:24"), &[(column, text)]),
            exposure("2013-08-27T01:18:45"),
        ]);

        let unreadable = harvest.unreadable().next().unwrap();
        assert_eq!((unreadable.row, unreadable.reason.as_str()), (2, reason));
        assert_eq!(harvest.readable().count(), 1);
    }
}

#[test]
fn a_row_without_any_time_is_unreadable() {
    let harvest = read(&[with(
        exposure("2013-08-27T01:05:24"),
        &[("date_obs", ""), ("exp_start", "")],
    )]);

    assert_eq!(
        harvest.unreadable().next().unwrap().reason,
        "date_obs: empty, and exp_start as well"
    );
}

#[test]
fn a_row_cut_off_is_kept_aside_without_co_investigators() {
    let mut text = csv(
        COLUMNS,
        &[
            exposure("2013-08-27T01:05:24"),
            exposure("2013-08-27T01:18:45"),
        ],
    );
    let names = text.rfind("/ EISENHAUER").unwrap();
    text.truncate(names);

    let harvest = read_text(&text).unwrap();

    let unreadable = harvest.unreadable().next().unwrap();
    assert_eq!(unreadable.row, 3);
    assert!(unreadable.raw.contains("SINFO.2013-08-27T01:18:45"));
    assert!(!unreadable.raw.contains("GENZEL"), "{}", unreadable.raw);
    assert_eq!(harvest.readable().count(), 1);
}

#[test]
fn another_table_is_refused_naming_what_is_missing() {
    let error = read_text("target_name,s_ra,s_dec,facility_name\nb333,265.9,-29.2,ESO-VISTA\n");

    let Err(Error::Unreadable(why)) = error else {
        panic!("{error:?}");
    };
    assert!(why.contains("dp_id"), "{why}");
}

#[test]
fn what_is_no_table_at_all_is_refused() {
    for body in [
        &b""[..],
        b"\xff\xfe\x00\x01\x02",
        b"<html><body>The archive is closed for maintenance</body></html>",
        b"{\"status\":\"COMPLETE\",\"data\":[]}",
        b"Could not execute the query",
    ] {
        let answer = Eso.read("x", body, noon());
        assert!(matches!(answer, Err(Error::Unreadable(_))), "{answer:?}");
    }
}

#[test]
fn a_table_without_rows_is_refused() {
    assert!(matches!(
        read_text(&csv(COLUMNS, &[])),
        Err(Error::Unreadable(_))
    ));
}

#[test]
fn a_saved_answer_covers_nothing_and_moves_no_cursor() {
    let harvest = read(&[exposure("2013-08-27T01:05:24")]);

    assert_eq!(harvest.covers, []);
    assert_eq!(harvest.cursor, None);
    assert_eq!(harvest.horizon, None);
}
