use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{Scope, SubscriptionStatus, TeamRole, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::{AnyScope, Caller, Credential, Identity, SignedIn};
use crate::error::Result;
use crate::ops;

/// The caller and what is left of the plan.
#[derive(Serialize, ToSchema)]
pub(super) struct MeView<'a> {
    id: i64,
    email: &'a str,
    name: Option<&'a str>,
    /// The plan's id.
    plan: &'a str,
    /// Always null: a key is shown once, when it is made.
    api_key: Option<&'a str>,
    scans_this_month: i64,
    scan_limit: i64,
    scans_remaining: i64,
    domain_limit: i64,
    domains_used: i64,
    subscription_status: SubscriptionStatus,
    created_at: Timestamp,
    email_verified: bool,
    oauth_provider: Option<&'a str>,
    /// What the user may do in the account.
    team_role: TeamRole,
    /// Whether signing in takes a second factor.
    mfa: bool,
    auth: AuthView<'a>,
}

/// How the caller proved who they are.
#[derive(Serialize, ToSchema)]
pub(super) struct AuthView<'a> {
    /// `api_key` or `jwt`.
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
    /// What the key may do now: of its scopes those that its maker has.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<Scope>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl<'a> AuthView<'a> {
    fn of(caller: &'a Identity) -> Self {
        match &caller.credential {
            Credential::Key(found) => Self {
                method: "api_key",
                key_id: Some(&found.key.key_id),
                scopes: Some(caller.scopes()),
                expires_at: found.key.expires_at,
            },
            Credential::Session { expires_at, .. } => {
                Self { method: "jwt", key_id: None, scopes: None, expires_at: Some(*expires_at) }
            }
        }
    }
}

/// Who am I
#[utoipa::path(
    get, path = "/v1/auth/me", tag = "auth",
    responses((status = 200, body = MeView)),
    security(("bearer" = [])),
)]
pub(super) async fn get_me(
    State(app): State<App>,
    caller: Caller<AnyScope>,
) -> Result<axum::response::Response> {
    use axum::response::IntoResponse;
    let user = caller.principal();
    let scans = ops::usage::scans_this_month(&app, user.user_account_id).await?;
    let view = MeView {
        id: user.user_id,
        email: &user.user_email,
        name: user.user_name.as_deref(),
        plan: &user.plan_id,
        api_key: None,
        scans_this_month: scans,
        scan_limit: user.plan_scans_per_month,
        scans_remaining: (user.plan_scans_per_month - scans).max(0),
        domain_limit: user.plan_domains,
        domains_used: 0,
        subscription_status: user.account_subscription,
        created_at: user.user_created_at,
        email_verified: user.user_email_verified_at.is_some(),
        oauth_provider: None,
        team_role: caller.role(),
        mfa: user.user_second_factors > 0,
        auth: AuthView::of(&caller),
    };
    Ok(Json(view).into_response())
}

/// What changes on the caller.
#[derive(Deserialize, ToSchema)]
pub(super) struct MeChange {
    /// One line of at most 100 characters; empty for no name.
    name: String,
}

/// Change my name
///
/// People in the team see it. API keys do not get in.
#[utoipa::path(
    patch, path = "/v1/auth/me", tag = "auth",
    request_body = MeChange,
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn update_me(
    State(app): State<App>,
    caller: SignedIn,
    Body(change): Body<MeChange>,
) -> Result<StatusCode> {
    ops::accounts::rename(&app, &caller, &change.name).await?;
    Ok(StatusCode::NO_CONTENT)
}
