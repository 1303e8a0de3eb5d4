use axum::Json;
use axum::extract::State;
use model::{KeyStatus, Timestamp};
use serde::Serialize;
use store::ApiKey;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{Caller, KeysRead};
use crate::error::Result;
use crate::ops::key_hygiene::findings;

/// What is wrong with the account's living keys.
#[derive(Serialize, ToSchema)]
pub(super) struct HygieneView {
    /// Keys that are neither revoked nor expired.
    living_keys: usize,
    /// The most urgent first; empty when all is well.
    findings: Vec<FindingView>,
}

/// One thing that is wrong, with the keys it is about.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingView {
    /// `exposed`, `old_key_in_use`, `rotation_due`, `ends_soon`, `never_used`, `idle`, `no_end`,
    /// `all_scopes` or `disabled`.
    finding: &'static str,
    /// What is wrong, for people.
    message: &'static str,
    /// What to do, for people.
    next_step: &'static str,
    api_keys: Vec<KeyMention>,
}

/// A key, as far as one needs to know it again.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyMention {
    id: i64,
    key_id: String,
    name: String,
    status: KeyStatus,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    rotated_to: Option<i64>,
}

impl KeyMention {
    fn of(key: &ApiKey, now: Timestamp) -> Self {
        Self {
            id: key.id,
            key_id: key.key_id.clone(),
            name: key.name.clone(),
            status: key.status(now),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            rotated_to: key.rotated_to,
        }
    }
}

/// Look after the keys
///
/// Living keys that were never used, are idle, old, about to end, without an end, too powerful,
/// switched off, replaced but still in use, or reported as leaked; each finding with the next step.
#[utoipa::path(
    get, path = "/v1/auth/api-keys/hygiene", tag = "api keys",
    responses((status = 200, body = HygieneView)),
    security(("bearer" = ["keys:read"])),
)]
pub(super) async fn get_key_hygiene(
    State(app): State<App>,
    caller: Caller<KeysRead>,
) -> Result<Json<HygieneView>> {
    let now = app.clock.now();
    let keys = app.store.list_living_keys(caller.principal().user_account_id, now).await?;
    let findings = findings(&keys, now).into_iter().map(|(finding, keys)| FindingView {
        finding: finding.id(),
        message: finding.message(),
        next_step: finding.next_step(),
        api_keys: keys.into_iter().map(|key| KeyMention::of(key, now)).collect(),
    });
    Ok(Json(HygieneView { living_keys: keys.len(), findings: findings.collect() }))
}
