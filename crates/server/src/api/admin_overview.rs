use axum::Json;
use axum::extract::State;
use model::Granularity;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Admin;
use crate::error::Result;

/// How the instance stands. Days are of UTC.
#[derive(Serialize, ToSchema)]
pub(super) struct OverviewView {
    accounts: i64,
    users: i64,
    /// Keys that are neither revoked nor expired.
    living_keys: i64,
    scans_today: i64,
    /// Jobs that wait or run: scans, letters, housekeeping.
    queue_depth: i64,
    /// Refused credentials that name a key or a user.
    failed_attempts_today: i64,
}

/// How the instance stands
///
/// For administrators of the instance, signed in; to everybody else this is 404.
#[utoipa::path(
    get, path = "/v1/admin/overview", tag = "admin",
    responses((status = 200, body = OverviewView)),
    security(("session" = [])),
)]
pub(super) async fn get_overview(State(app): State<App>, _: Admin) -> Result<Json<OverviewView>> {
    let now = app.clock.now();
    let found = app.store.overview(Granularity::Day.start_of(now), now).await?;
    Ok(Json(OverviewView {
        accounts: found.accounts,
        users: found.users,
        living_keys: found.living_keys,
        scans_today: found.scans_today,
        queue_depth: found.queue_depth,
        failed_attempts_today: found.failed_attempts_today,
    }))
}
