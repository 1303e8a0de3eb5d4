use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use model::{Grade, ModuleId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Body;
use crate::app::App;
use crate::auth::{Caller, ReportsRead};
use crate::error::Result;
use crate::ops::comparison::{self, Compared};

/// Which domains.
#[derive(Deserialize, ToSchema)]
pub(super) struct ComparisonRequest {
    /// 2 to 10 names.
    domains: Vec<String>,
}

/// Domains beside each other.
#[derive(Serialize, ToSchema)]
pub(super) struct ComparisonView {
    /// Those with a score, the best first.
    ranked: Vec<RankedDomain>,
    /// The domain on top; null when none has a score, or several have the best.
    winner: Option<String>,
    /// Points between the best and the worst; null with fewer than two scores.
    score_gap: Option<u8>,
    /// The score of each domain in each module that was judged for at least one.
    module_comparison: BTreeMap<ModuleId, BTreeMap<String, Option<u8>>>,
    /// Every domain that was asked for.
    full_results: Vec<ComparedDomain>,
}

/// A domain's place.
#[derive(Serialize, ToSchema)]
pub(super) struct RankedDomain {
    /// From 1; equal scores share one.
    rank: usize,
    domain: String,
    overall_score: u8,
    overall_grade: Option<Grade>,
}

/// The newest report of a domain, in short.
#[derive(Serialize, ToSchema)]
pub(super) struct ComparedDomain {
    domain: String,
    job_id: Option<i64>,
    scanned_at: Option<Timestamp>,
    overall_score: Option<u8>,
    overall_grade: Option<Grade>,
    modules: BTreeMap<ModuleId, ComparedModule>,
    /// Why there are no numbers.
    error: Option<&'static str>,
}

/// A module's result; null where it was not judged.
#[derive(Serialize, ToSchema)]
pub(super) struct ComparedModule {
    score: Option<u8>,
    grade: Option<Grade>,
}

impl ComparedDomain {
    fn of(compared: Compared) -> Self {
        let (overall_score, overall_grade) = (compared.score(), compared.grade());
        let Some(newest) = compared.newest else {
            return Self {
                domain: compared.domain,
                job_id: None,
                scanned_at: None,
                overall_score,
                overall_grade,
                modules: BTreeMap::new(),
                error: Some("no scan of the domain with all modules was completed"),
            };
        };
        let module = |(id, score): (ModuleId, Option<u8>)| {
            (id, ComparedModule { score, grade: score.map(Grade::of) })
        };
        Self {
            domain: compared.domain,
            job_id: Some(newest.scan),
            scanned_at: Some(newest.scanned_at),
            overall_score,
            overall_grade,
            modules: newest.modules.into_iter().map(module).collect(),
            error: None,
        }
    }
}

impl ComparisonView {
    fn of(compared: Vec<Compared>) -> Self {
        let results: Vec<_> = compared.into_iter().map(ComparedDomain::of).collect();
        let scores: Vec<u8> = results.iter().filter_map(|one| one.overall_score).collect();
        let ranked = results.iter().filter_map(|one| {
            let score = one.overall_score?;
            Some(RankedDomain {
                rank: 1 + scores.iter().filter(|other| **other > score).count(),
                domain: one.domain.clone(),
                overall_score: score,
                overall_grade: one.overall_grade,
            })
        });
        let ranked: Vec<_> = ranked.collect();
        let best = ranked.iter().filter(|one| one.rank == 1);
        let winner = match best.clone().count() {
            1 => best.map(|one| one.domain.clone()).next(),
            _ => None,
        };
        let score_gap = match scores.as_slice() {
            [first, .., last] => Some(first - last),
            _ => None,
        };
        let mut module_comparison: BTreeMap<ModuleId, BTreeMap<String, Option<u8>>> =
            BTreeMap::new();
        for id in ModuleId::ALL {
            let of = |one: &ComparedDomain| one.modules.get(id).and_then(|module| module.score);
            if results.iter().any(|one| of(one).is_some()) {
                let row = results.iter().map(|one| (one.domain.clone(), of(one)));
                module_comparison.insert(*id, row.collect());
            }
        }
        Self { ranked, winner, score_gap, module_comparison, full_results: results }
    }
}

/// Compare domains
///
/// Puts the newest reports of 2 to 10 domains beside each other, where the plan has it. Nothing is
/// scanned for it: a domain without a completed scan has no rank, and `error` says so.
#[utoipa::path(
    post, path = "/v1/batch/compare", tag = "scans",
    request_body = ComparisonRequest,
    responses((status = 200, body = ComparisonView)),
    security(("bearer" = ["reports:read"])),
)]
pub(super) async fn compare_domains(
    State(app): State<App>,
    caller: Caller<ReportsRead>,
    Body(wanted): Body<ComparisonRequest>,
) -> Result<Json<ComparisonView>> {
    Ok(Json(ComparisonView::of(comparison::compare(&app, &caller, &wanted.domains).await?)))
}
