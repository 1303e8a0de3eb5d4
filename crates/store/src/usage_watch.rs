//! Usage, watched: what the rules about unusual use look at.
//!
//! Every query reads one account's recent rows by the primary key, or one page of what is new, so
//! that the cost goes with the accounts that have traffic and not with all there are.

use model::{AuthFailure, Outcome, Timestamp};

use crate::alert_raising::raise;
use crate::rows::row;
use crate::{NewAlert, Result, Store, read, write};

row! {
    /// Refused credentials of a minute that are alike.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AttemptMinute {
        pub minute: Timestamp,
        /// 0 for none.
        pub api_key_id: i64,
        /// 0 for none.
        pub user_id: i64,
        pub reason: AuthFailure,
        pub attempts: i64,
    }
}

row! {
    /// Requests with one key.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct KeyRequests {
        /// 0 for signed-in users.
        pub api_key_id: i64,
        pub requests: i64,
    }
}

row! {
    /// Requests of an hour.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct HourRequests {
        pub starts_at: Timestamp,
        pub requests: i64,
    }
}

row! {
    /// Requests that the plan refused, of one kind.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Refusals {
        pub api_key_id: i64,
        pub outcome: Outcome,
        pub requests: i64,
    }
}

row! {
    /// A key with networks that nobody has looked at.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct KeyToSettle {
        pub api_key_id: i64,
        pub account_id: i64,
    }
}

row! {
    /// A network that nobody has looked at.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NetworkToSettle {
        pub network: String,
        pub first_seen_at: Timestamp,
        /// Whether the key that this one replaced was used from there.
        pub is_inherited: bool,
    }
}

impl Store {
    /// Returns up to when the use of the service was looked at.
    pub async fn watched_until(&self) -> Result<Timestamp> {
        const SQL: &str = "SELECT watched_until FROM usage_watch";
        let until: i64 = read!(self, pool => sqlx::query_scalar(SQL).fetch_one(pool).await?);
        Ok(Timestamp(until))
    }

    /// Remembers up to when the use of the service was looked at. Never goes back.
    pub async fn set_watched_until(&self, until: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE usage_watch SET watched_until = $1 WHERE watched_until < $1";
        write!(self, tx => {
            sqlx::query(SQL).bind(until.0).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Returns up to `limit` accounts above `after`, by id, that were used or refused since a time,
    /// or have a rule that has fired.
    pub async fn list_accounts_to_watch(
        &self,
        since: Timestamp,
        after: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        const SQL: &str = "
            SELECT account_id FROM usage_counts
            WHERE granularity = 'minute' AND starts_at >= $1 AND account_id > $2
            UNION
            SELECT account_id FROM failed_attempts WHERE minute >= $1 AND account_id > $2
            UNION
            SELECT account_id FROM alert_holds WHERE account_id > $2
            ORDER BY account_id
            LIMIT $3";
        Ok(read!(self, pool => sqlx::query_scalar(SQL)
            .bind(since.0)
            .bind(after)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns the refused credentials of an account in minutes that start at `from` or later.
    pub async fn attempts_by_minute(
        &self,
        account: i64,
        from: Timestamp,
    ) -> Result<Vec<AttemptMinute>> {
        const SQL: &str = "
            SELECT minute, api_key_id, user_id, reason, CAST(SUM(attempts) AS BIGINT) AS attempts
            FROM failed_attempts
            WHERE account_id = $1 AND minute >= $2
            GROUP BY minute, api_key_id, user_id, reason
            ORDER BY minute, api_key_id, user_id, reason";
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(from.0).fetch_all(pool).await?
        }))
    }

    /// Returns the requests of each key in minutes that start at `from` or later, those whose
    /// credential was refused aside.
    pub async fn requests_since(&self, account: i64, from: Timestamp) -> Result<Vec<KeyRequests>> {
        const SQL: &str = "
            SELECT api_key_id, CAST(SUM(requests) AS BIGINT) AS requests FROM usage_counts
            WHERE account_id = $1 AND granularity = 'minute' AND starts_at >= $2
                AND outcome <> 'unauthorized'
            GROUP BY api_key_id
            ORDER BY api_key_id";
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(from.0).fetch_all(pool).await?
        }))
    }

    /// Returns the requests with a key in each of these hours, those whose credential was refused
    /// aside. An hour without any has no row.
    pub async fn requests_of_hours(
        &self,
        account: i64,
        api_key_id: i64,
        hours: &[Timestamp; 14],
    ) -> Result<Vec<HourRequests>> {
        const SQL: &str = "
            SELECT starts_at, CAST(SUM(requests) AS BIGINT) AS requests FROM usage_counts
            WHERE account_id = $1 AND granularity = 'hour' AND api_key_id = $2
                AND outcome <> 'unauthorized'
                AND starts_at IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            GROUP BY starts_at
            ORDER BY starts_at";
        Ok(read!(self, pool => {
            let mut query = sqlx::query_as(SQL).bind(account).bind(api_key_id);
            for hour in hours {
                query = query.bind(hour.0);
            }
            query.fetch_all(pool).await?
        }))
    }

    /// Returns the requests that the plan refused on the day that starts at `day`.
    pub async fn refusals_of_day(&self, account: i64, day: Timestamp) -> Result<Vec<Refusals>> {
        const SQL: &str = "
            SELECT api_key_id, outcome, CAST(SUM(requests) AS BIGINT) AS requests
            FROM usage_counts
            WHERE account_id = $1 AND granularity = 'day' AND starts_at = $2
                AND outcome IN ('rate_limited', 'quota_exceeded')
            GROUP BY api_key_id, outcome
            ORDER BY 3 DESC, api_key_id, outcome";
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(day.0).fetch_all(pool).await?
        }))
    }

    /// Returns when an account was made.
    pub async fn account_made_at(&self, account: i64) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT created_at FROM accounts WHERE id = $1";
        let at: Option<i64> = read!(self, pool => {
            sqlx::query_scalar(SQL).bind(account).fetch_optional(pool).await?
        });
        Ok(at.map(Timestamp))
    }

    /// Returns up to `limit` keys above `after`, by id, with networks that nobody has looked at.
    pub async fn list_keys_to_settle(&self, after: i64, limit: i64) -> Result<Vec<KeyToSettle>> {
        const SQL: &str = "
            SELECT DISTINCT api_key_id, account_id FROM key_networks
            WHERE settled_at IS NULL AND api_key_id > $1
            ORDER BY api_key_id
            LIMIT $2";
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(after).bind(limit).fetch_all(pool).await?
        }))
    }

    /// Returns up to `limit` networks of a key that nobody has looked at, the first seen first.
    pub async fn list_networks_to_settle(
        &self,
        key: KeyToSettle,
        limit: i64,
    ) -> Result<Vec<NetworkToSettle>> {
        const SQL: &str = "
            SELECT network, first_seen_at, CASE WHEN EXISTS (
                SELECT 1 FROM key_networks AS former
                JOIN api_keys ON former.api_key_id = api_keys.rotated_from
                WHERE api_keys.id = $2 AND former.network = key_networks.network
            ) THEN CAST(1 AS BIGINT) ELSE 0 END AS is_inherited
            FROM key_networks
            WHERE account_id = $1 AND api_key_id = $2 AND settled_at IS NULL
            ORDER BY first_seen_at, network
            LIMIT $3";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(key.account_id)
            .bind(key.api_key_id)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Marks the networks of a key that were first seen up to a time as looked at, and raises the
    /// alert about them, if there is one. While the account was told of that occasion before, they
    /// stay as they are. Returns whether they were marked.
    pub async fn settle_networks(
        &self,
        key: KeyToSettle,
        until: Timestamp,
        alert: Option<&NewAlert>,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "
            UPDATE key_networks SET settled_at = $4
            WHERE account_id = $1 AND api_key_id = $2 AND settled_at IS NULL AND first_seen_at <= $3";
        Ok(write!(self, tx => {
            if let Some(alert) = alert
                && !raise!(tx, key.account_id, alert, now)
            {
                return Ok(false);
            }
            sqlx::query(SQL)
                .bind(key.account_id)
                .bind(key.api_key_id)
                .bind(until.0)
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
            Ok(true)
        }))
    }
}
