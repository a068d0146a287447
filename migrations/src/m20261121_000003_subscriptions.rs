//! Subscriptions, their webhooks, and the counter that orders their changes.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// Subscriptions, tombstones, webhooks.
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

/// `filter`, `events` and `channels` are the JSON people gave, tidied. Quiet hours are minutes of the
/// account's local day. `version` comes from the counter and orders all changes; a tombstone stands
/// for a subscription that is gone. Events up to `active_from_seq` never match. `part` is the
/// matcher's partition, by id. The secrets of a webhook are sealed; the old one signs until
/// `old_until`.
const UP: &str = "
create table subscription_counter (
    id integer not null primary key check (id = 1),
    version bigint not null check (version >= 0)
);

insert into subscription_counter (id, version) values (1, 0);

create table subscriptions (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id) on delete cascade,
    name {text} not null,
    filter {text} not null,
    events {text} not null,
    channels {text} not null,
    once_per {text} not null check (once_per in ('group', 'activity')),
    quiet_from integer check (quiet_from >= 0 and quiet_from < 1440),
    quiet_to integer check (quiet_to >= 0 and quiet_to < 1440),
    max_per_hour integer check (max_per_hour >= 1),
    mute_until {timestamp},
    active boolean not null,
    version bigint not null unique,
    active_from_seq bigint not null,
    part integer not null check (part >= 0 and part < 64),
    created_at {timestamp} not null,
    changed_at {timestamp} not null,
    check ((quiet_from is null) = (quiet_to is null))
);

create index subscriptions_of_account on subscriptions (account_id, created_at, id);

create table subscription_tombstones (
    id {uuid} not null primary key,
    version bigint not null unique,
    buried_at {timestamp} not null
);

create table webhooks (
    subscription_id {uuid} not null primary key references subscriptions (id) on delete cascade,
    url {text} not null,
    secret {bytes} not null,
    old_secret {bytes},
    old_until {timestamp},
    failing_since {timestamp},
    off_at {timestamp},
    off_why {text},
    check ((old_secret is null) = (old_until is null))
);

insert into schema_compatibility (migration, oldest_reader)
values ('m20261121_000003_subscriptions', 'm20261121_000001_first');
";

const DOWN: &str = "
delete from schema_compatibility where migration = 'm20261121_000003_subscriptions';
drop table webhooks;
drop table subscription_tombstones;
drop table subscriptions;
drop table subscription_counter;
";
