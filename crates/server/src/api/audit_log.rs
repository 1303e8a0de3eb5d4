use axum::Json;
use axum::extract::State;
use model::{AuditAction, Timestamp};
use serde::{Deserialize, Serialize};
use store::{AuditEntry, AuditFilter};
use utoipa::{IntoParams, ToSchema};

use super::extract::{PageQuery, Query};
use crate::app::App;
use crate::auth::{AccountRead, Caller};
use crate::error::{Error, Result};

/// One page of the audit log, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditLogView {
    entries: Vec<AuditEntryView>,
    next_cursor: Option<String>,
}

/// Something that was done to the account.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEntryView {
    /// 1, 2, 3 … within the account, without gaps.
    number: i64,
    at: Timestamp,
    /// `user:ID`, `key:KEY_ID`, `operator`, or the name of a job.
    actor: String,
    action: String,
    /// What it was done to.
    target: Option<String>,
    /// Where it was done from.
    ip: Option<String>,
    /// What else there is to know; its members depend on the action.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// Seals this entry together with the one before it.
    seal: String,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            target: entry.target,
            ip: entry.ip,
            detail: entry.detail,
            seal: entry.seal,
        }
    }
}

/// Which entries are shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// For instance `api_key.created`.
    action: Option<String>,
    /// Exactly as entries name it.
    actor: Option<String>,
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
            before: None,
        })
    }
}

/// Read the audit log
///
/// Who did what to the account, when and from where. Entries are only ever added.
#[utoipa::path(
    get, path = "/v1/audit-log", tag = "account",
    params(AuditQuery, PageQuery),
    responses((status = 200, body = AuditLogView)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn list_audit_log(
    State(app): State<App>,
    caller: Caller<AccountRead>,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<AuditQuery>,
) -> Result<Json<AuditLogView>> {
    let page = paging.page()?;
    let filter = AuditFilter { before: page.before, ..wanted.filter()? };
    let account = caller.principal().user_account_id;
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let entries = app.store.find_audit_entries(account, &filter, limit).await?;
    let next_cursor = page.next(entries.len(), entries.last().map(|entry| entry.number));
    let entries = entries.into_iter().map(AuditEntryView::from).collect();
    Ok(Json(AuditLogView { entries, next_cursor }))
}
