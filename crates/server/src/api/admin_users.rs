//! The users of the instance and their accounts, for whoever operates it. To everybody else these
//! routes do not exist.

use axum::Json;
use axum::extract::State;
use model::{AccountState, Plan, PlanOverrides, SubscriptionStatus};
use serde::{Deserialize, Serialize};
use store::{AccountChange, UserFilter};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Body, PageQuery, Path, Query};
use crate::app::App;
use crate::auth::{Admin, FreshSignIn};
use crate::error::{Error, Result};
use crate::ops::administration::{self, UserStatus};

/// One page of users, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct UsersView {
    users: Vec<UserStatus>,
    next_cursor: Option<String>,
}

/// A user, and what their account may do and does.
#[derive(Serialize, ToSchema)]
pub(super) struct UserView {
    #[serde(flatten)]
    user: UserStatus,
    /// The plan with the account's own numbers in place of it.
    limits: Plan,
    scans_this_month: i64,
    /// Keys that are neither revoked nor expired, at most 2,000.
    living_keys: usize,
}

impl UserView {
    async fn find(app: &App, id: i64) -> Result<Self> {
        let user = administration::find_user(&app.store, id).await?;
        let figures = administration::figures(app, &user).await?;
        Ok(Self {
            limits: user.overrides().over(figures.plan),
            scans_this_month: figures.scans_this_month,
            living_keys: figures.living_keys,
            user: user.into(),
        })
    }
}

/// Which users.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UserQuery {
    /// A part of the e-mail address, whatever the case.
    email: Option<String>,
    /// Of the account.
    #[param(value_type = Option<AccountState>)]
    state: Option<String>,
    /// A plan's id.
    plan: Option<String>,
}

/// What changes on an account; what is left out stays. Holds at once, on every server.
#[derive(Deserialize, ToSchema)]
pub(super) struct AccountChangeRequest {
    plan: Option<String>,
    subscription_status: Option<SubscriptionStatus>,
    state: Option<AccountState>,
    /// A note to the new state, for operators alone.
    reason: Option<String>,
    /// True: you vouch for the address. It cannot be taken back.
    email_verified: Option<bool>,
    /// In place of all that were there: a number that is left out is the plan's again.
    overrides: Option<PlanOverrides>,
}

/// List users
///
/// For administrators of the instance, signed in; to everybody else this is 404.
#[utoipa::path(
    get, path = "/v1/admin/users", tag = "admin",
    params(UserQuery, PageQuery),
    responses((status = 200, body = UsersView)),
    security(("session" = [])),
)]
pub(super) async fn list_users(
    State(app): State<App>,
    _: Admin,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<UserQuery>,
) -> Result<Json<UsersView>> {
    let page = paging.page()?;
    let state = wanted.state.map(|word| {
        AccountState::parse(&word).ok_or_else(|| {
            Error::invalid("state", format!("must be one of {}", AccountState::list()))
        })
    });
    let (state, before) = (state.transpose()?, page.before);
    let filter = UserFilter { email: wanted.email, state, plan: wanted.plan, before };
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let users = app.store.list_users(&filter, limit).await?;
    let next_cursor = page.next(users.len(), users.last().map(|user| user.id));
    Ok(Json(UsersView { users: users.into_iter().map(UserStatus::from).collect(), next_cursor }))
}

/// One user
///
/// For administrators of the instance, signed in; to everybody else this is 404.
#[utoipa::path(
    get, path = "/v1/admin/users/{id}", tag = "admin",
    params(("id" = i64, Path,)),
    responses((status = 200, body = UserView)),
    security(("session" = [])),
)]
pub(super) async fn get_user(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<i64>,
) -> Result<Json<UserView>> {
    Ok(Json(UserView::find(&app, id).await?))
}

/// Change a user's account
///
/// Plan, subscription, suspension and numbers of its own. For administrators of the instance with a
/// fresh sign-in; to everybody else this is 404. Stands in the account's audit log as `admin:ID`.
#[utoipa::path(
    patch, path = "/v1/admin/users/{id}", tag = "admin",
    params(("id" = i64, Path,)),
    request_body = AccountChangeRequest,
    responses((status = 200, body = UserView)),
    security(("session" = [])),
)]
pub(super) async fn update_user(
    State(app): State<App>,
    admin: FreshSignIn<Admin>,
    Path(id): Path<i64>,
    Body(wanted): Body<AccountChangeRequest>,
) -> Result<Json<UserView>> {
    if wanted.email_verified == Some(false) {
        return Err(Error::invalid("email_verified", "can only become true"));
    }
    let user = administration::find_user(&app.store, id).await?;
    let change = AccountChange {
        plan: wanted.plan,
        subscription: wanted.subscription_status,
        state: wanted.state,
        reason: wanted.reason,
        overrides: wanted.overrides,
        confirmed: wanted.email_verified.map(|_| id),
    };
    administration::change_account(&app.store, &user, &change, &admin.act(&app)).await?;
    Ok(Json(UserView::find(&app, id).await?))
}
