//! Migrations: plain SQL, numbered, append-only, one folder for both databases.
//!
//! The one difference in dialect is how a table numbers its rows; SQLite's spelling is put in
//! place of the standard's when the text is read.
//!
//! To add one: a file with the next number, a line in [`MIGRATIONS`]. A migration that was released
//! is never edited; its checksum is in every database.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr, SqlitePool};

use crate::StoreError;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("../../../migrations/0001_accounts.sql")),
    (2, "scans", include_str!("../../../migrations/0002_scans.sql")),
    (3, "jobs once", include_str!("../../../migrations/0003_jobs_once.sql")),
    (4, "users by account", include_str!("../../../migrations/0004_users_by_account.sql")),
    (5, "audit log", include_str!("../../../migrations/0005_audit.sql")),
    (6, "idempotency", include_str!("../../../migrations/0006_idempotency.sql")),
    (7, "sessions, links", include_str!("../../../migrations/0007_sessions_links.sql")),
    (8, "key lifecycle", include_str!("../../../migrations/0008_key_lifecycle.sql")),
    (9, "alerts", include_str!("../../../migrations/0009_alerts.sql")),
    (10, "open scans", include_str!("../../../migrations/0010_open_scans.sql")),
    (11, "step-up", include_str!("../../../migrations/0011_step_up.sql")),
    (12, "usage", include_str!("../../../migrations/0012_usage.sql")),
    (13, "team", include_str!("../../../migrations/0013_team.sql")),
    (14, "passkeys", include_str!("../../../migrations/0014_passkeys.sql")),
    (15, "account overrides", include_str!("../../../migrations/0015_account_overrides.sql")),
    (16, "second factors", include_str!("../../../migrations/0016_second_factors.sql")),
    (17, "alert rules", include_str!("../../../migrations/0017_alert_rules.sql")),
    (18, "sign-in epoch", include_str!("../../../migrations/0018_sign_in_epoch.sql")),
    (19, "scanned domains", include_str!("../../../migrations/0019_scanned_domains.sql")),
    (20, "e-mail change", include_str!("../../../migrations/0020_email_change.sql")),
    (21, "shares", include_str!("../../../migrations/0021_shares.sql")),
    (22, "intrusive scans", include_str!("../../../migrations/0022_intrusive_scans.sql")),
    (23, "usage by key", include_str!("../../../migrations/0023_usage_by_key.sql")),
    (24, "accepted risks", include_str!("../../../migrations/0024_accepted_risks.sql")),
    (25, "scans by account", include_str!("../../../migrations/0025_scans_by_account.sql")),
    (26, "scan catalogue", include_str!("../../../migrations/0026_scan_catalogue.sql")),
    (27, "scans by score", include_str!("../../../migrations/0027_scans_by_score.sql")),
];

const STANDARD_IDENTITY: &str = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
const SQLITE_IDENTITY: &str = "INTEGER PRIMARY KEY AUTOINCREMENT";

pub(crate) async fn run_sqlite(pool: &SqlitePool) -> crate::Result<()> {
    migrator(|sql| sql.replace(STANDARD_IDENTITY, SQLITE_IDENTITY))
        .run(pool)
        .await
        .map_err(explained)
}

pub(crate) async fn run_postgres(pool: &PgPool) -> crate::Result<()> {
    migrator(str::to_owned).run(pool).await.map_err(explained)
}

/// Says so when the database has a migration that this program has not.
fn explained(error: MigrateError) -> StoreError {
    let known = MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0);
    match error {
        MigrateError::VersionMissing(found) if found > known => StoreError::TooNew { found, known },
        other => StoreError::Migration(other),
    }
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

#[cfg(test)]
mod tests {
    use crate::testing::{open, store_test};
    use crate::{Pool, StoreError};

    store_test! {
        async fn a_database_of_a_newer_version_is_left_alone(store: Store, address: String) {
            const LATER: &str = "
                INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
            match &store.pool {
                Pool::Sqlite { writer, .. } => { sqlx::query(LATER).execute(writer).await.unwrap(); }
                Pool::Postgres(pool) => { sqlx::query(LATER).execute(pool).await.unwrap(); }
            }
            store.close().await;
            let refused = open(&address).await.err().unwrap();
            assert!(matches!(refused, StoreError::TooNew { found: 9999, .. }), "{refused}");
        }

        async fn opening_again_changes_nothing(store: Store, address: String) {
            store.close().await;
            open(&address).await.unwrap().ping().await.unwrap();
        }
    }
}
