use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;

/// That something works.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthView {
    status: &'static str,
}

/// Whether the process is up.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = HealthView)))]
pub(super) async fn get_health() -> Json<HealthView> {
    Json(HealthView { status: "ok" })
}

/// Whether the database answers.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, body = HealthView)))]
pub(super) async fn get_readiness(State(app): State<App>) -> Result<Json<HealthView>> {
    app.store.ping().await?;
    // The queue is part of the same database; asking it shows that it can be read.
    app.store.queue_depth().await?;
    Ok(Json(HealthView { status: "ok" }))
}
