use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use model::{Grade, ModuleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{IdempotencyHeader, OnceBody};
use crate::app::App;
use crate::auth::{Caller, ScansWrite};
use crate::error::{Error, Result};
use crate::ops::batch::{self, Row};

/// What is to be scanned.
#[derive(Deserialize, ToSchema)]
pub(super) struct BatchRequest {
    /// 1 to 50 names; one that stands twice is scanned once.
    domains: Vec<String>,
    /// `risk`, the worst first, or `domain`.
    #[serde(default = "by_risk")]
    #[schema(default = "risk")]
    sort_by: String,
}

fn by_risk() -> String {
    "risk".to_owned()
}

/// What came of a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchView {
    total: usize,
    summary: BatchSummary,
    results: Vec<BatchResult>,
}

/// The domains with a score, counted.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchSummary {
    /// Rounded; null without a score.
    avg_score: Option<u64>,
    /// Domains at critical risk.
    critical_risk: usize,
    /// Domains with the grade A or B.
    passing: usize,
    /// Each grade that occurs, with how often.
    grade_distribution: BTreeMap<Grade, usize>,
}

/// One domain of a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchResult {
    domain: String,
    /// The scan; null when none was accepted, and then nothing was charged.
    job_id: Option<i64>,
    overall_score: Option<u8>,
    overall_grade: Option<Grade>,
    modules: BTreeMap<ModuleId, BatchModule>,
    /// Why there are no numbers: `still running` means ask for `job_id` later.
    error: Option<String>,
}

/// A module's result; null where it was not judged.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchModule {
    score: Option<u8>,
    grade: Option<Grade>,
}

impl From<Row> for BatchResult {
    fn from(row: Row) -> Self {
        let report = row.report.as_ref();
        let modules = report.into_iter().flat_map(|report| &report.modules);
        let module = |(id, module): (&ModuleId, &report::ModuleView)| {
            (*id, BatchModule { score: module.score, grade: module.grade })
        };
        Self {
            job_id: row.scan.as_ref().map(|scan| scan.id),
            overall_score: report.and_then(|report| report.score),
            overall_grade: report.and_then(|report| report.grade),
            modules: modules.map(module).collect(),
            domain: row.domain,
            error: row.error,
        }
    }
}

impl BatchSummary {
    fn of(results: &[BatchResult]) -> Self {
        let scores: Vec<u64> =
            results.iter().filter_map(|one| one.overall_score.map(u64::from)).collect();
        let sum: u64 = scores.iter().sum();
        let count = u64::try_from(scores.len()).unwrap_or(u64::MAX);
        let mut grade_distribution = BTreeMap::new();
        for grade in results.iter().filter_map(|one| one.overall_grade) {
            *grade_distribution.entry(grade).or_insert(0) += 1;
        }
        let graded = |wanted: fn(Grade) -> bool| -> usize {
            grade_distribution.iter().filter(|(grade, _)| wanted(**grade)).map(|(_, n)| n).sum()
        };
        Self {
            avg_score: (sum + count / 2).checked_div(count),
            critical_risk: graded(|grade| grade.risk_level() == "critical"),
            passing: graded(|grade| matches!(grade, Grade::A | Grade::B)),
            grade_distribution,
        }
    }
}

/// Scan several domains
///
/// Waits for the scans and answers within 25 seconds. Each accepted domain is a scan of its own, charged
/// once; no more run at the same time than the plan allows. A row that is not done by then says `still
/// running` and has its `job_id`. A name that cannot be scanned refuses the whole request before anything
/// is charged; so does a month that is used up, unless some domains were accepted before. Where the plan
/// has it.
#[utoipa::path(
    post, path = "/v1/batch/scan", tag = "scans",
    params(IdempotencyHeader),
    request_body = BatchRequest,
    responses((status = 200, body = BatchView)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn scan_batch(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    OnceBody(wanted, once): OnceBody<BatchRequest>,
) -> Result<Json<BatchView>> {
    if !["risk", "domain"].contains(&wanted.sort_by.as_str()) {
        return Err(Error::invalid("sort_by", "must be `risk` or `domain`"));
    }
    let rows = batch::scan(&app, &caller, &wanted.domains, once.as_ref()).await?;
    let mut results: Vec<BatchResult> = rows.into_iter().map(BatchResult::from).collect();
    match wanted.sort_by.as_str() {
        "domain" => results.sort_by(|one, other| one.domain.cmp(&other.domain)),
        // Stable, so that equals keep the order they were named in; what has no score stands last.
        _ => results.sort_by_key(|one| (one.overall_score.is_none(), one.overall_score)),
    }
    Ok(Json(BatchView { total: results.len(), summary: BatchSummary::of(&results), results }))
}
