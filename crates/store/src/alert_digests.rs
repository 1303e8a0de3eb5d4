use model::Timestamp;

use crate::alerts::Alert;
use crate::jobs::INSERT_JOB;
use crate::{KeyOwner, NewJob, Result, Store, read, write};

impl Store {
    /// Returns whom to write to about an account: its owner, of several the first, or else its first
    /// user.
    pub async fn find_account_reader(&self, account: i64) -> Result<Option<KeyOwner>> {
        const SQL: &str = "
            SELECT email, email_verified_at FROM users
            WHERE account_id = $1
            ORDER BY CASE WHEN team_role = 'owner' THEN 0 ELSE 1 END, id
            LIMIT 1";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(account).fetch_optional(pool).await?))
    }

    /// Returns up to `limit` accounts above `after` with alerts from before `before` whose letters
    /// found no room on their day.
    pub async fn list_accounts_to_digest(
        &self,
        before: Timestamp,
        after: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        const SQL: &str = "
            SELECT DISTINCT account_id FROM alerts
            WHERE letter_waits = 1 AND created_at < $1 AND account_id > $2
            ORDER BY account_id
            LIMIT $3";
        Ok(read!(self, pool => sqlx::query_scalar(SQL)
            .bind(before.0)
            .bind(after)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns up to `limit` alerts of an account whose letters found no room, the newest first.
    pub async fn list_alerts_to_digest(&self, account: i64, limit: i64) -> Result<Vec<Alert>> {
        const SQL: &str = "
            SELECT id, alert_type, severity, title, message, old_value, new_value, is_read,
                created_at, scan_id, domain_id, domain, key_id
            FROM alerts
            WHERE account_id = $1 AND letter_waits = 1
            ORDER BY id DESC
            LIMIT $2";
        Ok(
            read!(self, pool => sqlx::query_as(SQL).bind(account).bind(limit).fetch_all(pool).await?),
        )
    }

    /// Queues the digest of an account's alerts up to the one with the id `until`, or forgets them
    /// when there is no letter. Returns whether any waited.
    pub async fn settle_digest(
        &self,
        account: i64,
        until: i64,
        letter: Option<&NewJob>,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "
            UPDATE alerts SET letter_waits = 0
            WHERE account_id = $1 AND letter_waits = 1 AND id <= $2";
        Ok(write!(self, tx => {
            let settled = sqlx::query(SQL).bind(account).bind(until).execute(&mut *tx).await?;
            let waited = settled.rows_affected() > 0;
            if let Some(job) = letter.filter(|_| waited) {
                sqlx::query(INSERT_JOB)
                    .bind(job.kind)
                    .bind(&job.payload)
                    .bind(job.run_at.0)
                    .bind(job.max_attempts)
                    .bind(now.0)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(waited)
        }))
    }
}
