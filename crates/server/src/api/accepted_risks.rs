//! Risks that people of an account accept. What that changes, and what it never does, is in
//! `docs/accepted-risks.md`.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{AcceptanceStatus, DomainName, Timestamp};
use serde::{Deserialize, Serialize};
use store::{AcceptedRisk, RiskFilter};
use utoipa::{IntoParams, ToSchema};

use super::extract::{IdempotencyHeader, OnceBody, PageQuery, Path, Query};
use crate::app::App;
use crate::auth::{Caller, ScansRead, ScansWrite};
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::accepted_risks::Wish;

/// A finding that somebody answers for.
#[derive(Serialize, ToSchema)]
pub(super) struct AcceptedRiskView {
    id: i64,
    domain: String,
    /// The check's id.
    check_id: String,
    reason: String,
    status: AcceptanceStatus,
    /// The address of who answers for it; null once they have left the team.
    accepted_by: Option<String>,
    created_at: Timestamp,
    /// `user:` and an id, or `key:` and the public half of an API key.
    created_by: String,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    /// Who ended it before its day, like `created_by`.
    ended_by: Option<String>,
}

impl AcceptedRiskView {
    pub(super) fn of(risk: AcceptedRisk, now: Timestamp) -> Self {
        Self {
            status: risk.status(now),
            id: risk.id,
            domain: risk.domain,
            check_id: risk.check_id,
            reason: risk.reason,
            accepted_by: risk.email,
            created_at: risk.created_at,
            created_by: risk.created_by,
            expires_at: risk.expires_at,
            // The row of one that expired is closed when the next is opened.
            ended_at: risk.ended_by.as_ref().and(risk.ended_at),
            ended_by: risk.ended_by,
        }
    }
}

/// One page of accepted risks, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AcceptedRisksView {
    accepted_risks: Vec<AcceptedRiskView>,
    next_cursor: Option<String>,
}

/// Which accepted risks are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AcceptedRisksQuery {
    domain: Option<String>,
    /// Leave out those that expired or were ended.
    #[serde(default)]
    open_only: bool,
}

/// A risk to accept.
#[derive(Deserialize, ToSchema)]
pub(super) struct AcceptedRiskRequest {
    domain: String,
    /// The id of a check; whether a scan found it already does not matter.
    check_id: String,
    /// Why the risk can be carried: one line of 1 to 500 characters. Whoever sees the report reads it.
    reason: String,
    /// At most 365 days ahead.
    expires_at: Option<Timestamp>,
    /// Instead of `expires_at`: 1 to 365.
    #[schema(minimum = 1, maximum = 365)]
    expires_in_days: Option<i64>,
}

fn domain(text: &str) -> Result<DomainName> {
    DomainName::parse(text).map_err(|problem| Error::InvalidDomain(format!("`domain` {problem}.")))
}

/// Accept a risk
///
/// Until its day comes or it is ended, reports of the domain show beside the finding who answers for
/// it and why. Finding, score, grade and the gaps of frameworks stay as they are; gates of the command
/// line leave the finding out. Of a check on a domain one acceptance is open at a time.
#[utoipa::path(
    post, path = "/v1/accepted-risks", tag = "accepted risks",
    params(IdempotencyHeader),
    request_body = AcceptedRiskRequest,
    responses((status = 201, body = AcceptedRiskView)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn accept_risk(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    OnceBody(wanted, once): OnceBody<AcceptedRiskRequest>,
) -> Result<(StatusCode, Json<AcceptedRiskView>)> {
    let wish = Wish {
        domain: domain(&wanted.domain)?,
        check: wanted.check_id,
        reason: wanted.reason.trim().to_owned(),
        expires_at: wanted.expires_at,
        expires_in_days: wanted.expires_in_days,
    };
    let risk = ops::accepted_risks::accept(&app, &caller, wish, once.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(AcceptedRiskView::of(risk, app.clock.now()))))
}

/// List accepted risks
///
/// Those that expired or were ended stay in the list.
#[utoipa::path(
    get, path = "/v1/accepted-risks", tag = "accepted risks",
    params(AcceptedRisksQuery, PageQuery),
    responses((status = 200, body = AcceptedRisksView)),
    security(("bearer" = ["scans:read"])),
)]
pub(super) async fn list_accepted_risks(
    State(app): State<App>,
    caller: Caller<ScansRead>,
    Query(paging): Query<PageQuery>,
    Query(wanted): Query<AcceptedRisksQuery>,
) -> Result<Json<AcceptedRisksView>> {
    let (page, now) = (paging.page()?, app.clock.now());
    let domain = wanted.domain.as_deref().map(domain).transpose()?;
    let filter = RiskFilter {
        domain: domain.map(|domain| domain.as_str().to_owned()),
        open_at: wanted.open_only.then_some(now),
        before: page.before,
    };
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let (risks, last) = ops::accepted_risks::list(&app, &caller, &filter, limit).await?;
    let accepted_risks = risks.into_iter().map(|risk| AcceptedRiskView::of(risk, now)).collect();
    Ok(Json(AcceptedRisksView { accepted_risks, next_cursor: page.next(page.limit, last) }))
}

/// End an acceptance
///
/// From this answer on the finding is as before. One that is over is 404.
#[utoipa::path(
    delete, path = "/v1/accepted-risks/{id}", tag = "accepted risks",
    params(("id" = i64, Path,)),
    responses((status = 204)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn end_accepted_risk(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    ops::accepted_risks::end(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
