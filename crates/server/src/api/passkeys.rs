//! The caller's passkeys. Each is both factors: an authenticator that did not verify its user is not
//! taken.
//!
//! What goes to and comes from the browser is the JSON of WebAuthn level 3, so a page passes it on as
//! it is.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, IdempotencyHeader, OnceBody, Path};
use crate::app::App;
use crate::auth::webauthn::json::{CreationOptions, RegistrationCredential};
use crate::auth::{FreshSignIn, SignedIn};
use crate::error::Result;
use crate::ops;

/// What the browser is to be asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct CreationView {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON`.
    #[serde(rename = "publicKey")]
    public_key: CreationOptions,
}

/// A new passkey.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewPasskeyBody {
    /// What `navigator.credentials.create` gave, by its `toJSON`.
    credential: RegistrationCredential,
    /// What to call it, 1 to 100 characters.
    name: Option<String>,
}

/// A passkey's new name.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasskeyChange {
    /// 1 to 100 characters. Left out, it stays as it is.
    name: Option<String>,
}

/// A passkey of the caller.
#[derive(Serialize, ToSchema)]
pub(super) struct PasskeyView {
    id: i64,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    /// Whether it is copied to the user's other devices, or stays on one.
    backed_up: bool,
    /// How its authenticator can be reached: `internal`, `hybrid`, `usb`, …
    transports: Vec<String>,
}

/// The passkeys of the caller, the oldest first; at most ten.
#[derive(Serialize, ToSchema)]
pub(super) struct PasskeysView {
    passkeys: Vec<PasskeyView>,
}

impl From<store::Passkey> for PasskeyView {
    fn from(passkey: store::Passkey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
            backed_up: passkey.backed_up,
            transports: passkey.transports,
        }
    }
}

/// Begin to add a passkey
///
/// Pass `publicKey` on to `navigator.credentials.create` and what it gives to
/// `/v1/auth/mfa/passkeys/register/finish`, within five minutes and with the same token.
#[utoipa::path(
    post, path = "/v1/auth/mfa/passkeys/register/start", tag = "auth",
    responses((status = 200, body = CreationView)),
    security(("session" = [])),
)]
pub(super) async fn start_passkey_registration(
    State(app): State<App>,
    caller: FreshSignIn,
) -> Result<Json<CreationView>> {
    let public_key = ops::passkeys::start_registration(&app, &caller, &caller.session_id).await?;
    Ok(Json(CreationView { public_key }))
}

/// Add a passkey
///
/// It signs its user in without password or code. A user has at most ten and is told of each by mail.
/// Attestation is not looked at.
#[utoipa::path(
    post, path = "/v1/auth/mfa/passkeys/register/finish", tag = "auth",
    request_body = NewPasskeyBody,
    params(IdempotencyHeader),
    responses((status = 201, body = PasskeyView)),
    security(("session" = [])),
)]
pub(super) async fn finish_passkey_registration(
    State(app): State<App>,
    caller: FreshSignIn,
    OnceBody(sent, once): OnceBody<NewPasskeyBody>,
) -> Result<(StatusCode, Json<PasskeyView>)> {
    let NewPasskeyBody { credential, name } = sent;
    let (session_id, once) = (&caller.session_id, once.as_ref());
    let adding =
        ops::passkeys::finish_registration(&app, &caller, session_id, &credential, name, once);
    Ok((StatusCode::CREATED, Json(adding.await?.into())))
}

/// List my passkeys
#[utoipa::path(
    get, path = "/v1/auth/mfa/passkeys", tag = "auth",
    responses((status = 200, body = PasskeysView)),
    security(("session" = [])),
)]
pub(super) async fn list_passkeys(
    State(app): State<App>,
    caller: SignedIn,
) -> Result<Json<PasskeysView>> {
    let passkeys = app.store.list_passkeys(caller.principal().user_id).await?;
    Ok(Json(PasskeysView { passkeys: passkeys.into_iter().map(PasskeyView::from).collect() }))
}

/// Rename a passkey
#[utoipa::path(
    patch, path = "/v1/auth/mfa/passkeys/{id}", tag = "auth",
    params(("id" = i64, Path, description = "The passkey's `id`")),
    request_body = PasskeyChange,
    responses((status = 200, body = PasskeyView)),
    security(("session" = [])),
)]
pub(super) async fn rename_passkey(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<i64>,
    Body(change): Body<PasskeyChange>,
) -> Result<Json<PasskeyView>> {
    Ok(Json(ops::passkeys::rename(&app, &caller, id, change.name).await?.into()))
}

/// Remove a passkey
///
/// It signs nobody in any more; sessions it began go on. Its user is told by mail.
#[utoipa::path(
    delete, path = "/v1/auth/mfa/passkeys/{id}", tag = "auth",
    params(("id" = i64, Path, description = "The passkey's `id`")),
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn remove_passkey(
    State(app): State<App>,
    caller: FreshSignIn,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    ops::passkeys::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
