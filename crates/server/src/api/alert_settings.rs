use axum::Json;
use axum::extract::State;
use model::{AlertPreferences, AlertPreferencesChange, AlertRules, AlertRulesChange};
use store::AlertSettingsChange;

use super::extract::Body;
use crate::app::App;
use crate::auth::{AccountRead, AccountWrite, Caller};
use crate::error::Result;
use crate::ops;

/// Read the alert rules
///
/// What counts as unusual use of the account, and how the account is told of it.
#[utoipa::path(
    get, path = "/v1/settings/alert-rules", tag = "settings",
    responses((status = 200, body = AlertRules)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn get_alert_rules(
    State(app): State<App>,
    caller: Caller<AccountRead>,
) -> Result<Json<AlertRules>> {
    Ok(Json(ops::alert_settings::find(&app, &caller).await?.rules))
}

/// Change the alert rules
///
/// Send the rules, and of each rule the fields, that are to change; the rest stays as it is. The
/// answer is the whole. A rule that is switched off or made stricter takes effect within a minute.
#[utoipa::path(
    put, path = "/v1/settings/alert-rules", tag = "settings",
    request_body = AlertRulesChange,
    responses((status = 200, body = AlertRules)),
    security(("bearer" = ["account:write"])),
)]
pub(super) async fn update_alert_rules(
    State(app): State<App>,
    caller: Caller<AccountWrite>,
    Body(rules): Body<AlertRulesChange>,
) -> Result<Json<AlertRules>> {
    let change = AlertSettingsChange { rules, ..AlertSettingsChange::default() };
    Ok(Json(ops::alert_settings::change(&app, &caller, &change).await?.rules))
}

/// Read the alert preferences
///
/// Which alerts about watched domains the account wants, and whether alerts are sent by mail.
#[utoipa::path(
    get, path = "/v1/settings/alert-preferences", tag = "settings",
    responses((status = 200, body = AlertPreferences)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn get_alert_preferences(
    State(app): State<App>,
    caller: Caller<AccountRead>,
) -> Result<Json<AlertPreferences>> {
    Ok(Json(ops::alert_settings::find(&app, &caller).await?.preferences))
}

/// Change the alert preferences
///
/// Send the fields that are to change; the rest stays as it is. The answer is the whole.
#[utoipa::path(
    put, path = "/v1/settings/alert-preferences", tag = "settings",
    request_body = AlertPreferencesChange,
    responses((status = 200, body = AlertPreferences)),
    security(("bearer" = ["account:write"])),
)]
pub(super) async fn update_alert_preferences(
    State(app): State<App>,
    caller: Caller<AccountWrite>,
    Body(preferences): Body<AlertPreferencesChange>,
) -> Result<Json<AlertPreferences>> {
    let change = AlertSettingsChange { preferences, ..AlertSettingsChange::default() };
    Ok(Json(ops::alert_settings::change(&app, &caller, &change).await?.preferences))
}
