//! Mails of a hub that has no mail server and that only its own machine reaches.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// The outbox.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(
            manager,
            "create table outbox (
                id {uuid} primary key,
                kept_at {timestamp} not null,
                recipient text not null,
                subject text not null,
                body_text text not null,
                body_html text not null,
                source text not null
            );
            create index outbox_by_time on outbox (kept_at, id);
            ",
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, "drop table outbox;\n").await
    }
}
