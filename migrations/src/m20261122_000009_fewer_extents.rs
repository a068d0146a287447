//! Other classes of extent in `sky_key`: up to 0.3°, 2° and 18° instead of 0.1°, 1.5°, 12° and 24°.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// From bit 60 up, a class; from bit 1, seven bits of size, of which 70 is the largest below 0.3°,
/// 121 the largest below 18°, and 127 not known. What had class 4 gets class 2, or 3, which has no
/// cell, when it is larger; what is small enough gets class 0. Whatever else had classes 0 to 2 is
/// found there as before. Older versions write class 4, which is not looked for any more: they
/// have to be stopped before this runs.
const UP: &str = "
update activities set sky_key = sky_key - (cast(2 as bigint) << 60)
where sky_key >= (cast(4 as bigint) << 60) and (sky_key >> 1) & 127 <= 121;
update activities set sky_key =
    (((((cast(3 as bigint) << 18) | ((sky_key >> 42) & 262143)) << 24) << 18) | 254)
where sky_key >= (cast(4 as bigint) << 60);
update activities set sky_key = sky_key - (cast(1 as bigint) << 60)
where sky_key >= (cast(1 as bigint) << 60) and sky_key < (cast(2 as bigint) << 60)
  and (sky_key >> 1) & 127 <= 70;
";

/// Sizes 57, 90 and 116 are the largest below 0.1°, 1.5° and 12°. What has no cell keeps none.
const DOWN: &str = "
update activities set sky_key = sky_key + (cast(2 as bigint) << 60)
where sky_key >= (cast(2 as bigint) << 60) and sky_key < (cast(3 as bigint) << 60)
  and (sky_key >> 1) & 127 between 117 and 126;
update activities set sky_key = sky_key + (cast(1 as bigint) << 60)
where sky_key >= (cast(1 as bigint) << 60) and sky_key < (cast(2 as bigint) << 60)
  and (sky_key >> 1) & 127 between 91 and 126;
update activities set sky_key = sky_key + (cast(1 as bigint) << 60)
where sky_key < (cast(1 as bigint) << 60) and (sky_key >> 1) & 127 between 58 and 126;
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
