use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use report::{Format, ReportView};
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
    /// `json`, `html`, `csv`, `sarif`, `junit` or `markdown`. What `Accept` likes best when left out.
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
/// lowest that does.
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
        _ => file(&view, format),
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    conditional(&headers, response).await
}

/// Answers with a report as a file.
pub(crate) fn file(view: &ReportView, format: Format) -> Response {
    let kind = match format {
        Format::Json | Format::Sarif | Format::Junit => format.media_type().to_owned(),
        Format::Html | Format::Csv | Format::Markdown => {
            format!("{}; charset=utf-8", format.media_type())
        }
    };
    let id = view.job_id.unwrap_or_default();
    let name = format!("attachment; filename=\"{}-{id}.{}\"", view.domain, format.extension());
    let printed = format.print(std::slice::from_ref(view));
    ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], printed).into_response()
}
