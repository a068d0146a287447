//! One test per row of the contract's table, and one per case it leaves open.

use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::activity::Facts;

fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn hours(n: i64) -> DateTime<Utc> {
    noon() + TimeDelta::hours(n)
}

fn moment_at(now: DateTime<Utc>) -> Moment<'static> {
    Moment {
        now,
        fresh: Uuid::from_u128(7),
        source: "jwst",
        demo: false,
    }
}

fn visit(start: Option<i64>) -> Record {
    let facts = Facts {
        obs_collection: "JWST".into(),
        facility_name: "JWST".into(),
        target_name: Some("M-31".into()),
        instrument_name: Some("NIRCAM".into()),
        t_min: start.map(hours),
        t_max: start.map(|n| hours(n + 1)),
        ..Facts::default()
    };
    Record::new("4501:13:1", Claim::Plan, facts, "row")
}

fn claiming(claim: Claim, start: i64) -> Record {
    Record {
        claim,
        ..visit(Some(start))
    }
}

/// The visit from +1 h to +2 h, as it stands in `status`.
fn known(status: Status, basis: Basis) -> Activity {
    let steps = transition(None, Input::Record(&visit(Some(1))), moment_at(noon()));
    Activity {
        status,
        basis,
        id: Uuid::from_u128(1),
        ..steps[0].activity.clone()
    }
}

fn told_at(old: &Activity, record: &Record, now: DateTime<Utc>) -> Outcome {
    transition(Some(old), Input::Record(record), moment_at(now))
}

#[track_caller]
fn assert_step(
    outcome: &Outcome,
    event: EventKind,
    status: Status,
    basis: Basis,
    at: DateTime<Utc>,
) {
    let steps: Vec<_> = outcome
        .iter()
        .map(|s| (s.event, s.activity.status, s.activity.basis, s.at))
        .collect();
    assert_eq!(steps, [(event, status, basis, at)]);
}

#[test]
fn a_plan_with_a_time_schedules_what_was_unknown_planned_or_withdrawn() {
    let unknown = transition(None, Input::Record(&visit(Some(1))), moment_at(noon()));
    assert_step(
        &unknown,
        EventKind::Scheduled,
        Status::Scheduled,
        Basis::Scheduled,
        noon(),
    );

    for status in [Status::Planned, Status::Withdrawn] {
        let outcome = told_at(&known(status, Basis::Scheduled), &visit(Some(3)), noon());
        assert_step(
            &outcome,
            EventKind::Scheduled,
            Status::Scheduled,
            Basis::Scheduled,
            noon(),
        );
    }
}

#[test]
fn a_withdrawn_start_that_has_passed_does_not_come_back() {
    let outcome = told_at(
        &known(Status::Withdrawn, Basis::Scheduled),
        &visit(Some(1)),
        hours(5),
    );
    assert_eq!(outcome, []);
}

#[test]
fn a_plan_without_a_time_is_planned() {
    let outcome = transition(None, Input::Record(&visit(None)), moment_at(noon()));
    assert_step(
        &outcome,
        EventKind::Planned,
        Status::Planned,
        Basis::Scheduled,
        noon(),
    );
}

#[test]
fn another_time_pointing_target_or_instrument_is_a_new_revision() {
    let mut old = known(Status::Scheduled, Basis::Scheduled);
    (old.facts.s_ra, old.facts.s_dec) = (Some(10.0), Some(41.0));
    let mut moved = visit(Some(2));
    let mut pointed = visit(Some(1));
    (pointed.facts.s_ra, pointed.facts.s_dec) = (Some(10.1), Some(41.0));
    let mut other_target = visit(Some(1));
    other_target.facts.target_name = Some("M-33".into());
    let mut other_instrument = visit(Some(1));
    other_instrument.facts.instrument_name = Some("MIRI".into());
    moved.facts.t_max = Some(hours(4));

    for record in [moved, pointed, other_target, other_instrument] {
        let outcome = told_at(&old, &record, noon());
        assert_step(
            &outcome,
            EventKind::Changed,
            Status::Scheduled,
            Basis::Scheduled,
            noon(),
        );
        assert_eq!(outcome[0].activity.revision, 2);
    }
}

#[test]
fn the_same_plan_again_is_no_event() {
    let old = known(Status::Scheduled, Basis::Scheduled);
    assert_eq!(told_at(&old, &visit(Some(1)), noon()), []);
}

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

#[test]
fn what_is_gone_from_the_plan_is_withdrawn_only_while_it_is_ahead() {
    for status in [Status::Planned, Status::Scheduled] {
        let old = known(status, Basis::Scheduled);
        let outcome = transition(Some(&old), Input::Gone, moment_at(noon()));
        assert_step(
            &outcome,
            EventKind::Withdrawn,
            Status::Withdrawn,
            Basis::Scheduled,
            noon(),
        );
        assert_eq!(transition(Some(&old), Input::Gone, moment_at(hours(1))), []);
    }
    let done = known(Status::Performed, Basis::Archived);
    assert_eq!(transition(Some(&done), Input::Gone, moment_at(noon())), []);
}

#[test]
fn a_new_start_after_the_old_one_passed_is_a_new_attempt() {
    for status in [
        Status::Scheduled,
        Status::Elapsed,
        Status::Performed,
        Status::Aborted,
    ] {
        let old = known(status, Basis::Scheduled);
        let outcome = told_at(&old, &visit(Some(9)), hours(3));
        assert_step(
            &outcome,
            EventKind::Scheduled,
            Status::Scheduled,
            Basis::Scheduled,
            hours(3),
        );
        let next = &outcome[0].activity;
        assert_eq!((next.attempt, next.repeat_of), (2, Some(old.id)));
        assert_ne!(next.id, old.id);
    }
}

#[test]
fn a_new_start_withdraws_what_is_in_progress_by_plan_only() {
    let by_plan = told_at(
        &known(Status::InProgress, Basis::Scheduled),
        &visit(Some(9)),
        hours(1),
    );
    let events: Vec<_> = by_plan
        .iter()
        .map(|s| (s.event, s.activity.attempt))
        .collect();
    assert_eq!(
        events,
        [(EventKind::Withdrawn, 1), (EventKind::Scheduled, 2)]
    );

    let reported = told_at(
        &known(Status::InProgress, Basis::Reported),
        &visit(Some(9)),
        hours(1),
    );
    assert_eq!(reported.len(), 1);
}

#[test]
fn a_null_filled_in_is_enriched_without_a_new_revision() {
    for status in [
        Status::Scheduled,
        Status::InProgress,
        Status::Elapsed,
        Status::Performed,
    ] {
        let mut record = visit(Some(1));
        (record.facts.s_ra, record.facts.s_dec) = (Some(10.6847), Some(41.2688));
        let outcome = told_at(&known(status, Basis::Scheduled), &record, hours(2));
        assert_step(
            &outcome,
            EventKind::Enriched,
            status,
            Basis::Scheduled,
            hours(2),
        );
        assert_eq!(outcome[0].activity.revision, 1);
        assert_eq!(outcome[0].activity.facts.s_ra, Some(10.6847));
    }
}

#[test]
fn facts_alone_fill_nulls_and_never_move_anything() {
    let mut record = claiming(Claim::Described, 9);
    record.facts.proposal_pi = Some("Messier".into());
    let outcome = told_at(&known(Status::Scheduled, Basis::Scheduled), &record, noon());
    assert_step(
        &outcome,
        EventKind::Enriched,
        Status::Scheduled,
        Basis::Scheduled,
        noon(),
    );
    assert_eq!(outcome[0].activity.facts.t_min, Some(hours(1)));
    assert_eq!(
        transition(None, Input::Record(&record), moment_at(noon())),
        []
    );
}

#[test]
fn a_withheld_value_is_blanked_and_not_taken_from_the_record_either() {
    let mut record = visit(Some(1));
    record.withheld = vec!["target_name".into()];
    let old = known(Status::Scheduled, Basis::Scheduled);
    let outcome = told_at(&old, &record, noon());
    assert_step(
        &outcome,
        EventKind::Redacted,
        Status::Scheduled,
        Basis::Scheduled,
        noon(),
    );
    assert_eq!(outcome[0].activity.facts.target_name, None);
    assert_eq!(told_at(&outcome[0].activity, &record, noon()), []);
}

#[test]
fn a_plan_never_overrules_what_was_observed() {
    let mut old = known(Status::Performed, Basis::Archived);
    old.facts.target_name = Some("M 31 core".into());
    assert_eq!(told_at(&old, &visit(Some(1)), hours(5)), []);
}

#[test]
fn a_text_that_arrives_whole_loses_its_mark_of_being_cut() {
    let mut old = known(Status::Scheduled, Basis::Scheduled);
    old.facts.proposal_pi = Some("Dalcant".into());
    old.facts.truncated = vec!["proposal_pi".into()];
    let mut record = visit(Some(1));
    record.facts.proposal_pi = Some("Dalcanton".into());
    let outcome = told_at(&old, &record, noon());
    assert_eq!(outcome[0].activity.facts.truncated, Vec::<String>::new());
}

#[test]
fn another_target_does_not_keep_the_place_of_the_one_before() {
    let mut old = known(Status::Scheduled, Basis::Scheduled);
    (old.facts.s_ra, old.facts.s_dec) = (Some(10.0), Some(41.0));
    old.facts.s_region = Some("CIRCLE ICRS 10 41 0.1".into());
    let mut other = visit(Some(1));
    other.facts.target_name = Some("M-33".into());
    let facts = &told_at(&old, &other, noon())[0].activity.facts;
    assert_eq!(
        (facts.s_ra, facts.s_dec, &facts.s_region),
        (None, None, &None)
    );

    let mut same = visit(Some(2));
    same.facts.target_name = Some("M 31".into());
    let facts = &told_at(&old, &same, noon())[0].activity.facts;
    assert_eq!(facts.s_ra, Some(10.0));
}

#[test]
fn another_pointing_does_not_keep_the_footprint_of_the_one_before() {
    let mut old = known(Status::Scheduled, Basis::Scheduled);
    (old.facts.s_ra, old.facts.s_dec) = (Some(10.0), Some(41.0));
    old.facts.s_region = Some("CIRCLE ICRS 10 41 0.1".into());
    let mut moved = visit(Some(1));
    (moved.facts.s_ra, moved.facts.s_dec) = (Some(11.0), Some(41.0));
    assert_eq!(
        told_at(&old, &moved, noon())[0].activity.facts.s_region,
        None
    );
}
