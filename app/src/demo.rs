//! What the demo plays: a day of four upstreams, from cassettes, as if it were today.
//!
//! The cassettes tell of a fixed day of 2026, its times composed and its programmes and targets
//! facts. Real time is mapped onto that day so that the start of the demo falls on [`OPENING`],
//! seconds before something ends and something starts. After [`ROUND`] the day begins anew, for
//! ever: round `k` is the same day, shifted by `k` more rounds.
//!
//! An activity belongs to the round in which it begins. A harvest joins the round that runs, the
//! one ahead (so that the plan never runs dry) and the one just over (so that what ran across the
//! border is still confirmed). From the second round on, identifiers carry the round's number
//! (`4501:13:1~2`), and no stretch of a plan covers more than its own round: a border neither
//! withdraws nor repeats anything.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Clock, Record};
use upstream::{Ask, Cassette, Connector, Cursor, Harvest, Scope, Upstream};

#[cfg(test)]
mod compose;
#[cfg(test)]
mod tests;

/// The cassettes, compiled in.
const CASSETTES: [(&str, &[u8]); 4] = [
    (
        "eso",
        include_bytes!("../../fixtures/cassettes/demo/eso.json"),
    ),
    (
        "hst",
        include_bytes!("../../fixtures/cassettes/demo/hst.json"),
    ),
    (
        "jwst",
        include_bytes!("../../fixtures/cassettes/demo/jwst.json"),
    ),
    (
        "swift",
        include_bytes!("../../fixtures/cassettes/demo/swift.json"),
    ),
];

/// Where in the material every round opens: at night in Chile, 31 s before a snapshot of Swift ends
/// and the next begins.
const OPENING: DateTime<Utc> = match DateTime::from_timestamp(1_787_013_540, 0) {
    Some(opening) => opening, // 2026-08-18T00:39:00Z
    None => DateTime::UNIX_EPOCH,
};

/// Length of a round: plans and nights of the material repeat after a day.
const ROUND: TimeDelta = TimeDelta::days(1);

/// A round is still asked about for this long after its end: until the archives have caught up.
const TAIL: TimeDelta = TimeDelta::hours(6);

/// Time between two harvests of a source: rows appear in its archive when they did on the day.
const EVERY: Duration = Duration::from_secs(12);

tokio::task_local! {
    /// The time in the material at which the harvest under way asks.
    static PLAYED: DateTime<Utc>;
}

/// The material, and how it lies in real time.
#[derive(Debug)]
pub struct Demo {
    cassettes: Vec<Cassette>,
    clock: Clock,
    /// When the first round opened.
    began: DateTime<Utc>,
}

/// A moment in the material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoAsk {
    /// The time in the material.
    pub now: DateTime<Utc>,
    /// The round: how often the material has begun anew, from 0.
    pub loop_no: u32,
}

impl Demo {
    /// Opens the material now.
    ///
    /// # Errors
    /// When a cassette cannot be read.
    pub fn load(clock: Clock) -> anyhow::Result<Demo> {
        let cassettes = CASSETTES
            .iter()
            .map(|(name, bytes)| {
                Cassette::parse(bytes).with_context(|| format!("reading the demo's {name}"))
            })
            .collect::<anyhow::Result<_>>()?;
        let began = clock.now();
        Ok(Demo {
            cassettes,
            clock,
            began,
        })
    }

    /// Answers from the cassettes, as of the harvest's moment, else as of now.
    #[must_use]
    pub fn upstream(&self) -> Upstream {
        let (clock, began) = (self.clock.clone(), self.began);
        Upstream::playing(self.cassettes.clone(), move || {
            let played = PLAYED.try_with(|at| *at);
            played.unwrap_or_else(|_| moment(began, clock.now()).now)
        })
    }

    /// The moment in the material that `now` is.
    #[must_use]
    pub fn ask(&self, now: DateTime<Utc>) -> DemoAsk {
        moment(self.began, now)
    }

    /// The round that runs at `now`, from 0.
    #[must_use]
    pub fn loop_no(&self, now: DateTime<Utc>) -> u32 {
        self.ask(now).loop_no
    }

    /// Time between two harvests of a source.
    #[must_use]
    pub fn every(&self) -> Duration {
        EVERY
    }

    /// Brings a harvest of the round that runs now to today.
    pub fn shift(&self, harvest: &mut Harvest) {
        self.shift_round(harvest, self.loop_no(self.clock.now()));
    }

    /// What a source tells at `now`, as if it were today. A cursor counts for its own round only.
    ///
    /// # Errors
    /// Those of the connector.
    pub async fn harvest(
        &self,
        connector: &dyn Connector,
        upstream: &Upstream,
        now: DateTime<Utc>,
        cursor: Option<Cursor>,
    ) -> upstream::Result<Harvest> {
        let DemoAsk { now, loop_no } = self.ask(now);
        let prefix = format!("{loop_no} ");
        let inner = |cursor: Cursor| cursor.0.strip_prefix(&prefix).map(str::to_owned);
        let cursor = cursor.and_then(inner).map(Cursor);
        let round = |loop_no, now, cursor| self.round(connector, upstream, loop_no, now, cursor);

        let mut harvest = round(loop_no, now, cursor).await?;
        harvest.cursor = harvest.cursor.map(|at| Cursor(prefix.clone() + &at.0));
        // Only plans tell of what lies ahead.
        if harvest.horizon.is_some() {
            let ahead = round(loop_no.saturating_add(1), now - ROUND, None).await?;
            join(&mut harvest, ahead);
        }
        if let Some(over) = loop_no.checked_sub(1)
            && now - OPENING < TAIL
        {
            join(&mut harvest, round(over, now + ROUND, None).await?);
        }
        Ok(harvest)
    }

    /// What a source tells of one round, `now` in its own time.
    async fn round(
        &self,
        connector: &dyn Connector,
        upstream: &Upstream,
        loop_no: u32,
        now: DateTime<Utc>,
        cursor: Option<Cursor>,
    ) -> upstream::Result<Harvest> {
        let ask = Ask {
            now,
            cursor,
            window: None,
        };
        let asking = connector.harvest(upstream, &ask);
        let mut harvest = PLAYED.scope(now, asking).await?;
        self.shift_round(&mut harvest, loop_no);
        Ok(harvest)
    }

    /// Cuts a harvest to what begins in the round, names it by the round, and moves it there.
    fn shift_round(&self, harvest: &mut Harvest, loop_no: u32) {
        let (from, to) = (
            (loop_no > 0).then_some(OPENING),
            OPENING.checked_add_signed(ROUND).unwrap_or(OPENING),
        );
        let begins_here = |record: &Record| {
            let begin = record.facts.t_min;
            from.is_none_or(|from| begin >= Some(from)) && begin.is_none_or(|begin| begin < to)
        };
        harvest
            .records
            .retain(|row| row.as_ref().map_or(loop_no == 0, begins_here));
        for scope in &mut harvest.covers {
            scope.from = from.map_or(scope.from, |from| scope.from.max(from));
            scope.to = scope.to.min(to);
        }
        harvest.covers.retain(|Scope { from, to }| from < to);
        harvest.horizon = harvest.horizon.map(|horizon| horizon.min(to));
        if loop_no > 0 {
            let tag = format!("~{}", u64::from(loop_no) + 1);
            for record in harvest.records.iter_mut().flatten() {
                record.obs_id += &tag;
                for other in [&mut record.facts.group_id, &mut record.parallel_of] {
                    *other = other.take().map(|id| id + &tag);
                }
            }
        }
        harvest.shift(self.distance(loop_no));
    }

    /// From the material's time to the real time of a round.
    fn distance(&self, loop_no: u32) -> TimeDelta {
        let rounds = i32::try_from(loop_no).unwrap_or(i32::MAX);
        let later = ROUND.checked_mul(rounds).unwrap_or_default();
        (self.began - OPENING)
            .checked_add(&later)
            .unwrap_or_default()
    }
}

/// The moment in the material that `now` is, when the first round opened at `began`. Before that
/// (the machine's clock was set back), the first round.
fn moment(began: DateTime<Utc>, now: DateTime<Utc>) -> DemoAsk {
    let elapsed = now.signed_duration_since(began).num_microseconds();
    let elapsed = elapsed.unwrap_or_default();
    let round = ROUND.num_microseconds().unwrap_or(i64::MAX);
    let loop_no = u32::try_from(elapsed.div_euclid(round)).unwrap_or_default();
    let within = match elapsed {
        0.. => elapsed.rem_euclid(round),
        _ => elapsed,
    };
    let now = OPENING.checked_add_signed(TimeDelta::microseconds(within));
    DemoAsk {
        now: now.unwrap_or(OPENING),
        loop_no,
    }
}

/// Adds what another round tells. What is said of the source itself stays that of the round that
/// runs.
fn join(harvest: &mut Harvest, other: Harvest) {
    harvest.records.extend(other.records);
    harvest.covers.extend(other.covers);
    harvest.horizon = harvest.horizon.max(other.horizon);
    for note in other.notes {
        if !harvest.notes.contains(&note) {
            harvest.notes.push(note);
        }
    }
}
