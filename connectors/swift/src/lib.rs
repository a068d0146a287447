//! Swift: the plan and the as-flown log, from version 2 of its target of opportunity API.
//!
//! Quirks: an activity is a snapshot, and many snapshots share one observation number
//! (`group_id`); all times are by the spacecraft clock, which `/swift/clock` corrects; the
//! observation number has two spellings; a snapshot overwritten by a burst is simply not in the
//! as-flown log; an empty plan is a normal answer, for Swift does not always point; a query can
//! be refused with status 200.

mod answer;
mod board;
mod clock;
mod entry;
mod ident;
mod modes;
mod pairing;
mod record;
mod request;
#[cfg(test)]
mod tests;
mod too;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::Claim;
use upstream::{Ask, Connector, Error, Harvest, Profile, Result, Upstream};

use crate::answer::{Kind, Listing};
use crate::board::Board;
use crate::clock::{Kept, SpacecraftClock};
use crate::request::Stretch;
use crate::too::Requests;

/// The spacecraft, as `facility_name` spells it.
const FACILITY: &str = "Swift";

/// What an empty plan tells.
const NOT_POINTING: &str = "not pointing, or the next plan is not out yet: no target ahead";

/// The Neil Gehrels Swift Observatory.
pub struct Swift;

#[async_trait]
impl Connector for Swift {
    fn profile(&self) -> Profile {
        Profile {
            name: "swift",
            title: "Neil Gehrels Swift Observatory",
            home: "https://www.swift.psu.edu/",
            facilities: &[FACILITY],
            every: Duration::from_secs(10 * 60),
            late_after: Duration::from_secs(2 * 3600),
            credit: "Neil Gehrels Swift Observatory: NASA Goddard Space Flight Center and the Mission Operations Center at Penn State",
            policy: "https://swift.gsfc.nasa.gov/archive/archive_start.html",
        }
    }

    /// The plan must answer, for as-flown entries are told under the identifiers of their plan
    /// entries. Log, clock and requests may fail: then a note says what is missing.
    async fn harvest(&self, upstream: &Upstream, ask: &Ask) -> Result<Harvest> {
        let mut harvest = Harvest::default();
        let stretch = Stretch::of(ask);
        let kept = corrected(upstream, ask, stretch, &mut harvest.notes).await;
        let clock = SpacecraftClock {
            utcf: kept.map(|kept| kept.utcf),
        };

        let answer = request::plan(upstream, stretch).await?;
        let plan = listing("planquery", Kind::Plan, &answer.body)?;
        harvest
            .notes
            .extend(plan.warnings.iter().map(|w| format!("planquery: {w}")));
        harvest
            .covers
            .extend(board::covered(&plan, answer.whole, stretch, ask.now, clock));
        harvest.horizon = plan.reaches.map(|reaches| clock.utc(reaches));
        let flown = as_flown(upstream, stretch, &mut harvest.notes).await;

        let log = flown.as_ref().map(|(listing, whole)| (listing, *whole));
        let board = Board::read(&mut harvest, &plan, log, stretch, ask.now, clock);
        if ask.window.is_none() && board.points_nowhere(ask.now) {
            harvest.notes.push(NOT_POINTING.to_owned());
        }
        let requests = match board.has_science() {
            true => requests(upstream, stretch.flown_to, &mut harvest.notes).await,
            false => Requests::default(),
        };
        board.tell(&mut harvest, stretch, ask.now, &requests);
        if ask.window.is_none() {
            harvest.cursor = kept.and_then(Kept::cursor);
        }
        Ok(harvest)
    }

    /// A saved answer knows no clock correction: its times are as given, 30 s uncertain. An
    /// accepted answer without entries is a plan that points nowhere, not an error.
    fn read(&self, _name: &str, body: &[u8], _now: DateTime<Utc>) -> Result<Harvest> {
        let listing = answer::read(body).map_err(|error| match error {
            Error::Busy(_) => {
                Error::Unreadable("the answer was not ready when it was saved".to_owned())
            }
            other => other,
        })?;
        let clock = SpacecraftClock::default();
        let mut harvest = Harvest {
            notes: listing.warnings.clone(),
            ..Harvest::default()
        };
        for snapshot in board::rows(&mut harvest, &listing) {
            harvest.records.push(Ok(match listing.kind {
                Kind::Plan => record::planned(&snapshot, Claim::Plan, clock),
                Kind::AsFlown => record::flown(&snapshot, None, clock),
            }));
        }
        if listing.kind == Kind::Plan {
            harvest.horizon = listing.reaches.map(|reaches| clock.utc(reaches));
        }
        if listing.entries.is_empty() && listing.kind == Kind::Plan {
            harvest.notes.push(NOT_POINTING.to_owned());
        }
        Ok(harvest)
    }
}

/// Reads the answer to one call, which must be of the list asked for.
fn listing(call: &str, kind: Kind, body: &[u8]) -> Result<Listing> {
    let listing = answer::read(body).map_err(|e| request::named(call, e))?;
    let says_nothing = listing.entries.is_empty() && listing.reaches.is_none();
    match listing.kind == kind || says_nothing {
        true => Ok(listing),
        false => Err(Error::Unreadable(format!(
            "{call}: answered with the other list"
        ))),
    }
}

/// The log with whether it is whole; none, and a note, when it did not answer.
async fn as_flown(
    upstream: &Upstream,
    stretch: Stretch,
    notes: &mut Vec<String>,
) -> Option<(Listing, bool)> {
    if !stretch.has_past() {
        return None;
    }
    let read = async {
        let answer = request::flown(upstream, stretch).await?;
        Ok::<_, Error>((
            listing("obsquery", Kind::AsFlown, &answer.body)?,
            answer.whole,
        ))
    };
    match read.await {
        Ok((listing, whole)) => {
            notes.extend(listing.warnings.iter().map(|w| format!("obsquery: {w}")));
            Some((listing, whole))
        }
        Err(error) => {
            notes.push(format!("without the as-flown log: {error}"));
            None
        }
    }
}

/// The clock correction: asked for once a day, and the last one known when that fails.
async fn corrected(
    upstream: &Upstream,
    ask: &Ask,
    stretch: Stretch,
    notes: &mut Vec<String>,
) -> Option<Kept> {
    let kept = Kept::of(ask.cursor.as_ref());
    let today = ask.now.date_naive();
    let at = match ask.window {
        Some(_) => stretch.from,
        None if kept.is_some_and(|kept| kept.asked == today) => return kept,
        None => ask.now,
    };
    let fresh = match request::clock(upstream, at).await {
        Ok(answer) => clock::read(&answer.body),
        Err(error) => Err(error),
    };
    match fresh {
        Ok(fresh) => Some(Kept::renewed(kept, fresh, today)),
        Err(error) => {
            let instead = match kept {
                Some(kept) => format!("the clock correction of {} is used", kept.asked),
                None => "times may be 30 s off".to_owned(),
            };
            notes.push(format!("{instead}: {error}"));
            kept
        }
    }
}

/// The requests; none, and a note, when they did not answer.
async fn requests(upstream: &Upstream, by: DateTime<Utc>, notes: &mut Vec<String>) -> Requests {
    let read = match request::requests(upstream, by).await {
        Ok(answer) => too::read(&answer.body),
        Err(error) => Err(error),
    };
    read.unwrap_or_else(|error| {
        notes.push(format!("without the numbers of requests: {error}"));
        Requests::default()
    })
}
