use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use http::StatusCode;
use serde::Deserialize;
use store::KeysOnReset;
use utoipa::ToSchema;

use super::extract::Body;
use super::sign_in::LetterView;
use crate::app::App;
use crate::auth::sign_in::Origin;
use crate::auth::{AllScopes, Caller, Credential};
use crate::error::Result;
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::visit::Visit;

/// A new password, with the old one as proof.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordChange {
    current_password: String,
    /// At least 15 characters that are not easy to guess; 8 beside a second factor.
    new_password: String,
}

/// Change the password
///
/// Ends every other session and tells the user by mail. API keys stay as they are.
#[utoipa::path(
    post, path = "/v1/auth/password/change", tag = "auth",
    request_body = PasswordChange,
    responses((status = 204)),
    security(("bearer" = [
        "scans:read", "scans:write", "domains:read", "domains:write", "alerts:read", "alerts:write", "webhooks:read", "webhooks:write", "reports:read", "keys:read", "keys:write", "account:read", "account:write"
    ])),
)]
pub(super) async fn change_password(
    State(app): State<App>,
    caller: Caller<AllScopes>,
    visit: Visit,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode> {
    let keep = match &caller.credential {
        Credential::Session { id, .. } => Some(id.as_str()),
        Credential::Key(_) => None,
    };
    let (current, new) = (&change.current_password, &change.new_password);
    ops::passwords::change(&app, &caller, keep, current, new, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
pub(super) struct ForgottenPassword {
    email: String,
}

/// Ask for a new password
///
/// Sends a letter with a link that is good for 30 minutes and once. The answer is the same whether the
/// address has an account or not. An address gets one such letter in two minutes.
#[utoipa::path(
    post, path = "/v1/auth/password/forgot", tag = "auth",
    request_body = ForgottenPassword,
    responses((status = 202, body = LetterView)),
)]
pub(super) async fn forgot_password(
    State(app): State<App>,
    parts: Parts,
    Body(sent): Body<ForgottenPassword>,
) -> Result<(StatusCode, Json<LetterView>)> {
    doors::enter(&app, &parts, Door::Letter)?;
    ops::passwords::forgot(&app, &sent.email).await?;
    Ok((StatusCode::ACCEPTED, Json(LetterView::SENT)))
}

/// A new password, with the link from the letter as proof.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordReset {
    /// What stands after `token=` in the link.
    token: String,
    /// At least 15 characters that are not easy to guess; 8 beside a second factor.
    new_password: String,
    /// Whether the API keys that the user made end as well: whoever took over an account first makes
    /// a key.
    #[serde(default)]
    revoke_api_keys: bool,
}

/// Set a new password by link
///
/// Ends every session and tells the user by mail. Nobody is signed in by it: sign in with the new
/// password. A link that is used up, ended or unknown is refused with one answer.
#[utoipa::path(
    post, path = "/v1/auth/password/reset", tag = "auth",
    request_body = PasswordReset,
    responses((status = 204)),
)]
pub(super) async fn reset_password(
    State(app): State<App>,
    parts: Parts,
    Body(sent): Body<PasswordReset>,
) -> Result<StatusCode> {
    doors::enter(&app, &parts, Door::Link)?;
    let keys = match sent.revoke_api_keys {
        true => KeysOnReset::Revoke,
        false => KeysOnReset::Keep,
    };
    let origin = Origin::of(&app, &parts);
    ops::passwords::reset(&app, &sent.token, &sent.new_password, keys, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
