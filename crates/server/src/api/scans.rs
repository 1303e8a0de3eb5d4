//! Scans over HTTP: order, watch, list.

use axum::Json;
use axum::extract::State;
use model::{Grade, ModuleId, ScanProfile, ScanSource, ScanStatus, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Scan, ScanFilter};
use utoipa::{IntoParams, ToSchema};

use super::extract::{IdempotencyHeader, OnceBody, PageQuery, Path, Query, cursor};
use crate::app::App;
use crate::auth::{Caller, ScansRead, ScansWrite};
use crate::error::{Error, Result};
use crate::ops::{self, scans::Wish};

/// Scans that `/v1/scan/recent` shows.
const RECENT: usize = 20;

/// A scan to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewScanRequest {
    /// `example.com`; a URL is cut down to its host.
    domain: String,
    /// Ids of the modules to run; all when left out.
    #[serde(default)]
    modules: Vec<String>,
    /// `safe` when left out. `intrusive` also tries known attacks, and is for domains that are proven
    /// to be the account's: see `/v1/ownership/{domain}`.
    #[schema(value_type = Option<ScanProfile>)]
    profile: Option<String>,
    /// Scans are never answered from an earlier one, so this changes nothing.
    #[serde(default)]
    #[expect(dead_code, reason = "read so that a wrong type is refused")]
    force: bool,
}

/// A scan and where it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct JobView {
    job_id: i64,
    domain: String,
    status: ScanStatus,
    source: ScanSource,
    queued_at: Timestamp,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    /// Why there is no report, when `status` is `failed`.
    failure_reason: Option<String>,
    /// Empty for all modules.
    requested_modules: Vec<ModuleId>,
    /// What was asked for.
    profile: ScanProfile,
    progress: ProgressView,
    /// Null until the scan is completed.
    result: Option<ResultView>,
}

/// How many modules are done.
#[derive(Serialize, ToSchema)]
pub(super) struct ProgressView {
    done: usize,
    total: usize,
}

/// The numbers of a completed scan.
#[derive(Serialize, ToSchema)]
pub(super) struct ResultView {
    score: i64,
    grade: Grade,
    risk_level: &'static str,
    total_issues: i64,
    critical_issues: i64,
    high_issues: i64,
    medium_issues: i64,
    low_issues: i64,
}

impl JobView {
    pub(super) fn of(app: &App, scan: Scan) -> Self {
        let total = match scan.requested_modules.len() {
            0 => ModuleId::ALL.len(),
            some => some,
        };
        let watched = app.progress.watch(scan.id).map(|modules| modules.borrow().len());
        let stored = scan.progress.as_array().map_or(0, Vec::len);
        let result = scan.score.zip(scan.grade).map(|(score, grade)| ResultView {
            score,
            grade,
            risk_level: grade.risk_level(),
            total_issues: total_issues(&scan),
            critical_issues: scan.critical_issues,
            high_issues: scan.high_issues,
            medium_issues: scan.medium_issues,
            low_issues: scan.low_issues,
        });
        Self {
            job_id: scan.id,
            domain: scan.domain,
            status: scan.status,
            source: scan.source,
            queued_at: scan.queued_at,
            started_at: scan.started_at,
            completed_at: scan.completed_at,
            failure_reason: scan.failure_reason,
            requested_modules: scan.requested_modules,
            profile: scan.profile,
            progress: ProgressView { done: watched.unwrap_or(stored), total },
            result,
        }
    }
}

fn total_issues(scan: &Scan) -> i64 {
    scan.critical_issues
        + scan.high_issues
        + scan.medium_issues
        + scan.low_issues
        + scan.info_issues
}

/// A scan in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ScanRow {
    job_id: i64,
    /// Always null: nothing was moved here from an older service.
    legacy_scan_id: Option<i64>,
    domain: String,
    score: Option<i64>,
    grade: Option<Grade>,
    risk_level: Option<&'static str>,
    status: ScanStatus,
    source: ScanSource,
    /// When it ended, or was queued while it has not.
    scanned_at: Timestamp,
    scan_duration_ms: i64,
    total_issues: i64,
    critical_issues: i64,
    high_issues: i64,
}

impl From<Scan> for ScanRow {
    fn from(scan: Scan) -> Self {
        Self {
            job_id: scan.id,
            legacy_scan_id: None,
            score: scan.score,
            grade: scan.grade,
            risk_level: scan.grade.map(Grade::risk_level),
            status: scan.status,
            source: scan.source,
            scanned_at: scan.completed_at.unwrap_or(scan.queued_at),
            scan_duration_ms: scan.duration_ms.unwrap_or(0),
            total_issues: total_issues(&scan),
            critical_issues: scan.critical_issues,
            high_issues: scan.high_issues,
            domain: scan.domain,
        }
    }
}

/// The newest scans.
#[derive(Serialize, ToSchema)]
pub(super) struct RecentScansView {
    scans: Vec<ScanRow>,
}

/// One page of scans, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ScanHistoryView {
    scans: Vec<ScanRow>,
    next_cursor: Option<String>,
}

/// Which scans a history shows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    domain: Option<String>,
    #[param(value_type = Option<ScanStatus>)]
    status: Option<String>,
    /// Queued at or after this time.
    #[param(value_type = Option<Timestamp>)]
    from: Option<String>,
    /// Queued before this time.
    #[param(value_type = Option<Timestamp>)]
    to: Option<String>,
}

/// Scan a domain
///
/// Answers at once with the queued scan, which is charged to the month. With as many scans queued or
/// running as the plan allows at once the answer is 429 and nothing is charged. With the intrusive profile
/// the answer is 403 unless a record or a file shows now that the domain is the account's; who asked is
/// kept in the audit log.
#[utoipa::path(
    post, path = "/v1/scan", tag = "scans",
    params(IdempotencyHeader),
    request_body = NewScanRequest,
    responses((status = 200, body = JobView)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn create_scan(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    OnceBody(new, once): OnceBody<NewScanRequest>,
) -> Result<Json<JobView>> {
    let profile = match &new.profile {
        None => ScanProfile::Safe,
        Some(word) => ScanProfile::parse(word).ok_or_else(|| {
            Error::invalid("profile", format!("must be one of {}", ScanProfile::list()))
        })?,
    };
    let wish = Wish {
        domain: &new.domain,
        modules: &new.modules,
        profile,
        source: ScanSource::Api,
        once: once.as_ref(),
    };
    let scan = ops::scans::request(&app, &caller, &wish).await?;
    Ok(Json(JobView::of(&app, scan)))
}

/// Where a scan stands
#[utoipa::path(
    get, path = "/v1/scan/jobs/{job_id}", tag = "scans",
    params(("job_id" = i64, Path,)),
    responses((status = 200, body = JobView)),
    security(("bearer" = ["scans:read"])),
)]
pub(super) async fn get_scan(
    State(app): State<App>,
    caller: Caller<ScansRead>,
    Path(id): Path<i64>,
) -> Result<Json<JobView>> {
    let scan = ops::scans::find(&app, &caller, id).await?;
    Ok(Json(JobView::of(&app, scan)))
}

/// Stop a scan
///
/// One that has not started is not charged.
#[utoipa::path(
    post, path = "/v1/scan/jobs/{job_id}/cancel", tag = "scans",
    params(("job_id" = i64, Path,)),
    responses((status = 200, body = JobView)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn cancel_scan(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    Path(id): Path<i64>,
) -> Result<Json<JobView>> {
    let scan = ops::scans::cancel(&app, &caller, id).await?;
    Ok(Json(JobView::of(&app, scan)))
}

/// The twenty newest scans
#[utoipa::path(
    get, path = "/v1/scan/recent", tag = "scans",
    responses((status = 200, body = RecentScansView)),
    security(("bearer" = ["scans:read"])),
)]
pub(super) async fn list_recent_scans(
    State(app): State<App>,
    caller: Caller<ScansRead>,
) -> Result<Json<RecentScansView>> {
    let (scans, _) = ops::scans::list(&app, &caller, &ScanFilter::default(), RECENT).await?;
    Ok(Json(RecentScansView { scans: scans.into_iter().map(ScanRow::from).collect() }))
}

/// All scans, a page at a time
#[utoipa::path(
    get, path = "/v1/scan/history", tag = "scans",
    params(HistoryQuery, PageQuery),
    responses((status = 200, body = ScanHistoryView)),
    security(("bearer" = ["scans:read"])),
)]
pub(super) async fn list_scan_history(
    State(app): State<App>,
    caller: Caller<ScansRead>,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<HistoryQuery>,
) -> Result<Json<ScanHistoryView>> {
    let page = paging.page()?;
    let filter = ScanFilter { before: page.before, ..wanted.filter()? };
    let (scans, cut_off) = ops::scans::list(&app, &caller, &filter, page.limit).await?;
    let next_cursor = match cut_off {
        Some(last) => Some(cursor(last)),
        None => page.next(scans.len(), scans.last().map(|scan| scan.id)),
    };
    Ok(Json(ScanHistoryView { scans: scans.into_iter().map(ScanRow::from).collect(), next_cursor }))
}

impl HistoryQuery {
    fn filter(&self) -> Result<ScanFilter> {
        let time = |field: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => Timestamp::parse(text)
                .map(Some)
                .ok_or_else(|| Error::invalid(field, "must be an RFC 3339 time")),
        };
        let status = match &self.status {
            None => None,
            Some(word) => Some(ScanStatus::parse(word).ok_or_else(|| {
                Error::invalid("status", format!("must be one of {}", ScanStatus::list()))
            })?),
        };
        Ok(ScanFilter {
            domain: self.domain.as_ref().map(|domain| domain.to_ascii_lowercase()),
            status,
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
            ..ScanFilter::default()
        })
    }
}
