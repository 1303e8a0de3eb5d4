//! Refused credentials that name a key or a user of the account: minute by minute, grouped, or as one
//! table.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use model::{AuthFailure, Timestamp};
use serde::{Deserialize, Serialize};
use store::{AttemptFilter, AttemptGroup, AttemptGrouping, FailedAttempts};
use utoipa::{IntoParams, ToSchema};

use super::csv;
use super::extract::{PageQuery, Query};
use super::usage::KeyIdQuery;
use crate::app::App;
use crate::auth::{AccountRead, Caller};
use crate::error::{Error, Result};

/// Attempts with a credential that was refused, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct FailedAuthView {
    /// Attempts of the same minute that are alike stand in one row. Empty when grouped.
    attempts: Vec<AttemptsView>,
    /// With `group_by`: the largest groups first.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<AttemptGroupView>>,
    /// Leads to the next page; null on the last, and when grouped.
    next_cursor: Option<String>,
}

/// Attempts of a minute that are alike.
#[derive(Serialize, ToSchema)]
pub(super) struct AttemptsView {
    id: i64,
    first_at: Timestamp,
    last_at: Timestamp,
    /// How many there were.
    attempts: i64,
    reason: AuthFailure,
    /// The key that was named; null for a user, and when there were too many to keep apart.
    key_id: Option<String>,
    /// The user of the account whose address was named.
    email: Option<String>,
    /// As much of the address as the operator keeps; null when there were too many to keep apart.
    ip: Option<String>,
    /// How the client named itself the last time.
    agent: Option<String>,
}

/// Attempts from one address or with one key.
#[derive(Serialize, ToSchema)]
pub(super) struct AttemptGroupView {
    /// With `group_by=ip`.
    ip: Option<String>,
    /// With `group_by=key`; null for attempts to sign in.
    key_id: Option<String>,
    attempts: i64,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl AttemptsView {
    pub(super) fn of(row: FailedAttempts) -> Self {
        Self {
            id: row.id,
            first_at: row.first_at,
            last_at: row.last_at,
            attempts: row.attempts,
            reason: row.reason,
            key_id: row.key_id,
            email: row.email,
            ip: Some(row.ip).filter(|ip| !ip.is_empty()),
            agent: row.agent,
        }
    }
}

impl AttemptGroupView {
    fn of(row: AttemptGroup) -> Self {
        Self {
            ip: row.ip.filter(|ip| !ip.is_empty()),
            key_id: row.key_id,
            attempts: row.attempts,
            first_at: row.first_at,
            last_at: row.last_at,
        }
    }
}

/// Which attempts; what is left out matters not.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FailedAuthQuery {
    /// At this time or later.
    from: Option<Timestamp>,
    /// Before this time.
    to: Option<Timestamp>,
    #[param(value_type = Option<AuthFailure>)]
    reason: Option<String>,
    ip: Option<String>,
    /// One row for each address or key instead of one for each minute.
    group_by: Option<GroupBy>,
}

/// What attempts are grouped by.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GroupBy {
    Ip,
    Key,
}

impl FailedAuthQuery {
    fn filter(self, key_id: Option<String>, before: Option<i64>) -> Result<AttemptFilter> {
        let unknown =
            || Error::invalid("reason", format!("must be one of {}", AuthFailure::list()));
        let reason = self.reason.map(|word| AuthFailure::parse(&word).ok_or_else(unknown));
        Ok(AttemptFilter {
            from: self.from.unwrap_or(Timestamp(i64::MIN)),
            to: self.to.unwrap_or(Timestamp(i64::MAX)),
            key_id,
            reason: reason.transpose()?,
            ip: self.ip,
            before,
        })
    }
}

const COLUMNS: [&str; 8] =
    ["first_at", "last_at", "attempts", "reason", "key_id", "email", "ip", "agent"];

/// List failed attempts
///
/// Attempts that name a key of the account or a user of it and were refused: a wrong secret, a revoked
/// or expired key, a wrong password. Attempts that name nobody are not here. With `Accept: text/csv`
/// all of them as a table, one row for each minute, whatever `limit` and `group_by` say.
#[utoipa::path(
    get, path = "/v1/usage/failed-auth", tag = "usage",
    params(FailedAuthQuery, KeyIdQuery, PageQuery),
    responses((
        status = 200,
        content((FailedAuthView = "application/json"), (String = "text/csv")),
    )),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn list_failed_auth(
    State(app): State<App>,
    caller: Caller<AccountRead>,
    headers: HeaderMap,
    Query(paging): Query<PageQuery>,
    Query(mut wanted): Query<FailedAuthQuery>,
    Query(key): Query<KeyIdQuery>,
) -> Result<Response> {
    let account = caller.principal().user_account_id;
    let page = paging.page()?;
    let grouping = wanted.group_by.take().map(|by| match by {
        GroupBy::Ip => AttemptGrouping::Ip,
        GroupBy::Key => AttemptGrouping::ApiKey,
    });
    let filter = wanted.filter(key.key_id, page.before)?;
    if csv::is_wanted(&headers) {
        return Ok(table(app, account, filter));
    }
    let most = i64::try_from(page.limit).unwrap_or(i64::MAX);
    if let Some(grouping) = grouping {
        let groups = app.store.group_failed_attempts(account, &filter, grouping, most).await?;
        let groups = Some(groups.into_iter().map(AttemptGroupView::of).collect());
        let view = FailedAuthView { attempts: Vec::new(), groups, next_cursor: None };
        return Ok(Json(view).into_response());
    }
    let mut attempts = app.store.list_failed_attempts(account, &filter, most + 1).await?;
    let has_more = attempts.len() > page.limit;
    attempts.truncate(page.limit);
    let last = attempts.last().map(|row| row.id).filter(|_| has_more);
    let next_cursor = page.next(attempts.len(), last);
    let attempts = attempts.into_iter().map(AttemptsView::of).collect();
    Ok(Json(FailedAuthView { attempts, groups: None, next_cursor }).into_response())
}

fn table(app: App, account: i64, filter: AttemptFilter) -> Response {
    csv::stream(&COLUMNS, move |before| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let filter = AttemptFilter { before: before.or(filter.before), ..filter };
            let rows = app.store.list_failed_attempts(account, &filter, csv::PAGE).await?;
            let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
            let mut out = String::new();
            for row in rows {
                let view = AttemptsView::of(row);
                let cells = [
                    view.first_at.to_string(),
                    view.last_at.to_string(),
                    view.attempts.to_string(),
                    view.reason.to_string(),
                    view.key_id.unwrap_or_default(),
                    view.email.unwrap_or_default(),
                    view.ip.unwrap_or_default(),
                    view.agent.unwrap_or_default(),
                ];
                csv::push_row(&mut out, cells.iter().map(String::as_str));
            }
            Ok(Some((out, last)))
        }
    })
}
