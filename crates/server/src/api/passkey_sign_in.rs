use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Body;
use super::sign_in::SignInView;
use crate::app::App;
use crate::auth::SignedIn;
use crate::auth::sign_in::Origin;
use crate::auth::webauthn::json::{AuthenticationCredential, RequestOptions};
use crate::error::Result;
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::visit::Visit;

/// What the browser is to be asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct PasskeyRequestView {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON`.
    #[serde(rename = "publicKey")]
    public_key: RequestOptions,
}

/// What a passkey signed.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasskeyProof {
    /// What `navigator.credentials.get` gave, by its `toJSON`.
    credential: AuthenticationCredential,
}

/// Begin to sign in with a passkey
///
/// The same answer for everybody: the browser asks its user which passkey to take. Pass `publicKey`
/// on to `navigator.credentials.get` and what it gives to `/v1/auth/login/passkey/finish`, within five
/// minutes.
#[utoipa::path(
    post, path = "/v1/auth/login/passkey/start", tag = "auth",
    responses((status = 200, body = PasskeyRequestView)),
)]
pub(super) async fn start_passkey_sign_in(
    State(app): State<App>,
    parts: Parts,
) -> Result<Json<PasskeyRequestView>> {
    doors::enter(&app, &parts, Door::SignIn)?;
    Ok(Json(PasskeyRequestView { public_key: ops::passkeys::start_sign_in(&app)? }))
}

/// Sign in with a passkey
///
/// A passkey whose authenticator verified its user is both factors: no code is asked for. Whatever is
/// wrong with it, the answer is the same.
#[utoipa::path(
    post, path = "/v1/auth/login/passkey/finish", tag = "auth",
    request_body = PasskeyProof,
    responses((status = 200, body = SignInView)),
)]
pub(super) async fn finish_passkey_sign_in(
    State(app): State<App>,
    parts: Parts,
    Body(sent): Body<PasskeyProof>,
) -> Result<Json<SignInView>> {
    doors::enter(&app, &parts, Door::SignIn)?;
    let (origin, visit) = (Origin::of(&app, &parts), Visit::of(&parts));
    let signing_in = ops::passkeys::finish_sign_in(&app, &sent.credential, origin, &visit);
    let (user, signed) = signing_in.await?;
    Ok(Json(SignInView::new(signed, user.user_id, user.user_email, user.plan_id)))
}

/// Begin to prove again who you are
///
/// With one of the caller's passkeys instead of the password.
#[utoipa::path(
    post, path = "/v1/auth/step-up/passkey/start", tag = "auth",
    responses((status = 200, body = PasskeyRequestView)),
    security(("session" = [])),
)]
pub(super) async fn start_passkey_step_up(
    State(app): State<App>,
    caller: SignedIn,
) -> Result<Json<PasskeyRequestView>> {
    Ok(Json(PasskeyRequestView { public_key: ops::passkeys::start_step_up(&app, &caller).await? }))
}

/// Prove again who you are with a passkey
///
/// What asks for `step_up_required` works for the next five minutes. A passkey that proves nothing is
/// a failed sign-in.
#[utoipa::path(
    post, path = "/v1/auth/step-up/passkey/finish", tag = "auth",
    request_body = PasskeyProof,
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn finish_passkey_step_up(
    State(app): State<App>,
    caller: SignedIn,
    parts: Parts,
    Body(sent): Body<PasskeyProof>,
) -> Result<StatusCode> {
    let visit = Visit::of(&parts);
    ops::passkeys::finish_step_up(&app, &caller, &sent.credential, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
