//! The Webb telescope's recorded reports, read by value.

mod mast;

use chrono::NaiveDate;
use domain::{Claim, Intent, Record, Role, TrackingType};
use jwst::{Jwst, index};
use upstream::visits::{self, Standing, Visit};
use upstream::{Connector, Error, Harvest};

use crate::harness::records::at;
use crate::harness::samples::{file, record};

fn read(name: &str, body: &[u8]) -> Harvest {
    Jwst.read(name, body, at("2025-08-05T00:00:00Z")).unwrap()
}

fn report(name: &str) -> Option<Harvest> {
    Some(read(name, &file(&format!("jwst/{name}"))?))
}

fn instruments(record: &Record) -> Vec<&str> {
    record
        .facts
        .instruments
        .iter()
        .map(|i| i.name.as_str())
        .collect()
}

fn how_many(harvest: &Harvest, what: impl Fn(&Record) -> bool) -> usize {
    harvest.readable().filter(|record| what(record)).count()
}

/// Lines below the ruler, visits, visits attached to a prime, and visits of two instruments.
#[derive(Debug, PartialEq)]
struct Counts(usize, usize, usize, usize);

fn counted(harvest: &Harvest) -> Counts {
    assert_eq!(harvest.unreadable().count(), 0);
    assert!(harvest.skipped.is_empty() && harvest.covers.is_empty());
    for record in harvest.readable() {
        let facts = &record.facts;
        assert_eq!(record.claim, Claim::Plan);
        assert!(facts.t_min < facts.t_max, "{}", record.obs_id);
        assert_eq!(record.on_track, record.parallel_of.is_none());
        assert_eq!(record.on_track, facts.role == Role::Prime);
        assert!(record.on_track || facts.target_name.is_none());
        assert_eq!((facts.s_ra, facts.s_dec), (None, None));
        assert!(record.raw.starts_with(&record.obs_id));
    }
    Counts(
        harvest.read,
        harvest.records.len(),
        how_many(harvest, |record| record.parallel_of.is_some()),
        how_many(harvest, |record| record.facts.instruments.len() == 2),
    )
}

#[test]
fn every_recorded_report_is_read_row_by_row() {
    for (name, counts, first, last) in [
        (
            "20250804_report_20250802.txt",
            Counts(90, 75, 7, 12),
            "7615:5:1",
            "9284:1:3",
        ),
        (
            "20260817_report_20260814.excerpt.txt",
            Counts(5, 3, 0, 2),
            "7306:11:1",
            "10678:20:1",
        ),
        (
            "op-package-2223407f02.txt",
            Counts(105, 100, 23, 3),
            "1243:1:1",
            "1257:3:1",
        ),
        (
            "op-package-2234204f01.txt",
            Counts(28, 28, 10, 0),
            "2724:227:1",
            "1483:278:1",
        ),
        (
            "op-package-2235304f01.txt",
            Counts(45, 29, 4, 16),
            "1345:15:1",
            "1243:7:2",
        ),
        (
            "op-package-2321504f02.txt",
            Counts(128, 110, 12, 12),
            "4506:181:1",
            "2319:1:1",
        ),
        (
            "op-package-2334804f01.txt",
            Counts(45, 29, 1, 14),
            "3195:10:1",
            "4501:109:1",
        ),
        (
            "op-package-2403805f01.txt",
            Counts(123, 114, 22, 3),
            "1000:1:15",
            "4501:113:1",
        ),
        (
            "op-package-2405502f01.txt",
            Counts(129, 119, 63, 1),
            "3886:19:1",
            "4473:28:1",
        ),
        (
            "op-package-2405608f01.txt",
            Counts(118, 113, 19, 0),
            "3964:160:1",
            "3964:51:1",
        ),
    ] {
        let Some(harvest) = report(name) else {
            return;
        };
        assert_eq!(counted(&harvest), counts, "{name}");
        let ids: Vec<&str> = harvest
            .readable()
            .map(|record| record.obs_id.as_str())
            .collect();
        assert_eq!(
            (ids.first(), ids.last()),
            (Some(&first), Some(&last)),
            "{name}"
        );
    }
}

#[test]
fn a_week_of_august_2025_says_what_when_and_with_which_instrument() {
    let Some(harvest) = report("20250804_report_20250802.txt") else {
        return;
    };

    let intents = [
        Some(Intent::Science),
        Some(Intent::Calibration),
        Some(Intent::Engineering),
        None,
    ]
    .map(|intent| how_many(&harvest, |record| record.facts.intent == intent));
    assert_eq!(intents, [47, 23, 2, 3]);
    let moving = Some(TrackingType::SolarSystem);
    assert_eq!(
        how_many(&harvest, |record| record.facts.tracking_type == moving),
        4
    );
    assert_eq!(harvest.horizon, Some(at("2025-08-11T01:14:02Z")));

    let comet = record(&harvest, "9259:4:1");
    assert_eq!(comet.facts.target_name.as_deref(), Some("C2024E1"));
    assert_eq!(comet.facts.t_min, Some(at("2025-08-04T10:09:40Z")));
    assert_eq!(comet.facts.t_max, Some(at("2025-08-04T11:08:06Z")));
    assert_eq!(comet.facts.t_planning, Some(at("2025-08-02T00:00:00Z")));
    assert_eq!(comet.facts.target_class.as_deref(), Some("Solar System"));
    assert_eq!(
        comet.facts.instrument_mode.as_deref(),
        Some("NIRSpec IFU Spectroscopy")
    );

    let galaxy = record(&harvest, "7429:9:1");
    assert_eq!(
        galaxy.facts.target_name.as_deref(),
        Some("IRAS-18325-5926-NIRSpec")
    );
    assert_eq!(
        galaxy.facts.keywords,
        ["Active galactic nuclei", "Seyfert galaxies"]
    );

    let protostar = record(&harvest, "7890:16:1");
    assert_eq!(protostar.facts.target_name.as_deref(), Some("YLW-16A"));
    assert!(protostar.raw.contains("TA_YLW16A"));

    let anneal = record(&harvest, "1520:162:1");
    assert_eq!(anneal.parallel_of.as_deref(), Some("9284:1:2"));
    assert_eq!(anneal.facts.t_min, Some(at("2025-08-05T14:03:04Z")));
    assert_eq!(anneal.facts.t_max, Some(at("2025-08-05T14:35:16Z")));
    assert_eq!(anneal.facts.intent, Some(Intent::Calibration));

    let pure = record(&harvest, "6434:551:1");
    assert_eq!(pure.parallel_of.as_deref(), Some("5716:1:1"));
    assert_eq!(
        (pure.facts.role, pure.facts.intent),
        (Role::PureParallel, Some(Intent::Science))
    );
    assert_eq!(
        instruments(record(&harvest, "9225:1:1")),
        ["NIRCAM", "NIRISS"]
    );
}

#[test]
fn a_report_of_2026_has_programmes_of_five_digits() {
    let Some(harvest) = report("20260817_report_20260814.excerpt.txt") else {
        return;
    };

    let centre = record(&harvest, "10678:1:1");
    assert_eq!(centre.facts.proposal_id.as_deref(), Some("10678"));
    assert_eq!(centre.facts.target_class.as_deref(), Some("Unidentified"));
    assert_eq!(centre.facts.t_max, Some(at("2026-08-17T08:50:03Z")));
    assert_eq!(centre.facts.t_planning, Some(at("2026-08-14T00:00:00Z")));
    assert_eq!(instruments(centre), ["NIRCAM", "MIRI"]);
    assert_eq!(
        centre.facts.links[0].url,
        "https://www.stsci.edu/jwst-program-info/visits/?program=10678"
    );
    let keywords = &record(&harvest, "7306:11:1").facts.keywords;
    assert_eq!(keywords, &["Circumstellar clouds", "Circumstellar disks"]);
}

#[test]
fn reports_of_2022_and_2023_hold_burns_darks_and_commanding() {
    let (Some(august), Some(december), Some(summer), Some(asteroids)) = (
        report("op-package-2223407f02.txt"),
        report("op-package-2234204f01.txt"),
        report("op-package-2321504f02.txt"),
        report("op-package-2334804f01.txt"),
    ) else {
        return;
    };

    let burn = record(&august, "1547:5:1");
    assert_eq!(burn.facts.intent, Some(Intent::Engineering));
    assert_eq!(burn.facts.t_max, Some(at("2022-08-24T18:00:00Z")));
    assert_eq!(
        (burn.facts.instrument_name.as_deref(), burn.facts.t_planning),
        (None, None)
    );
    assert_eq!(
        record(&august, "1517:65:1").parallel_of.as_deref(),
        Some("1243:1:1")
    );
    assert_eq!(
        record(&august, "2742:7:1").facts.intent,
        Some(Intent::Calibration)
    );

    let didymos = record(&december, "1245:43:1");
    assert_eq!(didymos.facts.target_name.as_deref(), Some("DIDYMOS"));
    assert_eq!(didymos.facts.tracking_type, Some(TrackingType::SolarSystem));
    let flat = record(&december, "1503:12:1");
    assert_eq!(flat.parallel_of.as_deref(), Some("2457:52:1"));
    assert_eq!(flat.facts.t_max, Some(at("2022-12-09T14:03:38Z")));

    assert_eq!(
        record(&summer, "2745:24:1").facts.intent,
        Some(Intent::Engineering)
    );
    assert_eq!(record(&summer, "1000:1:10").facts.instrument_mode, None);
    assert!(
        record(&summer, "2319:1:1")
            .raw
            .contains("2MASSJ00291115-3027561")
    );
    let moving = Some(TrackingType::SolarSystem);
    assert_eq!(
        how_many(&asteroids, |record| record.facts.tracking_type == moving),
        6
    );
    assert_eq!(record(&asteroids, "1286:2:1").facts.target_class, None);
}

#[test]
fn reports_of_2022_to_2024_hold_parallels_of_other_programmes() {
    let (Some(december), Some(unload), Some(supernova), Some(white_dwarfs)) = (
        report("op-package-2235304f01.txt"),
        report("op-package-2403805f01.txt"),
        report("op-package-2405502f01.txt"),
        report("op-package-2405608f01.txt"),
    ) else {
        return;
    };

    assert_eq!(
        instruments(record(&december, "1345:15:1")),
        ["NIRCAM", "MIRI"]
    );
    assert_eq!(
        record(&unload, "1000:1:15").facts.t_max,
        Some(at("2024-02-05T09:23:29Z"))
    );
    assert_eq!(
        record(&unload, "4472:37:1").parallel_of.as_deref(),
        Some("1741:7:1")
    );
    let science = |record: &Record| {
        record.facts.role == Role::PureParallel && record.facts.intent == Some(Intent::Science)
    };
    assert_eq!(how_many(&supernova, science), 52);
    let pure = record(&supernova, "3383:282:1");
    assert_eq!(pure.parallel_of.as_deref(), Some("3131:1:1"));
    assert_eq!(pure.facts.t_max, Some(at("2024-02-19T13:30:45Z")));
    assert_eq!(how_many(&white_dwarfs, science), 5);
    let last = record(&white_dwarfs, "3964:51:1");
    assert_eq!(
        last.facts.target_name.as_deref(),
        Some("WDJ075308.14-674731.38")
    );
    assert_eq!(last.facts.t_min, Some(at("2024-03-04T17:05:33Z")));
}

#[test]
fn the_index_of_2025_links_to_136_weeks_and_36_packages() {
    let Some(page) = file("jwst/observing-schedules-index.html") else {
        return;
    };

    let weeks = index::read(std::str::from_utf8(&page).unwrap()).unwrap();

    assert_eq!(weeks.len(), 172);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let newest = weeks.last().unwrap();
    assert_eq!(
        (newest.start, newest.end),
        (day("2025-08-04"), day("2025-08-11"))
    );
    assert_eq!(newest.issued, day("2025-08-02"));
    assert!(newest.url.starts_with("https://www.stsci.edu/files/live/"));
    assert_eq!(
        (weeks[0].start, weeks[0].issued),
        (day("2022-07-10"), day("2022-07-10"))
    );
    let in_2022 = weeks
        .iter()
        .filter(|week| week.start < day("2023-01-09"))
        .count();
    assert_eq!(in_2022, 36);
    let long = weeks
        .iter()
        .find(|week| week.start == day("2023-05-21"))
        .unwrap();
    assert_eq!(long.end, day("2023-05-30"));
    assert!(weeks.iter().all(|week| week.start < week.end));
}

#[test]
fn a_recorded_visit_status_report_says_that_both_visits_are_ready() {
    let Some(body) = file("jwst/visit-status-10678.xml") else {
        return;
    };

    let report = visits::read(&body).unwrap();

    assert_eq!(report.program.as_deref(), Some("10678"));
    assert_eq!(report.made, Some(at("2026-08-03T09:50:37Z")));
    let said = |visit: &Visit, name: &str| visit.all(name).collect::<Vec<_>>().join("; ");
    let visits: Vec<[String; 6]> = report
        .visits
        .iter()
        .map(|visit| {
            assert_eq!(visit.standing(), Standing::Open);
            assert_eq!(visit.spans().count(), 0);
            assert!(visit.raw.starts_with("<visit ") && visit.raw.ends_with("</visit>"));
            [
                format!("{:?}", (&visit.observation, &visit.visit)),
                said(visit, "status"),
                said(visit, "target"),
                said(visit, "configuration"),
                said(visit, "hours"),
                said(visit, "planWindow"),
            ]
        })
        .collect();
    let window = "Aug 5, 2027 - Sep 24, 2027 (2027.217 - 2027.267)";
    assert_eq!(
        visits,
        [
            [
                "(Some(\"10\"), Some(\"1\"))",
                "Flight Ready",
                "GC_10",
                "NIRCam Imaging; MIRI Imaging",
                "0.93",
                window
            ],
            [
                "(Some(\"2\"), Some(\"1\"))",
                "Flight Ready",
                "GC_2; GC_2-BACKGROUND",
                "NIRCam Imaging",
                "0.96",
                window
            ],
        ]
    );
}

#[test]
fn what_is_no_report_is_refused() {
    for name in [
        "jwst/observing-schedules-index.html",
        "jwst/mast-planned-rows.json",
        "jwst/mast-planned-observation.ecsv",
        "jwst/visit-status-10678.xml",
        "hst/timeline_07_28_25.abridged.txt",
        "hst/mast-caom-filtered.json",
    ] {
        let Some(body) = file(name) else {
            return;
        };
        match Jwst.read(name, &body, at("2025-08-05T00:00:00Z")) {
            Err(Error::Unreadable(why)) => {
                assert!(
                    why.starts_with("not a weekly report of JWST visits: "),
                    "{name}: {why}"
                );
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}
