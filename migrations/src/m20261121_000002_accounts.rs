//! Accounts, what signs people in, and what they keep of their own.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// Accounts, sessions, tokens, links, limits, sites.
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

/// `email_key` is the address folded: one account an address. `password_hash` is a PHC string, null
/// until a password was chosen. `totp_secret` is sealed; a code counts once `totp_on_at` is set, and
/// never for a step at or below `totp_step`. A link's `hash` is that of the text which is mailed;
/// one that registers carries the password it was asked with, so that whoever follows it gets the
/// account they asked for and not somebody else's. `key_hash` of a limit hides whom it counts.
const UP: &str = "
create table accounts (
    id {uuid} not null primary key,
    email {text} not null,
    email_key {text} not null unique,
    password_hash {text},
    role {text} not null check (role in ('user', 'admin')),
    verified_at {timestamp},
    time_zone {text} not null,
    mail_paused_at {timestamp},
    mail_paused_why {text},
    totp_secret {bytes},
    totp_on_at {timestamp},
    totp_step bigint not null default 0,
    created_at {timestamp} not null,
    check (totp_on_at is null or totp_secret is not null)
);

create table sessions (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id) on delete cascade,
    secret_hash {bytes} not null unique,
    agent {text},
    network {text},
    created_at {timestamp} not null,
    seen_at {timestamp} not null,
    expires_at {timestamp} not null
);

create index sessions_of_account on sessions (account_id, seen_at);
create index sessions_by_end on sessions (expires_at);

create table tokens (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id) on delete cascade,
    name {text} not null,
    scope {text} not null check (scope in ('read', 'write')),
    token_hash {bytes} not null unique,
    created_at {timestamp} not null,
    expires_at {timestamp},
    used_at {timestamp}
);

create index tokens_of_account on tokens (account_id, created_at);

create table links (
    id {uuid} not null primary key,
    hash {bytes} not null unique,
    purpose {text} not null,
    account_id {uuid} references accounts (id) on delete cascade,
    email {text} not null,
    email_key {text} not null,
    password_hash {text},
    created_at {timestamp} not null,
    expires_at {timestamp} not null
);

create index links_by_email on links (email_key);
create index links_of_account on links (account_id);
create index links_by_end on links (expires_at);

create table recovery_codes (
    account_id {uuid} not null references accounts (id) on delete cascade,
    hash {bytes} not null,
    used_at {timestamp},
    primary key (account_id, hash)
);

create table limits (
    key_hash {bytes} not null primary key,
    count bigint not null,
    until {timestamp} not null
);

create index limits_by_end on limits (until);

create table sites (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id) on delete cascade,
    name {text} not null,
    lat {double} not null check (lat >= -90 and lat <= 90),
    lon {double} not null check (lon >= -180 and lon <= 180),
    height {double} not null,
    horizon {double} not null check (horizon >= 0 and horizon < 90),
    created_at {timestamp} not null
);

create index sites_of_account on sites (account_id, created_at);

insert into schema_compatibility (migration, oldest_reader)
values ('m20261121_000002_accounts', 'm20261121_000001_first');
";

const DOWN: &str = "
delete from schema_compatibility where migration = 'm20261121_000002_accounts';
drop table sites;
drop table limits;
drop table recovery_codes;
drop table links;
drop table tokens;
drop table sessions;
drop table accounts;
";
