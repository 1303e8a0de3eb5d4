use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::SignedIn;
use crate::error::Result;
use crate::ops;
use crate::ops::second_factors::Code;
use crate::visit::Visit;

/// The proof of who is signed in: the password, or, for a user with a second factor, a code. What is
/// sent beside it must be right too.
#[derive(Deserialize, ToSchema)]
pub(super) struct ProofRequest {
    /// The user's present password.
    password: Option<String>,
    /// The six digits that the authenticator shows.
    totp: Option<String>,
    /// A recovery code, instead of `totp`. It is used up.
    recovery_code: Option<String>,
}

/// Prove again who you are
///
/// Making a key, and whatever else asks for `step_up_required`, works for the next five minutes. A
/// fresh sign-in counts as well. Whoever has a second factor sends that: a password alone is refused
/// with `mfa_required`. Something wrong is a failed sign-in.
#[utoipa::path(
    post, path = "/v1/auth/step-up", tag = "auth",
    request_body = ProofRequest,
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn step_up(
    State(app): State<App>,
    caller: SignedIn,
    visit: Visit,
    Body(sent): Body<ProofRequest>,
) -> Result<StatusCode> {
    let code = Code::of(sent.totp, sent.recovery_code)?;
    let proof = ops::step_up::Proof { password: sent.password, code };
    ops::step_up::prove(&app, &caller, &caller.session_id, &proof, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
