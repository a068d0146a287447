//! The only way in: what connectors and the clock learn becomes rows and events, in one transaction.

use domain::{Claim, Record};

use super::changes::{Changes, RepeatedStarts};
use super::commit::commit;
use super::row;
use crate::db::Attempts;
use crate::hub::Hub;
use crate::lease::Lease;

/// Most records of one transaction.
pub const BATCH: usize = 500;

/// What became of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// First seen.
    pub new: usize,
    /// Known, and different now.
    pub changed: usize,
    /// Known, and the same.
    pub unchanged: usize,
    /// Gone from the plan.
    pub withdrawn: usize,
    /// Known, and told so differently that a second harvest has to say so too: as yet unchanged.
    #[serde(skip)]
    pub doubted: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.new += more.new;
        self.changed += more.changed;
        self.unchanged += more.unchanged;
        self.withdrawn += more.withdrawn;
        self.doubted += more.doubted;
    }
}

/// Who tells, and how it is to be taken.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// The source.
    pub source: &'a str,
    /// All of it is news only to us (a first harvest, a stretch asked for by hand).
    pub backfill: bool,
    /// The source plays the demo.
    pub demo: bool,
    /// Held by whoever tells; every write carries its fence.
    pub lease: Option<&'a Lease>,
}

/// Applies records in batches, each in a transaction of its own.
///
/// # Errors
/// Those of the database; batches before the one that failed stay.
pub async fn apply(hub: &Hub, telling: Telling<'_>, records: &[&Record]) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    let repeated = repeated_starts(records);
    for batch in primes_first(records).chunks(BATCH) {
        let mut attempts = Attempts::default();
        counts += loop {
            match apply_batch(hub, telling, batch, &repeated).await {
                Err(error) if attempts.again(&error).await => {}
                done => break done?,
            }
        };
    }
    Ok(counts)
}

async fn apply_batch(
    hub: &Hub,
    telling: Telling<'_>,
    records: &[&Record],
    repeated: &RepeatedStarts,
) -> anyhow::Result<Counts> {
    if let Some(counts) = nothing_new(hub, telling, records, repeated).await? {
        return Ok(counts);
    }
    let write = hub.db.begin().await?;
    if let Some(lease) = telling.lease {
        lease.confirm(write.tx()).await?;
    }
    let known = row::lock(write.tx(), telling.source, &obs_ids(records)).await?;
    let mut changes = Changes::new(known, hub.clock.now());
    let counts = changes.learn_all(telling, records, repeated);
    commit(hub, write, changes, Some(telling.source)).await?;
    Ok(counts)
}

/// What a batch comes to in which nothing is news, as mostly nothing is: it is as if it had been
/// told when its rows were read. To lock them first would be a write on PostgreSQL, and after a
/// checkpoint one of each row's whole page.
async fn nothing_new(
    hub: &Hub,
    telling: Telling<'_>,
    records: &[&Record],
    repeated: &RepeatedStarts,
) -> anyhow::Result<Option<Counts>> {
    let known = row::load(hub.db.own(), telling.source, &obs_ids(records)).await?;
    if known.is_empty() {
        return Ok(None);
    }
    let mut changes = Changes::new(known, hub.clock.now());
    let counts = changes.learn_all(telling, records, repeated);
    Ok(changes.touched.is_empty().then_some(counts))
}

/// What [`apply`] would lead to; nothing is written.
///
/// # Errors
/// Those of the database.
pub async fn rehearse(
    hub: &Hub,
    telling: Telling<'_>,
    records: &[&Record],
) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    let repeated = repeated_starts(records);
    for batch in primes_first(records).chunks(BATCH) {
        let known = row::load(hub.db.read(), telling.source, &obs_ids(batch)).await?;
        counts += Changes::new(known, hub.clock.now()).learn_all(telling, batch, &repeated);
    }
    Ok(counts)
}

fn repeated_starts(records: &[&Record]) -> RepeatedStarts {
    let mut starts = RepeatedStarts::new();
    for record in records.iter().filter(|record| record.claim == Claim::Plan) {
        starts
            .entry(record.obs_id.clone())
            .or_default()
            .extend(record.facts.t_min);
    }
    starts.retain(|_, starts| starts.len() > 1);
    starts
}

/// The records in the order of their starts, parallels behind all primes: a parallel has to find the
/// prime it runs beside.
fn primes_first<'a>(records: &[&'a Record]) -> Vec<&'a Record> {
    let mut sorted = records.to_vec();
    sorted.sort_by_key(|record| (record.parallel_of.is_some(), record.facts.t_min));
    sorted
}

/// The identifiers records speak of, each once, in order.
fn obs_ids<'a>(records: &[&'a Record]) -> Vec<&'a str> {
    let mut obs_ids: Vec<&str> = records
        .iter()
        .flat_map(|record| [Some(record.obs_id.as_str()), record.parallel_of.as_deref()])
        .flatten()
        .collect();
    obs_ids.sort_unstable();
    obs_ids.dedup();
    obs_ids
}
