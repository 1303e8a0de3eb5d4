//! What requests leave behind for whoever reads the usage of an account.
//!
//! [`layer`] takes from the [`Visit`] who asked and keeps what happened in memory; [`Recorder::flush`]
//! writes it every second and at shutdown, one transaction a batch. `batch` turns requests into rows,
//! `attempts` counts refused credentials, `agent` takes secrets out of what clients call themselves.
//!
//! Invariants: a request never waits for the database; memory and rows are bounded whatever
//! strangers send; a batch that could not be written is sent again under its name and counts once. A
//! crash loses what was not yet written, at most about a second.
//!
//! To record more about a request: a field in [`Seen`], a column in `store::RequestRecord`.

mod agent;
mod attempts;
mod batch;

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use attempts::Attempts;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use http::header::USER_AGENT;
use model::{AuthFailure, Outcome, Timestamp};
use store::{Store, StoreError, UsageBatch};
use tokio::sync::Notify;

use crate::app::App;
use crate::auth::token::random_base62;
use crate::client_ip::client_ip;
use crate::config::{StoreIp, UsageConfig};
use crate::error::{QUOTA_EXCEEDED, Raised};
use crate::request_id::RequestId;
use crate::visit::{Named, Visit};

const MAX_AGENT: usize = 200;
/// Requests that may wait to be written.
const CAPACITY: usize = 20_000;
/// How often what waits is written.
const INTERVAL: Duration = Duration::from_secs(1);
/// Shortest time between two writes, however busy it is.
const PAUSE: Duration = Duration::from_millis(100);

/// One request that was answered.
struct Seen {
    at: Timestamp,
    account_id: i64,
    api_key_id: i64,
    user_id: i64,
    method: Method,
    path: MatchedPath,
    status: u16,
    outcome: Outcome,
    /// Whether it was let in, so that the plan bounds how many there are.
    admitted: bool,
    ip: Option<IpAddr>,
    agent: Option<Box<str>>,
    took: Duration,
    request_id: Option<RequestId>,
}

/// What waits to be written.
pub(crate) struct Recorder {
    waiting: Mutex<Waiting>,
    /// A batch that may not have arrived. Held while it is written, so that there is one at a time.
    unsettled: tokio::sync::Mutex<Option<UsageBatch>>,
    filling: Notify,
}

struct Waiting {
    requests: Vec<Seen>,
    /// Requests for which there was no room.
    lost: u64,
    attempts: Attempts,
    /// How many batches there were, and what tells ours from those of other servers.
    batches: u64,
    name: String,
    quota: batch::Quota,
}

impl Recorder {
    /// Makes an empty one.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            waiting: Mutex::new(Waiting {
                requests: Vec::with_capacity(CAPACITY),
                lost: 0,
                attempts: Attempts::default(),
                batches: 0,
                name: random_base62(16)?,
                quota: batch::Quota::default(),
            }),
            unsettled: tokio::sync::Mutex::new(None),
            filling: Notify::new(),
        })
    }

    fn record(&self, seen: Seen) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.requests.len() >= CAPACITY {
            waiting.lost += 1;
            return;
        }
        waiting.requests.push(seen);
        if waiting.requests.len() == CAPACITY / 2 {
            self.filling.notify_one();
        }
    }

    fn refuse(&self, refused: attempts::Refused<'_>) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).attempts.add(refused);
    }

    fn stranger(&self, ip: Option<IpAddr>, now: Timestamp) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).attempts.stranger(ip, now);
    }

    /// Writes all that waits. What cannot be written waits on and is tried again.
    pub(crate) async fn flush(
        &self,
        store: &Store,
        config: &UsageConfig,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut unsettled = self.unsettled.lock().await;
        if let Some(batch) = &*unsettled {
            store.record_usage(batch, now).await?;
            *unsettled = None;
        }
        if let Some(batch) = self.take(config, now) {
            let batch = unsettled.insert(batch);
            store.record_usage(batch, now).await?;
            *unsettled = None;
        }
        Ok(())
    }

    fn take(&self, config: &UsageConfig, now: Timestamp) -> Option<UsageBatch> {
        let (requests, attempts, id, mut quota) = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let lost = std::mem::take(&mut waiting.lost);
            if lost > 0 {
                tracing::warn!(requests = lost, "more requests came than could be recorded");
            }
            let attempts = waiting.attempts.take(now);
            if waiting.requests.is_empty() && attempts.is_empty() {
                return None;
            }
            waiting.batches += 1;
            let id = format!("{}:{}", waiting.name, waiting.batches);
            let empty = Vec::with_capacity(CAPACITY);
            let requests = std::mem::replace(&mut waiting.requests, empty);
            (requests, attempts, id, std::mem::take(&mut waiting.quota))
        };
        // Outside the lock: requests go on meanwhile.
        let batch = batch::of(id, requests, attempts, config, &mut quota);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).quota = quota;
        Some(batch)
    }
}

/// Writes what waits, until the server closes; the rest is written by the shutdown.
pub(crate) async fn keep(app: App) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = app.recorder.filling.notified() => tokio::time::sleep(PAUSE).await,
            () = app.closing.cancelled() => return,
        }
        flush(&app).await;
    }
}

/// Writes what waits now.
pub(crate) async fn flush(app: &App) {
    let flushed = app.recorder.flush(&app.store, &app.config.usage, app.clock.now());
    if let Err(error) = flushed.await {
        tracing::warn!(%error, "usage could not be written; it is tried again");
    }
}

/// Records each request of a known account, and each credential that was refused.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let visit = Visit::of(&parts);
    let ip = client_ip(&app, &parts);
    let method = parts.method.clone();
    let path = parts.extensions.get::<MatchedPath>().cloned();
    let request_id = parts.extensions.get::<RequestId>().cloned();
    let agent = parts.headers.get(USER_AGENT).cloned();
    let response = next.run(Request::from_parts(parts, body)).await;

    let at = app.clock.now();
    let agent = || {
        let agent = agent.as_ref().and_then(|agent| agent.to_str().ok())?;
        Some(&agent[..agent.len().min(MAX_AGENT)])
    };
    let shown_ip = shown(ip, app.config.usage.store_ip);
    let (account_id, api_key_id, user_id) = match (visit.identity(), visit.refused()) {
        (_, Some(refused)) => {
            let (key, user) = match refused.named {
                Named::ApiKey(key) => (key, 0),
                Named::User(user) => (0, user),
            };
            app.recorder.refuse(attempts::Refused {
                account_id: refused.account_id,
                api_key_id: key,
                user_id: user,
                reason: refused.reason,
                ip: shown_ip,
                agent: agent(),
                at,
            });
            (refused.account_id, key, user)
        }
        (Some(identity), None) => {
            let principal = identity.principal();
            let key = identity.key().map_or(0, |key| key.id);
            (principal.user_account_id, key, principal.user_id)
        }
        (None, None) => {
            if response.status().as_u16() == 401 {
                app.recorder.stranger(ip, at);
            }
            return response;
        }
    };
    // Pages are not use of the API.
    let Some(path) = path.filter(|path| path.as_str().starts_with("/v1/")) else {
        return response;
    };
    let outcome = outcome(&response, visit.refused().map(|refused| refused.reason));
    app.recorder.record(Seen {
        at,
        account_id,
        api_key_id,
        user_id,
        method,
        path,
        status: response.status().as_u16(),
        outcome,
        admitted: visit.refused().is_none() && outcome != Outcome::RateLimited,
        ip: shown_ip,
        agent: agent().map(Into::into),
        took: began.elapsed(),
        request_id,
    });
    response
}

fn outcome(response: &Response, refused: Option<AuthFailure>) -> Outcome {
    let raised = response.extensions().get::<Raised>();
    let is_quota = raised.is_some_and(|raised| raised.0.code().code == QUOTA_EXCEEDED.code);
    match response.status().as_u16() {
        ..=399 => Outcome::Ok,
        401 => Outcome::Unauthorized,
        403 if is_quota => Outcome::QuotaExceeded,
        403 => Outcome::Forbidden,
        429 => Outcome::RateLimited,
        500.. => Outcome::ServerError,
        _ if refused.is_some() => Outcome::Unauthorized,
        _ => Outcome::ClientError,
    }
}

/// Returns as much of an address as may be kept.
fn shown(ip: Option<IpAddr>, store_ip: StoreIp) -> Option<IpAddr> {
    match store_ip {
        StoreIp::Full => ip,
        StoreIp::Truncated => ip.map(network),
        StoreIp::None => None,
    }
}

/// Returns the first address of the network that somebody has for themselves: a /24 of IPv4, a /48 of
/// IPv6.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => IpAddr::V4((ip.to_bits() & 0xffff_ff00).into()),
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & (u128::MAX << 80)).into()),
    }
}

/// Returns the name of that network, as `192.0.2.0/24`.
fn network_name(ip: IpAddr) -> String {
    let bits = if ip.is_ipv4() { 24 } else { 48 };
    format!("{}/{bits}", network(ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_as_much_as_the_operator_allows() {
        let ip = |text: &str| text.parse::<IpAddr>().ok();
        assert_eq!(shown(ip("192.0.2.77"), StoreIp::Full), ip("192.0.2.77"));
        assert_eq!(shown(ip("192.0.2.77"), StoreIp::Truncated), ip("192.0.2.0"));
        assert_eq!(shown(ip("2001:db8:1:2::3"), StoreIp::Truncated), ip("2001:db8:1::"));
        assert_eq!(shown(ip("192.0.2.77"), StoreIp::None), None);
        assert_eq!(network_name(ip("2001:db8:1:2::3").unwrap()), "2001:db8:1::/48");
    }
}
