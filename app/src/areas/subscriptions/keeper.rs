//! What the area keeps of an account, for its export and its end.

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use serde_json::Value;
use uuid::Uuid;

use super::{port, write};
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
