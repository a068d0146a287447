//! The catalogue: every site, telescope and spacecraft, found by any of its names.

use std::collections::HashMap;

use anyhow::bail;
use chrono::{DateTime, Utc};
use domain::filter::Aliases;
use domain::fold::fold;

use super::check;
use super::fixture::{self, Instrument, OBSERVATORIES, Site, Spacecraft, Telescope};
use super::names::Names;
use super::sky::{SiteSky, Skies};
use crate::areas::satellites::{self, Orbit};

/// Where a facility is.
#[derive(Clone, Debug)]
pub enum Place {
    /// On the ground: the key of its site.
    Site(String),
    /// In space.
    Orbit(Orbit),
}

/// A telescope or spacecraft.
#[derive(Clone, Debug)]
pub struct Facility {
    /// Name as its publisher's data spell it.
    pub name: String,
    /// Name in full.
    pub title: String,
    /// Other names of it alone.
    pub aliases: Vec<String>,
    /// Names it shares with others (`VLT`).
    pub groups: Vec<String>,
    /// The publisher's names for parts of it (an array observing with some of its telescopes).
    pub partial: Vec<String>,
    /// Where it is.
    pub place: Place,
    /// Observatory code of the Minor Planet Center.
    pub mpc_code: Option<String>,
    /// Diameter of the main mirror or dish, or of each of an array's, metres.
    pub aperture_m: Option<f64>,
    /// Its instruments.
    pub instruments: Vec<Instrument>,
    /// Home page.
    pub home: Option<String>,
    /// Who is to be credited.
    pub credit: Option<String>,
    /// Page with the data policy.
    pub policy: Option<String>,
    /// Where the figures stand.
    pub source: Option<String>,
}

impl Facility {
    /// Where it stands in the files, for messages: `observatories.yaml: paranal: ESO-VLT-U1`.
    pub(super) fn entry(&self) -> String {
        match &self.place {
            Place::Site(key) => format!("observatories.yaml: {key}: {}", self.name),
            Place::Orbit(_) => format!("satellites.yaml: {}", self.name),
        }
    }
}

/// Every site, telescope and spacecraft we know.
#[derive(Debug, Default)]
pub struct Catalogue {
    sites: Vec<Site>,
    facilities: Vec<Facility>,
    keys: HashMap<String, usize>,
    names: Names,
    skies: Skies,
}

impl Catalogue {
    /// The catalogue compiled in.
    ///
    /// # Errors
    /// Whatever is wrong with it, by file and entry; also a facility a connector tells of that is
    /// missing.
    pub fn load() -> anyhow::Result<Catalogue> {
        let catalogue = Catalogue::read(OBSERVATORIES, satellites::FIXTURE)?;
        for connector in registry::ALL {
            let profile = connector.profile();
            for name in profile.facilities {
                if catalogue
                    .facility(name)
                    .is_none_or(|known| known.name != *name)
                {
                    bail!(
                        "observatories.yaml, satellites.yaml: no entry is named {name:?}, which the \
                         connector {} tells of",
                        profile.name
                    );
                }
            }
        }
        Ok(catalogue)
    }

    /// The catalogue of two files' texts.
    pub(super) fn read(observatories: &str, satellites: &str) -> anyhow::Result<Catalogue> {
        let mut sites: Vec<Site> = fixture::read("observatories.yaml", observatories)?;
        let spacecraft: Vec<Spacecraft> = fixture::read("satellites.yaml", satellites)?;
        let mut facilities = Vec::new();
        for site in &mut sites {
            let telescopes = std::mem::take(&mut site.telescopes);
            facilities.extend(
                telescopes
                    .into_iter()
                    .map(|telescope| on_ground(site, telescope)),
            );
        }
        facilities.extend(spacecraft.into_iter().map(in_space));

        let mut faults = check::sites(&sites);
        faults.extend(check::facilities(&facilities));
        let (names, clashes) = Names::of(&facilities);
        faults.extend(clashes);
        if !faults.is_empty() {
            bail!("{}", faults.join("\n"));
        }
        let keys = sites
            .iter()
            .enumerate()
            .map(|(index, site)| (site.key.clone(), index))
            .collect();
        let skies = Skies::new(sites.len());
        Ok(Catalogue {
            sites,
            facilities,
            keys,
            names,
            skies,
        })
    }

    /// The facility of this name, alias, or name of a part of it, in any spelling that folds alike.
    #[must_use]
    pub fn facility(&self, name: &str) -> Option<&Facility> {
        self.names
            .index(&fold(name))
            .and_then(|index| self.facilities.get(index))
    }

    /// The site of this key.
    #[must_use]
    pub fn site(&self, key: &str) -> Option<&Site> {
        self.keys.get(key).and_then(|index| self.sites.get(*index))
    }

    /// The key of the site a facility stands on; none in space, or when it is unknown.
    #[must_use]
    pub fn site_of(&self, facility: &str) -> Option<String> {
        match &self.facility(facility)?.place {
            Place::Site(key) => Some(key.clone()),
            Place::Orbit(_) => None,
        }
    }

    /// Every site.
    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.iter()
    }

    /// Every facility: those on the ground by site, then those in space.
    pub fn facilities(&self) -> impl Iterator<Item = &Facility> {
        self.facilities.iter()
    }

    /// The telescopes of a site.
    pub fn telescopes(&self, key: &str) -> impl Iterator<Item = &Facility> {
        self.facilities
            .iter()
            .filter(move |facility| matches!(&facility.place, Place::Site(site) if site == key))
    }

    /// The sky above a site of the catalogue, in the minute of `now`.
    #[must_use]
    pub fn sky(&self, site: &Site, now: DateTime<Utc>) -> SiteSky {
        self.skies
            .above(self.keys.get(&site.key).copied(), site, now)
    }
}

impl Aliases for Catalogue {
    fn facility(&self, folded: &str) -> Vec<String> {
        self.names.meant(folded)
    }

    fn facility_prefix(&self, folded: &str) -> Vec<String> {
        self.names.meant_by_prefix(folded)
    }

    fn known_facilities(&self) -> Vec<String> {
        self.names.all()
    }
}

fn on_ground(site: &Site, telescope: Telescope) -> Facility {
    Facility {
        name: telescope.name,
        title: telescope.title,
        aliases: telescope.aliases,
        groups: telescope.groups,
        partial: telescope.partial,
        place: Place::Site(site.key.clone()),
        mpc_code: telescope.mpc_code,
        aperture_m: telescope.aperture_m,
        instruments: telescope.instruments,
        home: telescope.home.or_else(|| site.home.clone()),
        credit: telescope.credit.or_else(|| site.credit.clone()),
        policy: telescope.policy.or_else(|| site.policy.clone()),
        source: telescope.source,
    }
}

fn in_space(spacecraft: Spacecraft) -> Facility {
    Facility {
        name: spacecraft.name,
        title: spacecraft.title,
        aliases: spacecraft.aliases,
        groups: spacecraft.groups,
        partial: Vec::new(),
        place: Place::Orbit(Orbit {
            class: spacecraft.orbit,
            norad_id: spacecraft.norad_id,
            cospar_id: spacecraft.cospar_id,
        }),
        mpc_code: spacecraft.mpc_code,
        aperture_m: spacecraft.aperture_m,
        instruments: spacecraft.instruments,
        home: spacecraft.home,
        credit: spacecraft.credit,
        policy: spacecraft.policy,
        source: spacecraft.source,
    }
}
