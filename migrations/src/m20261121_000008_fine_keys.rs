//! More in `sky_key`: where in its cell a centre lies, and how large the shape is.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// Eighteen bits below those that were there, of which 254 says that nothing more is known of a
/// row than before. What lasts longer than a day (class of duration 1, bits 40 and 41) has buckets
/// four times as long. Older versions know neither, so they stop.
const UP: &str = "
update activities set sky_key =
    (((((sky_key >> 40) << 16)
       | case when (sky_key >> 40) & 3 = 1 then ((sky_key >> 24) & 65535) >> 2
              else (sky_key >> 24) & 65535 end) << 24
      | (sky_key & 16777215)) << 18) | 254
where sky_key is not null;
";

/// The first of the four buckets stands for them all: what is searched for later is not found, but
/// the version before finds its rows again as they are written.
const DOWN: &str = "
update activities set sky_key =
    ((((sky_key >> 58) << 16)
       | case when (sky_key >> 58) & 3 = 1 then ((sky_key >> 42) & 65535) << 2
              else (sky_key >> 42) & 65535 end) << 24)
      | ((sky_key >> 18) & 16777215)
where sky_key is not null;
";

/// The keys.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing: run twice it would change all keys twice.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}
