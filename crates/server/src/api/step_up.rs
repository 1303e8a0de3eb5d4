use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::SignedIn;
use crate::error::Result;
use crate::ops;

/// The proof of who is signed in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Proof {
    /// The user's present password.
    password: String,
}

/// Prove again who you are
///
/// Making a key, and whatever else asks for `step_up_required`, works for the next five minutes. A
/// fresh sign-in counts as well. A wrong password is a failed sign-in.
#[utoipa::path(
    post, path = "/v1/auth/step-up", tag = "auth",
    request_body = Proof,
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn step_up(
    State(app): State<App>,
    caller: SignedIn,
    Body(proof): Body<Proof>,
) -> Result<StatusCode> {
    ops::step_up::by_password(&app, &caller, &caller.session_id, &proof.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
