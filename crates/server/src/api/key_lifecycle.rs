//! What replaces or ends API keys, and what a key may do with itself.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::KeySelection;
use utoipa::ToSchema;

use super::api_keys::{KeyView, NewKeyView};
use super::extract::{Body, IdempotencyHeader, OnceBody, OnceHeader, Path};
use crate::app::App;
use crate::auth::{AnyScope, Caller, FreshSignIn, KeysWrite};
use crate::error::{Error, Result};
use crate::ops;

/// Keys that one request can name.
const MAX_IDS: usize = 500;

/// How a key is replaced.
#[derive(Deserialize, ToSchema)]
pub(super) struct RotationRequest {
    /// How long the old key still works, 0 to 2592000 (30 days); 0 ends it at once.
    #[serde(default = "one_day")]
    #[schema(default = 86400, minimum = 0, maximum = 2592000)]
    grace_period_seconds: i64,
}

fn one_day() -> i64 {
    86_400
}

/// A successor with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct RegeneratedView {
    /// The whole key; null when this request was answered before.
    api_key: Option<String>,
    key: KeyView,
    /// True when this request was answered before and the secret with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replayed: bool,
}

/// Which keys are revoked: exactly one of the members.
#[derive(Deserialize, ToSchema)]
pub(super) struct RevocationRequest {
    /// 1 to 500 ids; those that are not the account's are passed over.
    ids: Option<Vec<i64>>,
    /// Every living key that was made before this time.
    created_before: Option<Timestamp>,
    /// `true` for every living key, the calling one included.
    all: Option<bool>,
}

/// How many keys were alive and are revoked now.
#[derive(Serialize, ToSchema)]
pub(super) struct RevokedView {
    revoked: usize,
}

impl RevocationRequest {
    fn selection(self) -> Result<KeySelection> {
        let selection = match (self.ids, self.created_before, self.all) {
            (Some(ids), None, None) => KeySelection::Ids(ids),
            (None, Some(time), None) => KeySelection::CreatedBefore(time),
            (None, None, Some(true)) => KeySelection::All,
            (None, None, Some(false)) => {
                return Err(Error::invalid("all", "must be `true`, or be left out"));
            }
            _ => {
                let problem = "send exactly one of `ids`, `created_before` and `all`";
                return Err(Error::invalid("ids", problem));
            }
        };
        match &selection {
            KeySelection::Ids(ids) if !(1..=MAX_IDS).contains(&ids.len()) => {
                Err(Error::invalid("ids", format!("must hold 1 to {MAX_IDS} ids")))
            }
            _ => Ok(selection),
        }
    }
}

/// Rotate a key
///
/// Makes a successor that may do the same and lives as long as the old key was to live. The old one
/// works until the end of the grace period; its answers then carry `Deprecation`, `Sunset` and
/// `X-API-Key-Expires`. A key may rotate itself, and others that may do no more than it may. A
/// signed-in user must have proved within the last five minutes who they are.
#[utoipa::path(
    post, path = "/v1/auth/api-keys/{id}/rotate", tag = "api keys",
    params(("id" = i64, Path), IdempotencyHeader),
    request_body = RotationRequest,
    responses((status = 201, body = NewKeyView)),
    security(("bearer" = ["keys:write"])),
)]
pub(super) async fn rotate_api_key(
    State(app): State<App>,
    caller: FreshSignIn<Caller<KeysWrite>>,
    Path(id): Path<i64>,
    OnceBody(wanted, once): OnceBody<RotationRequest>,
) -> Result<(StatusCode, Json<NewKeyView>)> {
    let grace = wanted.grace_period_seconds;
    let (key, token) = ops::key_rotation::rotate(&app, &caller, id, grace, once.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(NewKeyView::new(&app, key, token))))
}

/// Replace the calling key at once
///
/// The old key stops working with this answer. A signed-in user replaces the oldest active key
/// that they manage, and must have proved within the last five minutes who they are.
#[utoipa::path(
    post, path = "/v1/auth/api-key/regenerate", tag = "api keys",
    params(IdempotencyHeader),
    responses((status = 200, body = RegeneratedView)),
    security(("bearer" = ["keys:write"])),
)]
pub(super) async fn regenerate_api_key(
    State(app): State<App>,
    caller: FreshSignIn<Caller<KeysWrite>>,
    OnceHeader(once): OnceHeader,
) -> Result<Json<RegeneratedView>> {
    let (key, token) = ops::key_rotation::regenerate(&app, &caller, once.as_ref()).await?;
    Ok(Json(RegeneratedView {
        replayed: token.is_none(),
        api_key: token.map(|token| token.expose().to_owned()),
        key: KeyView::of(key, app.clock.now()),
    }))
}

/// Revoke several keys
///
/// All or none. From this answer on no request with one of them passes.
#[utoipa::path(
    post, path = "/v1/auth/api-keys/revoke", tag = "api keys",
    request_body = RevocationRequest,
    responses((status = 200, body = RevokedView)),
    security(("bearer" = ["keys:write"])),
)]
pub(super) async fn revoke_api_keys(
    State(app): State<App>,
    caller: Caller<KeysWrite>,
    Body(wanted): Body<RevocationRequest>,
) -> Result<Json<RevokedView>> {
    let selection = wanted.selection()?;
    let revoked = ops::key_revocation::revoke_many(&app, &caller, &selection).await?;
    Ok(Json(RevokedView { revoked }))
}

/// Read the calling key
///
/// Any key may read itself. A signed-in user has no key: 404.
#[utoipa::path(
    get, path = "/v1/auth/api-keys/self", tag = "api keys",
    responses((status = 200, body = KeyView)),
    security(("bearer" = [])),
)]
pub(super) async fn get_own_api_key(
    State(app): State<App>,
    caller: Caller<AnyScope>,
) -> Result<Json<KeyView>> {
    let own = caller.key().ok_or(Error::NotFound)?;
    let key = app.store.find_key(own.account_id, own.id).await?.ok_or(Error::NotFound)?;
    Ok(Json(KeyView::of(key, app.clock.now())))
}

/// Revoke the calling key
///
/// Any key may end itself, whatever its scopes: who finds one can make it harmless.
#[utoipa::path(
    delete, path = "/v1/auth/api-keys/self", tag = "api keys",
    responses((status = 204)),
    security(("bearer" = [])),
)]
pub(super) async fn delete_own_api_key(
    State(app): State<App>,
    caller: Caller<AnyScope>,
) -> Result<StatusCode> {
    let id = caller.key().ok_or(Error::NotFound)?.id;
    ops::key_revocation::revoke(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
