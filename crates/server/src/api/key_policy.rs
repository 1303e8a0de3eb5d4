use axum::Json;
use axum::extract::State;
use model::LeakPolicy;
use serde::{Deserialize, Serialize};
use store::KeyPolicy;
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::{AccountRead, AccountWrite, Caller};
use crate::error::{Error, Result};

const MAX_DAYS: i64 = 3650;

/// What the account demands of its keys.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct KeyPolicyView {
    /// Whether a key that somebody reports as leaked is revoked at once, or goes on working while
    /// its owner is told.
    leak_policy: LeakPolicy,
    /// How many days a new key may live at most, 1 to 3650; null for ever. A key that is made
    /// without an end then gets this one; keys that exist stay as they are.
    max_lifetime_days: Option<i64>,
}

impl From<KeyPolicy> for KeyPolicyView {
    fn from(policy: KeyPolicy) -> Self {
        Self { leak_policy: policy.leak_policy, max_lifetime_days: policy.max_lifetime_days }
    }
}

/// Read the key policy
#[utoipa::path(
    get, path = "/v1/settings/key-policy", tag = "settings",
    responses((status = 200, body = KeyPolicyView)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn get_key_policy(
    State(app): State<App>,
    caller: Caller<AccountRead>,
) -> Result<Json<KeyPolicyView>> {
    let policy = app.store.find_key_policy(caller.principal().user_account_id).await?;
    Ok(Json(policy.into()))
}

/// Set the key policy
#[utoipa::path(
    put, path = "/v1/settings/key-policy", tag = "settings",
    request_body = KeyPolicyView,
    responses((status = 200, body = KeyPolicyView)),
    security(("bearer" = ["account:write"])),
)]
pub(super) async fn update_key_policy(
    State(app): State<App>,
    caller: Caller<AccountWrite>,
    Body(wanted): Body<KeyPolicyView>,
) -> Result<Json<KeyPolicyView>> {
    if wanted.max_lifetime_days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
        let problem = format!("must be between 1 and {MAX_DAYS}, or null");
        return Err(Error::invalid("max_lifetime_days", problem));
    }
    let policy =
        KeyPolicy { leak_policy: wanted.leak_policy, max_lifetime_days: wanted.max_lifetime_days };
    let account = caller.principal().user_account_id;
    app.store.set_key_policy(account, &policy, &caller.act(&app)).await?;
    Ok(Json(policy.into()))
}
