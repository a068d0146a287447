//! The clock: planned starts and ends come by themselves.

use super::*;

#[test]
fn the_start_comes_by_the_clock_at_the_planned_time() {
    let old = known(Status::Scheduled, Basis::Scheduled);
    let outcome = transition(Some(&old), Input::Start, moment_at(hours(3)));
    assert_step(
        &outcome,
        EventKind::Started,
        Status::InProgress,
        Basis::Scheduled,
        hours(1),
    );
    assert_eq!(transition(Some(&old), Input::Start, moment_at(noon())), []);
}

#[test]
fn the_end_comes_by_the_clock_and_the_published_end_stays() {
    let old = known(Status::InProgress, Basis::Scheduled);
    let cut_short = hours(1) + TimeDelta::minutes(30);
    let outcome = transition(Some(&old), Input::End(cut_short), moment_at(hours(3)));
    assert_step(
        &outcome,
        EventKind::Ended,
        Status::Elapsed,
        Basis::Scheduled,
        cut_short,
    );
    assert_eq!(outcome[0].activity.facts.t_max, Some(hours(2)));
}

#[test]
fn the_clock_does_not_end_what_is_reported() {
    let old = known(Status::InProgress, Basis::Reported);
    assert_eq!(
        transition(Some(&old), Input::End(hours(2)), moment_at(hours(3))),
        []
    );
}
