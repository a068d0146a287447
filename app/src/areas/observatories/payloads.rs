//! The JSON of sites and facilities. Unknown is null.

use chrono::{DateTime, Utc};
use domain::ephemeris::Coming;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::catalogue::{Catalogue, Facility, Place};
use super::fixture::{Instrument, Site};
use super::sky::SiteSky;
use crate::areas::satellites::Orbit;

/// A telescope or spacecraft.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FacilityOut {
    /// Name as its publisher's data spell it, and as activities carry it.
    pub name: String,
    /// Name in full.
    pub title: String,
    /// `ground` or `space`.
    pub class: &'static str,
    /// Other names the filter takes for it.
    pub aliases: Vec<String>,
    /// Names it shares with others: the filter takes them for all of those.
    pub groups: Vec<String>,
    /// Where it stands; null in space.
    pub site: Option<FacilitySiteOut>,
    /// Where it flies; null on the ground.
    pub orbit: Option<Orbit>,
    /// Observatory code of the Minor Planet Center.
    pub mpc_code: Option<String>,
    /// Diameter of the main mirror or dish (of each one, in an array), metres.
    pub aperture_m: Option<f64>,
    /// Its instruments.
    pub instruments: Vec<FacilityInstrumentOut>,
    /// The sources that tell of it.
    pub sources: Vec<&'static str>,
    /// Home page.
    pub home: Option<String>,
    /// Who is to be credited.
    pub credit: Option<String>,
    /// Page with the data policy.
    pub policy: Option<String>,
    /// Where the figures stand.
    pub source: Option<String>,
    /// What it does now: `in_progress`, else `last`, with `as_of` and `age_s`; null where nothing
    /// is known.
    #[schema(value_type = Option<Object>)]
    pub now: Option<Value>,
    /// The activity planned next; null where none is known.
    #[schema(value_type = Option<Object>)]
    pub next: Option<Value>,
}

/// The site of a facility.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FacilitySiteOut {
    /// Short name, as in activities.
    pub key: String,
    /// Name as people write it.
    pub name: String,
    /// Geodetic latitude, degrees, north positive.
    pub latitude_deg: f64,
    /// Longitude, degrees, east positive.
    pub longitude_deg: f64,
    /// Height, metres.
    pub height_m: f64,
    /// Time zone of the IANA database.
    pub time_zone: String,
    /// `day`, `civil_twilight`, `nautical_twilight`, `astronomical_twilight`, `night`.
    pub night_state: &'static str,
    /// Altitude of the Sun, degrees, without refraction.
    pub sun_altitude_deg: f64,
    /// The minute these two hold for.
    pub at: DateTime<Utc>,
}

/// An instrument of a facility.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FacilityInstrumentOut {
    /// Name as the facility's data spell it.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Bands of the spectrum.
    pub bands: Vec<String>,
    /// Field of view as published, degrees: diameter, or the longer side.
    pub fov_deg: Option<f64>,
    /// Where the field of view stands.
    pub source: Option<String>,
}

/// A site on the ground, and the sky above it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SiteOut {
    /// Short name, as in activities.
    pub key: String,
    /// Name as people write it.
    pub name: String,
    /// Geodetic latitude, degrees, north positive.
    pub latitude_deg: f64,
    /// Longitude, degrees, east positive.
    pub longitude_deg: f64,
    /// Height, metres.
    pub height_m: f64,
    /// Time zone of the IANA database.
    pub time_zone: String,
    /// Observatory code of the Minor Planet Center.
    pub mpc_code: Option<String>,
    /// Its telescopes.
    pub telescopes: Vec<TelescopeOut>,
    /// The sky above it.
    pub sky: SkyOut,
    /// Home page.
    pub home: Option<String>,
    /// Who is to be credited.
    pub credit: Option<String>,
    /// Page with the data policy.
    pub policy: Option<String>,
    /// Where the figures stand.
    pub source: String,
}

/// A telescope of a site.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TelescopeOut {
    /// Name as activities carry it.
    pub name: String,
    /// Name in full.
    pub title: String,
}

/// Sun, Moon and night at a site.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkyOut {
    /// The minute this holds for.
    pub at: DateTime<Utc>,
    /// `day`, `civil_twilight`, `nautical_twilight`, `astronomical_twilight`, `night`.
    pub night_state: &'static str,
    /// When that changes; null when not within two days.
    pub changes_at: Option<DateTime<Utc>>,
    /// Into what.
    pub changes_to: Option<&'static str>,
    /// Altitude of the Sun's centre, degrees, without refraction.
    pub sun_altitude_deg: f64,
    /// Altitude of the Moon's centre, degrees, without refraction.
    pub moon_altitude_deg: f64,
    /// Illuminated part of the Moon, 0 to 1.
    pub moon_illumination: f64,
    /// What comes next.
    pub next: SkyNextOut,
}

/// The next time of each; null when it does not come within two days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkyNextOut {
    /// The Sun's centre goes below −0.833°.
    pub sunset: Option<DateTime<Utc>>,
    /// Below −6°.
    pub civil_dusk: Option<DateTime<Utc>>,
    /// Below −12°.
    pub nautical_dusk: Option<DateTime<Utc>>,
    /// Below −18°: the night begins.
    pub astronomical_dusk: Option<DateTime<Utc>>,
    /// Above −18°: the night ends.
    pub astronomical_dawn: Option<DateTime<Utc>>,
    /// Above −12°.
    pub nautical_dawn: Option<DateTime<Utc>>,
    /// Above −6°.
    pub civil_dawn: Option<DateTime<Utc>>,
    /// The Sun's centre comes above −0.833°.
    pub sunrise: Option<DateTime<Utc>>,
    /// The Moon's centre comes above −0.833°.
    pub moonrise: Option<DateTime<Utc>>,
    /// The Moon's centre goes below −0.833°.
    pub moonset: Option<DateTime<Utc>>,
}

/// The facilities.
#[derive(Serialize, ToSchema)]
pub struct FacilityPage {
    /// The facilities: those on the ground by site, then those in space.
    pub items: Vec<FacilityOut>,
    /// Always null: they fit one page.
    pub next: Option<String>,
}

/// The sites.
#[derive(Serialize, ToSchema)]
pub struct SitePage {
    /// The sites.
    pub items: Vec<SiteOut>,
    /// Always null: they fit one page.
    pub next: Option<String>,
}

/// A facility at a time. `now` and `next` are left to who knows activities.
#[must_use]
pub fn facility_out(catalogue: &Catalogue, facility: &Facility, now: DateTime<Utc>) -> FacilityOut {
    let (site, orbit) = match &facility.place {
        Place::Site(key) => (catalogue.site(key), None),
        Place::Orbit(orbit) => (None, Some(orbit.clone())),
    };
    FacilityOut {
        name: facility.name.clone(),
        title: facility.title.clone(),
        class: if orbit.is_some() { "space" } else { "ground" },
        aliases: facility.aliases.clone(),
        groups: facility.groups.clone(),
        site: site.map(|site| site_of_facility(site, &catalogue.sky(site, now))),
        orbit,
        mpc_code: facility.mpc_code.clone(),
        aperture_m: facility.aperture_m,
        instruments: facility.instruments.iter().map(instrument).collect(),
        sources: sources(&facility.name),
        home: facility.home.clone(),
        credit: facility.credit.clone(),
        policy: facility.policy.clone(),
        source: facility.source.clone(),
        now: None,
        next: None,
    }
}

/// A site and the sky above it at a time.
#[must_use]
pub fn site_out(catalogue: &Catalogue, site: &Site, now: DateTime<Utc>) -> SiteOut {
    let telescope = |facility: &Facility| TelescopeOut {
        name: facility.name.clone(),
        title: facility.title.clone(),
    };
    SiteOut {
        key: site.key.clone(),
        name: site.name.clone(),
        latitude_deg: site.latitude_deg,
        longitude_deg: site.longitude_deg,
        height_m: site.height_m,
        time_zone: site.time_zone.clone(),
        mpc_code: site.mpc_code.clone(),
        telescopes: catalogue.telescopes(&site.key).map(telescope).collect(),
        sky: sky_out(&catalogue.sky(site, now)),
        home: site.home.clone(),
        credit: site.credit.clone(),
        policy: site.policy.clone(),
        source: site.source.clone(),
    }
}

fn site_of_facility(site: &Site, sky: &SiteSky) -> FacilitySiteOut {
    FacilitySiteOut {
        key: site.key.clone(),
        name: site.name.clone(),
        latitude_deg: site.latitude_deg,
        longitude_deg: site.longitude_deg,
        height_m: site.height_m,
        time_zone: site.time_zone.clone(),
        night_state: sky.night_state.as_str(),
        sun_altitude_deg: rounded(sky.sun_altitude_deg, 100.0),
        at: sky.at,
    }
}

fn sky_out(sky: &SiteSky) -> SkyOut {
    let change = sky.next_change();
    SkyOut {
        at: sky.at,
        night_state: sky.night_state.as_str(),
        changes_at: change.map(|(at, _)| at),
        changes_to: change.map(|(_, state)| state.as_str()),
        sun_altitude_deg: rounded(sky.sun_altitude_deg, 100.0),
        moon_altitude_deg: rounded(sky.moon.altitude_deg, 100.0),
        moon_illumination: rounded(sky.moon.illumination, 1000.0),
        next: sky_next(&sky.coming),
    }
}

fn sky_next(coming: &Coming) -> SkyNextOut {
    SkyNextOut {
        sunset: coming.sunset,
        civil_dusk: coming.civil_dusk,
        nautical_dusk: coming.nautical_dusk,
        astronomical_dusk: coming.astronomical_dusk,
        astronomical_dawn: coming.astronomical_dawn,
        nautical_dawn: coming.nautical_dawn,
        civil_dawn: coming.civil_dawn,
        sunrise: coming.sunrise,
        moonrise: coming.moonrise,
        moonset: coming.moonset,
    }
}

fn instrument(instrument: &Instrument) -> FacilityInstrumentOut {
    FacilityInstrumentOut {
        name: instrument.name.clone(),
        aliases: instrument.aliases.clone(),
        bands: instrument.bands.clone(),
        fov_deg: instrument.fov_deg,
        source: instrument.source.clone(),
    }
}

/// The connectors that tell of a facility.
fn sources(facility: &str) -> Vec<&'static str> {
    let profiles = registry::ALL.iter().map(|connector| connector.profile());
    profiles
        .filter(|profile| profile.facilities.contains(&facility))
        .map(|profile| profile.name)
        .collect()
}

/// What is shown is not finer than what is known. `+ 0.0` makes −0 plain.
fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts + 0.0
}
