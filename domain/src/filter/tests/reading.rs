use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn json(value: serde_json::Value) -> Result<ActivityFilter, FilterError> {
    ActivityFilter::from_json(&value, Context::Subscription, &NoAliases)
}

fn why(pairs: &[(&str, &str)]) -> String {
    read(pairs).unwrap_err().to_string()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn pairs_and_json_mean_the_same() {
    let pairs = filter(&[
        ("facility", "JWST"),
        ("pos", "CIRCLE 83.6 22.0 2"),
        ("min_exptime", "300"),
    ]);
    let object =
        json(json!({"facility": ["JWST"], "pos": "CIRCLE 83.6 22.0 2", "min_exptime": 300}));
    assert_eq!(pairs, object.unwrap());
}

#[test]
fn a_filter_says_what_it_was_given() {
    let given = filter(&[
        ("target", " M 31 "),
        ("status", "Performed"),
        ("target", "M33"),
    ]);
    assert_eq!(
        serde_json::to_value(&given).unwrap(),
        json!({"status": ["Performed"], "target": ["M 31", "M33"]})
    );
    assert_eq!(
        given.to_pairs(),
        [
            ("status", "Performed"),
            ("target", "M 31"),
            ("target", "M33")
        ]
    );
    assert_eq!(given.given(Key::Target), ["M 31", "M33"]);
}

#[test]
fn spelling_and_order_do_not_change_what_a_filter_means() {
    for (one, other) in [
        (
            vec![("target", "M31"), ("band", "UV")],
            vec![("band", "uv"), ("target", "Messier 031")],
        ),
        (vec![("pi", "Ann O'Neil")], vec![("pi", "o'neil ANN")]),
        (vec![("from", "now-2h")], vec![("from", "now-120m")]),
        (
            vec![("proposal", "04501")],
            vec![("proposal", "4501"), ("proposal", " 4501")],
        ),
        (
            vec![("at", "2026-11-20T20:00:00+02:00")],
            vec![("at", "2026-11-20T18:00Z")],
        ),
        (vec![("min_exptime", "300")], vec![("min_exptime", "3e2")]),
    ] {
        assert_eq!(filter(&one).canonical(), filter(&other).canonical());
    }
    assert_ne!(filter(&[("target", "M31")]), filter(&[("target", "M31*")]));
    assert_ne!(
        filter(&[("target", "M31*")]),
        filter(&[("target", r"M31\*")])
    );
    assert_ne!(filter(&[("from", "now")]), filter(&[("to", "now")]));
}

#[test]
fn no_key_asks_nothing() {
    assert!(filter(&[]).is_empty());
    assert_eq!(filter(&[]), ActivityFilter::default());
    assert_eq!(
        json(json!({"target": []})).unwrap(),
        ActivityFilter::default()
    );
}

#[test]
fn a_trailing_star_begins_and_an_escaped_one_is_a_star() {
    assert_eq!(
        filter(&[("instrument", "NIRC*")]).instrument,
        [starts("nirc")]
    );
    assert_eq!(
        filter(&[("instrument", r"NIRC\*")]).instrument,
        [is("nirc*")]
    );
    assert_eq!(filter(&[("target", r"Sgr A\*")]).target, [is("sgra*")]);
    assert_eq!(filter(&[("target", "Sgr A*")]).target, [starts("sgra")]);
    assert_eq!(filter(&[("instrument", "a*b")]).instrument, [is("a*b")]);
}

#[test]
fn a_bare_star_is_refused() {
    for key in ["facility", "instrument", "proposal", "target", "pi", "text"] {
        assert!(read(&[(key, "*")]).is_err(), "{key}");
        assert!(
            read(&[(key, " - *")]).is_err()
                || key == "facility"
                || key == "instrument"
                || key == "proposal"
        );
    }
    assert!(read(&[("text", "nebula *")]).is_err());
    assert!(read(&[("proposal", "JWST/*")]).is_err());
}

#[test]
fn a_programme_may_come_with_its_collection() {
    let read = filter(&[("proposal", "JWST/04501")]).proposal;
    assert!(read.iter().any(|one| one.fits("jwst", "4501")));
    assert!(!read.iter().any(|one| one.fits("hst", "4501")));
    assert!(read.iter().any(|one| one.fits("any", "jwst/04501")));
}

#[test]
fn a_beginning_of_a_name_is_not_taken_for_a_designation() {
    assert_eq!(filter(&[("target", "NGC 36*")]).target, [starts("ngc36")]);
    assert_eq!(filter(&[("target", "C/2024*")]).target, [starts("c2024")]);
    assert_eq!(
        filter(&[("target", "4 Vest*")]).target,
        [starts("4vest"), is("4")]
    );
    assert!(filter(&[("target", "C/*")]).target.contains(&starts("c20")));
}

#[test]
fn words_are_cut_out_of_a_text_with_their_stars() {
    assert_eq!(
        filter(&[("pi", "O'Nei* Ann")]).pi,
        [[is("ann"), is("o"), starts("nei")]]
    );
    assert_eq!(
        filter(&[("text", "M 31")]).text,
        [vec![is("31"), is("m")], vec![is("m31")]]
    );
    assert_eq!(
        filter(&[("text", "crab nebula")]).text,
        [[is("crab"), is("nebula")]]
    );
}

#[test]
fn a_facility_is_found_by_its_other_names() {
    let read = |value| {
        let pairs = [("facility", value)];
        ActivityFilter::from_pairs(pairs, Context::Lists, &Catalogue).map(|filter| filter.facility)
    };
    assert_eq!(read("UT1").unwrap(), [is("eso-vlt-u1"), is("ut1")]);
    assert_eq!(read("Hubble").unwrap(), [is("hst"), is("hubble")]);
    assert_eq!(read("JWST").unwrap(), [is("jwst")]);
    assert_eq!(
        read("VLT-*").unwrap(),
        [is("eso-vlt-u1"), is("eso-vlt-u2"), starts("vlt-")]
    );
    assert_eq!(read("Hubbel").unwrap_err().meant.as_deref(), Some("hubble"));
}

#[test]
fn an_unknown_facility_is_taken_where_no_catalogue_is() {
    assert_eq!(
        filter(&[("facility", "Gemini-North")]).facility,
        [is("gemini-north")]
    );
}

#[test]
fn an_unknown_key_names_the_one_likely_meant() {
    let error = read(&[("statsu", "performed")]).unwrap_err();
    assert_eq!(
        (error.key.as_str(), error.meant.as_deref()),
        ("statsu", Some("status"))
    );
    assert!(
        error
            .to_string()
            .starts_with("the filter has no key \"statsu\", only source, status,")
    );
    assert!(error.to_string().ends_with("; did you mean \"status\"?"));
    for (key, meant) in [
        ("facility_name", "facility"),
        ("Target", "target"),
        ("target-class", "target_class"),
    ] {
        assert_eq!(
            read(&[(key, "x")]).unwrap_err().meant.as_deref(),
            Some(meant)
        );
    }
}

#[test]
fn an_unknown_word_names_the_list_and_the_one_likely_meant() {
    assert_eq!(
        why(&[("basis", "archive")]),
        "`basis` takes scheduled, reported, archived, not \"archive\"; did you mean \"archived\"?"
    );
    assert_eq!(
        why(&[("class", "moon")]),
        "`class` takes ground, space, not \"moon\""
    );
    assert_eq!(
        read(&[("band", "xray")]).unwrap_err().meant.as_deref(),
        Some("X-ray")
    );
    assert_eq!(
        read(&[("event", "start")]).unwrap_err().meant.as_deref(),
        Some("started")
    );
    for key in [
        "status", "basis", "intent", "role", "tracking", "category", "class", "band", "event",
    ] {
        assert_eq!(read(&[(key, "nonesuch")]).unwrap_err().key, key);
    }
}

#[test]
fn words_may_be_written_in_any_case() {
    let read = filter(&[
        ("band", "x-ray"),
        ("tracking", "sidereal"),
        ("status", "IN_PROGRESS"),
        ("class", "Space"),
    ]);
    assert_eq!(
        (read.band, read.tracking, read.status, read.class),
        (
            vec!["x-ray".to_owned()],
            vec!["sidereal".to_owned()],
            vec!["in_progress".to_owned()],
            vec![false],
        )
    );
}

#[test]
fn an_empty_value_is_refused_by_every_key() {
    for key in Key::ALL {
        assert!(read(&[(key.as_str(), " ")]).is_err(), "{key}");
    }
}

#[test]
fn events_are_asked_for_where_events_are() {
    let read = |context| ActivityFilter::from_pairs([("event", "started")], context, &NoAliases);
    assert_eq!(read(Context::Live).unwrap().event, [EventKind::Started]);
    assert_eq!(
        read(Context::Lists).unwrap_err().to_string(),
        "`event` is for live streams, lists of events and `watch` only"
    );
    assert_eq!(
        read(Context::Subscription).unwrap_err().to_string(),
        "`event` has no place in a subscription's filter: name its `events`"
    );
}

#[test]
fn json_takes_text_and_numbers_alone_or_in_lists() {
    assert_eq!(
        json(json!({"proposal": [4501, "JWST/1345"]}))
            .unwrap()
            .proposal
            .len(),
        3
    );
    for wrong in [
        json!([]),
        json!("M31"),
        json!({"target": true}),
        json!({"target": [["M31"]]}),
        json!({"target": null}),
    ] {
        assert!(json(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_wrong_region_says_why_and_what_is_taken() {
    let error = read(&[("pos", "CIRCEL 83.6 22.0 2")]).unwrap_err();
    assert_eq!(error.meant.as_deref(), Some("CIRCLE"));
    assert!(why(&[("pos", "CIRCLE 83.6 22.0")]).starts_with("`pos` takes CIRCLE ra dec r"));
}

#[test]
fn times_are_fixed_or_counted_from_now() {
    let now = at("2026-11-20T18:00:00Z");
    for (written, meant) in [
        ("2026-11-20T18:00:00Z", "2026-11-20T18:00:00Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        ("2026-11-20T20:00:00+02:00", "2026-11-20T18:00:00Z"),
        ("2026-11-20T20:00:00 02:00", "2026-11-20T18:00:00Z"),
        ("2026-11-20T18:00", "2026-11-20T18:00:00Z"),
        ("2026-11-20 18:00:00.5", "2026-11-20T18:00:00.5Z"),
        (
            "2026-11-20T18:00:00.1234567Z",
            "2026-11-20T18:00:00.123456Z",
        ),
        ("now", "2026-11-20T18:00:00Z"),
        ("now-2h", "2026-11-20T16:00:00Z"),
        ("NOW+30m", "2026-11-20T18:30:00Z"),
        ("now 30m", "2026-11-20T18:30:00Z"),
        ("now-1d", "2026-11-19T18:00:00Z"),
        ("now-999999999w", "0001-01-01T00:00:00Z"),
        ("now+999999999w", "9999-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(
            filter(&[("at", written)]).at[0].resolve(now),
            at(meant),
            "{written}"
        );
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for written in [
        "yesterday",
        "now-",
        "now-h",
        "now-2",
        "now-2y",
        "now2h",
        "now--2h",
        "now-9999999999s",
        "2026-13-01",
        "2026-11-20T25:00:00Z",
        "60999.5",
        "+99999-01-01",
        "0000-01-01",
        "nowé",
        "é",
        "2026-11-20T18:00:00é",
    ] {
        assert!(
            why(&[("from", written)]).starts_with("`from` takes a UTC time"),
            "{written}"
        );
    }
}

#[test]
fn a_filter_knows_whether_it_moves_with_time() {
    assert!(filter(&[("from", "now-2h")]).is_relative());
    assert!(!filter(&[("from", "2026-11-20")]).is_relative());
}

#[test]
fn an_exposure_is_a_number_of_seconds() {
    for wrong in ["-1", "NaN", "inf", "ten", "300 s"] {
        assert!(read(&[("min_exptime", wrong)]).is_err(), "{wrong}");
    }
    assert_eq!(filter(&[("min_exptime", "0.5")]).min_exptime, [0.5]);
}

#[test]
fn a_filter_is_bounded() {
    let many: Vec<String> = (0..=MAX_VALUES).map(|n| format!("M{n}")).collect();
    let pairs = |names: &[String]| {
        let pairs: Vec<_> = names.iter().map(|name| ("target", name.as_str())).collect();
        read(&pairs)
    };
    assert!(pairs(&many[1..]).is_ok());
    assert_eq!(
        pairs(&many).unwrap_err().to_string(),
        "`target` takes at most 100 values"
    );
    assert!(pairs(&["é".repeat(300)]).is_err());
    let regions: Vec<String> = (0..100)
        .map(|n| format!("{n} {}", "1.0 ".repeat(200)))
        .collect();
    let pairs: Vec<_> = regions
        .iter()
        .map(|region| ("pos", region.as_str()))
        .collect();
    assert_eq!(read(&pairs).unwrap_err().key, "filter");
}

#[test]
fn repeated_values_count_once() {
    let same: Vec<_> = (0..500).map(|_| ("target", "M31")).collect();
    assert_eq!(filter(&same).target, [is("m31")]);
}

/// Values some of which each key understands.
fn values() -> impl Strategy<Value = (Key, String)> {
    let value = prop_oneof![
        prop::sample::select(vec![
            "JWST",
            "performed",
            "archived",
            "science",
            "null",
            "prime",
            "Sidereal",
            "Window",
            "UV",
            "x-ray",
            "ground",
            "NIRCam*",
            r"A\*",
            "JWST/04501",
            "091.B-0088(B)",
            "C/2024 E1 (Wierzchos)",
            "M 31",
            "4 Vest*",
            "CIRCLE 83.6 22.0 2",
            "RANGE 350 10 -5 5",
            "now-2h",
            "2026-11-20",
            "300",
            "started",
            "*",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
        r"[A-Za-z0-9 */\\_-]{0,12}",
    ];
    (prop::sample::select(Key::ALL.to_vec()), value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_filter_comes_back_from_its_pairs_and_its_json(given in prop::collection::vec(values(), 0..8)) {
        let understood: Vec<_> = given
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(|pair| read(&[*pair]).is_ok())
            .collect();
        let filter = read(&understood).unwrap();
        let again = read(&filter.to_pairs()).unwrap();
        prop_assert_eq!(&again, &filter);
        prop_assert_eq!(again.to_pairs(), filter.to_pairs());
        let object = serde_json::to_value(&filter).unwrap();
        let back = ActivityFilter::from_json(&object, Context::Live, &NoAliases).unwrap();
        prop_assert_eq!(&back, &filter);
        prop_assert_eq!(back.to_pairs(), filter.to_pairs());
    }

    #[test]
    fn whatever_is_refused_is_refused_in_a_sentence(key in any::<String>(), value in any::<String>()) {
        for key in Key::ALL.iter().map(|key| key.as_str()).chain([key.as_str()]) {
            if let Err(error) = read(&[(key, &value)]) {
                let said = error.to_string();
                prop_assert!(!said.is_empty() && !said.contains('\n'), "{}", said);
            }
        }
    }

    #[test]
    fn a_pattern_comes_back_from_its_spelling(text in r"[a-z*\\ ]{1,6}", star in any::<bool>()) {
        let text = crate::fold::fold(&text);
        prop_assume!(!text.is_empty());
        let pattern = if star { Pattern::Starts(text) } else { Pattern::Is(text) };
        prop_assert_eq!(pattern::names(&pattern.to_string()), vec![pattern]);
    }
}
