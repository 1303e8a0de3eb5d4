use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::{AllScopes, Caller, Credential};
use crate::error::Result;
use crate::ops;

/// A new password, with the old one as proof.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordChange {
    current_password: String,
    /// At least 15 characters that are not easy to guess.
    new_password: String,
}

/// Change the password
///
/// Ends every other session. API keys stay as they are.
#[utoipa::path(
    post, path = "/v1/auth/password/change", tag = "auth",
    request_body = PasswordChange,
    responses((status = 204)),
    security(("bearer" = [])),
)]
pub(super) async fn change_password(
    State(app): State<App>,
    caller: Caller<AllScopes>,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode> {
    let keep = match &caller.credential {
        Credential::Session { id, .. } => Some(id.as_str()),
        Credential::Key(_) => None,
    };
    let (current, new) = (&change.current_password, &change.new_password);
    ops::accounts::change_password(&app, &caller, keep, current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
