//! The use of the service: sums and series. Single requests and refused credentials stand in
//! `request_log` and `failed_auth`.

use axum::Json;
use axum::extract::State;
use model::{Granularity, Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Path, Query};
use crate::app::App;
use crate::auth::{AccountRead, Caller};
use crate::error::{Error, Result};
use crate::limits::{Limits, Standing};
use crate::ops;
use crate::ops::usage_report::{OfKey, Outcomes, Totals, UsageReport, UsageWish};

/// Networks shown of a key.
const MAX_NETWORKS: i64 = 100;

/// What the account asked of the service, and what is left of its plan.
#[derive(Serialize, ToSchema)]
pub(super) struct UsageView {
    plan: PlanLimitsView,
    quota: QuotaView,
    /// How the windows stand, this request counted; a key with a limit of its own has one more.
    windows: Vec<WindowView>,
    #[serde(flatten)]
    usage: UsageReportView,
    /// Keys with requests in that time, and with `key_id` null what was done by signed-in users.
    keys: Vec<KeyTotalsView>,
}

/// What the plan allows.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanLimitsView {
    id: String,
    per_minute: i64,
    per_hour: i64,
    per_day: i64,
    concurrent_scans: i64,
}

/// One window of the rate limit, as the `RateLimit` headers have it.
#[derive(Serialize, ToSchema)]
pub(super) struct WindowView {
    /// `minute`, `hour`, `day` or `key-minute`.
    window: &'static str,
    limit: i64,
    remaining: i64,
    /// When everything that is counted has left the window.
    resets_at: Timestamp,
}

impl WindowView {
    fn of(standing: Standing, now: Timestamp) -> Self {
        let Standing { window, limit, room, .. } = standing;
        let resets_at = now.plus_ms(room.reset_ms);
        Self { window, limit, remaining: room.remaining, resets_at }
    }
}

/// Scans of the calendar month, in UTC.
#[derive(Serialize, ToSchema)]
pub(super) struct QuotaView {
    scans_per_month: i64,
    scans_used: i64,
    scans_left: i64,
    resets_at: Timestamp,
}

/// Requests of a time, summed up and period by period.
#[derive(Serialize, ToSchema)]
pub(super) struct UsageReportView {
    /// The start of the first period.
    from: Timestamp,
    /// The end of the last period, which it does not belong to.
    to: Timestamp,
    granularity: Granularity,
    totals: TotalsView,
    /// The time just as long before `from`.
    previous: TotalsView,
    /// Every period, the oldest first, also those without a request.
    series: Vec<PointView>,
}

/// Requests of a time as a whole.
#[derive(Serialize, ToSchema)]
pub(super) struct TotalsView {
    requests: i64,
    outcomes: OutcomesView,
    /// Half of the requests took at most so many milliseconds. An estimate; null without requests.
    p50_ms: Option<f64>,
    /// 95 of 100 requests took at most so many milliseconds.
    p95_ms: Option<f64>,
}

/// Requests of one period.
#[derive(Serialize, ToSchema)]
pub(super) struct PointView {
    starts_at: Timestamp,
    requests: i64,
    outcomes: OutcomesView,
}

/// Requests with one key.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyTotalsView {
    /// The key's `id`; null for signed-in users.
    id: Option<i64>,
    key_id: Option<String>,
    name: Option<String>,
    requests: i64,
    outcomes: OutcomesView,
}

/// How many requests ended in each way.
#[derive(Serialize, ToSchema)]
pub(super) struct OutcomesView {
    ok: i64,
    /// The request was wrong: 400, 404, 409, 422 and their like.
    client_error: i64,
    /// The key or password was refused: 401.
    unauthorized: i64,
    /// 403 for another reason than the quota.
    forbidden: i64,
    quota_exceeded: i64,
    rate_limited: i64,
    server_error: i64,
}

impl From<Outcomes> for OutcomesView {
    fn from(outcomes: Outcomes) -> Self {
        Self {
            ok: outcomes.of(Outcome::Ok),
            client_error: outcomes.of(Outcome::ClientError),
            unauthorized: outcomes.of(Outcome::Unauthorized),
            forbidden: outcomes.of(Outcome::Forbidden),
            quota_exceeded: outcomes.of(Outcome::QuotaExceeded),
            rate_limited: outcomes.of(Outcome::RateLimited),
            server_error: outcomes.of(Outcome::ServerError),
        }
    }
}

impl From<Totals> for TotalsView {
    fn from(totals: Totals) -> Self {
        Self {
            requests: totals.outcomes.sum(),
            p50_ms: totals.percentile(0.5),
            p95_ms: totals.percentile(0.95),
            outcomes: totals.outcomes.into(),
        }
    }
}

impl From<OfKey> for KeyTotalsView {
    fn from(key: OfKey) -> Self {
        Self {
            id: Some(key.api_key_id).filter(|id| *id != 0),
            key_id: key.key_id,
            name: key.name,
            requests: key.outcomes.sum(),
            outcomes: key.outcomes.into(),
        }
    }
}

impl UsageReportView {
    fn split(report: UsageReport) -> (Self, Vec<KeyTotalsView>) {
        let point = |(starts_at, outcomes): (Timestamp, Outcomes)| PointView {
            starts_at,
            requests: outcomes.sum(),
            outcomes: outcomes.into(),
        };
        let view = Self {
            from: report.from,
            to: report.to,
            granularity: report.granularity,
            totals: report.totals.into(),
            previous: report.previous.into(),
            series: report.series.into_iter().map(point).collect(),
        };
        (view, report.keys.into_iter().map(Into::into).collect())
    }
}

/// Which time, and in how long periods.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TimeQuery {
    /// From here on, moved back to the start of a period. Left out: an hour of minutes, a day of
    /// hours, 30 days.
    from: Option<Timestamp>,
    /// Up to here, moved on to the end of a period. Left out: now.
    to: Option<Timestamp>,
    /// How long a period is; `day` when left out. 2,000 periods at most.
    #[param(value_type = Option<Granularity>)]
    granularity: Option<String>,
    /// Only this route, as `GET /v1/auth/me`, or `/v1/auth/me` for every method.
    endpoint: Option<String>,
    #[param(value_type = Option<Outcome>)]
    outcome: Option<String>,
}

/// Which key.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct KeyIdQuery {
    /// Only this key, by its `key_id`; `none` for requests without a key.
    pub(super) key_id: Option<String>,
}

/// Reads an outcome out of a query.
pub(super) fn outcome(word: Option<String>) -> Result<Option<Outcome>> {
    let unknown = || Error::invalid("outcome", format!("must be one of {}", Outcome::list()));
    word.map(|word| Outcome::parse(&word).ok_or_else(unknown)).transpose()
}

impl TimeQuery {
    fn wish(self, key_id: Option<String>) -> Result<UsageWish> {
        let granularity = match self.granularity {
            None => Granularity::Day,
            Some(word) => Granularity::parse(&word).ok_or_else(|| {
                let message = format!("must be one of {}", Granularity::list());
                Error::invalid("granularity", message)
            })?,
        };
        Ok(UsageWish {
            granularity,
            from: self.from,
            to: self.to,
            key_id,
            endpoint: self.endpoint,
            outcome: outcome(self.outcome)?,
        })
    }
}

/// Read the usage
///
/// Plan, quota, and the requests of a time by outcome, by key and period by period. Numbers are about
/// a second late.
#[utoipa::path(
    get, path = "/v1/usage", tag = "usage",
    params(TimeQuery, KeyIdQuery),
    responses((status = 200, body = UsageView)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn get_usage(
    State(app): State<App>,
    caller: Caller<AccountRead>,
    Query(time): Query<TimeQuery>,
    Query(key): Query<KeyIdQuery>,
) -> Result<Json<UsageView>> {
    let user = caller.principal();
    let account = user.user_account_id;
    let used = ops::usage::scans_this_month(&app, account).await?;
    let report = ops::usage_report::report(&app, account, time.wish(key.key_id)?).await?;
    let (usage, keys) = UsageReportView::split(report);
    let now = app.clock.now();
    let windows = app.limiter.standings(&Limits::of(&caller), now);
    Ok(Json(UsageView {
        plan: PlanLimitsView {
            id: user.plan_id.clone(),
            per_minute: user.plan_per_minute,
            per_hour: user.plan_per_hour,
            per_day: user.plan_per_day,
            concurrent_scans: user.plan_concurrent_scans,
        },
        quota: QuotaView {
            scans_per_month: user.plan_scans_per_month,
            scans_used: used,
            scans_left: (user.plan_scans_per_month - used).max(0),
            resets_at: ops::usage::next_month(now),
        },
        windows: windows.into_iter().map(|standing| WindowView::of(standing, now)).collect(),
        usage,
        keys,
    }))
}

/// The requests with one key.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyUsageView {
    id: i64,
    key_id: String,
    name: String,
    last_used_at: Option<Timestamp>,
    #[serde(flatten)]
    usage: UsageReportView,
    /// Where the key was used from, the last network first, at most 100.
    networks: Vec<NetworkView>,
}

/// A network that a key was used from.
#[derive(Serialize, ToSchema)]
pub(super) struct NetworkView {
    /// A /24 of IPv4 or a /48 of IPv6.
    network: String,
    first_seen_at: Timestamp,
    last_seen_at: Timestamp,
}

/// Read a key's usage
#[utoipa::path(
    get, path = "/v1/auth/api-keys/{id}/usage", tag = "usage",
    params(("id" = i64, Path), TimeQuery),
    responses((status = 200, body = KeyUsageView)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn get_key_usage(
    State(app): State<App>,
    caller: Caller<AccountRead>,
    Path(id): Path<i64>,
    Query(time): Query<TimeQuery>,
) -> Result<Json<KeyUsageView>> {
    let account = caller.principal().user_account_id;
    let key = app.store.find_key(account, id).await?.ok_or(Error::NotFound)?;
    let wish = time.wish(Some(key.key_id.clone()))?;
    let report = ops::usage_report::report(&app, account, wish).await?;
    let networks = app.store.list_key_networks(account, key.id, MAX_NETWORKS).await?;
    let (usage, _) = UsageReportView::split(report);
    let network = |seen: store::KeyNetwork| NetworkView {
        network: seen.network,
        first_seen_at: seen.first_seen_at,
        last_seen_at: seen.last_seen_at,
    };
    Ok(Json(KeyUsageView {
        id: key.id,
        key_id: key.key_id,
        name: key.name,
        last_used_at: key.last_used_at,
        usage,
        networks: networks.into_iter().map(network).collect(),
    }))
}
