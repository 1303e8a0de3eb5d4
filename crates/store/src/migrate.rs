//! Migrations: plain SQL, numbered, append-only, one folder for both databases.
//!
//! The one difference in dialect is how a table numbers its rows; SQLite's spelling is put in
//! place of the standard's when the text is read.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr, SqlitePool};

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("../../../migrations/0001_accounts.sql")),
    (2, "scans", include_str!("../../../migrations/0002_scans.sql")),
];

const STANDARD_IDENTITY: &str = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
const SQLITE_IDENTITY: &str = "INTEGER PRIMARY KEY AUTOINCREMENT";

pub(crate) async fn run_sqlite(pool: &SqlitePool) -> crate::Result<()> {
    migrator(|sql| sql.replace(STANDARD_IDENTITY, SQLITE_IDENTITY)).run(pool).await?;
    Ok(())
}

pub(crate) async fn run_postgres(pool: &PgPool) -> crate::Result<()> {
    migrator(str::to_owned).run(pool).await?;
    Ok(())
}

fn migrator(dialect: fn(&str) -> String) -> Migrator {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        Migration::new(
            *version,
            Cow::Borrowed(*name),
            MigrationType::Simple,
            AssertSqlSafe(dialect(sql)).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}
