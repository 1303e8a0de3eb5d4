use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::api_keys::KeyView;
use super::extract::{PageQuery, Path, Query};
use crate::app::App;
use crate::auth::{Admin, FreshSignIn};
use crate::error::{Error, Result};
use crate::ops::administration;

/// One page of keys, newest first, revoked ones included.
#[derive(Serialize, ToSchema)]
pub(super) struct AnyKeysView {
    api_keys: Vec<AnyKeyView>,
    next_cursor: Option<String>,
}

/// A key and whose it is.
#[derive(Serialize, ToSchema)]
pub(super) struct AnyKeyView {
    account_id: i64,
    #[serde(flatten)]
    key: KeyView,
}

/// Which keys; one of the two is needed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AnyKeyQuery {
    /// The public half: `cl_` and twelve characters.
    key_id: Option<String>,
    /// The address of a user: every key of that user's account.
    email: Option<String>,
}

/// Find keys of any account
///
/// For administrators of the instance, signed in; to everybody else this is 404.
#[utoipa::path(
    get, path = "/v1/admin/keys", tag = "admin",
    params(AnyKeyQuery, PageQuery),
    responses((status = 200, body = AnyKeysView)),
    security(("session" = [])),
)]
pub(super) async fn list_any_keys(
    State(app): State<App>,
    _: Admin,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<AnyKeyQuery>,
) -> Result<Json<AnyKeysView>> {
    let page = paging.page()?;
    let (key_id, email) = (wanted.key_id.as_deref(), wanted.email.as_deref());
    if key_id.is_none() && email.is_none() {
        return Err(Error::invalid("key_id", "or `email` must be given"));
    }
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let keys = app.store.find_any_keys(key_id, email, page.before, limit).await?;
    let next_cursor = page.next(keys.len(), keys.last().map(|key| key.id));
    let now = app.clock.now();
    let keys = keys
        .into_iter()
        .map(|key| AnyKeyView { account_id: key.account_id, key: KeyView::of(key, now) });
    Ok(Json(AnyKeysView { api_keys: keys.collect(), next_cursor }))
}

/// Revoke a key of any account
///
/// Its owner gets a letter. For administrators of the instance with a fresh sign-in; to everybody
/// else this is 404.
#[utoipa::path(
    delete, path = "/v1/admin/keys/{key_id}", tag = "admin",
    params(("key_id" = String, Path, description = "The public half")),
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn revoke_any_key(
    State(app): State<App>,
    admin: FreshSignIn<Admin>,
    Path(key_id): Path<String>,
) -> Result<StatusCode> {
    administration::revoke_key(&app.store, &key_id, &admin.act(&app)).await?;
    app.wake.wake();
    Ok(StatusCode::NO_CONTENT)
}
