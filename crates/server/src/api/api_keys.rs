//! API keys: make, list, read, change, revoke. What replaces or ends them is in
//! [`super::key_lifecycle`].
//!
//! The view holds nothing of the secret; [`NewKeyView`] shows it once. A revoked key stays in the
//! list as a tombstone.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{ApiToken, DAY_MS, Environment, KeyStatus, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ApiKey, KeyChange, KeyFilter};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Body, IdempotencyHeader, OnceBody, PageQuery, Path, Query};
use crate::app::App;
use crate::auth::{Caller, FreshSignIn, KeysRead, KeysWrite};
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::api_keys::Wish;
use crate::ops::key_hygiene::ROTATION_DAYS;

/// An API key without anything of its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    id: i64,
    /// The public half, `cl_` and twelve characters.
    key_id: String,
    name: String,
    description: Option<String>,
    environment: Option<Environment>,
    scopes: Vec<Scope>,
    status: KeyStatus,
    created_at: Timestamp,
    /// The id of the user who made it.
    created_by: Option<i64>,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    last_used_ip: Option<String>,
    last_used_agent: Option<String>,
    /// Method and path template.
    last_used_endpoint: Option<String>,
    rotated_from: Option<i64>,
    /// The id of the successor. While the key still works, `last_used_*` tells what has not
    /// switched over.
    rotated_to: Option<i64>,
    /// When the successor was made.
    rotated_at: Option<Timestamp>,
    /// When somebody reported the whole key as found.
    exposed_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    /// `user:ID`, `key:KEY_ID`, `operator` or `leak_report`.
    revoked_by: Option<String>,
    age_days: i64,
    /// Whether the key is older than 90 days and still alive.
    rotation_due: bool,
    ip_allowlist: Vec<String>,
    domains: Vec<String>,
    rate_limit: Option<RateLimit>,
}

/// A limit of a key below that of its plan.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
pub(super) struct RateLimit {
    per_minute: i64,
}

/// A new key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct NewKeyView {
    #[serde(flatten)]
    key: KeyView,
    /// The whole key; null when this request was answered before.
    api_key: Option<String>,
    /// True when this request was answered before and the secret with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
}

/// One page of keys, newest first, revoked ones included.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyListView {
    api_keys: Vec<KeyView>,
    next_cursor: Option<String>,
}

impl NewKeyView {
    pub(super) fn new(app: &App, key: ApiKey, token: Option<ApiToken>) -> Self {
        Self {
            key: KeyView::of(key, app.clock.now()),
            replayed: token.is_none(),
            api_key: token.map(|token| token.expose().to_owned()),
        }
    }
}

impl KeyView {
    pub(super) fn of(key: ApiKey, now: Timestamp) -> Self {
        let status = key.status(now);
        let age_days = now.ms_since(key.created_at).max(0) / DAY_MS;
        let is_alive = !matches!(status, KeyStatus::Revoked | KeyStatus::Expired);
        Self {
            id: key.id,
            key_id: key.key_id,
            name: key.name,
            description: key.description,
            environment: key.environment,
            scopes: key.scopes,
            status,
            created_at: key.created_at,
            created_by: key.created_by,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            last_used_ip: key.last_used_ip,
            last_used_agent: key.last_used_agent,
            last_used_endpoint: key.last_used_endpoint,
            rotated_from: key.rotated_from,
            rotated_to: key.rotated_to,
            rotated_at: key.rotated_at,
            exposed_at: key.exposed_at,
            revoked_at: key.revoked_at,
            revoked_by: key.revoked_by,
            age_days,
            rotation_due: is_alive && age_days > ROTATION_DAYS,
            ip_allowlist: key.ip_allowlist,
            domains: key.domains,
            rate_limit: key.per_minute.map(|per_minute| RateLimit { per_minute }),
        }
    }
}

/// A key to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewKeyRequest {
    /// 1 to 100 characters.
    name: String,
    description: Option<String>,
    environment: Option<Environment>,
    /// Everything but `keys:*` and `account:write` when left out.
    scopes: Option<Vec<Scope>>,
    expires_at: Option<Timestamp>,
    /// Instead of `expires_at`.
    expires_in_days: Option<i64>,
    /// Addresses or networks from which the key may be used; all when left out.
    ip_allowlist: Option<Vec<String>>,
    /// Domains, or `*.` and a domain, that the key may scan; all when left out.
    domains: Option<Vec<String>>,
    rate_limit: Option<RateLimit>,
}

/// What changes on a key; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(super) struct KeyChangeRequest {
    name: Option<String>,
    description: Option<String>,
    enabled: Option<bool>,
    ip_allowlist: Option<Vec<String>>,
    /// Not later than the present one.
    expires_at: Option<Timestamp>,
}

/// Which keys a list shows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct KeyQuery {
    #[param(value_type = Option<KeyStatus>)]
    status: Option<String>,
    /// A part of the name, whatever the case.
    name: Option<String>,
    #[param(value_type = Option<Environment>)]
    environment: Option<String>,
}

impl KeyQuery {
    fn filter(self) -> Result<KeyFilter> {
        let unknown =
            |field: &str, words: String| Error::invalid(field, format!("must be one of {words}"));
        let status = self.status.map(|word| {
            KeyStatus::parse(&word).ok_or_else(|| unknown("status", KeyStatus::list()))
        });
        let environment = self.environment.map(|word| {
            Environment::parse(&word).ok_or_else(|| unknown("environment", Environment::list()))
        });
        Ok(KeyFilter {
            status: status.transpose()?,
            name: self.name,
            environment: environment.transpose()?,
            before: None,
        })
    }
}

/// Make a key
///
/// The whole key is in `api_key`, this once. An account may have 500 living keys. Addresses, domains
/// and a rate limit of a key's own take a plan with restricted keys; scopes and an end do not. The
/// account's key policy may bound how long the key lives. A signed-in user must have proved within the
/// last five minutes who they are: `POST /v1/auth/step-up`.
#[utoipa::path(
    post, path = "/v1/auth/api-keys", tag = "api keys",
    params(IdempotencyHeader),
    request_body = NewKeyRequest,
    responses((status = 201, body = NewKeyView)),
    security(("bearer" = ["keys:write"])),
)]
pub(super) async fn create_api_key(
    State(app): State<App>,
    caller: FreshSignIn<Caller<KeysWrite>>,
    OnceBody(new, once): OnceBody<NewKeyRequest>,
) -> Result<(StatusCode, Json<NewKeyView>)> {
    let wish = Wish {
        name: new.name,
        description: new.description,
        environment: new.environment,
        scopes: new.scopes,
        expires_at: new.expires_at,
        expires_in_days: new.expires_in_days,
        ip_allowlist: new.ip_allowlist,
        domains: new.domains,
        per_minute: new.rate_limit.map(|limit| limit.per_minute),
    };
    let (key, token) = ops::api_keys::create(&app, &caller, wish, once.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(NewKeyView::new(&app, key, token))))
}

/// List keys
///
/// Newest first, revoked and expired ones included unless `status` says otherwise.
#[utoipa::path(
    get, path = "/v1/auth/api-keys", tag = "api keys",
    params(KeyQuery, PageQuery),
    responses((status = 200, body = KeyListView)),
    security(("bearer" = ["keys:read"])),
)]
pub(super) async fn list_api_keys(
    State(app): State<App>,
    caller: Caller<KeysRead>,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<KeyQuery>,
) -> Result<Json<KeyListView>> {
    let page = paging.page()?;
    let now = app.clock.now();
    let filter = KeyFilter { before: page.before, ..wanted.filter()? };
    let one_more = i64::try_from(page.limit + 1).unwrap_or(i64::MAX);
    let account = caller.principal().user_account_id;
    let mut keys = app.store.list_keys(account, &filter, one_more, now).await?;
    let has_more = keys.len() > page.limit;
    keys.truncate(page.limit);
    let last = keys.last().map(|key| key.id).filter(|_| has_more);
    let next_cursor = page.next(keys.len(), last);
    let api_keys = keys.into_iter().map(|key| KeyView::of(key, now)).collect();
    Ok(Json(KeyListView { api_keys, next_cursor }))
}

/// Read a key
#[utoipa::path(
    get, path = "/v1/auth/api-keys/{id}", tag = "api keys",
    params(("id" = i64, Path)),
    responses((status = 200, body = KeyView)),
    security(("bearer" = ["keys:read"])),
)]
pub(super) async fn get_api_key(
    State(app): State<App>,
    caller: Caller<KeysRead>,
    Path(id): Path<i64>,
) -> Result<Json<KeyView>> {
    let key = app.store.find_key(caller.principal().user_account_id, id).await?;
    Ok(Json(KeyView::of(key.ok_or(Error::NotFound)?, app.clock.now())))
}

/// Change a key
///
/// Name, description, whether it works, its addresses, an earlier end. A signed-in user who changes
/// addresses or switches a key on must have proved within the last five minutes who they are.
#[utoipa::path(
    patch, path = "/v1/auth/api-keys/{id}", tag = "api keys",
    params(("id" = i64, Path)),
    request_body = KeyChangeRequest,
    responses((status = 200, body = KeyView)),
    security(("bearer" = ["keys:write"])),
)]
pub(super) async fn update_api_key(
    State(app): State<App>,
    caller: Caller<KeysWrite>,
    Path(id): Path<i64>,
    Body(wanted): Body<KeyChangeRequest>,
) -> Result<Json<KeyView>> {
    let change = KeyChange {
        name: wanted.name,
        description: wanted.description,
        enabled: wanted.enabled,
        ip_allowlist: wanted.ip_allowlist,
        expires_at: wanted.expires_at,
    };
    let key = ops::api_keys::change(&app, &caller, id, change).await?;
    Ok(Json(KeyView::of(key.ok_or(Error::NotFound)?, app.clock.now())))
}

/// Revoke a key
///
/// From this answer on no request with the key passes. It cannot be undone. A key that is to end
/// itself needs no scope: `DELETE /v1/auth/api-keys/self`.
#[utoipa::path(
    delete, path = "/v1/auth/api-keys/{id}", tag = "api keys",
    params(("id" = i64, Path)),
    responses((status = 204)),
    security(("bearer" = ["keys:write"])),
)]
pub(super) async fn delete_api_key(
    State(app): State<App>,
    caller: Caller<KeysWrite>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    ops::key_revocation::revoke(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
