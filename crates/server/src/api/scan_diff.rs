use axum::Json;
use axum::extract::State;
use report::DiffView;
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::{Path, Query};
use crate::app::App;
use crate::auth::{Caller, ReportsRead};
use crate::error::Result;
use crate::ops;

/// Against which scan.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DiffQuery {
    /// The id of another completed scan of the same domain; the one before when left out.
    against: Option<i64>,
}

/// What changed since another scan
///
/// New, fixed, changed and unchanged findings, the score then and now, and each module's. The earlier
/// of the two scans is `before`, whichever was named first. What one of them could not judge is
/// neither fixed nor new and stands apart. The points of all findings, with the changes of rounding
/// and cap, add up to the change of the score.
#[utoipa::path(
    get, path = "/v1/scan/jobs/{job_id}/diff", tag = "scans",
    params(("job_id" = i64, Path,), DiffQuery),
    responses((status = 200, body = DiffView)),
    security(("bearer" = ["reports:read"])),
)]
pub(super) async fn get_scan_diff(
    State(app): State<App>,
    caller: Caller<ReportsRead>,
    Path(id): Path<i64>,
    Query(wanted): Query<DiffQuery>,
) -> Result<Json<DiffView>> {
    Ok(Json(ops::reports::diff(&app, &caller, id, wanted.against).await?))
}
