//! The request log, read: single requests of an account, page by page or as one table.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use model::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use store::{LoggedRequest, RequestFilter};
use utoipa::{IntoParams, ToSchema};

use super::csv;
use super::extract::{PageQuery, Query};
use super::usage::{KeyIdQuery, outcome};
use crate::app::App;
use crate::auth::{AccountRead, Caller};
use crate::error::Result;

/// Requests, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestsView {
    requests: Vec<RequestView>,
    /// Leads to the next page; null on the last.
    next_cursor: Option<String>,
}

/// One request.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestView {
    id: i64,
    /// When it was answered.
    at: Timestamp,
    method: String,
    /// The route's template: ids and what stood in the query are not kept.
    path: String,
    status: i64,
    outcome: Outcome,
    /// The key that was sent; null for a signed-in user.
    key_id: Option<String>,
    /// The user who was signed in, or whose key it was; null when the credential was refused.
    user_id: Option<i64>,
    /// As much of the address as the operator keeps.
    ip: Option<String>,
    /// How the client named itself, at most 200 bytes.
    agent: Option<String>,
    duration_ms: f64,
    request_id: String,
}

impl RequestView {
    pub(super) fn of(request: LoggedRequest) -> Self {
        Self {
            id: request.id,
            at: request.at,
            method: request.method,
            path: request.path,
            status: request.status,
            outcome: request.outcome,
            key_id: request.key_id,
            user_id: Some(request.user_id).filter(|id| *id != 0),
            ip: request.ip,
            agent: request.agent,
            duration_ms: request.duration_us as f64 / 1_000.0,
            request_id: request.request_id,
        }
    }
}

/// Which requests; what is left out matters not.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RequestQuery {
    /// Answered at this time or later.
    from: Option<Timestamp>,
    /// Answered before this time.
    to: Option<Timestamp>,
    status: Option<i64>,
    #[param(value_type = Option<Outcome>)]
    outcome: Option<String>,
    /// A route's template, as `/v1/scan/jobs/{job_id}`.
    path: Option<String>,
    ip: Option<String>,
    request_id: Option<String>,
}

impl RequestQuery {
    fn filter(self, key_id: Option<String>, before: Option<i64>) -> Result<RequestFilter> {
        Ok(RequestFilter {
            from: self.from.unwrap_or(Timestamp(i64::MIN)),
            to: self.to.unwrap_or(Timestamp(i64::MAX)),
            key_id,
            status: self.status,
            outcome: outcome(self.outcome)?,
            path: self.path,
            ip: self.ip,
            request_id: self.request_id,
            before,
        })
    }
}

const COLUMNS: [&str; 11] = [
    "at",
    "method",
    "path",
    "status",
    "outcome",
    "key_id",
    "user_id",
    "ip",
    "agent",
    "duration_ms",
    "request_id",
];

/// List requests
///
/// With `Accept: text/csv` all of them as a table, whatever `limit` says. Requests that were refused,
/// because of a limit or a bad key, are kept singly up to 60 a minute, others up to 6,000; they are all
/// counted.
#[utoipa::path(
    get, path = "/v1/usage/requests", tag = "usage",
    params(RequestQuery, KeyIdQuery, PageQuery),
    responses((
        status = 200,
        content((RequestsView = "application/json"), (String = "text/csv")),
    )),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn list_requests(
    State(app): State<App>,
    caller: Caller<AccountRead>,
    headers: HeaderMap,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<RequestQuery>,
    Query(key): Query<KeyIdQuery>,
) -> Result<Response> {
    let account = caller.principal().user_account_id;
    let page = paging.page()?;
    let filter = wanted.filter(key.key_id, page.before)?;
    if csv::is_wanted(&headers) {
        return Ok(table(app, account, filter));
    }
    let one_more = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
    let mut requests = app.store.list_requests(account, &filter, one_more).await?;
    let has_more = requests.len() > page.limit;
    requests.truncate(page.limit);
    let last = requests.last().map(|request| request.id).filter(|_| has_more);
    let next_cursor = page.next(requests.len(), last);
    let requests = requests.into_iter().map(RequestView::of).collect();
    Ok(Json(RequestsView { requests, next_cursor }).into_response())
}

fn table(app: App, account: i64, filter: RequestFilter) -> Response {
    csv::stream(&COLUMNS, move |before| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let filter = RequestFilter { before: before.or(filter.before), ..filter };
            let requests = app.store.list_requests(account, &filter, csv::PAGE).await?;
            let Some(last) = requests.last().map(|request| request.id) else { return Ok(None) };
            let mut out = String::new();
            for request in requests {
                let view = RequestView::of(request);
                let cells = [
                    view.at.to_string(),
                    view.method,
                    view.path,
                    view.status.to_string(),
                    view.outcome.to_string(),
                    view.key_id.unwrap_or_default(),
                    view.user_id.map(|id| id.to_string()).unwrap_or_default(),
                    view.ip.unwrap_or_default(),
                    view.agent.unwrap_or_default(),
                    view.duration_ms.to_string(),
                    view.request_id,
                ];
                csv::push_row(&mut out, cells.iter().map(String::as_str));
            }
            Ok(Some((out, last)))
        }
    })
}
