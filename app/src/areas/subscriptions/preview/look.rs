//! Looking back, newest first, for as long as there is time.

use std::sync::Arc;

use anyhow::Context;
use sea_orm::DatabaseTransaction;
use tokio::time::{Instant, timeout_at};

use super::counting::{Rules, Tally};
use crate::areas::activities::recall::{self, Recent, Span, Told};

/// Activities whose lines are read at once.
const CHUNK: usize = 200;
/// Places of the log whose activities are looked for at once, when all of them have to be.
const STRETCH: i64 = 5_000;

/// A look back: where it is made, how far it reaches, until when it may take.
pub(super) struct Look<'a> {
    /// Read only.
    pub(super) tx: &'a DatabaseTransaction,
    /// How far.
    pub(super) span: Span,
    /// The log's end.
    pub(super) end: i64,
    /// When the time is up.
    pub(super) deadline: Instant,
}

/// What was found.
pub(super) struct Seen {
    /// The counts.
    pub(super) tally: Tally,
    /// Everything behind this place was looked at; none when that is the whole span.
    pub(super) cut_at: Option<i64>,
}

impl Look<'_> {
    /// Counts by rules.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn count(&self, rules: &Arc<Rules>) -> anyhow::Result<Seen> {
        let mut tally = Tally::default();
        let mut cut_at = Some(self.end);
        self.walk(rules, &mut tally, &mut cut_at).await?;
        if let Some(seq) = cut_at {
            tally.forget_up_to(seq);
        }
        Ok(Seen { tally, cut_at })
    }

    /// Whether there is time left.
    pub(super) fn has_time(&self) -> bool {
        Instant::now() < self.deadline
    }

    /// Asks the database, and gives up when the time is.
    async fn in_time<T>(
        &self,
        question: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<Option<T>> {
        if !self.has_time() {
            return Ok(None);
        }
        match timeout_at(self.deadline, question).await {
            Ok(Ok(answer)) => Ok(Some(answer)),
            // The database was told when to stop, too.
            Ok(Err(error)) if self.has_time() => Err(error),
            Ok(Err(_)) | Err(_) => Ok(None),
        }
    }

    async fn walk(
        &self,
        rules: &Arc<Rules>,
        tally: &mut Tally,
        cut_at: &mut Option<i64>,
    ) -> anyhow::Result<()> {
        let filter = &rules.filter;
        let rare = recall::by_what_is_rare(self.tx, filter, self.span);
        let Some(rare) = self.in_time(rare).await? else {
            return Ok(());
        };
        if let Some(all) = rare {
            if self.take_all(rules, &all, tally, cut_at).await? {
                *cut_at = None;
            }
            return Ok(());
        }
        let mut upto = self.end;
        while upto > self.span.seq {
            let behind = upto.saturating_sub(STRETCH).max(self.span.seq);
            let some = recall::by_stretch(self.tx, filter, (behind, upto), self.span.since);
            let Some(some) = self.in_time(some).await? else {
                return Ok(());
            };
            if !self.take_all(rules, &some, tally, cut_at).await? {
                return Ok(());
            }
            *cut_at = Some(behind);
            upto = behind;
        }
        *cut_at = None;
        Ok(())
    }

    /// Takes in activities, newest event first; whether there was time for all of them.
    async fn take_all(
        &self,
        rules: &Arc<Rules>,
        all: &[Recent],
        tally: &mut Tally,
        cut_at: &mut Option<i64>,
    ) -> anyhow::Result<bool> {
        for chunk in all.chunks(CHUNK) {
            let lines = recall::lines(self.tx, chunk, self.span.seq);
            let Some(lines) = self.in_time(lines).await? else {
                return Ok(false);
            };
            let (rules, mut counting) = (Arc::clone(rules), std::mem::take(tally));
            let deadline = self.deadline;
            // Reading snapshots takes the processor, not the database.
            let counted = tokio::task::spawn_blocking(move || {
                let all = take_chunk(&rules, &lines, &mut counting, deadline);
                (all, counting)
            });
            let (done, counting) = counted.await.context("counting a preview")?;
            *tally = counting;
            if !done? {
                return Ok(false);
            }
            if let Some(last) = chunk.last() {
                *cut_at = Some(last.seq - 1);
            }
        }
        Ok(true)
    }
}

fn take_chunk(
    rules: &Rules,
    lines: &[Told],
    tally: &mut Tally,
    deadline: Instant,
) -> anyhow::Result<bool> {
    for of_one in lines.chunk_by(|one, next| one.activity_id == next.activity_id) {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        tally.take(rules, of_one)?;
    }
    Ok(true)
}
