//! What a sign-in takes besides the password: the caller's own second factors.
//!
//! Nothing here is repeated by `Idempotency-Key`: what is made anew takes the place of what was made
//! before, so a request that is sent twice leaves one secret or one set of codes, the later.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Body;
use super::passkeys::PasskeyView;
use crate::app::App;
use crate::auth::{FreshSignIn, SignedIn};
use crate::error::Result;
use crate::ops;
use crate::ops::second_factors::Enrolment;

/// The caller's second factors.
#[derive(Serialize, ToSchema)]
pub(super) struct SecondFactorsView {
    totp: TotpView,
    /// Passkeys sign in by themselves, without password or code.
    passkeys: Vec<PasskeyView>,
    /// Codes that were not used. Ten are made with the first factor.
    recovery_codes_left: i64,
}

/// The authenticator app.
#[derive(Serialize, ToSchema)]
pub(super) struct TotpView {
    /// Whether signing in takes its code.
    enrolled: bool,
    confirmed_at: Option<Timestamp>,
}

/// A secret to be put into an authenticator app, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct EnrolmentView {
    /// 160 bits in base32, to be typed in.
    secret: String,
    /// The same as an address that apps open.
    otpauth_url: String,
    /// That address as a QR code: an SVG document.
    qr_svg: String,
}

impl From<Enrolment> for EnrolmentView {
    fn from(made: Enrolment) -> Self {
        Self { secret: made.secret, otpauth_url: made.url, qr_svg: made.drawing.svg() }
    }
}

/// The first code of an authenticator.
#[derive(Deserialize, ToSchema)]
pub(super) struct Confirmation {
    /// The six digits that it shows.
    code: String,
}

/// Codes that each stand in for the second factor once, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodesView {
    /// Ten codes of 120 bits. Case, spaces and hyphens do not matter when one is sent.
    recovery_codes: Vec<String>,
}

/// List the second factors
#[utoipa::path(
    get, path = "/v1/auth/mfa", tag = "auth",
    responses((status = 200, body = SecondFactorsView)),
    security(("session" = [])),
)]
pub(super) async fn list_second_factors(
    State(app): State<App>,
    caller: SignedIn,
) -> Result<Json<SecondFactorsView>> {
    let found = ops::second_factors::list(&app, &caller).await?;
    let passkeys = app.store.list_passkeys(caller.principal().user_id).await?;
    let confirmed_at = found.totp_confirmed_at;
    Ok(Json(SecondFactorsView {
        totp: TotpView { enrolled: confirmed_at.is_some(), confirmed_at },
        passkeys: passkeys.into_iter().map(PasskeyView::from).collect(),
        recovery_codes_left: found.recovery_codes_left,
    }))
}

/// Begin with an authenticator
///
/// Makes a secret for an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds). Nothing
/// changes until its first code was confirmed, within 15 minutes; an authenticator that is enrolled
/// already goes on until then and is replaced by it. Takes a fresh proof of who you are.
#[utoipa::path(
    post, path = "/v1/auth/mfa/totp/enroll", tag = "auth",
    responses((status = 200, body = EnrolmentView)),
    security(("session" = [])),
)]
pub(super) async fn enroll_totp(
    State(app): State<App>,
    caller: FreshSignIn,
) -> Result<Json<EnrolmentView>> {
    Ok(Json(ops::second_factors::enrol(&app, &caller).await?.into()))
}

/// Confirm the authenticator
///
/// From now on signing in takes a code besides the password. Answers with ten recovery codes for the
/// day the app is lost; earlier ones are void. Every other session ends, and the user is told by mail.
/// Takes a fresh proof of who you are.
#[utoipa::path(
    post, path = "/v1/auth/mfa/totp/confirm", tag = "auth",
    request_body = Confirmation,
    responses((status = 200, body = RecoveryCodesView)),
    security(("session" = [])),
)]
pub(super) async fn confirm_totp(
    State(app): State<App>,
    caller: FreshSignIn,
    Body(sent): Body<Confirmation>,
) -> Result<Json<RecoveryCodesView>> {
    let keep = &caller.session_id;
    let recovery_codes = ops::second_factors::confirm(&app, &caller, keep, &sent.code).await?;
    Ok(Json(RecoveryCodesView { recovery_codes }))
}

/// Remove the authenticator
///
/// With the last second factor the recovery codes go too. Every other session ends, and the user is
/// told by mail. Takes a fresh proof of who you are.
#[utoipa::path(
    delete, path = "/v1/auth/mfa/totp", tag = "auth",
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn delete_totp(State(app): State<App>, caller: FreshSignIn) -> Result<StatusCode> {
    ops::second_factors::remove(&app, &caller, &caller.session_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make new recovery codes
///
/// All earlier ones are void. The user is told by mail. Takes a fresh proof of who you are.
#[utoipa::path(
    post, path = "/v1/auth/mfa/recovery-codes", tag = "auth",
    responses((status = 200, body = RecoveryCodesView)),
    security(("session" = [])),
)]
pub(super) async fn create_recovery_codes(
    State(app): State<App>,
    caller: FreshSignIn,
) -> Result<Json<RecoveryCodesView>> {
    let recovery_codes = ops::second_factors::renew_codes(&app, &caller).await?;
    Ok(Json(RecoveryCodesView { recovery_codes }))
}
