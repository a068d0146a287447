//! What the server has to allow, asked before anything fails on it.

use anyhow::Result;
use sqlx::postgres::PgPool;

/// What apalis' migrations create. Both come with PostgreSQL's contrib package.
const EXTENSIONS: [&str; 2] = ["pgcrypto", "hstore"];

/// What this role may not do, or the server cannot, in sentences. Reads catalogues only, so it
/// works for a role that may do nothing. Some rights are only needed while migrations are pending.
pub(super) async fn missing(pool: &PgPool, pending: bool) -> Result<Vec<String>> {
    let (user, database, may_create): (String, String, bool) = sqlx::query_as(
        "select current_user::text, current_database()::text,
             has_database_privilege(current_database(), 'CREATE')",
    )
    .fetch_one(pool)
    .await?;
    let mut missing: Vec<String> = lacking_grants(pool)
        .await?
        .into_iter()
        .map(|right| format!("{user} lacks a right to the queue: run `grant {right} to {user}`"))
        .collect();
    let extensions = absent_extensions(pool).await?;
    if pending && !may_create {
        missing.push(format!(
            "{user} may not create schemas and extensions in {database}: \
             run `grant create on database {database} to {user}`"
        ));
    }
    if pending && !may_create_in_public(pool).await? {
        missing.push(format!(
            "{user} may not create functions in schema public: \
             run `grant create on schema public to {user}`"
        ));
    }
    missing.extend(
        extensions
            .into_iter()
            .filter(|(_, offered)| !offered)
            .map(|(name, _)| {
                format!(
                    "the server lacks the extension {name}: install PostgreSQL's contrib package"
                )
            }),
    );
    Ok(missing)
}

/// One of apalis' early migrations makes a function in `public` that a later one removes.
async fn may_create_in_public(pool: &PgPool) -> Result<bool> {
    let may = sqlx::query_scalar(
        "select coalesce((select has_schema_privilege(oid, 'CREATE')
             from pg_namespace where nspname = 'public'), false)",
    );
    Ok(may.fetch_one(pool).await?)
}

/// Rights to schema and tables that are there, in the words of `grant`.
async fn lacking_grants(pool: &PgPool) -> Result<Vec<String>> {
    let lacking = sqlx::query_scalar(
        "select 'usage on schema apalis' from pg_namespace
             where nspname = 'apalis' and not has_schema_privilege(oid, 'USAGE')
         union all
         select string_agg(word, ', ') || ' on apalis.' || relname
             from pg_class cross join unnest('{select,insert,update,delete}'::text[]) word
             where relnamespace = (select oid from pg_namespace where nspname = 'apalis')
               and relname in ('jobs', 'workers') and relkind = 'r'
               and not has_table_privilege(pg_class.oid, word)
             group by relname",
    );
    Ok(lacking.fetch_all(pool).await?)
}

/// Extensions not yet created here, and whether the server offers them.
async fn absent_extensions(pool: &PgPool) -> Result<Vec<(String, bool)>> {
    let absent = sqlx::query_as(
        "select name, name in (select offered.name::text from pg_available_extensions offered)
         from unnest($1::text[]) as wanted (name)
         where name not in (select extname::text from pg_extension)",
    )
    .bind(EXTENSIONS);
    Ok(absent.fetch_all(pool).await?)
}
