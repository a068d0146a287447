use domain::{Activity, Basis, Envelope, EventKind, Facts, Instrument, Status, TMaxKind};

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A JWST visit that has just started by plan.
fn notice() -> Notice {
    let facts = Facts {
        obs_collection: "JWST".to_owned(),
        facility_name: "JWST".to_owned(),
        instrument_name: Some("NIRCAM".to_owned()),
        instruments: vec![Instrument {
            name: "NIRCAM".to_owned(),
            mode: Some("NIRCam Imaging".to_owned()),
            filters: Vec::new(),
        }],
        target_name: Some("M-31".to_owned()),
        target_class: Some("Galaxy".to_owned()),
        s_ra: Some(10.6847),
        s_dec: Some(41.2688),
        t_planning: Some(at("2026-11-20T00:00:00Z")),
        t_min: Some(at("2026-11-21T06:00:00Z")),
        t_max: Some(at("2026-11-21T07:10:00Z")),
        t_max_kind: Some(TMaxKind::Planned),
        proposal_id: Some("4501".to_owned()),
        ..Facts::default()
    };
    let activity = Activity {
        id: Uuid::nil(),
        source: "jwst".to_owned(),
        obs_id: "4501:13:1".to_owned(),
        attempt: 1,
        repeat_of: None,
        parallel_of: None,
        revision: 1,
        seq: 2,
        status: Status::InProgress,
        basis: Basis::Scheduled,
        demo: false,
        first_seen: at("2026-11-20T01:00:00Z"),
        last_changed: at("2026-11-21T06:00:00Z"),
        facts,
    };
    Notice {
        envelope: Envelope {
            seq: 2,
            event: EventKind::Started,
            at: at("2026-11-21T06:00:00Z"),
            logged: at("2026-11-21T06:00:00Z"),
            backfill: false,
            activity,
        },
        facility: "JWST".to_owned(),
        source_read: Some(at("2026-11-21T05:48:00Z")),
        why: "target M31; pos CIRCLE 10.7 41.3 2 (1.9′ from its centre)".to_owned(),
        late: false,
        correction: false,
        sample: false,
        activity_url: "https://board.example.org/activities/1".to_owned(),
        now: at("2026-11-21T06:00:01Z"),
    }
}

fn subscriber() -> Subscriber {
    Subscriber {
        subscription_id: Uuid::nil(),
        subscription_name: "Andromeda".to_owned(),
        time_zone: Tz::Europe__Berlin,
        subscription_url: "https://board.example.org/subscriptions/1".to_owned(),
        unsubscribe_url: "https://board.example.org/unsubscribe/abc.def".to_owned(),
    }
}

fn head() -> Head {
    Head {
        to: "astronomer@example.org".to_owned(),
        message_id: "1@board.example.org".to_owned(),
        references: Vec::new(),
        list_id: "1.board.example.org".to_owned(),
    }
}

/// The sentence of an event, as somebody else's and on another basis.
fn told(event: EventKind, basis: Basis, change: impl FnOnce(&mut Notice)) -> String {
    let mut notice = notice();
    notice.envelope.event = event;
    notice.envelope.activity.basis = basis;
    change(&mut notice);
    wording::sentence(&notice)
}

fn swift(notice: &mut Notice) {
    notice.facility = "Swift".to_owned();
    notice.envelope.activity.source = "swift".to_owned();
    notice.envelope.logged = at("2026-11-21T08:20:00Z");
    notice.now = notice.envelope.logged;
}

fn eso(notice: &mut Notice) {
    notice.facility = "VLT UT4".to_owned();
    notice.envelope.activity.source = "eso".to_owned();
    notice.envelope.activity.facts.t_max_kind = Some(TMaxKind::LowerBound);
    notice.envelope.logged = at("2026-11-21T06:09:00Z");
    notice.now = notice.envelope.logged;
}

#[test]
fn a_start_by_plan_is_told_as_what_should_be() {
    assert_eq!(
        told(EventKind::Started, Basis::Scheduled, |_| {}),
        "JWST should now be observing M-31 (plan issued 20 Nov 2026; JWST does not confirm live)."
    );
}

#[test]
fn a_start_by_plan_told_after_its_end_says_should_have_been() {
    let late = |notice: &mut Notice| notice.now = at("2026-11-21T09:00:00Z");
    assert_eq!(
        told(EventKind::Started, Basis::Scheduled, late),
        "JWST should have been observing M-31 from 06:00 UTC on 21 Nov 2026 until 07:10 UTC (plan \
         issued 20 Nov 2026; JWST does not confirm live)."
    );
}

#[test]
fn what_a_log_reports_was_observed() {
    assert_eq!(
        told(EventKind::Observed, Basis::Reported, swift),
        "Swift observed M-31 at 06:00 UTC on 21 Nov 2026, as-flown log read 08:20 UTC."
    );
}

#[test]
fn what_an_archive_shows_is_told_with_its_delay() {
    assert_eq!(
        told(EventKind::Observed, Basis::Archived, eso),
        "VLT UT4 took its first exposure of M-31 at 06:00 UTC on 21 Nov 2026, seen in the ESO \
         archive 9 min later."
    );
    assert_eq!(
        told(EventKind::Ended, Basis::Archived, eso),
        "VLT UT4 seems to have finished M-31: the last exposure seen in the ESO archive ended no \
         earlier than 06:00 UTC on 21 Nov 2026."
    );
}

#[test]
fn no_sentence_by_plan_says_that_it_happened() {
    for event in EventKind::ALL {
        if matches!(
            event,
            EventKind::Observed | EventKind::Confirmed | EventKind::Aborted
        ) {
            continue; // Never by plan.
        }
        for now in ["2026-11-21T06:30:00Z", "2026-11-22T06:30:00Z"] {
            let told = told(*event, Basis::Scheduled, |notice| notice.now = at(now));
            for claim in [
                " observed ",
                "is observing",
                "has finished",
                "began",
                "confirms",
            ] {
                assert!(!told.contains(claim), "{told}");
            }
        }
    }
}

#[test]
fn the_subject_has_the_verb() {
    let subject = |event, basis, change: fn(&mut Notice)| {
        let mut notice = notice();
        notice.envelope.event = event;
        notice.envelope.activity.basis = basis;
        change(&mut notice);
        notification(&notice, &subscriber(), head()).subject
    };
    for (got, meant) in [
        (
            subject(EventKind::Started, Basis::Scheduled, |_| {}),
            "JWST should now be observing M-31",
        ),
        (
            subject(EventKind::Scheduled, Basis::Scheduled, |_| {}),
            "JWST is to observe M-31: 21 Nov, 06:00 UTC",
        ),
        (
            subject(EventKind::Observed, Basis::Reported, swift),
            "Swift observed M-31",
        ),
        (
            subject(EventKind::Withdrawn, Basis::Scheduled, |notice| {
                notice.correction = true
            }),
            "Correction: JWST took M-31 out of its plan",
        ),
        (
            subject(EventKind::Started, Basis::Scheduled, |notice| {
                notice.envelope.activity.demo = true;
                notice.sample = true;
            }),
            "[demo] Sample: JWST should now be observing M-31",
        ),
    ] {
        assert_eq!(got, meant);
    }
}

#[test]
fn the_text_of_a_notification_reads_from_top_to_bottom() {
    let text = notification(&notice(), &subscriber(), head()).text;
    let meant = "\
JWST should now be observing M-31 (plan issued 20 Nov 2026; JWST does not
confirm live).

Target      M-31
            Galaxy
Position    00 42 44.33 +41 16 07.7 (ICRS)
            10.68470° +41.26880°
Start       Sat 21 Nov 2026, 06:00 UTC
            Sat 21 Nov 2026, 07:00 CET (Europe/Berlin)
End         Sat 21 Nov 2026, 07:10 UTC
            Sat 21 Nov 2026, 08:10 CET (Europe/Berlin)
            as planned
Telescope   JWST
Instrument  NIRCAM (NIRCam Imaging)
Programme   4501
How known   by plan, issued 20 Nov 2026 (30 h ago)
            source last read 12 min ago
Matched     target M31; pos CIRCLE 10.7 41.3 2 (1.9′ from its centre)

See the activity:
https://board.example.org/activities/1

Credit: STScI, MAST

Data policy:
https://archive.stsci.edu/publishing/data-use

-- 
You get this mail because of your subscription “Andromeda”.

Change the subscription:
https://board.example.org/subscriptions/1

Unsubscribe:
https://board.example.org/unsubscribe/abc.def
";
    assert_eq!(text, meant);
}

#[test]
fn a_notification_can_be_ended_sorted_and_threaded() {
    let mail = notification(&notice(), &subscriber(), head());
    assert_eq!(mail.unsubscribe.unwrap(), subscriber().unsubscribe_url);
    assert_eq!(mail.list_id.unwrap(), "1.board.example.org");
    assert!(mail.auto);
}

#[test]
fn a_bare_activity_makes_a_whole_mail() {
    let mut notice = notice();
    notice.envelope.activity.facts = Facts::default();
    for event in EventKind::ALL {
        notice.envelope.event = *event;
        let mail = notification(&notice, &subscriber(), head());
        assert!(
            mail.text.contains("a target it does not name"),
            "{}",
            mail.text
        );
    }
}

#[test]
fn endless_names_are_cut_and_markup_is_none() {
    let mut notice = notice();
    let facts = &mut notice.envelope.activity.facts;
    facts.target_name = Some(format!("<b>{}", "Ü".repeat(5000)));
    facts.proposal_title = Some("\u{202e}x".repeat(5000));
    let mail = notification(&notice, &subscriber(), head());
    assert!(mail.subject.chars().count() <= LONGEST_SUBJECT);
    assert!(mail.text.len() < 5_000 && !mail.html.contains("<b>"));
}

#[test]
fn a_digest_tells_each_event_and_counts_the_rest() {
    let notices = [notice(), notice()];
    let covers = Digest {
        from: at("2026-11-21T06:00:00Z"),
        to: at("2026-11-21T07:00:00Z"),
        uncounted: 7,
    };
    let mail = digest(&notices, covers, &subscriber(), head());
    assert_eq!(
        mail.subject,
        "9 events match “Andromeda”, 21 Nov, 07:00 UTC"
    );
    assert_eq!(mail.text.matches("should now be observing").count(), 2);
    assert!(mail.text.contains("And 7 more\n"), "{}", mail.text);
    assert!(
        mail.text
            .contains("From 06:00 UTC to 07:00 UTC on 21 Nov 2026.")
    );
    assert_eq!(mail.text.matches("Credit:").count(), 1);
    let widest = mail.text.lines().map(|line| line.chars().count()).max();
    assert!(widest.unwrap() <= crate::mail::layout::COLUMNS);
}

#[test]
fn telescopes_are_called_as_people_do() {
    let catalogue = Catalogue::load().unwrap();
    for (name, called) in [
        ("ESO-VLT-U4", "VLT UT4"),
        ("ESO-VISTA", "VISTA"),
        ("JWST", "JWST"),
        ("Swift", "Swift"),
        ("Keck I", "Keck I"),
        ("Some-Other", "Some-Other"),
    ] {
        assert_eq!(telescope(&catalogue, name), called);
    }
}
