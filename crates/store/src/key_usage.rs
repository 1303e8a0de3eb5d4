//! Usage of single keys, read: what the list and the page of a key show.
//!
//! Every query starts from the key, by an index of its own: an account may have a million requests
//! and a key ten of them.

use std::sync::LazyLock;

use model::{Granularity, Outcome, Timestamp};

use crate::rows::row;
use crate::usage_reports::{LoggedRequest, UsagePoint};
use crate::{Result, Store, read};

/// Most keys that are asked about together.
pub const MOST_KEYS: usize = 50;
/// Requests that are looked through for who sent them, the latest.
pub const MOST_CALLS: i64 = 5_000;

row! {
    /// The requests with one key in one period that ended the same way.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct KeyPoint {
        pub api_key_id: i64,
        pub starts_at: Timestamp,
        pub outcome: Outcome,
        pub requests: i64,
    }
}

row! {
    /// The requests with one key to one route that ended the same way.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RouteUse {
        /// Method and path template.
        pub route: String,
        pub outcome: Outcome,
        pub requests: i64,
    }
}

row! {
    /// The requests with one key from one address, or by one program.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CallerUse {
        /// The address, or what the program calls itself; `None` when it was not told.
        pub caller: Option<String>,
        pub requests: i64,
        /// Those of them that were refused.
        pub refused: i64,
        pub last_at: Timestamp,
    }
}

/// What callers are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerGrouping {
    Ip,
    Agent,
}

/// SQLite has no arrays: the ids stand in as many places, those that are not needed as −1.
static OF_KEYS: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<_> = (0..MOST_KEYS).map(|place| format!("${}", place + 5)).collect();
    format!(
        "SELECT api_key_id, starts_at, outcome, CAST(SUM(requests) AS BIGINT) AS requests
         FROM usage_counts
         WHERE account_id = $1 AND granularity = $2 AND starts_at >= $3 AND starts_at < $4
             AND api_key_id IN ({})
         GROUP BY api_key_id, starts_at, outcome
         ORDER BY api_key_id, starts_at, outcome",
        places.join(", ")
    )
});

/// The latest requests with a key, for the groups over them; binds $1 to $5.
macro_rules! calls {
    ($column:literal) => {
        concat!(
            "SELECT ",
            $column,
            " AS caller, COUNT(*) AS requests,
                 CAST(SUM(CASE WHEN outcome IN ('unauthorized', 'forbidden', 'quota_exceeded', 'rate_limited')
                     THEN 1 ELSE 0 END) AS BIGINT) AS refused,
                 MAX(at) AS last_at
             FROM (
                 SELECT ",
            $column,
            ", outcome, at FROM request_log
                 WHERE account_id = $1 AND api_key_id = $2 AND at >= $3 AND at < $4
                 ORDER BY at DESC, id DESC
                 LIMIT $5
             ) AS latest
             GROUP BY ",
            $column,
            "
             ORDER BY 2 DESC, 4 DESC
             LIMIT $6"
        )
    };
}

impl Store {
    /// Returns the addresses of the people who made an account's keys, by key. A key of nobody in
    /// particular is left out.
    pub async fn makers_of_keys(&self, account: i64) -> Result<Vec<(i64, String)>> {
        const SQL: &str = "
            SELECT api_keys.id, users.email FROM api_keys
            JOIN users ON users.id = api_keys.created_by AND users.account_id = api_keys.account_id
            WHERE api_keys.account_id = $1";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(account).fetch_all(pool).await?))
    }

    /// Returns how the requests with some keys ended, period by period. At most 50 keys.
    pub async fn usage_of_keys(
        &self,
        account: i64,
        keys: &[i64],
        granularity: Granularity,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<KeyPoint>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Ok(read!(self, pool => {
            let mut query = sqlx::query_as(OF_KEYS.as_str())
                .bind(account)
                .bind(granularity.as_str())
                .bind(from.0)
                .bind(to.0);
            for place in 0..MOST_KEYS {
                query = query.bind(keys.get(place).copied().unwrap_or(-1));
            }
            query.fetch_all(pool).await?
        }))
    }

    /// Returns how the requests with a key ended, period by period, oldest first.
    pub async fn usage_of_key(
        &self,
        account: i64,
        key: i64,
        granularity: Granularity,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<UsagePoint>> {
        const SQL: &str = "
            SELECT starts_at, outcome, CAST(SUM(requests) AS BIGINT) AS requests
            FROM usage_counts
            WHERE account_id = $1 AND api_key_id = $2 AND granularity = $3
                AND starts_at >= $4 AND starts_at < $5
            GROUP BY starts_at, outcome
            ORDER BY starts_at, outcome";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(key)
            .bind(granularity.as_str())
            .bind(from.0)
            .bind(to.0)
            .fetch_all(pool)
            .await?))
    }

    /// Returns where the requests with a key went and how they ended.
    pub async fn routes_of_key(
        &self,
        account: i64,
        key: i64,
        granularity: Granularity,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<RouteUse>> {
        const SQL: &str = "
            SELECT route, outcome, CAST(SUM(requests) AS BIGINT) AS requests
            FROM usage_counts
            WHERE account_id = $1 AND api_key_id = $2 AND granularity = $3
                AND starts_at >= $4 AND starts_at < $5
            GROUP BY route, outcome
            ORDER BY route, outcome";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(key)
            .bind(granularity.as_str())
            .bind(from.0)
            .bind(to.0)
            .fetch_all(pool)
            .await?))
    }

    /// Returns who sent the latest 5,000 requests with a key, up to `limit` of them, the busiest
    /// first.
    pub async fn callers_of_key(
        &self,
        account: i64,
        key: i64,
        by: CallerGrouping,
        (from, to): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<CallerUse>> {
        const BY_IP: &str = calls!("ip");
        const BY_AGENT: &str = calls!("agent");
        let sql = match by {
            CallerGrouping::Ip => BY_IP,
            CallerGrouping::Agent => BY_AGENT,
        };
        Ok(read!(self, pool => sqlx::query_as(sql)
            .bind(account)
            .bind(key)
            .bind(from.0)
            .bind(to.0)
            .bind(MOST_CALLS)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns up to `limit` requests with a key of a time that were refused, for whatever reason,
    /// newest first.
    pub async fn list_refused_requests_of_key(
        &self,
        account: i64,
        key: i64,
        (from, to): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<LoggedRequest>> {
        const SQL: &str = "
            SELECT request_log.id, at, api_key_id, key_id, user_id, method, path, status, outcome, ip,
                agent, duration_us, request_id
            FROM request_log
            LEFT JOIN api_keys ON api_keys.id = request_log.api_key_id
                AND api_keys.account_id = request_log.account_id
            WHERE request_log.account_id = $1 AND api_key_id = $2 AND at >= $3 AND at < $4
                AND outcome IN ('unauthorized', 'forbidden', 'quota_exceeded', 'rate_limited')
            ORDER BY at DESC, request_log.id DESC
            LIMIT $5";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(key)
            .bind(from.0)
            .bind(to.0)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::store_test;
    use crate::usage::{Latency, RequestRecord, UsageBatch, UsageCount, UsageKey};

    fn request(key: i64, at: i64, outcome: Outcome, ip: &str) -> RequestRecord {
        RequestRecord {
            account_id: 1,
            at: Timestamp(at),
            api_key_id: key,
            user_id: 1,
            method: "GET".to_owned(),
            path: "/v1/x".to_owned(),
            status: 200,
            outcome,
            ip: Some(ip.to_owned()),
            agent: None,
            duration_us: 5,
            request_id: format!("r{at}"),
        }
    }

    fn count(key: i64, at: i64, route: &str, outcome: Outcome, requests: i64) -> UsageCount {
        let key = UsageKey {
            account_id: 1,
            granularity: Granularity::Day,
            starts_at: Timestamp(at),
            api_key_id: key,
            route: route.to_owned(),
            outcome,
        };
        UsageCount { key, requests, latency: Latency::default() }
    }

    const ALL: (Timestamp, Timestamp) = (Timestamp(0), Timestamp(100));

    store_test! {
        async fn each_key_is_told_its_own(store: Store, _address: String) {
            let batch = UsageBatch {
                id: "a".to_owned(),
                requests: vec![
                    request(7, 1, Outcome::Ok, "192.0.2.1"),
                    request(7, 2, Outcome::RateLimited, "192.0.2.1"),
                    request(7, 3, Outcome::Ok, "192.0.2.2"),
                    request(8, 4, Outcome::Unauthorized, "192.0.2.3"),
                ],
                counts: vec![
                    count(7, 0, "GET /v1/a", Outcome::Ok, 2),
                    count(7, 0, "GET /v1/b", Outcome::Ok, 3),
                    count(7, 0, "GET /v1/b", Outcome::RateLimited, 1),
                    count(7, 50, "GET /v1/b", Outcome::Ok, 4),
                    count(8, 50, "GET /v1/b", Outcome::Ok, 5),
                    count(9, 50, "GET /v1/b", Outcome::Ok, 6),
                ],
                ..UsageBatch::default()
            };
            assert!(store.record_usage(&batch, Timestamp(1)).await.unwrap());
            let day = Granularity::Day;
            let points = store.usage_of_keys(1, &[7, 8], day, ALL).await.unwrap();
            let sums: Vec<_> = points.iter().map(|point| (point.api_key_id, point.starts_at.0, point.requests)).collect();
            assert_eq!(sums, [(7, 0, 5), (7, 0, 1), (7, 50, 4), (8, 50, 5)]);
            assert!(store.usage_of_keys(1, &[], day, ALL).await.unwrap().is_empty());
            let points = store.usage_of_key(1, 7, day, (Timestamp(1), Timestamp(51))).await.unwrap();
            assert_eq!(points, [UsagePoint { starts_at: Timestamp(50), outcome: Outcome::Ok, requests: 4 }]);
            let routes = store.routes_of_key(1, 7, day, ALL).await.unwrap();
            let routes: Vec<_> = routes.iter().map(|one| (one.route.as_str(), one.outcome, one.requests)).collect();
            assert_eq!(routes, [("GET /v1/a", Outcome::Ok, 2), ("GET /v1/b", Outcome::Ok, 7), ("GET /v1/b", Outcome::RateLimited, 1)]);
            let callers = store.callers_of_key(1, 7, CallerGrouping::Ip, ALL, 9).await.unwrap();
            let callers: Vec<_> = callers.iter().map(|one| (one.caller.as_deref().unwrap(), one.requests, one.refused, one.last_at.0)).collect();
            assert_eq!(callers, [("192.0.2.1", 2, 1, 2), ("192.0.2.2", 1, 0, 3)]);
            let agents = store.callers_of_key(1, 7, CallerGrouping::Agent, ALL, 9).await.unwrap();
            assert_eq!((agents.len(), agents[0].caller.as_deref(), agents[0].requests), (1, None, 3));
            let ids = |requests: Vec<LoggedRequest>| -> Vec<String> { requests.into_iter().map(|one| one.request_id).collect() };
            assert_eq!(ids(store.list_refused_requests_of_key(1, 7, ALL, 9).await.unwrap()), ["r2"]);
            // Nothing of it is anybody else's.
            assert!(store.usage_of_keys(2, &[7, 8], day, ALL).await.unwrap().is_empty());
            assert!(store.callers_of_key(2, 7, CallerGrouping::Ip, ALL, 9).await.unwrap().is_empty());
            assert!(store.list_refused_requests_of_key(2, 7, ALL, 9).await.unwrap().is_empty());
        }
    }
}
