//! Deleting what is old enough, in steps small enough that nobody waits for them.

use model::{DAY_MS, Granularity, Timestamp};

use crate::{Result, Store, write};

/// Something that is deleted by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    Requests,
    FailedAttempts,
    Counts(Granularity),
    /// By when the network was last seen.
    KeyNetworks,
    UsageBatches,
    /// How many letters about alerts there were, by day.
    AlertLetters,
    /// Jobs that are over, by when they were due.
    EndedJobs,
}

impl Store {
    /// Deletes up to `limit` rows that are older than `before`. Returns how many.
    pub async fn prune(&self, old: Old, before: Timestamp, limit: i64) -> Result<u64> {
        const REQUESTS: &str = "
            DELETE FROM request_log WHERE id IN (
                SELECT id FROM request_log WHERE at < $1 ORDER BY at LIMIT $2)";
        const ATTEMPTS: &str = "
            DELETE FROM failed_attempts WHERE id IN (
                SELECT id FROM failed_attempts WHERE minute < $1 ORDER BY minute LIMIT $2)";
        const COUNTS: &str = "
            DELETE FROM usage_counts
            WHERE (account_id, granularity, starts_at, api_key_id, route, outcome) IN (
                SELECT account_id, granularity, starts_at, api_key_id, route, outcome
                FROM usage_counts WHERE granularity = $3 AND starts_at < $1
                ORDER BY starts_at LIMIT $2)";
        const NETWORKS: &str = "
            DELETE FROM key_networks WHERE (api_key_id, network) IN (
                SELECT api_key_id, network FROM key_networks WHERE last_seen_at < $1 LIMIT $2)";
        const BATCHES: &str = "
            DELETE FROM usage_batches WHERE id IN (
                SELECT id FROM usage_batches WHERE at < $1 LIMIT $2)";
        const LETTERS: &str = "
            DELETE FROM alert_letters WHERE (account_id, subject, day) IN (
                SELECT account_id, subject, day FROM alert_letters WHERE day * 86400000 < $1 LIMIT $2)";
        const JOBS: &str = "
            DELETE FROM jobs WHERE id IN (
                SELECT id FROM jobs WHERE state IN ('done', 'dead', 'canceled') AND run_at < $1 LIMIT $2)";
        let sql = match old {
            Old::Requests => REQUESTS,
            Old::FailedAttempts => ATTEMPTS,
            Old::Counts(_) => COUNTS,
            Old::KeyNetworks => NETWORKS,
            Old::UsageBatches => BATCHES,
            Old::AlertLetters => LETTERS,
            Old::EndedJobs => JOBS,
        };
        Ok(write!(self, tx => {
            let query = sqlx::query(sql).bind(before.0).bind(limit);
            let query = match old {
                Old::Counts(granularity) => query.bind(granularity.as_str()),
                _ => query,
            };
            Ok(query.execute(&mut *tx).await?.rows_affected())
        }))
    }

    /// Returns how many requests, counts and refused credentials are stored; for tests.
    #[cfg(feature = "testing")]
    pub async fn count_usage_rows(&self) -> Result<[i64; 3]> {
        use crate::read;
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM request_log),
            (SELECT COUNT(*) FROM usage_counts), (SELECT COUNT(*) FROM failed_attempts)";
        let (requests, counts, attempts) =
            read!(self, pool => sqlx::query_as(SQL).fetch_one(pool).await?);
        Ok([requests, counts, attempts])
    }
}

/// How long a batch's name is remembered: longer than any server tries to send it again.
pub const BATCH_MEMORY_MS: i64 = DAY_MS;
