//! Values: filled in, withheld, corrected, or gone with what they belonged to.

use super::*;

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
