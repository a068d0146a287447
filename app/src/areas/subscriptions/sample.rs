//! "Send me a sample": an event of the past, told as if it were news.

use std::collections::BTreeSet;

use domain::{Envelope, Keys};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::model::{Channel, EVENTS, Subscription};
use super::parcel::Parcel;
use super::why::why;
use super::{ledger, sites, tasks};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::hub::Hub;

/// Newest lines of the log that are looked through for one that fits.
const LOOKED_AT: u64 = 500;

/// Queues a sample by each channel of a subscription; what was queued. It stands in the ledger like
/// everything that is sent, at a place of no log.
///
/// # Errors
/// When there is nothing to show yet, no mail can be sent, and those of the database.
pub(super) async fn queue(
    hub: &Hub,
    subscription: &Subscription,
) -> Result<Vec<(Uuid, &'static str)>> {
    let mails = |channel: &Channel| !matches!(channel, Channel::Webhook { .. });
    if subscription.channels.iter().any(mails) && !hub.mailer.works() {
        return Err(Error::NoMail);
    }
    let shown = pick(hub, subscription).await?;
    let now = hub.clock.now();
    let reason = match shown.fits {
        true => why(&subscription.filter, &shown.envelope.activity, now),
        false => "a sample: nothing of late matches".to_owned(),
    };
    let envelope = shown.envelope;
    let write = hub.db.begin().await?;
    let mut queued = Vec::new();
    for channel in &subscription.channels {
        let id = Uuid::now_v7();
        let text = "insert into deliveries (id, subscription_id, seq, snapshot_seq, event, channel, \
            activity_id, once_key, late, correction, sample, why, state, next_try_at, message_id, \
            created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, false, false, true, $9, 'queued', \
            $10, $11, $10)";
        let values = vec![
            id.into(),
            subscription.id.into(),
            place(id).into(),
            envelope.seq.into(),
            envelope.event.as_str().into(),
            channel.name().into(),
            envelope.activity.id.into(),
            format!("sample {id}").into(),
            reason.as_str().into(),
            now.into(),
            hub.mailer.message_id(&id.simple().to_string()).into(),
        ];
        write
            .tx()
            .execute_raw(sql(write.tx(), text, values))
            .await?;
        queued.push((id, channel.name()));
    }
    write.commit().await?;
    for (id, _) in &queued {
        tasks::queue(hub, Parcel::Delivery(*id)).await?;
    }
    Ok(queued)
}

/// Below zero, where no line of the log is, and another for each sample.
fn place(id: Uuid) -> i64 {
    let (high, low) = id.as_u64_pair();
    let positive = (high ^ low.rotate_left(17)) >> 2;
    -1 - i64::try_from(positive).unwrap_or(0)
}

struct Shown {
    envelope: Envelope,
    /// The subscription would have been told of it.
    fits: bool,
}

/// The newest event the subscription would have been told of; else the newest that it could be told
/// of with another filter.
async fn pick(hub: &Hub, subscription: &Subscription) -> Result<Shown> {
    let db = hub.db.read();
    let text = format!("select seq from events order by seq desc limit {LOOKED_AT}");
    let mut places = BTreeSet::new();
    for row in db.query_all_raw(sql(db, text, vec![])).await? {
        places.insert(row.try_get("", "seq")?);
    }
    let mut lines: Vec<Envelope> = ledger::envelopes(db, &places)
        .await?
        .into_values()
        .collect();
    lines.retain(|line| EVENTS.contains(&line.event));
    lines.sort_by_key(|line| std::cmp::Reverse(line.seq));
    if let Some(filter) = sites::resolved(hub, subscription).await? {
        let passes = |line: &Envelope| {
            let keys = Keys::of(&line.activity);
            filter.matches(&line.activity, &keys, None, line.at)
        };
        let wanted = |line: &Envelope| subscription.events.contains(&line.event);
        let best = lines.iter().position(|line| wanted(line) && passes(line));
        let best = best.or_else(|| lines.iter().position(passes));
        if let Some(best) = best {
            let envelope = lines.swap_remove(best);
            return Ok(Shown {
                envelope,
                fits: true,
            });
        }
    }
    let newest = lines.into_iter().next();
    let envelope = newest.ok_or_else(|| {
        Error::Conflict("there is no event yet to make a sample of; try again later".to_owned())
    })?;
    Ok(Shown {
        envelope,
        fits: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_places_of_their_own_below_the_log() {
        let places: BTreeSet<i64> = (0..1000).map(|_| place(Uuid::now_v7())).collect();
        assert_eq!(places.len(), 1000);
        assert!(places.iter().all(|place| *place < 0));
        assert!(place(Uuid::nil()) < 0 && place(Uuid::max()) < 0);
    }
}
