//! Alerts over HTTP: list them, mark them as read. What raises them stands in `ops::alerts`.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{AlertType, Severity, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Alert, AlertFilter};
use utoipa::{IntoParams, ToSchema};

use super::extract::{PageQuery, Path, Query};
use crate::app::App;
use crate::auth::{AlertsRead, AlertsWrite, Caller};
use crate::error::{Error, Result};

/// One page of alerts, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertsView {
    alerts: Vec<AlertView>,
    next_cursor: Option<String>,
}

/// Something that should be looked at.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertView {
    id: i64,
    alert_type: AlertType,
    severity: Severity,
    title: String,
    message: String,
    /// The value before, as text.
    old_value: Option<String>,
    /// The value that raised the alert, as text; for a key, the address it was used from.
    new_value: Option<String>,
    is_read: bool,
    created_at: Timestamp,
    /// The scan it comes from.
    scan_id: Option<i64>,
    /// The watched domain it is about.
    domain_id: Option<i64>,
    domain: Option<String>,
    /// The public half of the API key it is about.
    key_id: Option<String>,
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id,
            alert_type: alert.alert_type,
            severity: alert.severity,
            title: alert.title,
            message: alert.message,
            old_value: alert.old_value,
            new_value: alert.new_value,
            is_read: alert.is_read,
            created_at: alert.created_at,
            scan_id: alert.scan_id,
            domain_id: alert.domain_id,
            domain: alert.domain,
            key_id: alert.key_id,
        }
    }
}

/// Which alerts are shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AlertsQuery {
    /// Leave out what was read.
    #[serde(default)]
    unread_only: bool,
    #[param(value_type = Option<Severity>)]
    severity: Option<String>,
    #[serde(rename = "type")]
    #[param(value_type = Option<AlertType>)]
    alert_type: Option<String>,
    domain_id: Option<i64>,
}

impl AlertsQuery {
    fn filter(&self) -> Result<AlertFilter> {
        let severity = self.severity.as_deref().map(|word| {
            Severity::parse(word).ok_or_else(|| {
                Error::invalid("severity", format!("must be one of {}", Severity::list()))
            })
        });
        let alert_type = self.alert_type.as_deref().map(|word| {
            AlertType::parse(word).ok_or_else(|| {
                Error::invalid("type", format!("must be one of {}", AlertType::list()))
            })
        });
        Ok(AlertFilter {
            is_read: self.unread_only.then_some(false),
            severity: severity.transpose()?,
            alert_type: alert_type.transpose()?,
            domain_id: self.domain_id,
            ..AlertFilter::default()
        })
    }
}

/// List alerts
#[utoipa::path(
    get, path = "/v1/domains/alerts", tag = "alerts",
    params(AlertsQuery, PageQuery),
    responses((status = 200, body = AlertsView)),
    security(("bearer" = ["alerts:read"])),
)]
pub(super) async fn list_alerts(
    State(app): State<App>,
    caller: Caller<AlertsRead>,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<AlertsQuery>,
) -> Result<Json<AlertsView>> {
    let page = paging.page()?;
    let filter = AlertFilter { after: page.before, ..wanted.filter()? };
    let account = caller.principal().user_account_id;
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let alerts = app.store.list_alerts(account, &filter, limit).await?;
    let next_cursor = page.next(alerts.len(), alerts.last().map(|alert| alert.id));
    Ok(Json(AlertsView { alerts: alerts.into_iter().map(AlertView::from).collect(), next_cursor }))
}

/// Mark an alert as read
#[utoipa::path(
    post, path = "/v1/domains/alerts/{id}/read", tag = "alerts",
    params(("id" = i64, Path, description = "The alert's `id`")),
    responses((status = 204)),
    security(("bearer" = ["alerts:write"])),
)]
pub(super) async fn read_alert(
    State(app): State<App>,
    caller: Caller<AlertsWrite>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    match app.store.read_alert(caller.principal().user_account_id, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Error::NotFound),
    }
}

/// Mark all alerts as read
#[utoipa::path(
    post, path = "/v1/domains/alerts/read-all", tag = "alerts",
    responses((status = 204)),
    security(("bearer" = ["alerts:write"])),
)]
pub(super) async fn read_all_alerts(
    State(app): State<App>,
    caller: Caller<AlertsWrite>,
) -> Result<StatusCode> {
    app.store.read_alerts(caller.principal().user_account_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
