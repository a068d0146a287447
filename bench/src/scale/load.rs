//! What `scale` lays on the hub: clients and subscriptions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::db::sql;
use app::hub::Hub;
use futures_util::StreamExt;
use sea_orm::ConnectionTrait;
use tokio::task::JoinSet;
use tokio_tungstenite::connect_async;

use super::process::Process;

/// Clients of each process in turn, that count what they get.
pub(super) async fn connect(
    webs: &[Process],
    count: usize,
    frames: &Arc<AtomicU64>,
) -> anyhow::Result<JoinSet<()>> {
    let mut clients = JoinSet::new();
    for web in webs.iter().cycle().take(count) {
        let url = format!("ws://127.0.0.1:{}/api/activities/live", web.port());
        let (mut stream, _) = connect_async(url).await?;
        let frames = Arc::clone(frames);
        clients.spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let is_event = message
                    .to_text()
                    .is_ok_and(|text| text.starts_with("{\"type\":\"activity\""));
                frames.fetch_add(u64::from(is_event), Ordering::Relaxed);
            }
        });
    }
    Ok(clients)
}

/// One account with very many subscriptions.
pub(super) async fn subscribe(hub: &Hub, count: usize) -> anyhow::Result<()> {
    let write = hub.db.begin().await?;
    let tx = write.tx();
    for text in [
        "insert into accounts (id, email, email_key, role, verified_at, time_zone, created_at) \
         values (gen_random_uuid(), 'bench@example.org', 'bench@example.org', 'user', now(), 'UTC', \
            now())"
            .to_owned(),
        format!(
            "with made as (select gen_random_uuid() as id, n, random() * 359.9 as ra, \
                degrees(asin(2 * random() - 1)) as dec from generate_series(1, {count}) n) \
             insert into subscriptions (id, account_id, name, filter, events, channels, once_per, \
                active, version, active_from_seq, part, created_at, changed_at) \
             select m.id, a.id, 'bench', \
                json_build_object('pos', format('CIRCLE %s %s 1', round(ra::numeric, 4), \
                    round(dec::numeric, 4)))::text, \
                '[\"withdrawn\"]', '[{{\"type\":\"email\",\"when\":\"now\"}}]', 'activity', true, \
                m.n, 0, get_byte(uuid_send(m.id), 15) % 64, now(), now() from made m, accounts a"
        ),
        format!("update subscription_counter set version = {count} where id = 1"),
    ] {
        tx.execute_raw(sql(tx, text, vec![])).await?;
    }
    Ok(write.commit().await?)
}
