//! When activities of a source were first seen, in order.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// The index of arrivals.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let up = "create index activities_by_arrival on activities (source, first_seen);\n";
        dialect::run(manager, up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, "drop index activities_by_arrival;\n").await
    }
}
