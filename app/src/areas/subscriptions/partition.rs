//! The parts the subscriptions are divided into: which of them this process has, and how far each
//! has read the log.
//!
//! Of the processes that match each has its share of the parts, and takes those of one that died.
//! On SQLite there is one process, and it has them all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Value};

use super::model::PARTS;
use crate::areas::activities::event_log;
use crate::db::{Db, placeholders, sql};
use crate::hub::Hub;
use crate::lease::{self, Bundle};

/// Begins the names of the leases that say who matches.
const MATCHER: &str = "matcher:";

/// How far a part has read the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    /// All up to here was matched.
    seq: i64,
    /// What the database says, behind `seq` while nothing matches.
    stored: i64,
}

/// The parts this process has.
pub(super) struct Partitions {
    /// None on SQLite.
    bundle: Option<Bundle>,
    lasting: Duration,
    cursors: BTreeMap<i32, Cursor>,
    /// When it last looked what is its share; none before the first time. What it writes renews its
    /// leases too, and puts no look off: under load nothing else would ever be taken or given back.
    kept: Option<Instant>,
}

/// Parts that have read the log equally far, and how far they may read before others join them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Their numbers.
    pub(super) parts: BTreeSet<i32>,
    /// All up to here was matched.
    pub(super) seq: i64,
    /// Where the next group is; none when this is the only one.
    pub(super) until: Option<i64>,
}

/// A cursor is not where this process left it: somebody else has the part.
#[derive(Debug, thiserror::Error)]
#[error("the cursor of a part of the subscriptions was moved by another process")]
pub(super) struct Moved;

impl Partitions {
    /// No part yet.
    pub(super) fn new(hub: &Hub) -> Partitions {
        let lasting = hub.config.pace.partition_lease;
        Partitions {
            bundle: (!hub.db.is_sqlite()).then(|| Bundle::new(lasting)),
            lasting,
            cursors: BTreeMap::new(),
            kept: None,
        }
    }

    /// Holds what it has, takes what is its share and free, gives back what is more.
    ///
    /// # Errors
    /// [`lease::Lost`] when a part was taken from it. Those of the database.
    pub(super) async fn keep(&mut self, db: &Db) -> anyhow::Result<()> {
        self.store(db).await?;
        self.kept = Some(Instant::now());
        let Some(bundle) = &mut self.bundle else {
            if self.cursors.is_empty() {
                let all: Vec<i32> = (0..PARTS).collect();
                self.cursors = load(db, &all).await?;
            }
            return Ok(());
        };
        if bundle.is_empty() {
            let present = [format!("{MATCHER}{}", bundle.holder())];
            bundle.take(db, &present, 1).await?;
            lease::forget(db, MATCHER).await?;
        } else {
            bundle.renew(db).await?;
        }
        let matchers = lease::held(db, MATCHER).await?.max(1);
        let share = usize::try_from(PARTS)?.div_ceil(matchers);
        if self.cursors.len() > share {
            let surplus: Vec<i32> = self.cursors.keys().skip(share).copied().collect();
            self.give_back(db, &surplus).await?;
        } else if self.cursors.len() < share {
            self.take(db, share).await?;
        }
        Ok(())
    }

    async fn take(&mut self, db: &Db, share: usize) -> anyhow::Result<()> {
        let Some(bundle) = &mut self.bundle else {
            return Ok(());
        };
        let wanted: Vec<i32> = (0..PARTS)
            .filter(|part| !self.cursors.contains_key(part))
            .collect();
        let names: Vec<String> = wanted.iter().copied().map(lease_name).collect();
        let taken = bundle
            .take(db, &names, share.saturating_sub(self.cursors.len()))
            .await?;
        let taken: Vec<i32> = wanted
            .into_iter()
            .filter(|part| taken.contains(&lease_name(*part)))
            .collect();
        if !taken.is_empty() {
            tracing::info!(parts = taken.len(), "Matching {} more parts", taken.len());
            // Behind the lease: nobody else moves them any more.
            match load(db, &taken).await {
                Ok(cursors) => self.cursors.extend(cursors),
                Err(error) => {
                    // Held without being read they would be nobody's.
                    let names: Vec<String> = taken.iter().copied().map(lease_name).collect();
                    let released = bundle.release(db, &names).await;
                    return released.and(Err(error));
                }
            }
        }
        Ok(())
    }

    async fn give_back(&mut self, db: &Db, parts: &[i32]) -> anyhow::Result<()> {
        for part in parts {
            self.cursors.remove(part);
        }
        let names: Vec<String> = parts.iter().copied().map(lease_name).collect();
        if let Some(bundle) = &mut self.bundle {
            bundle.release(db, &names).await?;
        }
        Ok(())
    }

    /// Whether it is time to [`keep`](Self::keep) what it has.
    pub(super) fn is_due(&self) -> bool {
        self.kept
            .is_none_or(|kept| kept.elapsed() > self.lasting / 4)
    }

    /// Holds what it has, and looks at nothing else.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub(super) async fn renew(&self, db: &Db) -> anyhow::Result<()> {
        match &self.bundle {
            Some(bundle) => bundle.renew(db).await,
            None => Ok(()),
        }
    }

    /// The parts it has.
    pub(super) fn held(&self) -> BTreeSet<i32> {
        self.cursors.keys().copied().collect()
    }

    /// The parts that are farthest behind.
    pub(super) fn hindmost(&self) -> Option<Group> {
        let seq = self.cursors.values().map(|cursor| cursor.seq).min()?;
        let (here, ahead): (Vec<_>, Vec<_>) = self
            .cursors
            .iter()
            .partition(|(_, cursor)| cursor.seq == seq);
        Some(Group {
            parts: here.into_iter().map(|(part, _)| *part).collect(),
            seq,
            until: ahead.into_iter().map(|(_, cursor)| cursor.seq).min(),
        })
    }

    /// Within the transaction that writes what these parts were told up to `to`: makes sure they
    /// are still ours, and moves their cursors.
    ///
    /// # Errors
    /// [`lease::Lost`], [`Moved`]: roll back. Those of the database.
    pub(super) async fn advance(
        &self,
        tx: &impl ConnectionTrait,
        parts: &BTreeSet<i32>,
        to: i64,
    ) -> anyhow::Result<()> {
        if let Some(bundle) = &self.bundle {
            bundle.confirm(tx).await?;
        }
        let mut by_place: BTreeMap<i64, Vec<i32>> = BTreeMap::new();
        for (part, cursor) in &self.cursors {
            if parts.contains(part) && cursor.stored != to {
                by_place.entry(cursor.stored).or_default().push(*part);
            }
        }
        for (stored, parts) in by_place {
            let text = format!(
                "update matcher_cursors set seq = $1 where seq = $2 and part in {}",
                placeholders(1, parts.len(), 3)
            );
            let values: Vec<Value> = [to.into(), stored.into()]
                .into_iter()
                .chain(parts.iter().map(|part| (*part).into()))
                .collect();
            let done = tx.execute_raw(sql(tx, text, values)).await?;
            anyhow::ensure!(done.rows_affected() == parts.len() as u64, Moved);
        }
        Ok(())
    }

    /// After that transaction's commit.
    pub(super) fn advanced(&mut self, parts: &BTreeSet<i32>, to: i64) {
        for part in parts {
            let cursor = Cursor {
                seq: to,
                stored: to,
            };
            self.cursors.insert(*part, cursor);
        }
    }

    /// Nothing up to `to` concerns these parts: the database is told with the next thing that does,
    /// or by [`store`](Self::store).
    pub(super) fn skip(&mut self, parts: &BTreeSet<i32>, to: i64) {
        for part in parts {
            if let Some(cursor) = self.cursors.get_mut(part) {
                cursor.seq = to;
            }
        }
    }

    /// Tells the database how far each part is.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    pub(super) async fn store(&mut self, db: &Db) -> anyhow::Result<()> {
        let mut behind: BTreeMap<i64, BTreeSet<i32>> = BTreeMap::new();
        for (part, cursor) in &self.cursors {
            if cursor.seq != cursor.stored {
                behind.entry(cursor.seq).or_default().insert(*part);
            }
        }
        for (to, parts) in behind {
            let write = db.begin().await?;
            self.advance(write.tx(), &parts, to).await?;
            write.commit().await?;
            self.advanced(&parts, to);
        }
        Ok(())
    }

    /// Lets everything go that may be somebody else's by now; what is known of it counts no more.
    pub(super) async fn abandon(&mut self, hub: &Hub) {
        self.cursors.clear();
        if let Some(bundle) = &mut self.bundle
            && let Err(error) = bundle.release_all(&hub.db).await
        {
            tracing::debug!(%error, "The parts of the subscriptions were not given back");
        }
        *self = Partitions::new(hub);
    }

    /// Gives everything back.
    pub(super) async fn close(&mut self, db: &Db) {
        let stored = self.store(db).await;
        self.cursors.clear();
        let released = match &mut self.bundle {
            Some(bundle) => bundle.release_all(db).await,
            None => Ok(()),
        };
        if let Err(error) = stored.and(released) {
            tracing::debug!(%error, "The parts of the subscriptions were not given back");
        }
    }
}

fn lease_name(part: i32) -> String {
    format!("subscriptions:{part:02}")
}

/// The cursors of parts. One that is missing starts at the log's end; one beyond it is of a log that
/// was replaced, and starts there too.
async fn load(db: &Db, parts: &[i32]) -> anyhow::Result<BTreeMap<i32, Cursor>> {
    let write = db.begin().await?;
    let end = event_log::end(write.tx()).await?.seq;
    let rows: Vec<String> = (0..parts.len())
        .map(|row| format!("(${}, $1)", row + 2))
        .collect();
    let text = format!(
        "insert into matcher_cursors (part, seq) values {} on conflict (part) do update \
         set seq = excluded.seq where matcher_cursors.seq > excluded.seq",
        rows.join(",")
    );
    let values: Vec<Value> = std::iter::once(end.into())
        .chain(parts.iter().map(|part| (*part).into()))
        .collect();
    write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    let text = format!(
        "select part, seq from matcher_cursors where part in {}",
        placeholders(1, parts.len(), 1)
    );
    let values = parts.iter().map(|part| (*part).into()).collect();
    let mut cursors = BTreeMap::new();
    for row in write
        .tx()
        .query_all_raw(sql(write.tx(), text, values))
        .await?
    {
        let seq: i64 = row.try_get("", "seq")?;
        cursors.insert(row.try_get("", "part")?, Cursor { seq, stored: seq });
    }
    write.commit().await?;
    Ok(cursors)
}
