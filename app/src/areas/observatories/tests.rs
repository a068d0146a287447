//! The catalogue compiled in, and what a broken one is told.

use chrono::{DateTime, TimeDelta, Utc};
use domain::filter::{ActivityFilter, Aliases, Context};
use domain::fold::fold;

use super::*;

fn catalogue() -> Catalogue {
    Catalogue::load().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const SITE: &str = "
- key: hill
  name: A hill
  latitude_deg: 10
  longitude_deg: 20
  height_m: 300
  time_zone: UTC
  source: a survey
  telescopes:
    - {name: Big Eye, title: Big Eye, aliases: [BE], instruments: []}
";
const CRAFT: &str =
    "[{name: Flyer, title: Flyer, orbit: LEO, source: a register, instruments: []}]";

fn faults(observatories: &str, satellites: &str) -> String {
    Catalogue::read(observatories, satellites)
        .unwrap_err()
        .to_string()
}

#[test]
fn the_catalogue_holds_to_its_own_rules() {
    let catalogue = catalogue();
    assert!(catalogue.sites().count() >= 25);
    let in_space = |facility: &&Facility| matches!(facility.place, Place::Orbit(_));
    assert!(catalogue.facilities().filter(in_space).count() >= 15);
    for facility in catalogue.facilities() {
        if let Place::Site(key) = &facility.place {
            assert!(catalogue.site(key).is_some(), "{}", facility.name);
        }
    }
}

#[test]
fn every_facility_of_every_connector_is_known() {
    let known = catalogue().known_facilities();
    for connector in registry::ALL {
        for name in connector.profile().facilities {
            assert!(known.contains(&fold(name)), "{name}");
        }
    }
}

#[test]
fn a_facility_is_found_by_any_of_its_names_in_any_spelling() {
    let catalogue = catalogue();
    for name in [
        "ESO-VLT-U1",
        "eso-vlt-u1",
        "VLT-UT1",
        "ut1",
        " Antu ",
        "VLT–UT1",
    ] {
        let found = catalogue
            .facility(name)
            .map(|facility| facility.name.as_str());
        assert_eq!(found, Some("ESO-VLT-U1"), "{name}");
    }
    assert_eq!(catalogue.facility("hubble").unwrap().name, "HST");
    assert!(catalogue.facility("VLT").is_none());
    assert!(catalogue.facility("").is_none());
}

#[test]
fn a_facility_stands_on_its_site() {
    let catalogue = catalogue();
    assert_eq!(catalogue.site_of("APEX-12m").as_deref(), Some("chajnantor"));
    assert_eq!(
        catalogue.site_of("ESO-VLTI-U23").as_deref(),
        Some("paranal")
    );
    assert_eq!(catalogue.site_of("MPG/ESO-2.2").as_deref(), Some("lasilla"));
    assert_eq!(catalogue.site_of("JWST"), None);
    assert_eq!(catalogue.site_of("nobody's"), None);
}

#[test]
fn an_alias_stands_for_one_telescope_and_a_group_for_all_of_them() {
    let catalogue = catalogue();
    assert_eq!(Aliases::facility(&catalogue, "ut4"), ["eso-vlt-u4"]);
    assert_eq!(
        Aliases::facility(&catalogue, "eso-vlt-u4"),
        Vec::<String>::new()
    );
    let vlt = Aliases::facility(&catalogue, "vlt");
    assert!(vlt.contains(&"eso-vlt-u1".to_owned()) && vlt.contains(&"eso-vlt-u4".to_owned()));
    assert!(!vlt.iter().any(|name| name.contains("vlti")), "{vlt:?}");
    let interferometer = Aliases::facility(&catalogue, "vlti");
    assert!(
        interferometer.contains(&"eso-vlti-a34".to_owned()),
        "{interferometer:?}"
    );
}

#[test]
fn the_beginning_of_an_alias_finds_what_it_stands_for() {
    let catalogue = catalogue();
    assert_eq!(catalogue.facility_prefix("hubb"), ["hst"]);
    let units = ["eso-vlt-u1", "eso-vlt-u2", "eso-vlt-u3", "eso-vlt-u4"];
    assert_eq!(catalogue.facility_prefix("vlt-ut"), units);
    assert_eq!(catalogue.facility_prefix("zzz"), Vec::<String>::new());
}

#[test]
fn the_filter_takes_an_alias_and_refuses_a_facility_nobody_has() {
    let catalogue = catalogue();
    let read = |name: &str| {
        let filter = serde_json::json!({ "facility": [name] });
        ActivityFilter::from_json(&filter, Context::Lists, &catalogue)
    };
    for name in ["UT1", "Hubble", "VLTI", "ESO-VLTI-A12", "ESO-VLT-*"] {
        assert!(read(name).is_ok(), "{name}");
    }
    assert_eq!(read("Hubbel").unwrap_err().meant.as_deref(), Some("hubble"));
}

#[test]
fn a_facility_shows_its_site_and_night_or_its_orbit() {
    let catalogue = catalogue();
    let now = at("2026-11-21T06:00:30Z");
    let out = |name| {
        serde_json::to_value(facility_out(
            &catalogue,
            catalogue.facility(name).unwrap(),
            now,
        ))
        .unwrap()
    };

    let telescope = out("UT1");
    assert_eq!(telescope["class"], "ground");
    assert_eq!(telescope["site"]["key"], "paranal");
    assert_eq!(telescope["site"]["night_state"], "night");
    assert_eq!(telescope["site"]["at"], "2026-11-21T06:00:00Z");
    assert_eq!(telescope["sources"], serde_json::json!(["eso"]));
    assert!(telescope["orbit"].is_null() && telescope["now"].is_null());

    let spacecraft = out("Webb");
    assert_eq!(spacecraft["class"], "space");
    assert_eq!(spacecraft["orbit"]["class"], "L2");
    assert_eq!(spacecraft["orbit"]["cospar_id"], "2021-130A");
    assert!(spacecraft["site"].is_null());
}

#[test]
fn a_site_tells_when_its_night_ends() {
    let catalogue = catalogue();
    let site = catalogue.site("paranal").unwrap();
    let out = serde_json::to_value(site_out(&catalogue, site, at("2026-11-21T06:00:00Z"))).unwrap();
    let sky = &out["sky"];
    assert_eq!(sky["night_state"], "night");
    assert_eq!(sky["changes_to"], "astronomical_twilight");
    assert_eq!(sky["changes_at"], sky["next"]["astronomical_dawn"]);
    assert_eq!(out["telescopes"][0]["name"], "ESO-VLT-U1");
}

#[test]
fn the_sky_of_a_minute_is_the_same_however_it_was_reached() {
    let (walked, fresh) = (catalogue(), catalogue());
    let (start, key) = (at("2026-11-21T21:00:00Z"), "maunakea");
    for minutes in [0, 1, 30, 90, 89, 600, 1500, 60] {
        let now = start + TimeDelta::minutes(minutes);
        let kept = walked.sky(walked.site(key).unwrap(), now);
        let again = Catalogue::default().sky(fresh.site(key).unwrap(), now);
        assert_eq!((kept.at, kept.night_state), (again.at, again.night_state));
        assert_eq!(kept.next_change(), again.next_change(), "{now}");
    }
}

#[test]
fn a_small_catalogue_reads() {
    let small = Catalogue::read(SITE, CRAFT).unwrap();
    assert_eq!(small.site_of("be").as_deref(), Some("hill"));
    assert!(small.facility("flyer").is_some());
}

#[test]
fn a_fault_names_file_entry_and_field() {
    let cases = [
        (
            SITE.replace("latitude_deg: 10", "latitude_deg: 95"),
            "observatories.yaml: hill: latitude_deg is 95; it takes -90 to 90",
        ),
        (
            SITE.replace("longitude_deg: 20", "longitude_deg: 289.6"),
            "observatories.yaml: hill: longitude_deg is 289.6; it takes -180 to 180",
        ),
        (
            SITE.replace("latitude_deg: 10", "latitude_deg: .nan"),
            "observatories.yaml: hill: latitude_deg is NaN; it takes -90 to 90",
        ),
        (
            SITE.replace(
                "source: a survey",
                "source: a survey\n  home: ftp://hill.example",
            ),
            "observatories.yaml: hill: home is \"ftp://hill.example\"; it takes an http or https address",
        ),
        (
            SITE.replace("time_zone: UTC", "time_zone: Santiago"),
            "observatories.yaml: hill: time_zone is \"Santiago\"; it takes a name like America/Santiago",
        ),
        (
            SITE.replace("aliases: [BE]", "aliases: [flyer]"),
            "satellites.yaml: Flyer: \"Flyer\" is a name of Big Eye too",
        ),
        (
            SITE.replace("aliases: [BE]", "groups: [Flyer]"),
            "observatories.yaml: hill: Big Eye: \"Flyer\" is a group and one facility's name",
        ),
        (
            SITE.replace("instruments: []", "aperture_m: 4, instruments: []"),
            "observatories.yaml: hill: Big Eye: aperture_m has no source",
        ),
        (
            SITE.replace(
                "instruments: []",
                "instruments: [{name: Cam, bands: [Visible]}]",
            ),
            "observatories.yaml: hill: Big Eye: Cam: the band \"Visible\" is none of",
        ),
        (
            SITE.replace("instruments: []", "instruments: [{name: Cam}, {name: CAM}]"),
            "observatories.yaml: hill: Big Eye: two instruments are named \"CAM\"",
        ),
    ];
    for (file, expected) in cases {
        let told = faults(&file, CRAFT);
        assert!(told.starts_with(expected), "{told}\nnot {expected}");
    }
    let twice = format!(
        "{SITE}{}",
        SITE.replace("Big Eye", "Eye").replace("BE", "E")
    );
    assert!(faults(&twice, CRAFT).contains("hill: another site has this key"));
}

#[test]
fn a_file_that_is_not_a_catalogue_is_named() {
    let told = format!("{:#}", Catalogue::read("- key: 1", CRAFT).unwrap_err());
    assert!(told.starts_with("reading observatories.yaml"), "{told}");
    let craft = CRAFT.replace("LEO", "low");
    let told = format!("{:#}", Catalogue::read(SITE, &craft).unwrap_err());
    assert!(
        told.starts_with("reading satellites.yaml") && told.contains("unknown variant"),
        "{told}"
    );
    assert!(
        faults(
            SITE,
            &CRAFT.replace("orbit: LEO", "orbit: LEO, norad_id: 0")
        )
        .contains("norad_id")
    );
}
