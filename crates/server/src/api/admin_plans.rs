use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::Plan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Path};
use crate::app::App;
use crate::auth::{Admin, FreshSignIn};
use crate::error::Result;
use crate::ops::administration::{self, PlanStatus};

/// Every plan, the smallest first.
#[derive(Serialize, ToSchema)]
pub(super) struct PlansView {
    plans: Vec<PlanStatus>,
}

/// What a plan allows.
#[derive(Deserialize, ToSchema)]
pub(super) struct PlanRequest {
    /// Requests a minute.
    per_minute: i64,
    /// Requests an hour.
    per_hour: i64,
    /// Requests a day.
    per_day: i64,
    /// Scans that may run at the same time.
    concurrent_scans: i64,
    /// Scans a calendar month (UTC).
    scans_per_month: i64,
    /// Watched domains.
    domains: i64,
    /// People in the team.
    seats: i64,
    /// What the plan unlocks, for instance `batch` or `pdf`.
    gates: Vec<String>,
}

/// List plans
///
/// For administrators of the instance, signed in; to everybody else this is 404.
#[utoipa::path(
    get, path = "/v1/admin/plans", tag = "admin",
    responses((status = 200, body = PlansView)),
    security(("session" = [])),
)]
pub(super) async fn list_plans(State(app): State<App>, _: Admin) -> Result<Json<PlansView>> {
    let uses = app.store.list_plan_uses().await?;
    Ok(Json(PlansView { plans: uses.into_iter().map(PlanStatus::from).collect() }))
}

/// Make or change a plan
///
/// Holds at once for every account on it. For administrators of the instance with a fresh sign-in; to
/// everybody else this is 404.
#[utoipa::path(
    put, path = "/v1/admin/plans/{id}", tag = "admin",
    params(("id" = String, Path, description = "1 to 40 of a-z, 0-9, `-` and `_`")),
    request_body = PlanRequest,
    responses((status = 200, body = Plan)),
    security(("session" = [])),
)]
pub(super) async fn put_plan(
    State(app): State<App>,
    admin: FreshSignIn<Admin>,
    Path(id): Path<String>,
    Body(wanted): Body<PlanRequest>,
) -> Result<Json<Plan>> {
    let plan = Plan {
        id,
        per_minute: wanted.per_minute,
        per_hour: wanted.per_hour,
        per_day: wanted.per_day,
        concurrent_scans: wanted.concurrent_scans,
        scans_per_month: wanted.scans_per_month,
        domains: wanted.domains,
        seats: wanted.seats,
        gates: wanted.gates,
    };
    administration::put_plan(&app.store, &plan, &admin.act(&app)).await?;
    Ok(Json(plan))
}

/// Delete a plan
///
/// Only one that no account is on, and not the plan of new accounts. For administrators of the
/// instance with a fresh sign-in; to everybody else this is 404.
#[utoipa::path(
    delete, path = "/v1/admin/plans/{id}", tag = "admin",
    params(("id" = String, Path,)),
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn delete_plan(
    State(app): State<App>,
    admin: FreshSignIn<Admin>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let default = &app.config.plans.default;
    administration::delete_plan(&app.store, &id, default, &admin.act(&app)).await?;
    Ok(StatusCode::NO_CONTENT)
}
