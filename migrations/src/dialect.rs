//! What SQLite and PostgreSQL spell differently in a table definition.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// Runs statements, separated by `;` at the end of a line, with the words in braces spelt for the
/// database at hand:
/// `{uuid}`, `{timestamp}` (UTC), `{text}` (compared by bytes), `{double}`, `{bytes}`, and `{compact}` at
/// the end of a table that is nothing but its key.
///
/// # Errors
/// Those of the database.
pub async fn run(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let words: &[(&str, &str)] = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => &[
            ("{uuid}", "blob"),
            ("{timestamp}", "text"),
            ("{text}", "text"),
            ("{double}", "real"),
            ("{bytes}", "blob"),
            ("{compact}", "without rowid"),
        ],
        _ => &[
            ("{uuid}", "uuid"),
            ("{timestamp}", "timestamptz"),
            ("{text}", "text collate \"C\""),
            ("{double}", "double precision"),
            ("{bytes}", "bytea"),
            ("{compact}", ""),
        ],
    };
    let mut sql = statements.to_owned();
    for (word, spelling) in words {
        sql = sql.replace(word, spelling);
    }
    for statement in sql.split(";\n").map(str::trim).filter(|s| !s.is_empty()) {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}
