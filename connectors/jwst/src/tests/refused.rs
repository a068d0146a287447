use upstream::{Connector, Error};

use super::*;

#[test]
fn what_belongs_to_an_unreadable_prime_is_never_given_to_another() {
    let harvest = read(&[
        prime("1:1:1", "2025-08-04T01:00:00Z", "MIRI Imaging", "M31"),
        line([
            "1:2:1",
            "FINEGUIDE",
            FIXED,
            "2025-08-04T05:00:00Z",
            "-1/00:00:00",
            "MIRI Imaging",
            "M33",
            "",
            "",
        ]),
        coordinated("NIRCam Imaging"),
        attached("2:1:1", "PARALLEL PURE", "NIRISS Imaging"),
        prime("1:3:1", "2025-08-04T09:00:00Z", "MIRI Imaging", "M51"),
    ]);

    let reasons: Vec<&str> = harvest
        .unreadable()
        .map(|row| row.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "DURATION: \"-1/00:00:00\" is not DD/HH:MM:SS",
            "SCHEDULED START TIME: attached to a prime that could not be read",
        ]
    );
    assert_eq!(harvest.unreadable().next().map(|row| row.row), Some(6));
    assert!(
        harvest
            .unreadable()
            .next()
            .is_some_and(|row| row.raw.contains("NIRCam"))
    );
    assert!(
        harvest
            .readable()
            .all(|record| record.facts.instruments.len() == 1)
    );
    assert_eq!(records(&harvest).len(), 2);
}

#[test]
fn a_shifted_line_is_unreadable() {
    let shifted = prime("1:1:1", "2025-08-04T01:00:00Z", "MIRI Imaging", "M31").replacen(
        "FINEGUIDE ",
        "FINEGUIDE",
        1,
    );
    let harvest = read(&[shifted]);

    assert_eq!(records(&harvest).len(), 0);
    assert_eq!(
        harvest.unreadable().next().map(|row| row.reason.as_str()),
        Some("VISIT TYPE: text runs into the column from the left")
    );
}

#[test]
fn years_no_schedule_speaks_of_are_unreadable() {
    for start in [
        "1989-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "2025-02-30T00:00:00Z",
    ] {
        let harvest = read(&[prime("1:1:1", start, "MIRI Imaging", "M31")]);
        assert_eq!(
            (records(&harvest).len(), harvest.unreadable().count()),
            (0, 1),
            "{start}"
        );
    }
}

#[test]
fn columns_are_found_where_the_ruler_has_them() {
    let text = "\
        OP Package\n\
        TARGET NAME  DURATION     SCHEDULED START TIME  VISIT ID       SCIENCE INSTRUMENT AND MODE  VISIT TYPE\n\
        -----------  -----------  --------------------  -------------  ---------------------------  --------------------\n\
        M31          00/00:10:00  2025-08-04T01:00:00Z  4501:13:1      NIRCam Imaging               PRIME TARGETED FIXED\r\n";
    let now = at("2025-08-03T00:00:00Z");
    let harvest = Jwst.read("saved.txt", text.as_bytes(), now).unwrap();

    let [record] = records(&harvest)[..] else {
        panic!()
    };
    assert_eq!(record.obs_id, "4501:13:1");
    assert_eq!(record.facts.target_name.as_deref(), Some("M31"));
    assert_eq!(record.facts.t_max, Some(at("2025-08-04T01:10:00Z")));
    assert_eq!(record.facts.t_planning, None);
}

#[test]
fn accents_do_not_shift_columns() {
    let harvest = read(&[prime(
        "1:1:1",
        "2025-08-04T01:00:00Z",
        "MIRI Imaging",
        "Schr\u{f6}ter",
    )]);

    let facts = &records(&harvest)[0].facts;
    assert_eq!(facts.target_name.as_deref(), Some("Schr\u{f6}ter"));
    assert_eq!(facts.target_class.as_deref(), Some("Star"));
}

#[test]
fn what_is_no_report_is_refused_with_one_sentence() {
    let now = at("2025-08-03T00:00:00Z");
    let refusal = |body: &[u8]| match Jwst.read("x", body, now) {
        Err(Error::Unreadable(why)) => why,
        other => panic!("{other:?}"),
    };
    let none = "not a weekly report of JWST visits: expected a VISIT ID header with a ruler of \
                dashes under it";

    for body in [
        &b""[..],
        b"<!DOCTYPE html><main>Observing Schedules</main>",
        b"{\"status\":\"COMPLETE\",\"data\":[]}",
        b"Begin UT,End UT\n1,2\n",
        &[0xff, 0x00, 0x9f, 0x92, 0x96, b'\n', 0xfe],
    ] {
        assert_eq!(refusal(body), none);
    }
    assert_eq!(
        refusal(HEAD.as_bytes()),
        "the weekly report holds no visit: expected rows under its ruler"
    );
    assert_eq!(
        refusal(HEAD.replace("DURATION", "LENGTH  ").as_bytes()),
        "the weekly report has no column DURATION"
    );
}
