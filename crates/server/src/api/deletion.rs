use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::{FreshSignIn, SignedIn};
use crate::error::Result;
use crate::ops;
use crate::visit::Visit;

/// The proof that the account is to go.
#[derive(Deserialize, ToSchema)]
pub(super) struct Farewell {
    current_password: String,
}

/// Delete my account
///
/// For its only owner. From the answer on no key and no sign-in of the account works, of anybody in
/// it, and its addresses are free; everything else is removed in the minutes after. It cannot be
/// undone: take `GET /v1/auth/export` first. Everybody in it gets a letter.
#[utoipa::path(
    delete, path = "/v1/auth/me", tag = "account",
    request_body = Farewell,
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn delete_me(
    State(app): State<App>,
    caller: FreshSignIn<SignedIn>,
    visit: Visit,
    Body(proof): Body<Farewell>,
) -> Result<StatusCode> {
    ops::deletion::delete_own(&app, &caller, &proof.current_password, &visit).await?;
    Ok(StatusCode::NO_CONTENT)
}
