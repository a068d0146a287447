//! What a catalogue must hold to. Every fault names its file and entry.

use std::collections::BTreeSet;

use domain::fold::fold;
use url::Url;

use super::catalogue::{Facility, Place};
use super::fixture::{Instrument, Site};

/// The bands of the filter.
const BANDS: &[&str] = &[
    "Radio",
    "Millimeter",
    "Infrared",
    "Optical",
    "UV",
    "EUV",
    "X-ray",
    "Gamma-ray",
];

/// What is wrong with the sites.
pub(super) fn sites(sites: &[Site]) -> Vec<String> {
    let mut keys = BTreeSet::new();
    let mut faults = Vec::new();
    for site in sites {
        let mut found = Faults::default();
        if site.key.is_empty() || !site.key.bytes().all(|b| b.is_ascii_lowercase()) {
            found.say(format!(
                "key is {:?}; it takes lower case letters",
                site.key
            ));
        }
        if !keys.insert(&site.key) {
            found.say("another site has this key".to_owned());
        }
        found.text("name", &site.name);
        found.text("source", &site.source);
        found.number("latitude_deg", site.latitude_deg, -90.0, 90.0);
        found.number("longitude_deg", site.longitude_deg, -180.0, 180.0);
        found.number("height_m", site.height_m, -500.0, 9000.0);
        found.time_zone(&site.time_zone);
        found.mpc_code(site.mpc_code.as_deref());
        found.link("home", site.home.as_deref());
        found.link("policy", site.policy.as_deref());
        let entry = format!("observatories.yaml: {}", site.key);
        faults.extend(found.0.into_iter().map(|fault| format!("{entry}: {fault}")));
    }
    faults
}

/// What is wrong with telescopes and spacecraft, their names aside.
pub(super) fn facilities(facilities: &[Facility]) -> Vec<String> {
    let mut faults = Vec::new();
    for facility in facilities {
        let mut found = Faults::default();
        let names = [&facility.aliases, &facility.groups, &facility.partial];
        for name in names.into_iter().flatten().chain([&facility.name]) {
            found.text("name", name);
        }
        found.text("title", &facility.title);
        found.mpc_code(facility.mpc_code.as_deref());
        found.link("home", facility.home.as_deref());
        found.link("policy", facility.policy.as_deref());
        found.figure(
            "aperture_m",
            facility.aperture_m,
            1000.0,
            facility.source.as_deref(),
        );
        if let Place::Orbit(orbit) = &facility.place {
            if let Some(fault) = orbit.fault() {
                found.say(fault);
            }
            if facility.source.is_none() {
                found.say("source is missing".to_owned());
            }
        }
        found.instruments(&facility.instruments);
        let entry = facility.entry();
        faults.extend(found.0.into_iter().map(|fault| format!("{entry}: {fault}")));
    }
    faults
}

/// The faults of one entry.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn say(&mut self, fault: String) {
        self.0.push(fault);
    }

    fn text(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() || text.trim() != text || fold(text).is_empty() {
            self.say(format!(
                "{field} is {text:?}; it takes a text without blanks around it"
            ));
        }
    }

    fn number(&mut self, field: &str, number: f64, least: f64, most: f64) {
        if !(least..=most).contains(&number) {
            self.say(format!("{field} is {number}; it takes {least} to {most}"));
        }
    }

    /// A figure that needs a source beside it.
    fn figure(&mut self, field: &str, figure: Option<f64>, most: f64, source: Option<&str>) {
        let Some(figure) = figure else { return };
        if !(figure > 0.0 && figure <= most) {
            self.say(format!(
                "{field} is {figure}; it takes more than 0, up to {most}"
            ));
        }
        if source.is_none_or(|source| source.trim().is_empty()) {
            self.say(format!("{field} has no source"));
        }
    }

    fn link(&mut self, field: &str, link: Option<&str>) {
        let Some(link) = link else { return };
        let fine = Url::parse(link)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !fine {
            self.say(format!(
                "{field} is {link:?}; it takes an http or https address"
            ));
        }
    }

    fn mpc_code(&mut self, code: Option<&str>) {
        let Some(code) = code else { return };
        if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.say(format!(
                "mpc_code is {code:?}; it takes three letters or digits"
            ));
        }
    }

    fn time_zone(&mut self, zone: &str) {
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
        };
        if zone != "UTC" && (!zone.contains('/') || !zone.split('/').all(word)) {
            self.say(format!(
                "time_zone is {zone:?}; it takes a name like America/Santiago"
            ));
        }
    }

    fn instruments(&mut self, instruments: &[Instrument]) {
        let mut names = BTreeSet::new();
        for instrument in instruments {
            let name = &instrument.name;
            self.text("instrument name", name);
            for name in instrument.aliases.iter().chain([name]) {
                if !names.insert(fold(name)) {
                    self.say(format!("two instruments are named {name:?}"));
                }
            }
            for band in &instrument.bands {
                if !BANDS.contains(&band.as_str()) {
                    let bands = BANDS.join(", ");
                    self.say(format!("{name}: the band {band:?} is none of {bands}"));
                }
            }
            let field = format!("{name}: fov_deg");
            self.figure(
                &field,
                instrument.fov_deg,
                360.0,
                instrument.source.as_deref(),
            );
        }
    }
}
