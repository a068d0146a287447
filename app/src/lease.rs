//! Leases: who may do a thing that must not be done twice at once, and a fence for what they write.
//!
//! A lease only saves work. Its number grows with each holder, and whatever a holder writes is
//! written in a transaction that first [confirms](Lease::confirm) the number: a holder that slept
//! past its time writes nothing. Times are the database's, so clocks of machines do not matter.

mod bundle;

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

pub use self::bundle::{Bundle, forget, held};
use crate::db::{Db, sql};

/// A thing held for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    holder: String,
    number: i64,
    lasting: Duration,
}

/// Somebody else took the lease.
#[derive(Debug, thiserror::Error)]
#[error("the lease {0:?} was lost to another process")]
pub struct Lost(String);

impl Lease {
    /// Takes `name` for `lasting`, unless somebody holds it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take(db: &Db, name: &str, lasting: Duration) -> anyhow::Result<Option<Lease>> {
        let holder = Uuid::new_v4().simple().to_string();
        let (now, until) = times(db.read().get_database_backend(), lasting);
        let text = format!(
            "insert into leases (name, holder, lease_no, until) values ($1, $2, 1, {until}) \
             on conflict (name) do update set holder = excluded.holder, \
             lease_no = leases.lease_no + 1, until = excluded.until \
             where leases.until <= {now} returning lease_no"
        );
        let write = db.begin().await?;
        let values = vec![name.into(), holder.as_str().into()];
        let row = write
            .tx()
            .query_one_raw(sql(write.tx(), text, values))
            .await?;
        let number = row.map(|row| row.try_get("", "lease_no")).transpose()?;
        write.commit().await?;
        Ok(number.map(|number| Lease {
            name: name.to_owned(),
            holder,
            number,
            lasting,
        }))
    }

    /// Within a transaction: makes sure the lease is still ours, and holds it anew. Nobody can take
    /// it before the transaction ends.
    ///
    /// # Errors
    /// [`Lost`] when it is not: roll back. Those of the database.
    pub async fn confirm(&self, tx: &impl ConnectionTrait) -> anyhow::Result<()> {
        let (_, until) = times(tx.get_database_backend(), self.lasting);
        let text = format!(
            "update leases set until = {until} where name = $1 and holder = $2 and lease_no = $3"
        );
        let values = vec![
            self.name.as_str().into(),
            self.holder.as_str().into(),
            self.number.into(),
        ];
        if tx.execute_raw(sql(tx, text, values)).await?.rows_affected() == 1 {
            return Ok(());
        }
        Err(Lost(self.name.clone()).into())
    }

    /// Holds it anew.
    ///
    /// # Errors
    /// [`Lost`] when somebody else took it. Those of the database.
    pub async fn renew(&self, db: &Db) -> anyhow::Result<()> {
        let write = db.begin().await?;
        self.confirm(write.tx()).await?;
        Ok(write.commit().await?)
    }

    /// Gives it back before its time.
    ///
    /// # Errors
    /// Those of the database; the lease then runs out by itself.
    pub async fn release(self, db: &Db) -> anyhow::Result<()> {
        let write = db.begin().await?;
        let (now, _) = times(write.tx().get_database_backend(), Duration::ZERO);
        let text = format!(
            "update leases set until = {now} where name = $1 and holder = $2 and lease_no = $3"
        );
        let values = vec![self.name.into(), self.holder.into(), self.number.into()];
        write
            .tx()
            .execute_raw(sql(write.tx(), text, values))
            .await?;
        Ok(write.commit().await?)
    }
}

/// The database's time now, and `lasting` from now, as SQL.
fn times(backend: DbBackend, lasting: Duration) -> (String, String) {
    (at(backend, 0.0), at(backend, lasting.as_secs_f64()))
}

/// The database's time so many seconds from now, as SQL.
fn at(backend: DbBackend, seconds: f64) -> String {
    match backend {
        DbBackend::Sqlite => {
            format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '{seconds:+} seconds')")
        }
        _ => format!("(clock_timestamp() + interval '{seconds} seconds')"),
    }
}
