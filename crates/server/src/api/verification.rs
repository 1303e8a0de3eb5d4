//! Whether a report was issued here, for anybody.

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use model::{Grade, Timestamp};
use report::{Attestation, PublicKeys};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Path;
use crate::app::App;
use crate::error::Result;
use crate::limits::doors::{self, Door};
use crate::ops::verification::{self, Issued};

/// A report that was issued here, in short.
#[derive(Serialize, ToSchema)]
pub(super) struct VerificationView {
    report_id: String,
    domain: String,
    /// 0 to 100; null when nothing could be judged.
    score: Option<u8>,
    grade: Option<Grade>,
    risk_level: Option<String>,
    scanned_at: Timestamp,
    engine_version: String,
    catalogue_version: u32,
    /// The address of this service.
    issued_by: String,
    /// When the link ends, if this is one.
    shared_until: Option<Timestamp>,
    /// That of the report as JSON, as it is issued today.
    attestation: Option<Attestation>,
}

impl VerificationView {
    fn of(app: &App, issued: Issued) -> Self {
        let Issued { view, shared_until } = issued;
        let report_id = view.attestation.as_ref().map(|attestation| attestation.report_id.clone());
        Self {
            report_id: report_id.unwrap_or_default(),
            domain: view.domain,
            score: view.score,
            grade: view.grade,
            risk_level: view.risk_level,
            scanned_at: view.scanned_at,
            engine_version: view.engine_version,
            catalogue_version: view.catalogue_version,
            issued_by: app.base_url.clone(),
            shared_until,
            attestation: view.attestation,
        }
    }
}

/// Verify a report
///
/// Takes a report's id, which stands in the report, or the end of a link to it, and says what was issued
/// under it. What was not issued here, has ended or takes a password is 404. A file is verified on the
/// page `/verify`, or by `compliancelayer verify` without asking anybody. 60 a minute for each network.
#[utoipa::path(
    get, path = "/v1/verify/{token}", tag = "sharing",
    params(("token" = String, Path, description = "A report's id, or the end of a link to it.")),
    responses((status = 200, body = VerificationView)),
)]
pub(super) async fn verify_report(
    State(app): State<App>,
    parts: Parts,
    Path(token): Path<String>,
) -> Result<Json<VerificationView>> {
    doors::enter(&app, &parts, Door::PublicReport)?;
    let issued = verification::issued(&app, &token).await?;
    Ok(Json(VerificationView::of(&app, issued)))
}

/// The keys that reports are signed with
///
/// The public halves of the present and the former ones, as a JSON Web Key Set (RFC 7517, RFC 8037).
/// Keep it, and reports verify without this service.
#[utoipa::path(
    get, path = "/.well-known/report-keys.json", tag = "sharing",
    responses((status = 200, body = PublicKeys)),
)]
pub(super) async fn get_report_keys(State(app): State<App>) -> Response {
    let cached = [(CACHE_CONTROL, "public, max-age=300")];
    (cached, Json(app.secrets.report_keys())).into_response()
}
