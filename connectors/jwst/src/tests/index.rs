use chrono::NaiveDate;
use upstream::{Error, Window};

use super::at;
use crate::index::{Week, read, wanted};

pub(super) fn page(names: &[&str]) -> String {
    let link = |name: &&str| {
        format!(
            "<p><a href=\"/files/live/sites/www/files/home/jwst/science-execution/\
             observing-schedules/_documents/{name}\" class=\"x\">a week</a><br /></p>"
        )
    };
    format!(
        "<main><a href=\"/jwst\">Home</a>{}</main>",
        names.iter().map(link).collect::<String>()
    )
}

fn weeks(names: &[&str]) -> Vec<Week> {
    read(&page(names)).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_week_issued_again_stands_for_the_one_before() {
    let weeks = weeks(&[
        "20250804_report_20250802.txt",
        "20250728_report_20250724.txt",
        "20250804_report_20250805.txt",
    ]);

    let read: Vec<_> = weeks.iter().map(|week| (week.start, week.issued)).collect();
    assert_eq!(
        read,
        [
            (day("2025-07-28"), day("2025-07-24")),
            (day("2025-08-04"), day("2025-08-05"))
        ]
    );
    assert!(weeks[1].url.starts_with("https://www.stsci.edu/files/"));
    assert!(weeks[1].url.ends_with("/20250804_report_20250805.txt"));
}

#[test]
fn a_week_ends_where_the_next_one_starts_or_after_seven_days() {
    let weeks = weeks(&[
        "20250519_report_20250515.txt",
        "20250527_report_20250523.txt",
        "20250602_report_20250606.txt",
        "20250804_report_20250802.txt",
    ]);

    let ends: Vec<_> = weeks.iter().map(|week| week.end).collect();
    assert_eq!(
        ends,
        [
            day("2025-05-27"),
            day("2025-06-02"),
            day("2025-06-09"),
            day("2025-08-11")
        ]
    );
}

#[test]
fn reports_of_2022_start_on_the_day_of_their_package() {
    let weeks = weeks(&[
        "2225606f01_report_20220913.txt",
        "2225601f01_report_20220913.txt",
        "2225601f02_report_20220914.txt",
    ]);

    let read: Vec<_> = weeks.iter().map(|week| (week.start, week.issued)).collect();
    assert_eq!(
        read,
        [
            (day("2022-09-13"), day("2022-09-14")),
            (day("2022-09-13"), day("2022-09-13"))
        ]
    );
}

#[test]
fn links_that_are_no_reports_or_lie_elsewhere_are_left_out() {
    let weeks = weeks(&[
        "20250804_report_20250802.txt",
        "20251399_report_20250802.txt",
        "calendar.pdf",
        "20250811_report_2025.txt",
    ]);
    let elsewhere = "<a href=\"https://example.org/science-execution/observing-schedules/_documents/\
                     20250804_report_20250802.txt\">x</a>";

    assert_eq!(weeks.len(), 1);
    assert!(matches!(read(elsewhere), Err(Error::Unreadable(_))));
}

#[test]
fn the_weeks_ahead_and_the_two_before_are_wanted() {
    let weeks = weeks(&[
        "20250707_report_20250703.txt",
        "20250714_report_20250715.txt",
        "20250721_report_20250719.txt",
        "20250728_report_20250724.txt",
        "20250804_report_20250802.txt",
    ]);

    assert_eq!(
        wanted(&weeks, at("2025-08-02T12:00:00Z"), None),
        [1, 2, 3, 4]
    );
    assert_eq!(wanted(&weeks, at("2025-12-01T00:00:00Z"), None), [3, 4]);
}

#[test]
fn a_window_wants_the_weeks_that_may_begin_a_visit_in_it() {
    let weeks = weeks(&[
        "20250721_report_20250719.txt",
        "20250728_report_20250724.txt",
        "20250804_report_20250802.txt",
    ]);
    let window = |from, to| {
        Some(Window {
            from: at(from),
            to: at(to),
        })
    };
    let now = at("2025-08-02T12:00:00Z");

    let inside = window("2025-07-30T00:00:00Z", "2025-08-04T00:00:00Z");
    let border = window("2025-08-04T05:00:00Z", "2025-08-04T06:00:00Z");
    assert_eq!(wanted(&weeks, now, inside), [1]);
    assert_eq!(wanted(&weeks, now, border), [1, 2]);
}
