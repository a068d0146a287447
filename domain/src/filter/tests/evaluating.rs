use chrono::{DateTime, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::activity::{Activity, Basis, Facts, Instrument, Intent, Role, Status, TrackingType};
use crate::keys::Keys;

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-11-21T07:00:00Z")
}

pub(super) fn activity(facts: Facts) -> Activity {
    Activity {
        id: Uuid::nil(),
        source: "jwst".to_owned(),
        obs_id: "4501:13:1".to_owned(),
        attempt: 1,
        repeat_of: None,
        parallel_of: None,
        revision: 1,
        seq: 1,
        status: Status::InProgress,
        basis: Basis::Scheduled,
        demo: false,
        first_seen: now(),
        last_changed: now(),
        facts,
    }
}

/// A visit to the Andromeda galaxy.
pub(super) fn facts() -> Facts {
    Facts {
        obs_collection: "JWST".to_owned(),
        intent: Some(Intent::Science),
        role: Role::Prime,
        facility_name: "JWST".to_owned(),
        instrument_name: Some("NIRCAM".to_owned()),
        instrument_mode: Some("NIRCam Imaging".to_owned()),
        instruments: vec![Instrument {
            name: "MIRI".to_owned(),
            ..Instrument::default()
        }],
        band: vec!["Infrared".to_owned()],
        target_name: Some("M-31".to_owned()),
        target_class: Some("Galaxy".to_owned()),
        keywords: vec!["Spiral galaxies".to_owned()],
        tracking_type: Some(TrackingType::Sidereal),
        s_ra: Some(10.6847),
        s_dec: Some(41.2688),
        t_min: Some(at("2026-11-21T06:00:00Z")),
        t_max: Some(at("2026-11-21T07:10:00Z")),
        t_plan_exptime: Some(1200.0),
        proposal_id: Some("4501".to_owned()),
        ..Facts::default()
    }
}

fn passes(facts: Facts, pairs: &[(&str, &str)]) -> bool {
    filter(pairs).matches_snapshot(&activity(facts), now())
}

#[track_caller]
fn both(facts: &Facts, passing: &[(&str, &str)], failing: &[(&str, &str)]) {
    for pair in passing {
        assert!(passes(facts.clone(), &[*pair]), "{pair:?} should pass");
    }
    for pair in failing {
        assert!(!passes(facts.clone(), &[*pair]), "{pair:?} should not pass");
    }
}

fn target(name: &str) -> Facts {
    Facts {
        target_name: Some(name.to_owned()),
        ..facts()
    }
}

fn cut(name: &str) -> Facts {
    Facts {
        truncated: vec!["target_name".to_owned()],
        ..target(name)
    }
}

#[test]
fn different_keys_must_all_hold_and_of_one_key_any_may() {
    assert!(passes(facts(), &[]));
    assert!(passes(
        facts(),
        &[("target", "M33"), ("target", "M31"), ("band", "Infrared")]
    ));
    assert!(!passes(facts(), &[("target", "M31"), ("band", "Radio")]));
}

#[test]
fn words_must_be_equal() {
    both(
        &facts(),
        &[
            ("source", "JWST"),
            ("status", "in_progress"),
            ("basis", "scheduled"),
            ("intent", "science"),
            ("role", "prime"),
            ("tracking", "sidereal"),
            ("target_class", "galaxy"),
            ("band", "infrared"),
            ("class", "space"),
        ],
        &[
            ("source", "jws"),
            ("status", "performed"),
            ("intent", "null"),
            ("category", "Fixed"),
            ("site", "paranal"),
            ("class", "ground"),
            ("target_class", "gal"),
        ],
    );
}

#[test]
fn an_unknown_intent_is_asked_for_as_null() {
    let unknown = Facts {
        intent: None,
        ..facts()
    };
    both(&unknown, &[("intent", "null")], &[("intent", "science")]);
    assert!(passes(
        unknown,
        &[("intent", "science"), ("intent", "null")]
    ));
}

#[test]
fn a_site_puts_an_activity_on_the_ground() {
    let ground = Facts {
        site: Some("paranal".to_owned()),
        ..facts()
    };
    both(
        &ground,
        &[("class", "ground"), ("site", "Paranal")],
        &[("class", "space")],
    );
}

#[test]
fn a_combined_run_is_of_each_of_its_telescopes() {
    let combined = Facts {
        facility_name: "ESO-VLTI-U1234".to_owned(),
        telescopes: vec!["ESO-VLT-U1".to_owned(), "ESO-VLT-U2".to_owned()],
        ..facts()
    };
    both(
        &combined,
        &[("facility", "eso-vlt-u2"), ("facility", "ESO-VLTI*")],
        &[("facility", "eso-vlt"), ("facility", "JWST")],
    );
    let alias =
        ActivityFilter::from_pairs([("facility", "UT1")], Context::Lists, &Catalogue).unwrap();
    assert!(alias.matches_snapshot(&activity(combined), now()));
}

#[test]
fn any_instrument_counts_by_name_or_mode() {
    both(
        &facts(),
        &[
            ("instrument", "nircam"),
            ("instrument", "NIRCam Imaging"),
            ("instrument", "miri"),
            ("instrument", "NIRC*"),
        ],
        &[("instrument", "nirspec"), ("instrument", "imaging")],
    );
}

#[test]
fn a_programme_holds_its_runs_within_its_collection() {
    both(
        &facts(),
        &[
            ("proposal", "04501"),
            ("proposal", "jwst/4501"),
            ("proposal", "45*"),
        ],
        &[("proposal", "450"), ("proposal", "HST/4501")],
    );
    let eso = Facts {
        proposal_id: Some("091.B-0088(B)".to_owned()),
        obs_collection: "ESO".to_owned(),
        ..facts()
    };
    both(
        &eso,
        &[
            ("proposal", "91.B-0088"),
            ("proposal", "ESO/091.b-0088(b)"),
            ("proposal", "091.B*"),
        ],
        &[("proposal", "091.B-0088(A)")],
    );
}

#[test]
fn a_target_is_found_by_any_spelling() {
    both(
        &facts(),
        &[
            ("target", "Messier 31"),
            ("target", "m_31"),
            ("target", "M3*"),
            ("target", "Messier*"),
        ],
        &[("target", "M3"), ("target", "M310")],
    );
    both(
        &target("C2024E1-sky"),
        &[("target", "C/2024 E1*")],
        &[("target", "C/2024 E1 (Wierzchos)")],
    );
    both(
        &target("3I_ATLAS"),
        &[("target", "3I/ATLAS"), ("target", "3i")],
        &[("target", "1I")],
    );
    both(
        &target("Sgr A*"),
        &[("target", "Sgr A*"), ("target", r"SgrA\*")],
        &[("target", "Sgr A")],
    );
}

#[test]
fn a_name_cut_off_matches_when_it_begins_the_value() {
    both(
        &cut("SAXJ1808.4-36"),
        &[
            ("target", "SAX J1808.4-3658"),
            ("target", "SAXJ1808.4-365*"),
            ("target", "SAX*"),
        ],
        &[("target", "SAX J1808"), ("target", "SAX J1809.4-3658")],
    );
    both(
        &target("SAXJ1808.4-36"),
        &[],
        &[("target", "SAX J1808.4-3658")],
    );
}

#[test]
fn a_short_name_cut_off_stands_only_for_itself() {
    both(
        &cut("NGC 1"),
        &[("target", "NGC 1")],
        &[("target", "NGC 1365")],
    );
    both(&cut("NGC 13"), &[], &[("target", "NGC 1365")]);
    both(&cut("NGC 136"), &[("target", "NGC 1365")], &[]);
}

#[test]
fn a_designation_whose_name_is_cut_off_stands_only_for_itself() {
    both(
        &cut("C/2024 E1 (Wierz"),
        &[("target", "C2024E1")],
        &[("target", "C2024E1-sky")],
    );
}

#[test]
fn every_given_word_is_a_word_of_the_pi() {
    let led = Facts {
        proposal_pi: Some("Pérez-González, P.".to_owned()),
        ..facts()
    };
    both(
        &led,
        &[
            ("pi", "perez gonzalez"),
            ("pi", "Pérez-González"),
            ("pi", "gonz* perez"),
            ("pi", "PerezGonzalez"),
        ],
        &[("pi", "perez other"), ("pi", "per")],
    );
    both(&facts(), &[], &[("pi", "perez")]);
}

#[test]
fn a_text_is_found_across_what_an_activity_says() {
    both(
        &facts(),
        &[
            ("text", "spiral M31"),
            ("text", "M 31"),
            ("text", "m-31 nircam"),
            ("text", "imag* jwst"),
            ("text", "Messier 31"),
        ],
        &[("text", "spiral M33"), ("text", "imag")],
    );
    both(
        &target("NGC224"),
        &[("text", "NGC 0224"), ("text", "ngc 224 miri")],
        &[("text", "ngc 22")],
    );
}

#[test]
fn a_region_meets_what_has_a_place() {
    both(
        &facts(),
        &[
            ("pos", "CIRCLE 10.7 41.3 1"),
            ("pos", "RANGE 350 20 40 +Inf"),
        ],
        &[("pos", "CIRCLE 83.6 22.0 2")],
    );
    let nowhere = Facts {
        s_ra: None,
        s_dec: None,
        ..facts()
    };
    both(&nowhere, &[], &[("pos", "CIRCLE 10.7 41.3 180")]);
}

#[test]
fn a_window_is_overlapped_and_an_instant_is_within() {
    both(
        &facts(),
        &[
            ("from", "2026-11-21T07:10:00Z"),
            ("from", "now"),
            ("to", "2026-11-21T06:00:00Z"),
            ("to", "now"),
            ("at", "now"),
            ("at", "2026-11-21T06:00:00Z"),
            ("at", "2026-11-21T07:10:00Z"),
        ],
        &[
            ("from", "2026-11-21T07:10:01Z"),
            ("from", "now+1h"),
            ("to", "now-2h"),
            ("to", "2026-11-21T05:59:59Z"),
            ("at", "now+11m"),
            ("at", "now-61m"),
        ],
    );
    assert!(passes(
        facts(),
        &[
            ("from", "2026-11-21T06:30:00Z"),
            ("to", "2026-11-21T06:31:00Z")
        ]
    ));
}

#[test]
fn without_an_end_an_activity_is_its_start() {
    let endless = Facts {
        t_max: None,
        ..facts()
    };
    both(
        &endless,
        &[
            ("at", "2026-11-21T06:00:00Z"),
            ("from", "2026-11-21T06:00:00Z"),
        ],
        &[("at", "now"), ("from", "now")],
    );
}

#[test]
fn without_a_start_an_activity_is_in_no_window() {
    let timeless = Facts {
        t_min: None,
        ..facts()
    };
    both(
        &timeless,
        &[],
        &[("from", "2000-01-01"), ("to", "2100-01-01"), ("at", "now")],
    );
}

#[test]
fn an_exposure_counts_as_performed_or_else_as_planned() {
    both(
        &facts(),
        &[("min_exptime", "1200")],
        &[("min_exptime", "1200.5")],
    );
    let performed = Facts {
        t_exptime: Some(100.0),
        ..facts()
    };
    both(
        &performed,
        &[("min_exptime", "100")],
        &[("min_exptime", "1200")],
    );
    let unknown = Facts {
        t_plan_exptime: None,
        ..facts()
    };
    both(&unknown, &[], &[("min_exptime", "0")]);
}

#[test]
fn an_event_is_judged_where_one_is_at_hand() {
    let one = activity(facts());
    let keys = Keys::of(&one);
    let started = filter(&[("event", "started")]);
    assert!(started.matches(&one, &keys, Some(EventKind::Started), now()));
    assert!(!started.matches(&one, &keys, Some(EventKind::Ended), now()));
    assert!(started.matches_snapshot(&one, now()));
    assert!(filter(&[]).matches(&one, &keys, Some(EventKind::Ended), now()));
}

proptest! {
    #[test]
    fn an_activity_is_found_by_its_own_names(name in "\\PC{1,20}") {
        let named = activity(Facts { facility_name: name.clone(), ..target(&name) });
        let escaped = name.replace('\\', r"\\").replace('*', r"\*");
        for key in ["target", "facility", "text"] {
            if let Ok(filter) = read(&[(key, &escaped)]) {
                prop_assert!(filter.matches_snapshot(&named, now()), "{} {:?}", key, filter);
            }
        }
    }

    #[test]
    fn a_beginning_finds_what_begins_so(name in "[N-Zn-z][A-Za-z]{0,3}[ -]?[0-9]{1,4}[a-z ]{0,6}", length in 1_usize..8) {
        let beginning: String = name.chars().take(length).collect();
        let filter = filter(&[("target", &format!("{beginning}*"))]);
        prop_assume!(!beginning.trim_end().ends_with('0'));
        prop_assert!(filter.matches_snapshot(&activity(target(&name)), now()), "{:?}", filter);
    }
}
