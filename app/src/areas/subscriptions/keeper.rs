//! What the area keeps of an account, for its export and its end.

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{delivery_routes, model, port, write};
use crate::areas::accounts::{Afterwards, Keeper};
use crate::hub::Hub;

/// The subscriptions of an account.
pub struct Subscriptions;

#[async_trait]
impl Keeper for Subscriptions {
    fn name(&self) -> &'static str {
        "subscriptions"
    }

    async fn export(&self, hub: &Hub, account: Uuid) -> anyhow::Result<Value> {
        Ok(serde_json::to_value(port::export(hub, account).await?)?)
    }

    async fn forget(
        &self,
        hub: &Hub,
        tx: &DatabaseTransaction,
        account: Uuid,
    ) -> anyhow::Result<Afterwards> {
        let version = write::bury_all_of(tx, account, hub.clock.now()).await?;
        Ok(Box::new(move |hub| write::announce(hub, version)))
    }
}

/// Most deliveries in an export, shared equally among the subscriptions, so that no account is too
/// large to be taken away.
const EXPORTED: usize = 10_000;

/// What the subscriptions of an account were told, by their ids, the newest first: so many of each,
/// and whether that is all.
pub struct Deliveries;

#[async_trait]
impl Keeper for Deliveries {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    async fn export(&self, hub: &Hub, account: Uuid) -> anyhow::Result<Value> {
        let names = hub.catalogue.as_ref();
        let subscriptions = model::of_account(hub.db.read(), names, account).await?;
        let of_each = EXPORTED / subscriptions.len().max(1);
        let (mut told, mut complete) = (Map::new(), true);
        for subscription in subscriptions {
            let (newest, more) = delivery_routes::newest(hub, subscription.id, of_each).await?;
            told.insert(subscription.id.to_string(), json!(newest));
            complete &= !more;
        }
        Ok(json!({
            "newest_of_each": of_each,
            "complete": complete,
            "by_subscription": told,
        }))
    }

    /// Nothing: they go with their subscriptions.
    async fn forget(
        &self,
        _: &Hub,
        _: &DatabaseTransaction,
        _: Uuid,
    ) -> anyhow::Result<Afterwards> {
        Ok(Box::new(|_| {}))
    }
}
