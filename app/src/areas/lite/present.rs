//! What the page shows.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Activity, Basis, Intent, Role};
use serde_json::value::RawValue;

use crate::areas::activities::now::{self, FacilityNow};
use crate::areas::archives::{self, Health};
use crate::areas::observatories::Catalogue;
use crate::hub::Hub;

/// The present, as the page shows it.
#[derive(Debug, Default)]
pub(super) struct Present {
    /// When.
    pub(super) now: DateTime<Utc>,
    /// Whether all of it is made up.
    pub(super) demo: bool,
    /// The facilities: those with something in progress first.
    pub(super) facilities: Vec<Facility>,
    /// The sources.
    pub(super) sources: Vec<Standing>,
}

/// One facility's present.
#[derive(Debug, Default)]
pub(super) struct Facility {
    /// The telescope or spacecraft, as its publisher's data spell it.
    pub(super) name: String,
    /// Its name in full.
    pub(super) title: Option<String>,
    /// The name of its ground site.
    pub(super) site: Option<String>,
    /// What is in progress: primes and science first.
    pub(super) in_progress: Vec<Activity>,
    /// Else what was last known.
    pub(super) last: Option<Activity>,
    /// What is planned next.
    pub(super) next: Option<Activity>,
    /// Newest success of a source that tells of it.
    pub(super) as_of: Option<DateTime<Utc>>,
}

/// One source's standing.
#[derive(Debug)]
pub(super) struct Standing {
    /// Name as people write it.
    pub(super) title: &'static str,
    /// Home page of what is read.
    pub(super) home: &'static str,
    /// Who is to be credited.
    pub(super) credit: &'static str,
    /// Page with the data policy.
    pub(super) policy: &'static str,
    /// How it does.
    pub(super) health: Health,
    /// Newest success.
    pub(super) last_success: Option<DateTime<Utc>>,
    /// How far ahead its plan reaches.
    pub(super) horizon: Option<DateTime<Utc>>,
    /// The facilities it tells of.
    pub(super) facilities: &'static [&'static str],
    /// Why its last harvest failed, where the newest one did.
    pub(super) failing: Option<String>,
    /// When it is asked next.
    pub(super) next_run: Option<DateTime<Utc>>,
}

impl Present {
    /// Whether any source has answered yet.
    pub(super) fn is_known(&self) -> bool {
        self.sources
            .iter()
            .any(|source| source.last_success.is_some())
            || self.facilities.iter().any(Facility::is_known)
    }
}

impl Facility {
    /// Whether there is anything to say of it.
    pub(super) fn is_known(&self) -> bool {
        !self.in_progress.is_empty() || self.last.is_some() || self.next.is_some()
    }
}

/// The present of the hub, or of one facility only.
///
/// # Errors
/// Those of the database.
pub(super) async fn of(hub: &Hub, facility: Option<&str>) -> anyhow::Result<Present> {
    let mut facilities: Vec<Facility> = now::now(hub, facility)
        .await?
        .into_iter()
        .map(|now| of_facility(now, &hub.catalogue))
        .collect();
    facilities.sort_by_key(rank);
    Ok(Present {
        now: hub.clock.now(),
        demo: hub.demo.is_some(),
        facilities,
        sources: sources(hub).await?,
    })
}

/// Reported before by plan, that before the rest; then by name.
fn rank(facility: &Facility) -> (u8, String) {
    let surest = match facility.in_progress.iter().map(|a| a.basis).max() {
        Some(Basis::Reported | Basis::Archived) => 0,
        Some(Basis::Scheduled) => 1,
        None if facility.last.is_some() || facility.next.is_some() => 2,
        None => 3,
    };
    (surest, facility.name.clone())
}

fn of_facility(now: FacilityNow, catalogue: &Catalogue) -> Facility {
    let known = catalogue.facility(&now.facility_name);
    let title = known.map(|known| known.title.clone());
    let site = now.site.map(|key| match catalogue.site(&key) {
        Some(site) => site.name.clone(),
        None => key,
    });
    let mut in_progress: Vec<Activity> = now.in_progress.iter().filter_map(|a| read(a)).collect();
    in_progress.sort_by_key(|activity| {
        let facts = &activity.facts;
        (
            facts.role != Role::Prime,
            facts.intent.is_some_and(|intent| intent != Intent::Science),
        )
    });
    Facility {
        name: now.facility_name,
        title,
        site,
        in_progress,
        last: now.last.as_deref().and_then(read),
        next: now.next.as_deref().and_then(read),
        as_of: now.as_of,
    }
}

/// One activity that cannot be read leaves the rest of the page as it is.
fn read(raw: &RawValue) -> Option<Activity> {
    now::read(raw)
        .inspect_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "Not on the page: {error:#}")
        })
        .ok()
}

/// The standing of every source.
///
/// # Errors
/// Those of the database.
pub(super) async fn sources(hub: &Hub) -> anyhow::Result<Vec<Standing>> {
    let mut known: BTreeMap<_, _> = archives::all(hub.db.read()).await?;
    let standing = |profile: upstream::Profile| {
        let source = known.remove(profile.name).unwrap_or_default();
        let late_after = TimeDelta::from_std(profile.late_after).unwrap_or(TimeDelta::MAX);
        Standing {
            title: profile.title,
            home: profile.home,
            credit: profile.credit,
            policy: profile.policy,
            health: source.health(hub.clock.now(), late_after, hub.config.runs(profile.name)),
            last_success: source.last_success,
            horizon: source.horizon,
            facilities: profile.facilities,
            failing: source.last_error.filter(|_| source.failures > 0),
            next_run: source.next_run,
        }
    };
    Ok(registry::ALL
        .iter()
        .map(|connector| connector.profile())
        .map(standing)
        .collect())
}
