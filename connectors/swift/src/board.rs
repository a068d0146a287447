//! Plan and as-flown log side by side: what each snapshot claims.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::Claim;
use upstream::{Harvest, Scope};

use crate::answer::{Kind, Listing};
use crate::clock::SpacecraftClock;
use crate::entry::{self, Snapshot};
use crate::pairing::{self, Fate};
use crate::record;
use crate::request::Stretch;
use crate::too::Requests;

/// Both lists of one harvest, read but not yet compared.
pub(crate) struct Board {
    plan: Vec<Snapshot>,
    flown: Vec<Snapshot>,
    /// The stretch in which whatever was flown is provably in the log.
    logged: Option<(NaiveDateTime, NaiveDateTime)>,
    clock: SpacecraftClock,
}

impl Board {
    /// Reads the rows of both lists into snapshots; what cannot be read goes to the harvest.
    pub(crate) fn read(
        harvest: &mut Harvest,
        plan: &Listing,
        flown: Option<(&Listing, bool)>,
        stretch: Stretch,
        now: DateTime<Utc>,
        clock: SpacecraftClock,
    ) -> Self {
        let planned = rows(harvest, plan);
        let bad = harvest.records.len();
        let logged = flown.map(|(listing, whole)| {
            let entries = rows(harvest, listing);
            // A row we cannot read may be the partner of any plan entry.
            let complete =
                whole && listing.accepted && !listing.cut && harvest.records.len() == bad;
            let to = stretch.flown_to.min(now).naive_utc();
            let reaches = listing.reaches.filter(|_| complete).map(|at| at.min(to));
            (
                entries,
                reaches.map(|reaches| (stretch.surely_from(), reaches)),
            )
        });
        let (flown, logged) = logged.unwrap_or_default();
        Board {
            plan: planned,
            flown,
            logged,
            clock,
        }
    }

    /// Whether a request could stand behind any of it.
    pub(crate) fn has_science(&self) -> bool {
        self.plan
            .iter()
            .chain(&self.flown)
            .any(|s| !s.is_belt_passage() && !s.is_drag_attitude())
    }

    /// Whether nothing ahead in the plan is pointed at: only the attitude of least drag, if that.
    pub(crate) fn points_nowhere(&self, now: DateTime<Utc>) -> bool {
        let over = |s: &Snapshot| s.end.is_some_and(|end| end <= now.naive_utc());
        self.plan.iter().all(|s| s.is_drag_attitude() || over(s))
    }

    /// Writes what every snapshot claims.
    pub(crate) fn tell(
        self,
        harvest: &mut Harvest,
        stretch: Stretch,
        now: DateTime<Utc>,
        requests: &Requests,
    ) {
        let fates = pairing::fates(&self.plan, &self.flown);
        let paired: HashSet<usize> = fates.iter().filter_map(|fate| fate.partner()).collect();
        for (planned, fate) in self.plan.iter().zip(fates) {
            let flown = fate.partner().map(|index| &self.flown[index]);
            let begin = flown.map_or(planned.begin, |flown| flown.begin.min(planned.begin));
            if is_cut(begin, flown.unwrap_or(planned).end, stretch, now) {
                harvest.skip(CUT);
                continue;
            }
            let record = match flown {
                Some(flown) => record::flown(flown, Some(planned), self.clock),
                None if fate == Fate::Unseen && self.passed_by(planned) => {
                    record::planned(planned, Claim::Failed, self.clock)
                }
                None => record::planned(planned, Claim::Plan, self.clock),
            };
            push(harvest, record, planned, requests);
        }
        let flown = self.flown.iter().enumerate();
        for (_, flown) in flown.filter(|(index, _)| !paired.contains(index)) {
            if is_cut(flown.begin, flown.end, stretch, now) {
                harvest.skip(CUT);
                continue;
            }
            let record = record::flown(flown, None, self.clock);
            push(harvest, record, flown, requests);
        }
    }

    /// The log reaches past the whole of it and does not hold it.
    fn passed_by(&self, planned: &Snapshot) -> bool {
        let (Some((from, to)), Some(end)) = (self.logged, planned.end) else {
            return false;
        };
        planned.begin >= from && end <= to
    }
}

/// Reason to leave out what a window shows only in part.
const CUT: &str = "begins before the time asked for";

/// Its partner may lie before the window, so that it would pass for something else: it was told
/// by an earlier harvest. What still goes on is kept.
fn is_cut(
    begin: NaiveDateTime,
    end: Option<NaiveDateTime>,
    stretch: Stretch,
    now: DateTime<Utc>,
) -> bool {
    begin < stretch.surely_from() && end.is_some_and(|end| end <= now.naive_utc())
}

fn push(harvest: &mut Harvest, mut record: domain::Record, entry: &Snapshot, requests: &Requests) {
    let begin = record.facts.t_min;
    if let Some(requested) = begin.and_then(|begin| requests.behind(entry.obs.target, begin)) {
        record.facts.proposal_id = Some(requested.proposal_id);
        record.facts.priority = requested.priority;
    }
    harvest.records.push(Ok(record));
}

/// Reads the rows of a list. A snapshot listed twice counts once.
pub(crate) fn rows(harvest: &mut Harvest, listing: &Listing) -> Vec<Snapshot> {
    let list = match listing.kind {
        Kind::Plan => "plan",
        Kind::AsFlown => "as-flown",
    };
    let mut seen = HashSet::new();
    let mut snapshots = Vec::new();
    for (index, raw) in listing.entries.iter().enumerate() {
        harvest.read += 1;
        match entry::read(list, index + 1, raw.get()) {
            Err(unreadable) => harvest.records.push(Err(unreadable)),
            Ok(snapshot) if seen.insert(snapshot.id()) => snapshots.push(snapshot),
            Ok(_) => harvest.skip("listed twice"),
        }
    }
    snapshots
}

/// The stretch of the future this plan provably shows as a whole.
pub(crate) fn covered(
    plan: &Listing,
    whole: bool,
    stretch: Stretch,
    now: DateTime<Utc>,
    clock: SpacecraftClock,
) -> Option<Scope> {
    let reaches = clock.utc(
        plan.reaches
            .filter(|_| whole && plan.accepted && !plan.cut)?,
    );
    let from = now.max(stretch.from);
    let to = match reaches <= stretch.plan_to {
        true => reaches,
        false => stretch.plan_surely_to(),
    };
    (from < to).then_some(Scope { from, to })
}
