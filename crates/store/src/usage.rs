//! Usage, written: single requests, counts of them, refused credentials, networks of keys.
//!
//! All of it comes in batches, each one transaction under a name of its own: a batch that is sent
//! again, because nobody knows whether it arrived, counts once. Rows are written in the order of
//! their keys, so that two nodes never wait for each other in a circle.

use std::sync::LazyLock;

use model::{AuthFailure, Granularity, Outcome, Timestamp};

use crate::rows::text;
use crate::{Result, Store, write};

/// Upper bounds of the latency histogram in milliseconds; one more bucket is for what is above.
pub const LATENCY_BOUNDS_MS: [i64; LATENCY_BUCKETS - 1] =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/// How many buckets the latency histogram has.
pub const LATENCY_BUCKETS: usize = 14;
/// How many requests fell into each bucket of [`LATENCY_BOUNDS_MS`].
pub type Latency = [i64; LATENCY_BUCKETS];

/// One request, as it is kept.
#[derive(Debug, Clone)]
pub struct RequestRecord {
    pub account_id: i64,
    /// When it began.
    pub at: Timestamp,
    /// 0 for a signed-in user.
    pub api_key_id: i64,
    pub user_id: i64,
    pub method: String,
    /// The template of the route.
    pub path: String,
    pub status: i64,
    pub outcome: Outcome,
    pub ip: Option<String>,
    pub agent: Option<String>,
    pub duration_us: i64,
    pub request_id: String,
}

/// What requests are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UsageKey {
    pub account_id: i64,
    pub granularity: Granularity,
    pub starts_at: Timestamp,
    /// 0 for signed-in users.
    pub api_key_id: i64,
    /// Method and path template.
    pub route: String,
    pub outcome: Outcome,
}

/// How many requests to add to a count.
#[derive(Debug, Clone)]
pub struct UsageCount {
    pub key: UsageKey,
    pub requests: i64,
    pub latency: Latency,
}

/// Refused credentials to add to a minute's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptCount {
    pub account_id: i64,
    pub minute: Timestamp,
    /// 0 for none.
    pub api_key_id: i64,
    /// 0 for none.
    pub user_id: i64,
    pub reason: AuthFailure,
    /// Empty for none.
    pub ip: String,
    pub agent: Option<String>,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub attempts: i64,
}

/// A network that a key was used from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSeen {
    pub api_key_id: i64,
    pub network: String,
    pub account_id: i64,
    pub at: Timestamp,
}

/// What is written at once. Rows of a kind are in order and differ in their keys.
#[derive(Debug, Clone, Default)]
pub struct UsageBatch {
    /// A name that no other batch has.
    pub id: String,
    pub requests: Vec<RequestRecord>,
    pub counts: Vec<UsageCount>,
    pub attempts: Vec<AttemptCount>,
    pub networks: Vec<NetworkSeen>,
}

/// Requests written by one statement.
const AT_ONCE: usize = 64;
const REQUEST_COLUMNS: usize = 12;
const INSERT_REQUEST: &str = "
    INSERT INTO request_log (account_id, at, api_key_id, user_id, method, path, status, outcome, ip,
        agent, duration_us, request_id)
    VALUES ";
static INSERT_ONE: LazyLock<String> = LazyLock::new(|| insert(1));
static INSERT_MANY: LazyLock<String> = LazyLock::new(|| insert(AT_ONCE));

fn insert(rows: usize) -> String {
    let row = |row: usize| {
        let numbers = row * REQUEST_COLUMNS + 1..=(row + 1) * REQUEST_COLUMNS;
        let places: Vec<_> = numbers.map(|number| format!("${number}")).collect();
        format!("({})", places.join(", "))
    };
    format!("{INSERT_REQUEST}{}", (0..rows).map(row).collect::<Vec<_>>().join(", "))
}

const ADD_COUNT: &str = "
    INSERT INTO usage_counts (account_id, granularity, starts_at, api_key_id, route, outcome,
        requests, latency_00, latency_01, latency_02, latency_03, latency_04, latency_05, latency_06,
        latency_07, latency_08, latency_09, latency_10, latency_11, latency_12, latency_13)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21)
    ON CONFLICT (account_id, granularity, starts_at, api_key_id, route, outcome) DO UPDATE SET
        requests = usage_counts.requests + excluded.requests,
        latency_00 = usage_counts.latency_00 + excluded.latency_00,
        latency_01 = usage_counts.latency_01 + excluded.latency_01,
        latency_02 = usage_counts.latency_02 + excluded.latency_02,
        latency_03 = usage_counts.latency_03 + excluded.latency_03,
        latency_04 = usage_counts.latency_04 + excluded.latency_04,
        latency_05 = usage_counts.latency_05 + excluded.latency_05,
        latency_06 = usage_counts.latency_06 + excluded.latency_06,
        latency_07 = usage_counts.latency_07 + excluded.latency_07,
        latency_08 = usage_counts.latency_08 + excluded.latency_08,
        latency_09 = usage_counts.latency_09 + excluded.latency_09,
        latency_10 = usage_counts.latency_10 + excluded.latency_10,
        latency_11 = usage_counts.latency_11 + excluded.latency_11,
        latency_12 = usage_counts.latency_12 + excluded.latency_12,
        latency_13 = usage_counts.latency_13 + excluded.latency_13";
const ADD_ATTEMPTS: &str = "
    INSERT INTO failed_attempts (account_id, minute, api_key_id, user_id, reason, ip, agent,
        first_at, last_at, attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (account_id, minute, api_key_id, user_id, reason, ip) DO UPDATE SET
        agent = excluded.agent, last_at = excluded.last_at,
        attempts = failed_attempts.attempts + excluded.attempts";
const SEE_NETWORK: &str = "
    INSERT INTO key_networks (api_key_id, network, account_id, first_seen_at, last_seen_at)
    VALUES ($1, $2, $3, $4, $4)
    ON CONFLICT (api_key_id, network) DO UPDATE SET last_seen_at = excluded.last_seen_at";

macro_rules! bind_request {
    ($query:expr, $request:expr) => {
        $query
            .bind($request.account_id)
            .bind($request.at.0)
            .bind($request.api_key_id)
            .bind($request.user_id)
            .bind(&$request.method)
            .bind(&$request.path)
            .bind($request.status)
            .bind($request.outcome.as_str())
            .bind(&$request.ip)
            .bind($request.agent.as_deref().map(text))
            .bind($request.duration_us)
            .bind(&$request.request_id)
    };
}

impl Store {
    /// Writes a batch, once however often it is sent. Returns whether it was written now.
    pub async fn record_usage(&self, batch: &UsageBatch, now: Timestamp) -> Result<bool> {
        const CLAIM: &str =
            "INSERT INTO usage_batches (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
        Ok(write!(self, tx => {
            let claimed = sqlx::query(CLAIM).bind(&batch.id).bind(now.0).execute(&mut *tx).await?;
            if claimed.rows_affected() == 0 {
                return Ok(false);
            }
            let mut chunks = batch.requests.chunks_exact(AT_ONCE);
            for chunk in &mut chunks {
                let mut query = sqlx::query(INSERT_MANY.as_str());
                for request in chunk {
                    query = bind_request!(query, request);
                }
                query.execute(&mut *tx).await?;
            }
            for request in chunks.remainder() {
                bind_request!(sqlx::query(INSERT_ONE.as_str()), request).execute(&mut *tx).await?;
            }
            for count in &batch.counts {
                let mut query = sqlx::query(ADD_COUNT)
                    .bind(count.key.account_id)
                    .bind(count.key.granularity.as_str())
                    .bind(count.key.starts_at.0)
                    .bind(count.key.api_key_id)
                    .bind(&count.key.route)
                    .bind(count.key.outcome.as_str())
                    .bind(count.requests);
                for bucket in count.latency {
                    query = query.bind(bucket);
                }
                query.execute(&mut *tx).await?;
            }
            for attempt in &batch.attempts {
                sqlx::query(ADD_ATTEMPTS)
                    .bind(attempt.account_id)
                    .bind(attempt.minute.0)
                    .bind(attempt.api_key_id)
                    .bind(attempt.user_id)
                    .bind(attempt.reason.as_str())
                    .bind(&attempt.ip)
                    .bind(attempt.agent.as_deref().map(text))
                    .bind(attempt.first_at.0)
                    .bind(attempt.last_at.0)
                    .bind(attempt.attempts)
                    .execute(&mut *tx)
                    .await?;
            }
            for seen in &batch.networks {
                sqlx::query(SEE_NETWORK)
                    .bind(seen.api_key_id)
                    .bind(&seen.network)
                    .bind(seen.account_id)
                    .bind(seen.at.0)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(true)
        }))
    }
}

#[cfg(test)]
mod tests {
    use model::DAY_MS;

    use super::*;
    use crate::testing::store_test;
    use crate::{AttemptDay, AttemptFilter, AttemptGrouping, Old, RequestFilter, UsageFilter};

    fn request(account: i64, at: i64, number: i64) -> RequestRecord {
        RequestRecord {
            account_id: account,
            at: Timestamp(at),
            api_key_id: 0,
            user_id: 1,
            method: "GET".to_owned(),
            path: "/v1/x".to_owned(),
            status: 200,
            outcome: Outcome::Ok,
            ip: None,
            agent: Some("nul\0".to_owned()),
            duration_us: 5,
            request_id: format!("r{number}"),
        }
    }

    fn count(account: i64, granularity: Granularity, at: i64, requests: i64) -> UsageCount {
        let key = UsageKey {
            account_id: account,
            granularity,
            starts_at: granularity.start_of(Timestamp(at)),
            api_key_id: 0,
            route: "GET /v1/x".to_owned(),
            outcome: Outcome::Ok,
        };
        let mut latency = Latency::default();
        latency[13] = requests;
        UsageCount { key, requests, latency }
    }

    fn attempt(account: i64, at: i64, attempts: i64) -> AttemptCount {
        AttemptCount {
            account_id: account,
            minute: Granularity::Minute.start_of(Timestamp(at)),
            api_key_id: 9,
            user_id: 0,
            reason: AuthFailure::Revoked,
            ip: "192.0.2.1".to_owned(),
            agent: None,
            first_at: Timestamp(at),
            last_at: Timestamp(at + 1),
            attempts,
        }
    }

    const ALL: (Timestamp, Timestamp) = (Timestamp(i64::MIN), Timestamp(i64::MAX));

    fn filter(granularity: Granularity) -> UsageFilter {
        let (from, to) = ALL;
        UsageFilter { granularity, from, to, key_id: None, endpoint: None, outcome: None }
    }

    fn requests() -> RequestFilter {
        let (from, to) = ALL;
        RequestFilter {
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

    fn attempts() -> AttemptFilter {
        let (from, to) = ALL;
        AttemptFilter { from, to, key_id: None, reason: None, ip: None, before: None }
    }

    store_test! {
        async fn a_batch_counts_once_however_often_it_is_sent(store: Store, _address: String) {
            let batch = |id: &str| UsageBatch {
                id: id.to_owned(),
                requests: (0..100).map(|number| request(1, number, number)).collect(),
                counts: vec![count(1, Granularity::Minute, 1, 100)],
                attempts: vec![attempt(1, 5, 7)],
                networks: vec![NetworkSeen { api_key_id: 9, network: "192.0.2.0/24".to_owned(), account_id: 1, at: Timestamp(3) }],
            };
            assert!(store.record_usage(&batch("a"), Timestamp(1)).await.unwrap());
            assert!(!store.record_usage(&batch("a"), Timestamp(1)).await.unwrap());
            assert_eq!(store.count_usage_rows().await.unwrap(), [100, 1, 1]);
            assert!(store.record_usage(&batch("b"), Timestamp(2)).await.unwrap());
            assert_eq!(store.count_usage_rows().await.unwrap(), [200, 1, 1]);
            let totals = store.usage_totals(1, &filter(Granularity::Minute)).await.unwrap();
            assert_eq!((totals[0].requests, totals[0].latency()[13]), (200, 200));
            let grouped = store.group_failed_attempts(1, &attempts(), AttemptGrouping::Ip, 9).await.unwrap();
            assert_eq!((grouped[0].attempts, grouped[0].ip.as_deref()), (14, Some("192.0.2.1")));
            assert_eq!(store.list_key_networks(1, 9, 9).await.unwrap().len(), 1);
            let days = store.failed_attempts_by_day(1, Timestamp(0)).await.unwrap();
            assert_eq!(days, [AttemptDay { day: Timestamp(0), sign_ins: 0, keys: 14 }]);
            assert!(store.failed_attempts_by_day(1, Timestamp(DAY_MS)).await.unwrap().is_empty());
            // Nothing of it is anybody else's.
            assert!(store.usage_series(2, &filter(Granularity::Minute)).await.unwrap().is_empty());
            assert!(store.list_requests(2, &requests(), 9).await.unwrap().is_empty());
            assert!(store.list_failed_attempts(2, &attempts(), 9).await.unwrap().is_empty());
            assert!(store.list_key_networks(2, 9, 9).await.unwrap().is_empty());
        }

        async fn only_what_is_older_goes_and_in_steps(store: Store, _address: String) {
            let batch = UsageBatch {
                id: "a".to_owned(),
                requests: (0..10).map(|day| request(1, day * DAY_MS, day)).collect(),
                counts: (0..10).map(|day| count(1, Granularity::Day, day * DAY_MS, 1)).collect(),
                attempts: (0..10).map(|day| attempt(1, day * DAY_MS, 1)).collect(),
                networks: Vec::new(),
            };
            store.record_usage(&batch, Timestamp(0)).await.unwrap();
            let before = Timestamp(5 * DAY_MS);
            for old in [Old::Requests, Old::Counts(Granularity::Day), Old::FailedAttempts] {
                assert_eq!(store.prune(old, before, 3).await.unwrap(), 3, "{old:?}");
                assert_eq!(store.prune(old, before, 3).await.unwrap(), 2, "{old:?}");
                assert_eq!(store.prune(old, before, 3).await.unwrap(), 0, "{old:?}");
            }
            assert_eq!(store.prune(Old::Counts(Granularity::Hour), before, 3).await.unwrap(), 0);
            assert_eq!(store.count_usage_rows().await.unwrap(), [5, 5, 5]);
            let oldest = store.list_requests(1, &requests(), 99).await.unwrap().pop().unwrap();
            assert_eq!(oldest.at, before);
            assert_eq!(oldest.agent.as_deref(), Some("nul\u{fffd}"));
        }

        async fn ended_jobs_go_and_waiting_ones_stay(store: Store, _address: String) {
            for kind in ["done", "waiting"] {
                let job = crate::NewJob { kind, payload: String::new(), run_at: Timestamp(1), max_attempts: 1 };
                store.enqueue(&job, Timestamp(1)).await.unwrap();
            }
            let job = store.claim_job("w", crate::Lane::Only("done"), Timestamp(1), 9).await.unwrap().unwrap();
            store.finish_job(job.id, "w").await.unwrap();
            assert_eq!(store.prune(Old::EndedJobs, Timestamp(2), 9).await.unwrap(), 1);
            assert_eq!(store.queue_depth().await.unwrap(), 1);
            assert_eq!(store.prune(Old::KeyNetworks, Timestamp(2), 9).await.unwrap(), 0);
            assert_eq!(store.prune(Old::UsageBatches, Timestamp(2), 9).await.unwrap(), 0);
        }
    }
}
