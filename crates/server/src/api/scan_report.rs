use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use report::{Format, Kind, ReportView};
use serde::Deserialize;
use utoipa::IntoParams;

use super::accept;
use super::conditional::{IfNoneMatch, conditional};
use super::extract::{Path, Query};
use crate::app::App;
use crate::auth::{Caller, ReportsRead};
use crate::error::{Error, Result};
use crate::ops;

/// How a report is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportQuery {
    /// `json`, `html`, `csv`, `sarif`, `junit`, `markdown` or `pdf`. What `Accept` likes best when left out.
    format: Option<String>,
}

impl ReportQuery {
    fn format(&self, headers: &HeaderMap) -> Result<Format> {
        match &self.format {
            Some(word) => Format::parse(word).ok_or_else(|| {
                let words: Vec<_> = Format::ALL.iter().map(|format| format.as_str()).collect();
                Error::invalid("format", format!("must be one of {}", words.join(", ")))
            }),
            None => {
                let offers = Format::ALL.iter().map(|format| (format.media_type(), *format));
                let offers: Vec<_> = offers.collect();
                accept::best(headers, &offers).ok_or(Error::NotAcceptable)
            }
        }
    }
}

/// The report of a completed scan
///
/// As JSON on every plan; the others come as files where the plan has them, and the refusal names the
/// lowest that does. JSON, HTML and PDF carry an attestation: `docs/sharing.md` says how to verify it.
#[utoipa::path(
    get, path = "/v1/scan/jobs/{job_id}/report", tag = "scans",
    params(("job_id" = i64, Path,), ReportQuery, IfNoneMatch),
    responses(
        (
            status = 200,
            content(
                (ReportView = "application/json"),
                (String = "text/html"),
                (String = "text/csv"),
                (String = "application/sarif+json"),
                (String = "application/xml"),
                (String = "text/markdown"),
                (Vec<u8> = "application/pdf"),
            ),
            headers(("ETag" = String, description = "Names this very body.")),
        ),
        (status = 304, description = "What `If-None-Match` names still holds."),
    ),
    security(("bearer" = ["reports:read"])),
)]
pub(super) async fn get_scan_report(
    State(app): State<App>,
    caller: Caller<ReportsRead>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Query(wanted): Query<ReportQuery>,
) -> Result<Response> {
    let format = wanted.format(&headers)?;
    let view = ops::reports::view(&app, &caller, id, format).await?;
    let mut response = match format {
        Format::Json => Json(view).into_response(),
        _ => file(&app, view, format, Kind::Full).await?,
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    conditional(&headers, response).await
}

/// Answers with an attested report as a file.
pub(crate) async fn file(
    app: &App,
    view: ReportView,
    format: Format,
    kind: Kind,
) -> Result<Response> {
    let media_type = match format {
        Format::Json | Format::Sarif | Format::Junit | Format::Pdf => {
            format.media_type().to_owned()
        }
        Format::Html | Format::Csv | Format::Markdown => {
            format!("{}; charset=utf-8", format.media_type())
        }
    };
    let about = match kind {
        Kind::Full => String::new(),
        Kind::Insurance => "-insurance".to_owned(),
        Kind::Framework(id) => format!("-{id}"),
    };
    let (domain, id) = (&view.domain, view.job_id.unwrap_or_default());
    let name = format!("attachment; filename=\"{domain}-{id}{about}.{}\"", format.extension());
    let printed = ops::reports::file(app, view, format, kind).await?;
    Ok(([(CONTENT_TYPE, media_type), (CONTENT_DISPOSITION, name)], printed).into_response())
}
