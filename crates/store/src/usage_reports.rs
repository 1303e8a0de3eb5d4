//! Usage, read: sums of counts, single requests, refused credentials, networks of keys.

use model::{AuthFailure, Granularity, Outcome, Timestamp};

use crate::rows::row;
use crate::usage::Latency;
use crate::{Result, Store, read};

/// Which counts are summed up; `None` leaves a question open.
#[derive(Debug, Clone)]
pub struct UsageFilter {
    pub granularity: Granularity,
    /// Periods that start here or later …
    pub from: Timestamp,
    /// … and before this.
    pub to: Timestamp,
    /// A public key id, or `none` for requests without a key.
    pub key_id: Option<String>,
    /// `GET /v1/auth/me`, or the path alone for every method.
    pub endpoint: Option<String>,
    pub outcome: Option<Outcome>,
}

row! {
    /// The requests of a period that ended the same way.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UsagePoint {
        pub starts_at: Timestamp,
        pub outcome: Outcome,
        pub requests: i64,
    }
}

row! {
    /// The requests with one key that ended the same way.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct KeyUsage {
        /// 0 for signed-in users.
        pub api_key_id: i64,
        pub key_id: Option<String>,
        pub name: Option<String>,
        pub outcome: Outcome,
        pub requests: i64,
    }
}

row! {
    /// All requests of a time that ended the same way.
    #[derive(Debug, Clone)]
    pub struct OutcomeTotal {
        pub outcome: Outcome,
        pub requests: i64,
        pub latency_00: i64,
        pub latency_01: i64,
        pub latency_02: i64,
        pub latency_03: i64,
        pub latency_04: i64,
        pub latency_05: i64,
        pub latency_06: i64,
        pub latency_07: i64,
        pub latency_08: i64,
        pub latency_09: i64,
        pub latency_10: i64,
        pub latency_11: i64,
        pub latency_12: i64,
        pub latency_13: i64,
    }
}

impl OutcomeTotal {
    /// Returns how long the requests took.
    pub fn latency(&self) -> Latency {
        [
            self.latency_00,
            self.latency_01,
            self.latency_02,
            self.latency_03,
            self.latency_04,
            self.latency_05,
            self.latency_06,
            self.latency_07,
            self.latency_08,
            self.latency_09,
            self.latency_10,
            self.latency_11,
            self.latency_12,
            self.latency_13,
        ]
    }
}

/// Which requests of the log are shown; `None` leaves a question open.
#[derive(Debug, Clone)]
pub struct RequestFilter {
    pub from: Timestamp,
    pub to: Timestamp,
    /// A public key id, or `none` for requests without a key.
    pub key_id: Option<String>,
    pub status: Option<i64>,
    pub outcome: Option<Outcome>,
    pub path: Option<String>,
    pub ip: Option<String>,
    pub request_id: Option<String>,
    /// Only what stands below the row with this id.
    pub before: Option<i64>,
}

impl RequestFilter {
    /// Returns the filter of every request of a time: from its start on, and before its end.
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to,
            key_id: None,
            status: None,
            outcome: None,
            path: None,
            ip: None,
            request_id: None,
            before: None,
        }
    }
}

row! {
    /// One request of the log.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LoggedRequest {
        pub id: i64,
        pub at: Timestamp,
        pub api_key_id: i64,
        pub key_id: Option<String>,
        pub user_id: i64,
        pub method: String,
        pub path: String,
        pub status: i64,
        pub outcome: Outcome,
        pub ip: Option<String>,
        pub agent: Option<String>,
        pub duration_us: i64,
        pub request_id: String,
    }
}

/// Which refused credentials are shown; `None` leaves a question open.
#[derive(Debug, Clone)]
pub struct AttemptFilter {
    pub from: Timestamp,
    pub to: Timestamp,
    /// A public key id, or `none` for attempts without a key.
    pub key_id: Option<String>,
    pub reason: Option<AuthFailure>,
    pub ip: Option<String>,
    /// Only what stands below the row with this id.
    pub before: Option<i64>,
}

row! {
    /// Refused credentials of a minute that are alike.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FailedAttempts {
        pub id: i64,
        pub first_at: Timestamp,
        pub last_at: Timestamp,
        pub api_key_id: i64,
        pub key_id: Option<String>,
        pub email: Option<String>,
        pub reason: AuthFailure,
        pub ip: String,
        pub agent: Option<String>,
        pub attempts: i64,
    }
}

row! {
    /// Refused credentials from one address, or with one key.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AttemptGroup {
        pub ip: Option<String>,
        pub api_key_id: Option<i64>,
        pub key_id: Option<String>,
        pub first_at: Timestamp,
        pub last_at: Timestamp,
        pub attempts: i64,
    }
}

row! {
    /// Refused credentials of one day (UTC).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AttemptDay {
        pub day: Timestamp,
        /// Passwords, codes and passkeys.
        pub sign_ins: i64,
        pub keys: i64,
    }
}

/// What refused credentials are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptGrouping {
    Ip,
    ApiKey,
}

row! {
    /// A network that a key was used from: a /24 of IPv4, a /48 of IPv6.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct KeyNetwork {
        pub api_key_id: i64,
        pub network: String,
        pub first_seen_at: Timestamp,
        pub last_seen_at: Timestamp,
    }
}

/// Which counts a [`UsageFilter`] means; it binds $1 to $7.
macro_rules! counted {
    () => {
        " FROM usage_counts
         LEFT JOIN api_keys ON api_keys.id = usage_counts.api_key_id
             AND api_keys.account_id = usage_counts.account_id
         WHERE usage_counts.account_id = $1 AND granularity = $2
             AND starts_at >= $3 AND starts_at < $4
             AND (CAST($5 AS TEXT) IS NULL OR COALESCE(key_id, 'none') = $5)
             AND (CAST($6 AS TEXT) IS NULL OR route = $6 OR route LIKE '% ' || $6)
             AND (CAST($7 AS TEXT) IS NULL OR outcome = $7)"
    };
}
macro_rules! bind_counted {
    ($query:expr, $account:expr, $filter:expr) => {
        $query
            .bind($account)
            .bind($filter.granularity.as_str())
            .bind($filter.from.0)
            .bind($filter.to.0)
            .bind($filter.key_id.as_deref())
            .bind($filter.endpoint.as_deref())
            .bind($filter.outcome.map(Outcome::as_str))
    };
}

/// Which rows an [`AttemptFilter`] means; it binds $1 to $6.
macro_rules! attempted {
    () => {
        " FROM failed_attempts
         LEFT JOIN api_keys ON api_keys.id = failed_attempts.api_key_id
             AND api_keys.account_id = failed_attempts.account_id
         LEFT JOIN users ON users.id = failed_attempts.user_id
             AND users.account_id = failed_attempts.account_id
         WHERE failed_attempts.account_id = $1 AND last_at >= $2 AND first_at < $3
             AND (CAST($4 AS TEXT) IS NULL OR COALESCE(key_id, 'none') = $4)
             AND (CAST($5 AS TEXT) IS NULL OR reason = $5)
             AND (CAST($6 AS TEXT) IS NULL OR ip = $6)"
    };
}
macro_rules! bind_attempted {
    ($query:expr, $account:expr, $filter:expr) => {
        $query
            .bind($account)
            .bind($filter.from.0)
            .bind($filter.to.0)
            .bind($filter.key_id.as_deref())
            .bind($filter.reason.map(AuthFailure::as_str))
            .bind($filter.ip.as_deref())
    };
}

impl Store {
    /// Returns how many requests each period had, oldest first. A period without any has no row.
    pub async fn usage_series(
        &self,
        account: i64,
        filter: &UsageFilter,
    ) -> Result<Vec<UsagePoint>> {
        const SQL: &str = concat!(
            "SELECT starts_at, outcome, CAST(SUM(requests) AS BIGINT) AS requests",
            counted!(),
            " GROUP BY starts_at, outcome ORDER BY starts_at, outcome"
        );
        Ok(read!(self, pool => bind_counted!(sqlx::query_as(SQL), account, filter)
            .fetch_all(pool)
            .await?))
    }

    /// Returns how the requests of a time ended and how long they took.
    pub async fn usage_totals(
        &self,
        account: i64,
        filter: &UsageFilter,
    ) -> Result<Vec<OutcomeTotal>> {
        const SQL: &str = concat!(
            "SELECT outcome, CAST(SUM(requests) AS BIGINT) AS requests,
                CAST(SUM(latency_00) AS BIGINT) AS latency_00,
                CAST(SUM(latency_01) AS BIGINT) AS latency_01,
                CAST(SUM(latency_02) AS BIGINT) AS latency_02,
                CAST(SUM(latency_03) AS BIGINT) AS latency_03,
                CAST(SUM(latency_04) AS BIGINT) AS latency_04,
                CAST(SUM(latency_05) AS BIGINT) AS latency_05,
                CAST(SUM(latency_06) AS BIGINT) AS latency_06,
                CAST(SUM(latency_07) AS BIGINT) AS latency_07,
                CAST(SUM(latency_08) AS BIGINT) AS latency_08,
                CAST(SUM(latency_09) AS BIGINT) AS latency_09,
                CAST(SUM(latency_10) AS BIGINT) AS latency_10,
                CAST(SUM(latency_11) AS BIGINT) AS latency_11,
                CAST(SUM(latency_12) AS BIGINT) AS latency_12,
                CAST(SUM(latency_13) AS BIGINT) AS latency_13",
            counted!(),
            " GROUP BY outcome"
        );
        Ok(read!(self, pool => bind_counted!(sqlx::query_as(SQL), account, filter)
            .fetch_all(pool)
            .await?))
    }

    /// Returns the requests of each key, those with the lowest id first.
    pub async fn usage_by_key(&self, account: i64, filter: &UsageFilter) -> Result<Vec<KeyUsage>> {
        const SQL: &str = concat!(
            "SELECT api_key_id, key_id, name, outcome, CAST(SUM(requests) AS BIGINT) AS requests",
            counted!(),
            " GROUP BY api_key_id, key_id, name, outcome ORDER BY api_key_id, outcome"
        );
        Ok(read!(self, pool => bind_counted!(sqlx::query_as(SQL), account, filter)
            .fetch_all(pool)
            .await?))
    }

    /// Returns up to `limit` requests of an account, newest first.
    pub async fn list_requests(
        &self,
        account: i64,
        filter: &RequestFilter,
        limit: i64,
    ) -> Result<Vec<LoggedRequest>> {
        const SQL: &str = "
            SELECT request_log.id, at, api_key_id, key_id, user_id, method, path, status, outcome, ip,
                agent, duration_us, request_id
            FROM request_log
            LEFT JOIN api_keys ON api_keys.id = request_log.api_key_id
                AND api_keys.account_id = request_log.account_id
            WHERE request_log.account_id = $1 AND at >= $2 AND at < $3
                AND (CAST($4 AS TEXT) IS NULL OR COALESCE(key_id, 'none') = $4)
                AND (CAST($5 AS BIGINT) IS NULL OR status = $5)
                AND (CAST($6 AS TEXT) IS NULL OR outcome = $6)
                AND (CAST($7 AS TEXT) IS NULL OR path = $7)
                AND (CAST($8 AS TEXT) IS NULL OR ip = $8)
                AND (CAST($9 AS TEXT) IS NULL OR request_id = $9)
                AND (CAST($10 AS BIGINT) IS NULL OR (at, request_log.id) < ((
                    SELECT last.at FROM request_log AS last
                    WHERE last.id = $10 AND last.account_id = $1), $10))
            ORDER BY at DESC, request_log.id DESC
            LIMIT $11";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(filter.from.0)
            .bind(filter.to.0)
            .bind(filter.key_id.as_deref())
            .bind(filter.status)
            .bind(filter.outcome.map(Outcome::as_str))
            .bind(filter.path.as_deref())
            .bind(filter.ip.as_deref())
            .bind(filter.request_id.as_deref())
            .bind(filter.before)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns up to `limit` rows of refused credentials of an account, newest first.
    pub async fn list_failed_attempts(
        &self,
        account: i64,
        filter: &AttemptFilter,
        limit: i64,
    ) -> Result<Vec<FailedAttempts>> {
        const SQL: &str = concat!(
            "SELECT failed_attempts.id, first_at, last_at, api_key_id, key_id, email, reason, ip,
                agent, attempts",
            attempted!(),
            " AND (CAST($7 AS BIGINT) IS NULL OR (minute, failed_attempts.id) < ((
                  SELECT last.minute FROM failed_attempts AS last
                  WHERE last.id = $7 AND last.account_id = $1), $7))
              ORDER BY minute DESC, failed_attempts.id DESC
              LIMIT $8"
        );
        Ok(read!(self, pool => bind_attempted!(sqlx::query_as(SQL), account, filter)
            .bind(filter.before)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns how many credentials of an account were refused on each day from `from` on, oldest
    /// first. A day without any has no row.
    pub async fn failed_attempts_by_day(
        &self,
        account: i64,
        from: Timestamp,
    ) -> Result<Vec<AttemptDay>> {
        const SQL: &str = "
            SELECT minute / 86400000 * 86400000 AS day,
                CAST(SUM(CASE WHEN api_key_id > 0 THEN 0 ELSE attempts END) AS BIGINT) AS sign_ins,
                CAST(SUM(CASE WHEN api_key_id > 0 THEN attempts ELSE 0 END) AS BIGINT) AS keys
            FROM failed_attempts
            WHERE account_id = $1 AND minute >= $2
            GROUP BY 1
            ORDER BY 1";
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(from.0).fetch_all(pool).await?
        }))
    }

    /// Returns up to `limit` groups of refused credentials of an account, the largest first.
    pub async fn group_failed_attempts(
        &self,
        account: i64,
        filter: &AttemptFilter,
        grouping: AttemptGrouping,
        limit: i64,
    ) -> Result<Vec<AttemptGroup>> {
        const BY_IP: &str = concat!(
            "SELECT ip, CAST(NULL AS BIGINT) AS api_key_id, CAST(NULL AS TEXT) AS key_id,
                MIN(first_at) AS first_at, MAX(last_at) AS last_at,
                CAST(SUM(attempts) AS BIGINT) AS attempts",
            attempted!(),
            " GROUP BY ip ORDER BY 6 DESC, ip LIMIT $7"
        );
        const BY_KEY: &str = concat!(
            "SELECT CAST(NULL AS TEXT) AS ip, api_key_id, key_id, MIN(first_at) AS first_at,
                MAX(last_at) AS last_at, CAST(SUM(attempts) AS BIGINT) AS attempts",
            attempted!(),
            " GROUP BY api_key_id, key_id ORDER BY 6 DESC, api_key_id LIMIT $7"
        );
        let sql = match grouping {
            AttemptGrouping::Ip => BY_IP,
            AttemptGrouping::ApiKey => BY_KEY,
        };
        Ok(read!(self, pool => bind_attempted!(sqlx::query_as(sql), account, filter)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns up to `limit` networks that a key was used from, the last one first.
    pub async fn list_key_networks(
        &self,
        account: i64,
        api_key_id: i64,
        limit: i64,
    ) -> Result<Vec<KeyNetwork>> {
        const SQL: &str = "
            SELECT api_key_id, network, first_seen_at, last_seen_at FROM key_networks
            WHERE account_id = $1 AND api_key_id = $2
            ORDER BY last_seen_at DESC, network
            LIMIT $3";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(api_key_id)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }
}
