//! The history of the hub's schema, one file per change, the same on SQLite and PostgreSQL.
//!
//! Statements are plain SQL in which a few words in braces stand for what the two databases spell
//! differently (see [`dialect`]). Names of upstreams are text, never a database enum: adding a
//! telescope is no migration.

use sea_orm_migration::prelude::*;

pub mod dialect;
mod m20261121_000001_first;
mod m20261121_000002_accounts;
mod m20261121_000003_subscriptions;
mod m20261121_000004_deliveries;
mod m20261121_000005_outbox;
mod m20261121_000006_arrivals;
mod m20261121_000007_next_page;
mod m20261121_000008_fine_keys;
mod m20261122_000009_fewer_extents;
mod m20261122_000010_sieve;

/// Every migration, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_first::Migration),
            Box::new(m20261121_000002_accounts::Migration),
            Box::new(m20261121_000003_subscriptions::Migration),
            Box::new(m20261121_000004_deliveries::Migration),
            Box::new(m20261121_000005_outbox::Migration),
            Box::new(m20261121_000006_arrivals::Migration),
            Box::new(m20261121_000007_next_page::Migration),
            Box::new(m20261121_000008_fine_keys::Migration),
            Box::new(m20261122_000009_fewer_extents::Migration),
            Box::new(m20261122_000010_sieve::Migration),
        ]
    }
}
