use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use report::{Format, Kind};
use serde::Deserialize;
use utoipa::IntoParams;

use super::conditional::{IfNoneMatch, conditional};
use super::extract::{Path, Query};
use super::scan_report::file;
use crate::app::App;
use crate::auth::{Caller, ReportsRead};
use crate::error::{Error, Result};
use crate::ops;

/// What the PDF is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PdfQuery {
    /// The id of a framework: its controls, and the findings that are evidence for them.
    framework: Option<String>,
    /// `full`, or `insurance` for what brokers and underwriters ask.
    kind: Option<String>,
}

impl PdfQuery {
    fn kind(&self) -> Result<Kind> {
        let kind = match self.kind.as_deref() {
            None => Kind::Full,
            Some(word) => Kind::parse(word)
                .ok_or_else(|| Error::invalid("kind", "must be `full` or `insurance`"))?,
        };
        match (&self.framework, kind) {
            (None, kind) => Ok(kind),
            (Some(_), Kind::Insurance) => {
                Err(Error::invalid("framework", "cannot narrow the report for insurers"))
            }
            (Some(id), _) => match scan::compliance::find_framework(id) {
                Some(framework) => Ok(Kind::Framework(framework.id)),
                None => Err(Error::invalid("framework", "must be the id of a framework")),
            },
        }
    }
}

/// The report as PDF
///
/// Tagged (PDF/UA-1), with its fonts inside, the same bytes for the same report and version. Its
/// attestation stands behind its end, so every byte counts. Where the plan has it.
#[utoipa::path(
    get, path = "/v1/compliance/reports/{job_id}/pdf", tag = "scans",
    params(("job_id" = i64, Path,), PdfQuery, IfNoneMatch),
    responses(
        (
            status = 200, body = Vec<u8>, content_type = "application/pdf",
            headers(("ETag" = String, description = "Names this very body.")),
        ),
        (status = 304, description = "What `If-None-Match` names still holds."),
    ),
    security(("bearer" = ["reports:read"])),
)]
pub(super) async fn get_report_pdf(
    State(app): State<App>,
    caller: Caller<ReportsRead>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Query(wanted): Query<PdfQuery>,
) -> Result<Response> {
    let kind = wanted.kind()?;
    ops::scans::find(&app, &caller, id).await?;
    let view = ops::reports::view(&app, &caller, id, Format::Pdf).await?;
    conditional(&headers, file(&app, view, Format::Pdf, kind).await?).await
}
