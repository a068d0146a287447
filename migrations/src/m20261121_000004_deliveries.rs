//! Who has been told what: the matcher's places in the log, the ledger, the digests.

use sea_orm_migration::prelude::*;

use crate::dialect;

/// Cursors, deliveries, digests.
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

/// The cursors begin at the log's end, here and not at the matcher's first start: what happens
/// between the two is matched. `seq` of a delivery is the line of the log that is told (below zero
/// for a sample), `snapshot_seq` the line whose snapshot is shown: another one when coordinates
/// came after the event. `doubts`
/// counts the claims that ran out without an outcome: each may have been a repeat. `replayed` rows were asked for again by
/// their owner. Two rows of one `once_key` would tell one thing twice. `digest_id` is the
/// digest that carries a delivery; it then waits for that, not for `next_try_at`.
const UP: &str = "
create table matcher_cursors (
    part integer not null primary key check (part >= 0 and part < 64),
    seq bigint not null check (seq >= 0)
);

insert into matcher_cursors (part, seq)
with recursive parts (part) as (
    select 0 union all select part + 1 from parts where part < 63
)
select part, coalesce((select seq from event_counter where id = 1), 0) from parts;

create table digests (
    id {uuid} not null primary key,
    subscription_id {uuid} not null references subscriptions (id) on delete cascade,
    channel {text} not null check (channel in ('mail_now', 'mail_hourly', 'mail_nightly')),
    slot {text} not null,
    state {text} not null check (state in ('queued', 'sending', 'sent', 'failed', 'dead', 'dropped')),
    attempts integer not null default 0,
    doubts integer not null default 0,
    next_try_at {timestamp},
    claim_until {timestamp},
    message_id {text} not null,
    answer {text},
    created_at {timestamp} not null,
    finished_at {timestamp},
    unique (subscription_id, channel, slot)
);

create index digests_due on digests (next_try_at) where state = 'queued';
create index digests_claimed on digests (claim_until) where state = 'sending';

create table deliveries (
    id {uuid} not null primary key,
    subscription_id {uuid} not null references subscriptions (id) on delete cascade,
    seq bigint not null,
    snapshot_seq bigint not null,
    event {text} not null,
    channel {text} not null check (channel in ('mail_now', 'mail_hourly', 'mail_nightly', 'webhook')),
    activity_id {uuid} not null,
    once_key {text} not null,
    late boolean not null,
    correction boolean not null,
    sample boolean not null,
    replayed boolean not null default false,
    why {text} not null,
    state {text} not null check (state in ('queued', 'sending', 'sent', 'failed', 'dead', 'dropped')),
    attempts integer not null default 0,
    doubts integer not null default 0,
    next_try_at {timestamp},
    claim_until {timestamp},
    message_id {text} not null,
    answer {text},
    created_at {timestamp} not null,
    finished_at {timestamp},
    digest_id {uuid} references digests (id) on delete set null,
    unique (subscription_id, seq, channel),
    unique (subscription_id, channel, once_key)
);

create index deliveries_of_subscription on deliveries (subscription_id, id);
create index deliveries_sent on deliveries (subscription_id, finished_at) where state = 'sent';
create index deliveries_ended on deliveries (finished_at) where finished_at is not null;
create index digests_ended on digests (finished_at) where finished_at is not null;
create index deliveries_of_activity on deliveries (activity_id, subscription_id);
create index deliveries_of_digest on deliveries (digest_id) where digest_id is not null;
create index deliveries_due on deliveries (next_try_at) where state = 'queued' and digest_id is null;
create index deliveries_claimed on deliveries (claim_until) where state = 'sending';

insert into schema_compatibility (migration, oldest_reader)
values ('m20261121_000004_deliveries', 'm20261121_000001_first');
";

const DOWN: &str = "
delete from schema_compatibility where migration = 'm20261121_000004_deliveries';
drop table deliveries;
drop table digests;
drop table matcher_cursors;
";
