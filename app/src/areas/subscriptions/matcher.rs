//! The matcher: reads the log, and writes into the ledger who is to be told what.
//!
//! Of each page it first knows how far the log reaches, then reads what has changed of the
//! subscriptions, and only then matches: a subscription that was there before an event never misses
//! it. The rows of a page and the cursors behind it are one transaction.

use std::collections::HashMap;
use std::time::Duration;

use domain::{Activity, Envelope};
use tokio::sync::broadcast;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::courier::Courier;
use super::decide::{Draft, Page};
use super::ledger::{self, Written};
use super::parcel::Parcel;
use super::partition::{Group, Moved, Partitions};
use super::roster::Roster;
use super::write;
use crate::areas::activities::event_log;
use crate::db::Attempts;
use crate::hub::Hub;
use crate::lease::Lost;
use crate::realtime::Signal;
use crate::realtime::bus::State;

/// Lines read from the log at once.
const PAGE: u64 = 250;
/// How often the log's end and the subscriptions are looked at without a hint.
const LOOK: Duration = Duration::from_secs(1);
/// The same where no hint of another process can come.
const LOOK_ALONE: Duration = Duration::from_millis(500);
/// Pause after something went wrong.
const HELD_UP: Duration = Duration::from_millis(200);

/// Runs the matcher until `cancel`.
pub(super) async fn run(hub: Hub, courier: Courier, cancel: CancellationToken) {
    let mut events = hub.bus.subscribe(&hub.topic());
    let mut changes = hub.bus.subscribe(&write::topic(&hub));
    let mut looks = interval(match hub.bus.state() {
        State::Local => LOOK_ALONE,
        _ => LOOK,
    });
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut matcher = Matcher::new(hub, Some(courier));
    while !cancel.is_cancelled() {
        if let Err(error) = matcher.turn().await {
            matcher.held_up(&error).await;
            tokio::time::sleep(HELD_UP).await;
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            () = heard(&mut events) => {}
            () = heard(&mut changes) => {}
            _ = looks.tick() => {}
        }
    }
    matcher.partitions.close(&matcher.hub.db).await;
}

/// Waits for a hint and takes those behind it too: one look answers them all.
async fn heard(hints: &mut broadcast::Receiver<Signal>) {
    if let Err(broadcast::error::RecvError::Closed) = hints.recv().await {
        std::future::pending::<()>().await;
    }
    while !matches!(
        hints.try_recv(),
        Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed)
    ) {}
}

/// Matches everything up to the log's end, here and now, and queues a job for each delivery: for
/// tests and commands.
///
/// # Errors
/// Those of the database.
pub async fn match_all(hub: &Hub) -> anyhow::Result<()> {
    let mut matcher = Matcher::new(hub.clone(), None);
    let done = matcher.turn().await;
    matcher.partitions.close(&hub.db).await;
    done
}

struct Matcher {
    hub: Hub,
    partitions: Partitions,
    roster: Roster,
    courier: Option<Courier>,
}

impl Matcher {
    fn new(hub: Hub, courier: Option<Courier>) -> Matcher {
        Matcher {
            partitions: Partitions::new(&hub),
            roster: Roster::default(),
            courier,
            hub,
        }
    }

    /// Matches everything up to the log's end.
    async fn turn(&mut self) -> anyhow::Result<()> {
        if self.partitions.is_due() {
            self.partitions.keep(&self.hub.db).await?;
            self.roster.look_at_sites(&self.hub).await?;
        }
        self.hold().await?;
        let end = event_log::end(self.hub.db.own()).await?.seq;
        self.roster.refresh(&self.hub).await?;
        while let Some(group) = self.partitions.hindmost() {
            if group.seq > end {
                // Another log, as after restoring a backup: these places are of the one before.
                anyhow::bail!(Moved);
            }
            if group.seq == end {
                break;
            }
            self.page(&group, end).await?;
            if self.partitions.is_due() {
                self.partitions.keep(&self.hub.db).await?;
                self.hold().await?;
            }
        }
        self.measure(end);
        Ok(())
    }

    /// Has the subscriptions of its parts in memory: no page is matched before.
    async fn hold(&mut self) -> anyhow::Result<()> {
        self.roster.hold(&self.hub, &self.partitions).await
    }

    async fn page(&mut self, group: &Group, end: i64) -> anyhow::Result<()> {
        let until = group.until.map_or(end, |until| until.min(end));
        let mut lines = event_log::after(self.hub.db.own(), group.seq, PAGE).await?;
        lines.retain(|line| line.seq <= until);
        let last = lines.last().map_or(until, |line| line.seq);
        let envelopes: Vec<Envelope> = lines.iter().filter_map(ledger::read).collect();
        let now = self.hub.clock.now();
        let page = Page::new(&envelopes, &self.roster, &group.parts, now);
        let known = ledger::answer(self.hub.db.own(), &page.questions()).await?;
        let (drafts, cut) = page.decide(&known, &self.roster, &group.parts, now);
        let to = cut.unwrap_or(last);
        if drafts.is_empty() {
            self.partitions.skip(&group.parts, to);
            return Ok(());
        }
        let snapshots: HashMap<i64, &Activity> = envelopes
            .iter()
            .map(|envelope| (envelope.seq, &envelope.activity))
            .collect();
        let mut attempts = Attempts::default();
        let written = loop {
            match self.write(group, to, &drafts, &snapshots).await {
                Err(error) if attempts.again(&error).await => {}
                done => break done?,
            }
        };
        self.partitions.advanced(&group.parts, to);
        metrics::counter!("starboard_matches_total").increment(written.len() as u64);
        self.hand_over(&written).await;
        Ok(())
    }

    async fn write(
        &self,
        group: &Group,
        to: i64,
        drafts: &[Draft],
        snapshots: &HashMap<i64, &Activity>,
    ) -> anyhow::Result<Vec<Written>> {
        let write = self.hub.db.begin().await?;
        self.partitions
            .advance(write.tx(), &group.parts, to)
            .await?;
        let now = self.hub.clock.now();
        let written = ledger::write(&self.hub, write.tx(), drafts, snapshots, now).await?;
        write.commit().await?;
        Ok(written)
    }

    /// Gets what goes out at once on its way. What does not is found by the sweeper.
    async fn hand_over(&self, written: &[Written]) {
        let at_once = written
            .iter()
            .filter(|row| ledger::AT_ONCE.contains(&row.channel));
        for row in at_once {
            let taken = match &self.courier {
                Some(courier) => courier.take(Parcel::Delivery(row.id), row.channel, row.account),
                None => false,
            };
            if taken || self.courier.is_some() {
                continue;
            }
            if let Err(error) = super::tasks::queue(&self.hub, Parcel::Delivery(row.id)).await {
                tracing::warn!(%error, "A delivery has no job yet, which the sweeper mends");
            }
        }
    }

    /// After an error: what was taken by somebody else is let go, and taken anew.
    async fn held_up(&mut self, error: &anyhow::Error) {
        let lost =
            |cause: &(dyn std::error::Error + 'static)| cause.is::<Lost>() || cause.is::<Moved>();
        if error.chain().any(lost) {
            tracing::warn!("Parts of the subscriptions were lost and are taken anew: {error:#}");
            self.partitions.abandon(&self.hub).await;
        } else {
            tracing::warn!(
                error = format!("{error:#}"),
                "The matcher was held up: {error:#}"
            );
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
    fn measure(&self, end: i64) {
        let place = self.partitions.hindmost().map_or(end, |group| group.seq);
        metrics::gauge!("starboard_matcher_lag_events").set((end - place).max(0) as f64);
        metrics::gauge!("starboard_subscriptions_matched").set(self.roster.len() as f64);
    }
}
