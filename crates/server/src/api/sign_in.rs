use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use http::StatusCode;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::SignedIn;
use crate::auth::sign_in::{Origin, Signed};
use crate::error::Result;
use crate::ops;
use crate::ops::accounts::Applicant;
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
    fn new(signed: Signed, id: i64, email: String, plan: String) -> Self {
        let user = SignedUserView { id, email, plan };
        Self { token: signed.token, user, expires_at: signed.expires_at }
    }
}

/// Make an account
///
/// Signs the new user in. Instances may close sign-up.
#[utoipa::path(
    post, path = "/v1/auth/register", tag = "auth",
    request_body = Registration,
    responses((status = 201, body = SignInView)),
)]
pub(super) async fn register(
    State(app): State<App>,
    parts: Parts,
    Body(wish): Body<Registration>,
) -> Result<(StatusCode, Json<SignInView>)> {
    let applicant = Applicant { email: wish.email, password: wish.password, name: wish.name };
    let origin = Origin::of(&app, &parts);
    let (user, signed) = ops::accounts::register(&app, applicant, origin).await?;
    let plan = app.config.plans.default.clone();
    Ok((StatusCode::CREATED, Json(SignInView::new(signed, user.id, user.email, plan))))
}

/// Sign in
///
/// An unknown address and a wrong password get the same answer.
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
    let origin = Origin::of(&app, &parts);
    let visit = Visit::of(&parts);
    let signing_in = ops::accounts::sign_in(&app, &sent.email, &sent.password, origin, &visit);
    let (user, signed) = signing_in.await?;
    Ok(Json(SignInView::new(signed, user.user_id, user.user_email, user.plan_id)))
}

/// Sign out
///
/// The token stops working at once, everywhere.
#[utoipa::path(
    post, path = "/v1/auth/logout", tag = "auth",
    responses((status = 204)),
    security(("bearer" = [])),
)]
pub(super) async fn logout(State(app): State<App>, caller: SignedIn) -> Result<StatusCode> {
    app.store.end_session(&caller.session_id, app.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
