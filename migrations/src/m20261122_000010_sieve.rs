//! Where an activity lies and how far it reaches, for the index by sky: `sky_x`, `sky_y`, `sky_z`, a
//! direction as a vector of 16,383 steps, and `sky_reach`, a chord in the same steps.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

/// The defaults say of rows from before that they may lie anywhere: they are read to be told, until
/// they are written again. The index has a name of its own, because another connection to an SQLite
/// file may take the old one for still there.
const UP: &str = "
alter table activities add column sky_x smallint not null default 0;
alter table activities add column sky_y smallint not null default 0;
alter table activities add column sky_z smallint not null default 0;
alter table activities add column sky_reach smallint not null default 32767;
drop index activities_by_sky;
create index activities_by_place on activities
    (sky_key, t_min, id, t_max, sky_x, sky_y, sky_z, sky_reach);
";

/// Older versions would leave these columns as they are when they move an activity, which was then
/// not found where it is. Without defaults nothing that one of them writes is taken; on SQLite, which
/// cannot drop defaults, there is one process.
const UP_POSTGRES: &str = "
alter table activities alter column sky_x drop default;
alter table activities alter column sky_y drop default;
alter table activities alter column sky_z drop default;
alter table activities alter column sky_reach drop default;
";

const DOWN: &str = "
drop index activities_by_place;
alter table activities drop column sky_reach;
alter table activities drop column sky_z;
alter table activities drop column sky_y;
alter table activities drop column sky_x;
create index activities_by_sky on activities (sky_key, t_min, id, t_max);
";

/// The columns.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing: the index takes a while to build, in which anything may happen.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            dialect::run(manager, UP).await?;
            return dialect::run(manager, UP_POSTGRES).await;
        }
        // To sort the keys of millions takes 120 bytes each: in a file, if this connection has nothing
        // temporary in memory yet.
        let _ = dialect::run(manager, "pragma temp_store = file").await;
        dialect::run(manager, UP).await?;
        let _ = dialect::run(manager, "pragma temp_store = memory").await;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}
