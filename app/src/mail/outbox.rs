//! Mails of a hub without `SMTP_URL` that only its own machine reaches: kept, the newest 500, and
//! shown at `/outbox`.

mod admission;
mod pages;
mod routes;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

pub use self::routes::router;
use super::Mail;
use crate::db::{Db, sql};

/// Mails kept; older ones go.
pub const KEPT: i64 = 500;

/// A mail that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Ours; grows with time.
    pub id: Uuid,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its HTML.
    pub html: String,
    /// As it would have gone over the wire.
    pub source: String,
}

const COLUMNS: &str = "id, kept_at, recipient, subject, body_text, body_html, source";

/// All of them, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn all(db: &impl ConnectionTrait) -> anyhow::Result<Vec<Kept>> {
    let text = format!("select {COLUMNS} from outbox order by kept_at desc, id desc limit $1");
    let rows = db.query_all_raw(sql(db, text, vec![KEPT.into()])).await?;
    rows.iter().map(read).collect()
}

/// One of them.
///
/// # Errors
/// Those of the database.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> anyhow::Result<Option<Kept>> {
    let text = format!("select {COLUMNS} from outbox where id = $1");
    let row = db.query_one_raw(sql(db, text, vec![id.into()])).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &QueryResult) -> anyhow::Result<Kept> {
    Ok(Kept {
        id: row.try_get("", "id")?,
        at: row.try_get("", "kept_at")?,
        to: row.try_get("", "recipient")?,
        subject: row.try_get("", "subject")?,
        text: row.try_get("", "body_text")?,
        html: row.try_get("", "body_html")?,
        source: row.try_get("", "source")?,
    })
}

/// Keeps one.
///
/// # Errors
/// Those of the database.
pub(super) async fn keep(
    db: &Db,
    mail: &Mail,
    source: &[u8],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let write = db.begin().await?;
    let insert = format!("insert into outbox ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7)");
    let values = vec![
        Uuid::now_v7().into(),
        now.into(),
        mail.to.as_str().into(),
        mail.subject.as_str().into(),
        mail.text.as_str().into(),
        mail.html.as_str().into(),
        String::from_utf8_lossy(source).into_owned().into(),
    ];
    write
        .tx()
        .execute_raw(sql(write.tx(), insert, values))
        .await?;
    let prune = "delete from outbox where id not in \
                 (select id from outbox order by kept_at desc, id desc limit $1)";
    let values = vec![KEPT.into()];
    write
        .tx()
        .execute_raw(sql(write.tx(), prune, values))
        .await?;
    write.commit().await?;
    Ok(())
}
