use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use model::{Grade, ModuleId, Timestamp};
use report::{IssueView, ModuleView, ReportView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops;

/// Findings that are shown.
const TOP: usize = 3;

/// What is to be scanned.
#[derive(Deserialize, ToSchema)]
pub(super) struct FreeScanRequest {
    domain: String,
}

/// The beginning of a report.
#[derive(Serialize, ToSchema)]
pub(super) struct FreeScanView {
    domain: String,
    /// 0 to 100.
    score: Option<u8>,
    grade: Option<Grade>,
    risk_level: Option<String>,
    scanned_at: Timestamp,
    scan_duration_ms: u64,
    total_issues: usize,
    critical_issues: usize,
    high_issues: usize,
    /// The three worst findings.
    top_issues: Vec<IssueView>,
    modules: BTreeMap<ModuleId, FreeModuleView>,
}

/// What one module came to; its findings are for accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct FreeModuleView {
    title: String,
    /// 0 to 100; `null` unless `status` is `ok`.
    score: Option<u8>,
    grade: Option<Grade>,
    weight: u32,
    /// `ok`, `not_tested` or `not_applicable`.
    status: String,
}

impl From<ModuleView> for FreeModuleView {
    fn from(module: ModuleView) -> Self {
        let ModuleView { title, score, grade, weight, status, .. } = module;
        Self { title, score, grade, weight, status }
    }
}

impl From<ReportView> for FreeScanView {
    fn from(mut report: ReportView) -> Self {
        report.issues.truncate(TOP);
        Self {
            domain: report.domain,
            score: report.score,
            grade: report.grade,
            risk_level: report.risk_level,
            scanned_at: report.scanned_at,
            scan_duration_ms: report.scan_duration_ms,
            total_issues: report.total_issues,
            critical_issues: report.critical_issues,
            high_issues: report.high_issues,
            top_issues: report.issues,
            modules: report.modules.into_iter().map(|(id, one)| (id, one.into())).collect(),
        }
    }
}

/// Scan without an account
///
/// Waits for the scan, up to 25 seconds, and answers with its score and the three worst findings. Nothing
/// is kept. Five an hour for each network; an instance may switch it off (`scan.allow_free_scans`), and
/// then there is no such route.
#[utoipa::path(
    post, path = "/v1/scan/free", tag = "scans",
    request_body = FreeScanRequest,
    responses((status = 200, body = FreeScanView)),
)]
pub(super) async fn scan_for_free(
    State(app): State<App>,
    parts: Parts,
    Body(wanted): Body<FreeScanRequest>,
) -> Result<Json<FreeScanView>> {
    if !app.config.scan.allow_free_scans {
        return Err(Error::NotFound);
    }
    doors::enter(&app, &parts, Door::FreeScan)?;
    Ok(Json(ops::free_scan::scan(&app, &wanted.domain).await?.into()))
}
