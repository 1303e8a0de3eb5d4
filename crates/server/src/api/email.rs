use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::Body;
use super::sign_in::LetterView;
use crate::app::App;
use crate::auth::sign_in::Origin;
use crate::auth::{FreshSignIn, SignedIn};
use crate::error::Result;
use crate::limits::doors::{self, Door};
use crate::ops;

/// The link from the letter.
#[derive(Deserialize, ToSchema)]
pub(super) struct Verification {
    /// What stands after `token=` in the link.
    token: String,
}

/// Confirm an e-mail address
///
/// The link is good for a day and once. Nobody is signed in by it. The links of a change of address
/// are used here, too.
#[utoipa::path(
    post, path = "/v1/auth/email/verify", tag = "auth",
    request_body = Verification,
    responses((status = 204)),
)]
pub(super) async fn verify_email(
    State(app): State<App>,
    parts: Parts,
    Body(sent): Body<Verification>,
) -> Result<StatusCode> {
    doors::enter(&app, &parts, Door::Link)?;
    ops::email::verify(&app, &sent.token, Origin::of(&app, &parts)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The address that is wanted.
#[derive(Deserialize, ToSchema)]
pub(super) struct EmailChangeRequest {
    email: String,
}

/// Change the e-mail address
///
/// A letter goes to the present address; whoever opens its link lets one go to the new address, and
/// with that one's link the address changes. An address that was never confirmed is not asked. The
/// answer is the same for an address that somebody has.
#[utoipa::path(
    post, path = "/v1/auth/email/change", tag = "auth",
    request_body = EmailChangeRequest,
    responses((status = 202, body = LetterView)),
    security(("session" = [])),
)]
pub(super) async fn change_email(
    State(app): State<App>,
    caller: FreshSignIn,
    parts: Parts,
    Body(sent): Body<EmailChangeRequest>,
) -> Result<(StatusCode, Json<LetterView>)> {
    doors::enter(&app, &parts, Door::Letter)?;
    ops::email::ask_to_change(&app, &caller, &sent.email).await?;
    Ok((StatusCode::ACCEPTED, Json(LetterView::SENT)))
}

/// Ask for another letter to confirm the address
///
/// The link in an earlier letter stops working. At most one letter in two minutes is sent.
#[utoipa::path(
    post, path = "/v1/auth/email/resend", tag = "auth",
    responses((status = 202, body = LetterView)),
    security(("session" = [])),
)]
pub(super) async fn resend_verification(
    State(app): State<App>,
    caller: SignedIn,
) -> Result<(StatusCode, Json<LetterView>)> {
    ops::email::resend(&app, &caller).await?;
    Ok((StatusCode::ACCEPTED, Json(LetterView::SENT)))
}
