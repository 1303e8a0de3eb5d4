use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use model::{AuditAction, Timestamp};
use serde::{Deserialize, Serialize};
use store::AuditFilter;
use utoipa::{IntoParams, ToSchema};

use super::extract::{PageQuery, Query};
use super::{csv, stream};
use crate::app::App;
use crate::auth::{AccountRead, Caller};
use crate::error::{Error, Result};
use crate::ops::audit_export::{AuditEntryView, AuditFormat};
use crate::ops::plans;

/// What unlocks the log as a file. Reading it page by page is everybody's.
pub(crate) const AUDIT_EXPORT: &str = "audit_export";

/// One page of the audit log, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditLogView {
    entries: Vec<AuditEntryView>,
    next_cursor: Option<String>,
}

/// Which entries are shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// For instance `api_key.created`.
    action: Option<String>,
    /// Exactly as entries name it.
    actor: Option<String>,
    /// What it was done to, exactly as entries name it.
    target: Option<String>,
    /// The address that it was done from.
    ip: Option<String>,
    /// At or after this time.
    #[param(value_type = Option<Timestamp>)]
    from: Option<String>,
    /// Before this time.
    #[param(value_type = Option<Timestamp>)]
    to: Option<String>,
}

impl AuditQuery {
    fn filter(self) -> Result<AuditFilter> {
        let time = |field: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => Timestamp::parse(text)
                .map(Some)
                .ok_or_else(|| Error::invalid(field, "must be an RFC 3339 time")),
        };
        let action = self.action.as_deref().map(|word| {
            AuditAction::parse(word).ok_or_else(|| {
                Error::invalid("action", format!("must be one of {}", AuditAction::list()))
            })
        });
        Ok(AuditFilter {
            action: action.transpose()?,
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
            actor: self.actor,
            target: self.target,
            ip: self.ip,
            refused: None,
            before: None,
        })
    }
}

/// How the log is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// `csv`, `json` or `jsonl` (an entry a line): the whole log, as far as the filter lets it through,
    /// as one file. A page of JSON when left out.
    format: Option<String>,
}

impl ExportQuery {
    fn format(&self, headers: &HeaderMap) -> Result<Option<AuditFormat>> {
        match &self.format {
            None => Ok(csv::is_wanted(headers).then_some(AuditFormat::Csv)),
            Some(word) => AuditFormat::parse(word)
                .map(Some)
                .ok_or_else(|| Error::invalid("format", "must be csv, json or jsonl")),
        }
    }
}

/// Read the audit log
///
/// Who did what to the account, when and from where. Entries are only ever added. With `format` or
/// `Accept: text/csv` the whole log as a file, on plans that have the export.
#[utoipa::path(
    get, path = "/v1/audit-log", tag = "account",
    params(AuditQuery, ExportQuery, PageQuery),
    responses((
        status = 200,
        content((AuditLogView = "application/json"), (String = "text/csv")),
    )),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn list_audit_log(
    State(app): State<App>,
    caller: Caller<AccountRead>,
    headers: HeaderMap,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<AuditQuery>,
    Query(export): Query<ExportQuery>,
) -> Result<Response> {
    let page = paging.page()?;
    let filter = AuditFilter { before: page.before, ..wanted.filter()? };
    let account = caller.principal().user_account_id;
    if let Some(format) = export.format(&headers)? {
        plans::require_gate(&app, caller.principal(), AUDIT_EXPORT).await?;
        return Ok(whole(app, account, filter, format));
    }
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let entries = app.store.find_audit_entries(account, &filter, limit).await?;
    let next_cursor = page.next(entries.len(), entries.last().map(|entry| entry.number));
    let entries = entries.into_iter().map(AuditEntryView::from).collect();
    Ok(Json(AuditLogView { entries, next_cursor }).into_response())
}

/// Answers with the whole log, as far as a filter lets it through, as one file.
pub(crate) fn whole(app: App, account: i64, filter: AuditFilter, format: AuditFormat) -> Response {
    let page = move |earlier: Option<i64>| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let filter = AuditFilter { before: earlier.or(filter.before), ..filter };
            let entries = app.store.find_audit_entries(account, &filter, stream::PAGE).await?;
            let Some(last) = entries.last().map(|entry| entry.number) else { return Ok(None) };
            Ok(Some((format.page(earlier, entries), last)))
        }
    };
    stream::pages(format.media_type(), format.head(), page, format.tail())
}
