use axum::Json;
use axum::extract::State;
use model::LeakPolicy;
use serde::{Deserialize, Deserializer, Serialize};
use store::{KeyPolicy, KeyPolicyChange};
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::{AccountRead, AccountWrite, Caller};
use crate::error::Result;
use crate::ops;

/// What the account demands of its keys.
#[derive(Serialize, ToSchema)]
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

/// What changes of the policy; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(super) struct KeyPolicyRequest {
    leak_policy: Option<LeakPolicy>,
    /// Null lifts the bound.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    max_lifetime_days: Option<Option<i64>>,
}

/// Tells a null from a member that is left out.
fn given<'de, D: Deserializer<'de>>(
    source: D,
) -> std::result::Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(source).map(Some)
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

/// Change the key policy
#[utoipa::path(
    put, path = "/v1/settings/key-policy", tag = "settings",
    request_body = KeyPolicyRequest,
    responses((status = 200, body = KeyPolicyView)),
    security(("bearer" = ["account:write"])),
)]
pub(super) async fn update_key_policy(
    State(app): State<App>,
    caller: Caller<AccountWrite>,
    Body(wanted): Body<KeyPolicyRequest>,
) -> Result<Json<KeyPolicyView>> {
    let change = KeyPolicyChange {
        leak_policy: wanted.leak_policy,
        max_lifetime_days: wanted.max_lifetime_days,
    };
    Ok(Json(ops::key_policy::change(&app, &caller, change).await?.into()))
}
