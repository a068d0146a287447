use chrono::{TimeDelta, TimeZone};
use domain::{Activity, Basis, Facts, Instrument, Link, Status, TMaxKind};
use uuid::Uuid;

use super::super::present::Standing;
use super::*;
use crate::areas::archives::Health;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap()
}

fn activity(status: Status, basis: Basis, from: i64, to: i64) -> Activity {
    let facts = Facts {
        obs_collection: "JWST".into(),
        facility_name: "JWST".into(),
        target_name: Some("M-31".into()),
        instrument_name: Some("NIRCAM".into()),
        instruments: vec![Instrument {
            name: "NIRCAM".into(),
            ..Instrument::default()
        }],
        proposal_id: Some("4501".into()),
        t_min: Some(now() + TimeDelta::minutes(from)),
        t_max: Some(now() + TimeDelta::minutes(to)),
        ..Facts::default()
    };
    Activity {
        id: Uuid::nil(),
        source: "jwst".into(),
        obs_id: "4501:13:1".into(),
        attempt: 1,
        repeat_of: None,
        parallel_of: None,
        revision: 1,
        seq: 7,
        status,
        basis,
        demo: false,
        first_seen: now(),
        last_changed: now(),
        facts,
    }
}

fn board_of(facility: Facility) -> String {
    let name = "JWST".to_owned();
    made(&Present {
        now: now(),
        facilities: vec![Facility { name, ..facility }],
        ..Present::default()
    })
}

fn made(present: &Present) -> String {
    board(present, false).into_html()
}

/// What a reader sees: the text, blanks made one.
fn text(page: &str) -> String {
    let mut inside = false;
    let mut seen = String::new();
    for c in page.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => seen.push(c),
            _ => {}
        }
    }
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_runs_by_plan_is_said_to_run_by_plan() {
    let running = activity(Status::InProgress, Basis::Scheduled, -9, 31);
    let page = text(&board_of(Facility {
        in_progress: vec![running],
        ..Facility::default()
    }));
    assert!(
        page.contains("by plan In progress: M-31 with NIRCAM"),
        "{page}"
    );
    assert!(
        page.contains("started 08:51 UTC (9 min ago), planned to end 09:31 UTC (in 31 min)"),
        "{page}"
    );
    assert!(!page.contains("reported"), "{page}");
}

#[test]
fn what_runs_by_telemetry_is_said_to_be_reported() {
    let running = activity(Status::InProgress, Basis::Reported, -9, 31);
    let page = text(&board_of(Facility {
        in_progress: vec![running],
        ..Facility::default()
    }));
    assert!(page.contains("reported In progress: M-31"), "{page}");
}

#[test]
fn an_archive_tells_what_was_last_known_and_when_it_ended() {
    let mut last = activity(Status::Performed, Basis::Archived, -60, -12);
    last.facts.t_max_kind = Some(TMaxKind::Exact);
    let page = text(&board_of(Facility {
        last: Some(last),
        ..Facility::default()
    }));
    assert!(
        page.contains("archived Last known: M-31 with NIRCAM, ended 12 min ago"),
        "{page}"
    );
    assert!(!page.contains("In progress"), "{page}");
}

#[test]
fn a_planned_end_that_nobody_confirmed_is_not_called_an_end() {
    let last = activity(Status::Elapsed, Basis::Scheduled, -60, -12);
    let page = text(&board_of(Facility {
        last: Some(last),
        ..Facility::default()
    }));
    assert!(page.contains("was to end 12 min ago"), "{page}");
    assert!(page.contains("by plan Last known: M-31"), "{page}");
    assert!(page.contains("(60 min ago), elapsed"), "{page}");
}

#[test]
fn what_is_next_is_said_with_the_time_until_then() {
    let next = activity(Status::Scheduled, Basis::Scheduled, 12, 50);
    let page = text(&board_of(Facility {
        next: Some(next),
        ..Facility::default()
    }));
    assert!(
        page.contains("Next, by plan: M-31 with NIRCAM, 09:12 UTC (in 12 min)"),
        "{page}"
    );
}

#[test]
fn another_day_is_named() {
    let next = activity(Status::Scheduled, Basis::Scheduled, 1440, 1500);
    let page = text(&board_of(Facility {
        next: Some(next),
        ..Facility::default()
    }));
    assert!(page.contains("2026-11-22 09:00 UTC (in 24 h)"), "{page}");
}

#[test]
fn names_from_elsewhere_are_text_and_links_lead_to_the_web() {
    let mut running = activity(Status::InProgress, Basis::Reported, -9, 31);
    running.facts.target_name = Some("<script>alert(1)</script> \"&' M 31".into());
    running.facts.links = vec![
        Link {
            title: "x".into(),
            url: "javascript:alert(1)".into(),
        },
        Link {
            title: "x".into(),
            url: "https://a.org/\"onclick=\"x".into(),
        },
    ];
    let page = board_of(Facility {
        in_progress: vec![running],
        ..Facility::default()
    });
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;"),
        "{page}"
    );
    assert!(!page.contains("javascript:"), "{page}");
    assert!(
        page.contains(r#"href="https://a.org/&quot;onclick=&quot;x""#),
        "{page}"
    );
}

#[test]
fn before_the_first_answer_the_page_says_so() {
    let page = text(&board_of(Facility::default()));
    assert!(page.contains("No source has answered yet"), "{page}");
}

#[test]
fn facilities_nobody_tells_of_are_named_in_one_place() {
    let running = activity(Status::InProgress, Basis::Reported, -9, 31);
    let facility = |name: &str, in_progress| Facility {
        name: name.to_owned(),
        in_progress,
        ..Facility::default()
    };
    let page = text(&made(&Present {
        now: now(),
        facilities: vec![facility("JWST", vec![running]), facility("ESO-VST", vec![])],
        ..Present::default()
    }));
    let (before, after) = page.split_once("Nothing known").unwrap();
    assert!(
        before.contains("JWST") && !before.contains("ESO-VST"),
        "{page}"
    );
    assert!(after.contains("ESO-VST"), "{page}");
}

#[test]
fn the_demo_is_marked() {
    let demo = Present {
        now: now(),
        demo: true,
        ..Present::default()
    };
    assert!(text(&made(&demo)).contains("Demo data."));
    let real = Present {
        demo: false,
        ..demo
    };
    assert!(!text(&made(&real)).contains("Demo data."));
}

#[test]
fn sources_are_credited_with_the_age_of_their_news() {
    let source = Standing {
        title: "JWST schedules",
        home: "https://www.stsci.edu/jwst",
        credit: "STScI",
        policy: "https://archive.stsci.edu/publishing/data-use",
        health: Health::Late,
        last_success: Some(now() - TimeDelta::hours(3)),
        horizon: None,
        facilities: &["JWST"],
        failing: None,
        next_run: None,
    };
    let page = made(&Present {
        now: now(),
        sources: vec![source],
        ..Present::default()
    });
    let seen = text(&page);
    assert!(
        seen.contains("JWST schedules: late, last answer 3 h ago"),
        "{seen}"
    );
    assert!(
        seen.contains("STScI Data policy of JWST schedules"),
        "{seen}"
    );
}

#[test]
fn where_the_web_app_would_be_the_page_says_that_it_was_not_built() {
    let present = Present::default();
    assert!(text(&board(&present, true).into_html()).contains("built without the web app"));
    assert!(!text(&made(&present)).contains("built without"));
}

#[test]
fn a_facility_leads_to_its_page_whatever_its_name() {
    let linked = link("A/B \"c\"?").into_string();
    assert!(
        linked.contains("/lite/facilities/A%2FB%20%22c%22%3F"),
        "{linked}"
    );
}
