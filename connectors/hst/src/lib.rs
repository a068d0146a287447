//! The Hubble Space Telescope: the weekly timeline says what is planned and when, the archive
//! (MAST) where, by whom, and what was done; until it does, the visit status reports tell whether a
//! visit was executed or failed.
//!
//! * One activity is one visit (the observatory's scheduling unit), `<programme>:<visit>`.
//! * A timeline appears about 17 days before its week and may be issued again under the same name;
//!   targets of opportunity and safings break it. It is a plan, whatever the clock says.
//! * The report states no time zone for its time of issue; it is taken as UTC, like its other times.
//! * Its columns cut names: full ones come from the archive where there are any, others are listed
//!   in `truncated`.
//! * Coordinates come only from archive rows of the same programme and visit; where a row's name
//!   does not tell the visit, of the same programme, target and instrument, if all such rows agree.
//! * The visit status report of a programme is asked for every two hours while visits of it that
//!   have begun, or ended within four days, are without data: executed ones are reported with their
//!   actual times, failed and skipped ones are aborted. What the archive shows is surer and stands.

mod archive;
mod join;
mod page;
mod request;
mod row;
mod timeline;
mod visit;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::Record;
use upstream::visits::{self, Asking};
use upstream::{Ask, Connector, Cursor, Error, Harvest, Profile, Result, Scope, Upstream, mast};

use crate::archive::Archive;
use crate::request::Stretch;
use crate::timeline::Timeline;
use crate::visit::Plan;

/// Time between two harvests.
const EVERY: Duration = Duration::from_secs(30 * 60);

/// Who asks for visit status reports.
const ASKING: Asking = Asking {
    observatory: "HST",
    every: EVERY,
    obs_id: |program, visit| {
        let visit = words::visit(&format!("{:0>2}", visit.visit.as_deref()?))?;
        Some(format!("{program}:{visit}"))
    },
};

/// The Hubble Space Telescope.
pub struct Hst;

#[async_trait]
impl Connector for Hst {
    fn profile(&self) -> Profile {
        Profile {
            name: "hst",
            title: "Hubble Space Telescope",
            home: "https://www.stsci.edu/hst/scheduling/",
            facilities: &["HST"],
            every: EVERY,
            late_after: Duration::from_secs(6 * 3600),
            credit: "NASA, ESA, STScI; Mikulski Archive for Space Telescopes (MAST)",
            policy: "https://archive.stsci.edu/publishing/data-use",
        }
    }

    async fn harvest(&self, upstream: &Upstream, ask: &Ask) -> Result<Harvest> {
        let mut harvest = Harvest::default();
        let weeks = request::weeks(upstream, ask).await?;
        let mut plans = Plans::default();
        let mut failure = None;
        for week in &weeks {
            match request::timeline(upstream, week).await {
                Ok((timeline, whole)) => plans.take(&mut harvest, timeline, whole),
                Err(Error::Busy(wait)) => return Err(Error::Busy(wait)),
                Err(error) => {
                    harvest.notes.push(format!("{week} was not read: {error}"));
                    failure = failure.or(Some(error));
                }
            }
        }
        // Without any of the weeks there is no news at all; with some, the rest is a note.
        if let Some(error) = failure.filter(|_| plans.read == 0) {
            return Err(error);
        }

        let stretch = Stretch::of(ask, plans.from);
        let archive = request::archive(upstream, stretch, &plans.programs()).await;
        // Without the archive nobody knows what it has confirmed, and its word is the surer one.
        let all = archive.notes.is_empty();
        harvest.notes.extend(archive.notes);
        let plans = plans.into_plans();
        conclude(&mut harvest, plans, archive.rows, Some(stretch));
        if all {
            visits::complete(upstream, &mut harvest, ASKING, ask.now).await;
        }
        if ask.window.is_none() {
            harvest.cursor = Some(Cursor(ask.now.to_rfc3339()));
        }
        Ok(harvest)
    }

    /// Reads a weekly timeline, or an answer of MAST.
    fn read(&self, _name: &str, body: &[u8], _now: DateTime<Utc>) -> Result<Harvest> {
        let mut harvest = Harvest::default();
        let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if matches!(start, Some(b'{' | b'[')) {
            let mut archive = Archive::default();
            archive.take(mast::read(body)?);
            if archive.ours == 0 {
                return Err(Error::Unreadable(
                    "an answer of MAST without any observation of the collection HST".to_owned(),
                ));
            }
            conclude(&mut harvest, Vec::new(), archive, None);
        } else {
            let timeline = Timeline::read(body)?;
            let mut plans = Plans::default();
            plans.take(&mut harvest, timeline, false);
            conclude(&mut harvest, plans.into_plans(), Archive::default(), None);
        }
        Ok(harvest)
    }
}

/// The plans of several weeks.
#[derive(Default)]
struct Plans {
    /// By visit and start: the one issued last stands.
    plans: BTreeMap<(String, Option<DateTime<Utc>>), Plan>,
    /// First instant of the earliest week.
    from: Option<DateTime<Utc>>,
    /// Weeks read.
    read: usize,
}

impl Plans {
    fn take(&mut self, harvest: &mut Harvest, timeline: Timeline, whole: bool) {
        self.read += 1;
        self.from = self.from.into_iter().chain([timeline.from]).min();
        harvest.read += timeline.rows;
        harvest.horizon = harvest.horizon.max(Some(timeline.to));
        if whole && timeline.complete {
            harvest.covers.push(Scope {
                from: timeline.from,
                to: timeline.to,
            });
        }
        for plan in visit::plans(&timeline) {
            let key = (plan.record.obs_id.clone(), plan.record.facts.t_min);
            let newer =
                |known: &Plan| known.record.facts.t_planning <= plan.record.facts.t_planning;
            if self.plans.get(&key).is_none_or(newer) {
                self.plans.insert(key, plan);
            }
        }
        harvest
            .records
            .extend(timeline.unreadable.into_iter().map(Err));
    }

    fn programs(&self) -> BTreeSet<String> {
        let ids = self.plans.values();
        ids.filter_map(|plan| plan.record.facts.proposal_id.clone())
            .collect()
    }

    fn into_plans(self) -> Vec<Plan> {
        self.plans.into_values().collect()
    }
}

/// Joins plans and archive. Of visits no plan tells of, a harvest takes those that began within
/// its stretch (one at its edge may be known in part only), a saved file all.
fn conclude(harvest: &mut Harvest, plans: Vec<Plan>, archive: Archive, stretch: Option<Stretch>) {
    harvest.read += archive.rows;
    let planned: BTreeSet<String> = plans
        .iter()
        .map(|plan| plan.record.obs_id.clone())
        .collect();
    let mut records: Vec<Record> = join::fill(plans, &archive);
    let mut skipped = archive.skipped;
    for (obs_id, visit) in &archive.visits {
        let within = |at| stretch.is_none_or(|stretch| stretch.holds(at));
        let reason = match visit.begin() {
            _ if planned.contains(obs_id) => continue,
            Some(begin) if within(begin) => {
                records.extend(visit.happened());
                continue;
            }
            None if stretch.is_none() => {
                records.extend(visit.described());
                continue;
            }
            Some(_) => "outside the time asked for",
            None => "planned, but in none of the weeks read",
        };
        *skipped.entry(reason).or_default() += visit.rows();
    }
    visit::name_primes(&mut records);
    harvest.records.extend(records.into_iter().map(Ok));
    harvest
        .records
        .extend(archive.unreadable.into_iter().map(Err));
    let loose: usize = archive.loose.values().map(Vec::len).sum();
    if loose > 0 && stretch.is_none() {
        skipped.insert("planned, its name without a visit", loose);
    }
    for (reason, count) in skipped {
        *harvest.skipped.entry(reason.to_owned()).or_default() += count;
    }
}
