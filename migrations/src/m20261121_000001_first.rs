//! Activities, the event log, sources, leases.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// The first schema.
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

/// `body` is the activity's JSON without `seq`; the columns beside it are what queries compare,
/// folded in Rust. `sky_key` orders activities by class of extent, class of duration, month and
/// HEALPix cell (see the hub's `sky_index`). `longest_s` is the longest duration of any activity, in
/// seconds: how far before a window one may start that reaches into it. `due_at` is when the clock has to look at it.
const UP: &str = "
create table schema_compatibility (
    migration {text} not null primary key,
    oldest_reader {text} not null
);

create table event_counter (
    id integer not null primary key check (id = 1),
    log {text} not null,
    seq bigint not null check (seq >= 0),
    pruned_to bigint not null check (pruned_to >= 0),
    longest_s bigint not null default 0
);

create table activities (
    id {uuid} not null primary key,
    source {text} not null,
    obs_id {text} not null,
    attempt integer not null check (attempt >= 1),
    seq bigint not null,
    status {text} not null,
    basis {text} not null,
    collection {text} not null,
    facility {text} not null,
    intent {text},
    role {text} not null,
    tracking {text},
    category {text},
    target_class {text},
    site {text},
    ground boolean not null,
    proposal {text},
    target {text},
    target_truncated boolean not null,
    exptime {double},
    t_min {timestamp},
    t_max {timestamp},
    sky_key bigint,
    track {text},
    due_at {timestamp},
    backfill boolean not null,
    first_seen {timestamp} not null,
    plan_hash bigint,
    fact_hash bigint,
    doubt {text},
    body {text} not null,
    unique (source, obs_id, attempt),
    check (t_min is null or t_max is null or t_min <= t_max)
);

create index activities_newest on activities (t_min, id);
create index activities_by_facility on activities (facility, t_min);
create index activities_by_sky on activities (sky_key, t_min, id, t_max);
create index activities_by_target on activities (target) where target is not null;
create index activities_by_proposal on activities (proposal) where proposal is not null;
create index activities_by_seq on activities (seq);
create index activities_by_status on activities (status, t_min, id);
create index activities_running on activities (facility, t_min) where status = 'in_progress';
create index activities_on_track on activities (track) where status = 'in_progress';
create index activities_due on activities (due_at) where due_at is not null;
create index activities_due_of_facility on activities (facility, due_at) where due_at is not null;

create table activity_words (
    word {text} not null,
    activity_id {uuid} not null,
    kinds integer not null,
    primary key (word, activity_id)
) {compact};

create table activity_raws (
    activity_id {uuid} not null,
    claim {text} not null,
    raw {text} not null,
    primary key (activity_id, claim)
);

create table events (
    seq bigint not null primary key,
    activity_id {uuid} not null,
    event {text} not null,
    at {timestamp} not null,
    logged {timestamp} not null,
    backfill boolean not null,
    t_min {timestamp},
    t_max {timestamp},
    body {text} not null
);

create index events_by_activity on events (activity_id, seq);

create table sources (
    name {text} not null primary key,
    cursor {text},
    first_success {timestamp},
    last_success {timestamp},
    last_attempt {timestamp},
    next_run {timestamp},
    horizon {timestamp},
    failures integer not null default 0,
    last_error {text},
    last_error_at {timestamp},
    notes {text},
    rows_read bigint not null default 0,
    unreadable_rows bigint not null default 0,
    last_counts {text}
);

create table unreadable_rows (
    source {text} not null,
    hash bigint not null,
    row_no bigint not null,
    reason {text} not null,
    raw {text} not null,
    times bigint not null,
    first_seen {timestamp} not null,
    last_seen {timestamp} not null,
    primary key (source, hash)
);

create table leases (
    name {text} not null primary key,
    holder {text} not null,
    lease_no bigint not null,
    until {timestamp} not null
);

insert into schema_compatibility (migration, oldest_reader)
values ('m20261121_000001_first', 'm20261121_000001_first');
";

const DOWN: &str = "
drop table leases;
drop table unreadable_rows;
drop table sources;
drop table events;
drop table activity_raws;
drop table activity_words;
drop table activities;
drop table event_counter;
drop table schema_compatibility;
";
