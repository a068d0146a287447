//! Several things held at once, each with its number, confirmed in one statement.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::{Lost, at, times};
use crate::db::{Db, placeholders, sql};

/// The leases of one holder.
#[derive(Clone, Debug)]
pub struct Bundle {
    holder: String,
    lasting: Duration,
    /// Names and numbers.
    held: BTreeMap<String, i64>,
}

impl Bundle {
    /// A bundle that holds nothing yet; what it takes it takes for `lasting`.
    #[must_use]
    pub fn new(lasting: Duration) -> Bundle {
        Bundle {
            holder: Uuid::new_v4().simple().to_string(),
            lasting,
            held: BTreeMap::new(),
        }
    }

    /// A name of this holder's own.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// How many things are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Takes those of `names` that nobody holds, `most` at most. Answers which.
    ///
    /// # Errors
    /// Those of the database; then none was taken.
    pub async fn take(
        &mut self,
        db: &Db,
        names: &[String],
        most: usize,
    ) -> anyhow::Result<Vec<String>> {
        let mut free = self.free(db, names).await?;
        free.truncate(most);
        if free.is_empty() {
            return Ok(Vec::new());
        }
        let write = db.begin().await?;
        let (now, until) = times(write.tx().get_database_backend(), self.lasting);
        let rows: Vec<String> = (0..free.len())
            .map(|row| format!("(${}, $1, 1, {until})", row + 2))
            .collect();
        let text = format!(
            "insert into leases (name, holder, lease_no, until) values {} \
             on conflict (name) do update set holder = excluded.holder, \
             lease_no = leases.lease_no + 1, until = excluded.until \
             where leases.until <= {now} returning name, lease_no",
            rows.join(",")
        );
        let values: Vec<Value> = std::iter::once(self.holder.as_str().into())
            .chain(free.iter().map(|name| name.as_str().into()))
            .collect();
        let mut taken = Vec::new();
        for row in write
            .tx()
            .query_all_raw(sql(write.tx(), text, values))
            .await?
        {
            let name: String = row.try_get("", "name")?;
            taken.push((name, row.try_get("", "lease_no")?));
        }
        write.commit().await?;
        let names = taken.iter().map(|(name, _)| name.clone()).collect();
        self.held.extend(taken);
        Ok(names)
    }

    /// Those of `names` that nobody holds at this moment, in their order. Who has them is asked
    /// first, so that a taker never waits for the rows of a holder.
    async fn free(&self, db: &Db, names: &[String]) -> anyhow::Result<Vec<String>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let (now, _) = times(db.own().get_database_backend(), Duration::ZERO);
        let text = format!(
            "select name from leases where until > {now} and name in {}",
            placeholders(1, names.len(), 1)
        );
        let values = names.iter().map(|name| name.as_str().into()).collect();
        let mut held = BTreeSet::new();
        for row in db.own().query_all_raw(sql(db.own(), text, values)).await? {
            held.insert(row.try_get::<String>("", "name")?);
        }
        let free = names.iter().filter(|name| !held.contains(*name));
        Ok(free.cloned().collect())
    }

    /// Within a transaction: makes sure everything is still ours, and holds it anew. Nobody can
    /// take any of it before the transaction ends.
    ///
    /// # Errors
    /// [`Lost`] when something is not: roll back. Those of the database.
    pub async fn confirm(&self, tx: &impl ConnectionTrait) -> anyhow::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let (_, until) = times(tx.get_database_backend(), self.lasting);
        let text = format!(
            "update leases set until = {until} where holder = $1 and (name, lease_no) in (values {})",
            placeholders(self.held.len(), 2, 2)
        );
        let numbered = self.held.iter();
        let values = std::iter::once(self.holder.as_str().into())
            .chain(numbered.flat_map(|(name, number)| [name.as_str().into(), (*number).into()]))
            .collect();
        let done = tx.execute_raw(sql(tx, text, values)).await?;
        if done.rows_affected() == self.held.len() as u64 {
            return Ok(());
        }
        Err(Lost(self.held.keys().next().cloned().unwrap_or_default()).into())
    }

    /// Holds everything anew.
    ///
    /// # Errors
    /// As [`Bundle::confirm`].
    pub async fn renew(&self, db: &Db) -> anyhow::Result<()> {
        let write = db.begin().await?;
        self.confirm(write.tx()).await?;
        Ok(write.commit().await?)
    }

    /// Gives some of it back before its time. What was lost meanwhile is left alone.
    ///
    /// # Errors
    /// Those of the database; it then runs out by itself.
    pub async fn release(&mut self, db: &Db, names: &[String]) -> anyhow::Result<()> {
        let names: Vec<&String> = names
            .iter()
            .filter(|name| self.held.remove(*name).is_some())
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        let write = db.begin().await?;
        let (now, _) = times(write.tx().get_database_backend(), Duration::ZERO);
        let text = format!(
            "update leases set until = {now} where holder = $1 and name in {}",
            placeholders(1, names.len(), 2)
        );
        let values = std::iter::once(self.holder.as_str().into())
            .chain(names.iter().map(|name| name.as_str().into()))
            .collect();
        write
            .tx()
            .execute_raw(sql(write.tx(), text, values))
            .await?;
        Ok(write.commit().await?)
    }

    /// Gives everything back before its time.
    ///
    /// # Errors
    /// As [`Bundle::release`].
    pub async fn release_all(&mut self, db: &Db) -> anyhow::Result<()> {
        let names: Vec<String> = self.held.keys().cloned().collect();
        self.release(db, &names).await
    }
}

/// How many leases whose names begin so are held at this moment.
///
/// # Errors
/// Those of the database.
pub async fn held(db: &Db, beginning: &str) -> anyhow::Result<usize> {
    let (now, _) = times(db.own().get_database_backend(), Duration::ZERO);
    let text = format!("select count(*) as n from leases where name like $1 and until > {now}");
    let values = vec![format!("{beginning}%").into()];
    let row = db.own().query_one_raw(sql(db.own(), text, values)).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "n"))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Forgets leases whose names begin so and that nobody has held for a day: those of processes.
///
/// # Errors
/// Those of the database.
pub async fn forget(db: &Db, beginning: &str) -> anyhow::Result<()> {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let write = db.begin().await?;
    let yesterday = at(write.tx().get_database_backend(), -DAY.as_secs_f64());
    let text = format!("delete from leases where name like $1 and until < {yesterday}");
    let values = vec![format!("{beginning}%").into()];
    write
        .tx()
        .execute_raw(sql(write.tx(), text, values))
        .await?;
    Ok(write.commit().await?)
}
