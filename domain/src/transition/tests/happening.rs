//! Telemetry, logs and archives: what really happened, or failed to.

use chrono::TimeDelta;

use super::*;
use crate::activity::TMaxKind;

#[test]
fn telemetry_starts_everything_but_the_aborted() {
    let record = claiming(Claim::Running, 1);
    for status in [
        Status::Planned,
        Status::Scheduled,
        Status::Elapsed,
        Status::Performed,
    ] {
        let outcome = told_at(&known(status, Basis::Scheduled), &record, hours(2));
        assert_step(
            &outcome,
            EventKind::Started,
            Status::InProgress,
            Basis::Reported,
            hours(1),
        );
    }
    assert_eq!(
        told_at(&known(Status::Aborted, Basis::Reported), &record, hours(2)),
        []
    );
}

#[test]
fn telemetry_confirms_what_started_by_plan() {
    let record = claiming(Claim::Running, 1);
    let outcome = told_at(
        &known(Status::InProgress, Basis::Scheduled),
        &record,
        hours(2),
    );
    assert_step(
        &outcome,
        EventKind::Confirmed,
        Status::InProgress,
        Basis::Reported,
        hours(2),
    );
    assert_eq!(told_at(&outcome[0].activity, &record, hours(2)), []);
}

#[test]
fn a_log_or_archive_row_of_something_unknown_is_observed_at_its_first_science_exposure() {
    for basis in [Basis::Reported, Basis::Archived] {
        let mut record = claiming(Claim::Happened(basis), 1);
        record.first_science = Some(hours(1) + TimeDelta::minutes(5));
        let outcome = transition(None, Input::Record(&record), moment_at(hours(9)));
        let at = hours(1) + TimeDelta::minutes(5);
        assert_step(&outcome, EventKind::Observed, Status::Performed, basis, at);
    }
}

#[test]
fn a_log_or_archive_row_confirms_a_plan_on_arrival() {
    for status in [Status::Scheduled, Status::InProgress, Status::Elapsed] {
        let record = claiming(Claim::Happened(Basis::Archived), 1);
        let outcome = told_at(&known(status, Basis::Scheduled), &record, hours(9));
        assert_step(
            &outcome,
            EventKind::Confirmed,
            Status::Performed,
            Basis::Archived,
            hours(9),
        );
    }
}

#[test]
fn a_row_of_something_planned_without_time_or_withdrawn_is_observed() {
    for status in [Status::Planned, Status::Withdrawn] {
        let record = claiming(Claim::Happened(Basis::Archived), 1);
        let outcome = told_at(&known(status, Basis::Scheduled), &record, hours(9));
        assert_step(
            &outcome,
            EventKind::Observed,
            Status::Performed,
            Basis::Archived,
            hours(1),
        );
    }
}

fn block(exposures: u32, last_end: i64) -> Record {
    let mut record = claiming(Claim::Happened(Basis::Archived), 1);
    record.facts.n_exposures = Some(exposures);
    record.facts.t_max = Some(hours(last_end));
    record
}

#[test]
fn more_exposures_are_progress_without_a_new_revision() {
    let old = transition(None, Input::Record(&block(1, 2)), moment_at(hours(2)));
    let outcome = told_at(&old[0].activity, &block(2, 3), hours(4));
    assert_step(
        &outcome,
        EventKind::Progress,
        Status::Performed,
        Basis::Archived,
        hours(3),
    );
    assert_eq!(outcome[0].activity.facts.n_exposures, Some(2));
    assert_eq!(outcome[0].activity.revision, 1);
}

#[test]
fn data_of_what_a_report_has_told_already_are_no_exposures_more() {
    let mut report = block(1, 2);
    report.claim = Claim::Happened(Basis::Reported);
    report.facts.t_max_kind = Some(TMaxKind::Exact);
    let old = transition(None, Input::Record(&report), moment_at(hours(2)));
    let mut data = block(3, 2);
    data.facts.t_max = Some(hours(2) - TimeDelta::minutes(5));
    data.facts.t_max_kind = Some(TMaxKind::LowerBound);

    let outcome = told_at(&old[0].activity, &data, hours(4));

    assert_step(
        &outcome,
        EventKind::Enriched,
        Status::Performed,
        Basis::Archived,
        hours(4),
    );
    let facts = &outcome[0].activity.facts;
    assert_eq!(facts.t_max, Some(hours(2)));
    assert_eq!(facts.t_max_kind, Some(TMaxKind::Exact));
    assert_eq!(facts.n_exposures, Some(3));
}

#[test]
fn a_partial_answer_does_not_undo_exposures() {
    let old = transition(None, Input::Record(&block(5, 4)), moment_at(hours(4)));
    assert_eq!(told_at(&old[0].activity, &block(2, 3), hours(5)), []);
}

#[test]
fn a_quiet_archive_ends_at_its_last_exposure() {
    let old = transition(None, Input::Record(&block(5, 2)), moment_at(hours(2)));
    let outcome = transition(Some(&old[0].activity), Input::Quiet, moment_at(hours(3)));
    assert_step(
        &outcome,
        EventKind::Ended,
        Status::Performed,
        Basis::Archived,
        hours(2),
    );
}

#[test]
fn a_failure_aborts_what_was_to_be_or_was() {
    for status in [
        Status::Scheduled,
        Status::InProgress,
        Status::Elapsed,
        Status::Performed,
    ] {
        let outcome = told_at(
            &known(status, Basis::Scheduled),
            &claiming(Claim::Failed, 1),
            hours(5),
        );
        assert_step(
            &outcome,
            EventKind::Aborted,
            Status::Aborted,
            Basis::Reported,
            hours(5),
        );
    }
    assert_eq!(
        transition(
            None,
            Input::Record(&claiming(Claim::Failed, 1)),
            moment_at(noon())
        ),
        []
    );
}
