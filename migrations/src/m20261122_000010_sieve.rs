//! Where an activity lies and how far it reaches, for the index by sky: `sky_x`, `sky_y`, `sky_z`, a
//! direction as a vector of 16,383 steps, and `sky_reach`, a chord in the same steps.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// The defaults say of rows from before that they may lie anywhere: they are read to be told, until
/// they are written again. Older versions would leave these columns as they are when they move an
/// activity, so they have to be stopped before this runs. The index has a name of its own, because
/// another connection to an SQLite file may take the old one for still there.
const UP: &str = "
alter table activities add column sky_x smallint not null default 0;
alter table activities add column sky_y smallint not null default 0;
alter table activities add column sky_z smallint not null default 0;
alter table activities add column sky_reach smallint not null default 32767;
drop index activities_by_sky;
create index activities_by_place on activities
    (sky_key, t_min, id, t_max, sky_x, sky_y, sky_z, sky_reach);
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
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}
