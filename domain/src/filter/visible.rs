//! Whether somebody can see the target from where they are: `visible_from` and what goes with it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::canonical::canonical;
use super::{ActivityFilter, FilterError, Key};
use crate::activity::{Facts, UnknownWord, words};
use crate::ephemeris::{self, DRIFT_DEG, Demand, Site};
use crate::sky::Shape;

/// Places one filter may name: each is searched for every activity.
pub const MAX_PLACES: usize = 5;

/// Least altitude when none is asked for, degrees: the target's light comes through twice the air
/// it would come through from the zenith.
pub const MIN_ALT: f64 = 30.0;

/// How far `next24h` looks.
const NEXT: TimeDelta = TimeDelta::hours(24);

const TAKES_PLACE: &str = "`lat lon height` (degrees north, degrees east, metres; such as `48.1 11.6 520`), or the id of a site of your own";
const TAKES_ALTITUDE: &str = "degrees of altitude from -90 to 90, such as 30";
const TAKES_SUN: &str =
    "the degrees of altitude the Sun is below, from -90 to 90, such as -18, -12, -6 or 0";

words! {
    /// When the target has to be visible.
    VisibleWhen {
        /// At some time of the activity; never without a start. Without an end it is its start.
        Activity = "activity",
        /// Within 24 hours of the event at hand, or of now where none is.
        Next24h = "next24h",
    }
}

/// That the target stands high enough somewhere, with the Sun low enough, at some time.
#[derive(Clone, Debug, PartialEq)]
pub struct Visible {
    /// From one of these.
    pub places: Vec<Place>,
    /// At least so high, degrees; behind a site's own horizon at least as high as that.
    pub min_alt: f64,
    /// With the Sun's centre below this, degrees; none asks nothing of it.
    pub sun_below: Option<f64>,
    /// In one of these times.
    pub when: Vec<VisibleWhen>,
}

/// Where somebody observes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// A site of the account that asks, whose coordinates are not known yet: nothing is visible
    /// from it before [`ActivityFilter::resolve_sites`].
    Own(Uuid),
    /// The same, known.
    Home(Uuid, Home),
    /// A place as it was given.
    At(Site),
}

/// An account's own site. Private: it shows nothing of itself.
#[derive(Clone, Copy, PartialEq)]
pub struct Home {
    /// Where it is.
    pub site: Site,
    /// Altitude of its horizon, degrees; 0 when nothing stands in the way.
    pub horizon_deg: f64,
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Home(…)")
    }
}

impl Visible {
    /// Whether the target of an activity is visible; never without coordinates. `moment` is when
    /// the event at hand happened, or now where none is.
    #[must_use]
    pub fn holds(&self, facts: &Facts, shape: Option<&Shape>, moment: DateTime<Utc>) -> bool {
        let Some(target) = pointing(facts, shape) else {
            return false;
        };
        let windows = self.when.iter().filter_map(|when| match when {
            VisibleWhen::Activity => {
                let start = facts.t_min?;
                Some((start, facts.t_max.unwrap_or(start)))
            }
            VisibleWhen::Next24h => Some((moment, moment.checked_add_signed(NEXT)?)),
        });
        windows.into_iter().any(|(from, to)| {
            self.sites().any(|(site, min_alt_deg)| {
                let demand = Demand {
                    min_alt_deg,
                    sun_below_deg: self.sun_below,
                };
                ephemeris::is_visible(site, target, &demand, from, to)
            })
        })
    }

    /// Declinations (ICRS degrees, south and north end) outside which nothing is ever visible;
    /// none when nothing is visible at all.
    #[must_use]
    pub fn declinations(&self) -> Option<(f64, f64)> {
        let reach = self.sites().map(|(site, min_alt_deg)| {
            let farthest = 90.0 - min_alt_deg + DRIFT_DEG;
            (site.latitude_deg - farthest, site.latitude_deg + farthest)
        });
        reach.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    /// Whether only what has a start can pass.
    #[must_use]
    pub fn needs_start(&self) -> bool {
        !self.when.contains(&VisibleWhen::Next24h)
    }

    /// The places whose coordinates are known, and the least altitude there.
    fn sites(&self) -> impl Iterator<Item = (&Site, f64)> {
        self.places.iter().filter_map(|place| match place {
            Place::Own(_) => None,
            Place::Home(_, home) => Some((&home.site, self.min_alt.max(home.horizon_deg))),
            Place::At(site) => Some((site, self.min_alt)),
        })
    }
}

/// Where the telescope points: `s_ra`, `s_dec`, else the middle of the footprint.
fn pointing(facts: &Facts, shape: Option<&Shape>) -> Option<(f64, f64)> {
    let given = facts.s_ra.zip(facts.s_dec);
    given
        .filter(|(ra, dec)| ra.is_finite() && (-90.0..=90.0).contains(dec))
        .or_else(|| {
            let bounds = shape?.bounds();
            Some((bounds.ra, bounds.dec))
        })
}

impl ActivityFilter {
    /// The own sites it names.
    pub fn own_sites(&self) -> impl Iterator<Item = Uuid> {
        let places = self.visible.iter().flat_map(|visible| &visible.places);
        places.filter_map(|place| match place {
            Place::Own(id) | Place::Home(id, _) => Some(*id),
            Place::At(_) => None,
        })
    }

    /// The same filter, knowing where the own sites it names are. Whoever has no account has no
    /// sites.
    ///
    /// # Errors
    /// When it names a site that is none of these.
    pub fn resolve_sites(mut self, sites: &HashMap<Uuid, Home>) -> Result<Self, FilterError> {
        let places = self.visible.iter_mut().flat_map(|v| &mut v.places);
        for place in places {
            if let Place::Own(id) | Place::Home(id, _) = *place {
                let home = sites
                    .get(&id)
                    .ok_or_else(|| unknown(id, sites.is_empty()))?;
                *place = Place::Home(id, *home);
            }
        }
        self.canonical = canonical(&self);
        Ok(self)
    }
}

fn unknown(id: Uuid, none: bool) -> FilterError {
    let takes = match none {
        true => "`lat lon height`; the id of a site is known to its own account only",
        false => "`lat lon height`, or the id of one of your own sites",
    };
    FilterError::value(Key::VisibleFrom, &id.to_string(), takes)
}

/// Reads the four keys together: they are one demand.
pub(super) fn read(given: &BTreeMap<Key, Vec<String>>) -> Result<Option<Visible>, FilterError> {
    let values = |key| given.get(&key).map_or(&[][..], Vec::as_slice);
    let places = values(Key::VisibleFrom);
    if places.is_empty() {
        let beside = [Key::MinAlt, Key::SunBelow, Key::VisibleWhen];
        let alone = beside.into_iter().find(|key| !values(*key).is_empty());
        return match alone {
            Some(key) => Err(FilterError::misplaced(
                key.as_str(),
                "needs `visible_from` beside it: where somebody observes from",
            )),
            None => Ok(None),
        };
    }
    if let Some(further) = places.get(MAX_PLACES) {
        let takes = format!("at most {MAX_PLACES} places");
        return Err(FilterError::amount(
            Key::VisibleFrom.as_str(),
            further,
            takes,
        ));
    }
    let altitudes = |key, takes: &'static str| {
        let each = values(key)
            .iter()
            .map(move |text| degrees(key, text, takes));
        each.collect::<Result<Vec<f64>, FilterError>>()
    };
    let min_alt = altitudes(Key::MinAlt, TAKES_ALTITUDE)?;
    let sun_below = altitudes(Key::SunBelow, TAKES_SUN)?;
    let mut when = Vec::new();
    for text in values(Key::VisibleWhen) {
        when.push(time(text)?);
    }
    when.sort();
    when.dedup();
    if when.is_empty() {
        when.push(VisibleWhen::Activity);
    }
    Ok(Some(Visible {
        places: places
            .iter()
            .map(|text| place(text))
            .collect::<Result<_, _>>()?,
        // Of several values any may hold, so the one that asks least decides.
        min_alt: min_alt.into_iter().reduce(f64::min).unwrap_or(MIN_ALT),
        sun_below: sun_below.into_iter().reduce(f64::max),
        when,
    }))
}

fn place(text: &str) -> Result<Place, FilterError> {
    let no = || FilterError::value(Key::VisibleFrom, text, TAKES_PLACE);
    if let Ok(id) = text.parse::<Uuid>() {
        return Ok(Place::Own(id));
    }
    let mut numbers = Vec::new();
    for word in text.split_whitespace().take(4) {
        numbers.push(word.parse::<f64>().map_err(|_| no())?);
    }
    let [latitude_deg, longitude_deg, height_m] = numbers[..] else {
        return Err(no());
    };
    let is_on_earth = (-90.0..=90.0).contains(&latitude_deg)
        && (-180.0..=360.0).contains(&longitude_deg)
        && (-500.0..=100_000.0).contains(&height_m);
    let site = Site {
        // Without the sign of a zero, and each meridian under one name.
        latitude_deg: latitude_deg + 0.0,
        longitude_deg: if longitude_deg > 180.0 {
            longitude_deg - 360.0
        } else {
            longitude_deg + 0.0
        },
        height_m: height_m + 0.0,
    };
    is_on_earth.then_some(Place::At(site)).ok_or_else(no)
}

fn degrees(key: Key, text: &str, takes: &str) -> Result<f64, FilterError> {
    let read: Option<f64> = text.parse().ok();
    read.filter(|degrees| (-90.0..=90.0).contains(degrees))
        .map(|degrees| degrees + 0.0)
        .ok_or_else(|| FilterError::value(key, text, takes))
}

fn time(text: &str) -> Result<VisibleWhen, FilterError> {
    let folded = crate::fold::fold(text);
    let known = VisibleWhen::ALL.iter().copied();
    known
        .clone()
        .find(|word| word.as_str() == folded)
        .ok_or_else(|| {
            let known: Vec<&str> = known.map(VisibleWhen::as_str).collect();
            FilterError::value(Key::VisibleWhen, text, known.join(", ")).likely(known)
        })
}

/// Equal for places that mean the same. A site of somebody's own goes by its id and a fingerprint of
/// where it is, so that it stays private and a site that has moved is another.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Own(id) => id.fmt(f),
            Place::Home(id, home) => {
                let Site {
                    latitude_deg,
                    longitude_deg,
                    height_m,
                } = home.site;
                let numbers = [latitude_deg, longitude_deg, height_m, home.horizon_deg];
                let mut hasher = DefaultHasher::new();
                numbers.map(f64::to_bits).hash(&mut hasher);
                write!(f, "{id} {:016x}", hasher.finish())
            }
            Place::At(site) => {
                let Site {
                    latitude_deg,
                    longitude_deg,
                    height_m,
                } = site;
                write!(f, "{latitude_deg} {longitude_deg} {height_m}")
            }
        }
    }
}
