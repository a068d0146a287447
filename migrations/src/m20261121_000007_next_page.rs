//! Where somebody who registers was before, so that the link in the mail leads back there.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// The page behind a link.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, "alter table links add column next_page {text};\n").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, "alter table links drop column next_page;\n").await
    }
}
