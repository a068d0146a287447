//! What is kept of an account, for its owner to take away, and what else keeps something of it.

use async_trait::async_trait;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::Account;
use super::me::Keepers;
use super::payloads::AccountOut;
use super::{sessions, sites, tokens};
use crate::error::Result;
use crate::hub::Hub;

/// What is left to do once the deletion of an account has been committed.
pub type Afterwards = Box<dyn FnOnce(&Hub) + Send>;

/// Another area that keeps things of accounts. Accounts know none of them by name: `areas` lists
/// them.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// Under which name its things stand in the export.
    fn name(&self) -> &'static str;

    /// What it keeps of an account, without secrets.
    ///
    /// # Errors
    /// Those of the database.
    async fn export(&self, hub: &Hub, account: Uuid) -> anyhow::Result<Value>;

    /// Lets go of what no foreign key takes away, in the transaction that deletes the account.
    ///
    /// # Errors
    /// Those of the database.
    async fn forget(
        &self,
        hub: &Hub,
        tx: &DatabaseTransaction,
        account: Uuid,
    ) -> anyhow::Result<Afterwards>;
}

/// The whole document.
///
/// # Errors
/// Those of the database.
pub(super) async fn document(hub: &Hub, account: Account, keepers: &Keepers) -> Result<Value> {
    let (db, id, now) = (hub.db.read(), account.id, hub.clock.now());
    let mut document = Map::new();
    let mut put = |name: &str, part: Value| document.insert(name.to_owned(), part);
    put("exported_at", json!(now));
    put("account", json!(AccountOut::from(account)));
    put(
        "sessions",
        json!(sessions::of_account(db, id, None, now).await?),
    );
    put("tokens", json!(tokens::of_account(db, id).await?));
    put("sites", json!(sites::sites(db, id).await?));
    for keeper in keepers.iter() {
        put(keeper.name(), keeper.export(hub, id).await?);
    }
    Ok(Value::Object(document))
}
