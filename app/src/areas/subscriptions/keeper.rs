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

/// Newest deliveries of each subscription in an export.
const EXPORTED: usize = 10_000;

/// What the subscriptions of an account were told, by their ids, newest first.
pub struct Deliveries;

#[async_trait]
impl Keeper for Deliveries {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    async fn export(&self, hub: &Hub, account: Uuid) -> anyhow::Result<Value> {
        let mut told = Map::new();
        let names = hub.catalogue.as_ref();
        for subscription in model::of_account(hub.db.read(), names, account).await? {
            let page = delivery_routes::page(hub, subscription.id, None, EXPORTED).await?;
            told.insert(subscription.id.to_string(), json!(page.items));
        }
        Ok(Value::Object(told))
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
