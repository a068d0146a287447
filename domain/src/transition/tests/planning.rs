//! The plan: times appear, move, vanish and come again.

use super::*;

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
fn a_plan_never_overrules_what_was_observed() {
    let mut old = known(Status::Performed, Basis::Archived);
    old.facts.target_name = Some("M 31 core".into());
    assert_eq!(told_at(&old, &visit(Some(1)), hours(5)), []);
}
