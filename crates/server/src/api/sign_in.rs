use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::SignedIn;
use crate::auth::sign_in::{Origin, Signed};
use crate::error::Result;
use crate::limits::doors::{self, Door};
use crate::ops::accounts::{self, Applicant, Registered};
use crate::ops::second_factors::Code;
use crate::visit::Visit;

/// A wish for an account.
#[derive(Deserialize, ToSchema)]
pub(super) struct Registration {
    email: String,
    /// At least 15 characters that are not easy to guess.
    password: String,
    name: Option<String>,
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    email: String,
    password: String,
    /// The six digits that the authenticator shows, for users with a second factor.
    totp: Option<String>,
    /// A recovery code, instead of `totp`. It is used up.
    recovery_code: Option<String>,
}

/// A token that works wherever an API key does, for 24 hours.
#[derive(Serialize, ToSchema)]
pub(super) struct SignInView {
    token: String,
    user: SignedUserView,
    expires_at: Timestamp,
}

/// The user who signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedUserView {
    id: i64,
    email: String,
    /// The plan's id.
    plan: String,
}

impl SignInView {
    pub(super) fn new(signed: Signed, id: i64, email: String, plan: String) -> Self {
        let user = SignedUserView { id, email, plan };
        Self { token: signed.token, user, expires_at: signed.expires_at }
    }
}

/// That a letter is on its way, if there is anybody to send one to.
#[derive(Serialize, ToSchema)]
pub(super) struct LetterView {
    message: &'static str,
}

impl LetterView {
    /// The answer about an address, the same for every address.
    pub(super) const SENT: Self = Self { message: "Check your mail: a letter is on its way." };
}

/// Make an account
///
/// Signs the new user in. An instance that confirms e-mail addresses answers 202 instead, the same for
/// every address, and sends a letter with a link; an address that has an account gets a letter that
/// says so. Instances may close sign-up.
#[utoipa::path(
    post, path = "/v1/auth/register", tag = "auth",
    request_body = Registration,
    responses(
        (status = 201, body = SignInView),
        (status = 202, description = "The instance confirms addresses", body = LetterView),
    ),
)]
pub(super) async fn register(
    State(app): State<App>,
    parts: Parts,
    Body(wish): Body<Registration>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::SignUp)?;
    let applicant = Applicant { email: wish.email, password: wish.password, name: wish.name };
    let origin = Origin::of(&app, &parts);
    Ok(match accounts::register(&app, applicant, origin).await? {
        Registered::SignedIn(created) => {
            let (user, signed) = *created;
            let plan = app.config.plans.default.clone();
            let view = SignInView::new(signed, user.id, user.email, plan);
            (StatusCode::CREATED, Json(view)).into_response()
        }
        Registered::LetterSent => (StatusCode::ACCEPTED, Json(LetterView::SENT)).into_response(),
    })
}

/// Sign in
///
/// An unknown address, a wrong password and a wrong code get the same answer. A right password without
/// the code that the user has to send besides is 403 `mfa_required`: send it all again, with the code.
#[utoipa::path(
    post, path = "/v1/auth/login", tag = "auth",
    request_body = Credentials,
    responses((status = 200, body = SignInView)),
)]
pub(super) async fn login(
    State(app): State<App>,
    parts: Parts,
    Body(sent): Body<Credentials>,
) -> Result<Json<SignInView>> {
    doors::enter(&app, &parts, Door::SignIn)?;
    let origin = Origin::of(&app, &parts);
    let visit = Visit::of(&parts);
    let code = Code::of(sent.totp, sent.recovery_code)?;
    let sent = accounts::Credentials { email: sent.email, password: sent.password, code };
    let (user, signed) = accounts::sign_in(&app, &sent, origin, &visit).await?;
    Ok(Json(SignInView::new(signed, user.user_id, user.user_email, user.plan_id)))
}

/// Sign out
///
/// The token stops working at once, everywhere.
#[utoipa::path(
    post, path = "/v1/auth/logout", tag = "auth",
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn logout(State(app): State<App>, caller: SignedIn) -> Result<StatusCode> {
    let account = caller.principal().user_account_id;
    app.store.end_session(account, &caller.session_id, &caller.act(&app)).await?;
    Ok(StatusCode::NO_CONTENT)
}
