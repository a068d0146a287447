//! Mails of a hub without `SMTP_URL` that only its own machine reaches: kept, the newest 500.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Mail;
use crate::db::{Db, sql};

/// Mails kept; older ones go.
pub const KEPT: i64 = 500;

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
    let insert = "insert into outbox (id, kept_at, recipient, subject, body_text, body_html, source) \
                  values ($1, $2, $3, $4, $5, $6, $7)";
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
