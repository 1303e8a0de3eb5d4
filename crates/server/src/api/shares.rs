//! Links under which anybody sees one report.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::Timestamp;
use report::Redaction;
use serde::{Deserialize, Serialize};
use store::Share;
use utoipa::ToSchema;

use super::extract::{IdempotencyHeader, OnceBody, Path};
use crate::app::App;
use crate::auth::{Caller, ReportsRead, ScansWrite};
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::shares::{USUAL_DAYS, Wish};

/// A link to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct ShareRequest {
    /// What the link is for, for whoever looks at the list; 1 to 100 characters. Who opens the link does
    /// not see it.
    #[serde(default)]
    #[schema(required)]
    name: String,
    /// 1 to 365.
    #[serde(default = "usual_days")]
    #[schema(default = 30)]
    expires_in_days: i64,
    /// At least 8 characters; none when left out.
    password: Option<String>,
    /// What is left out: `evidence`, `addresses`.
    #[serde(default)]
    hide: Vec<String>,
}

fn usual_days() -> i64 {
    USUAL_DAYS
}

impl ShareRequest {
    fn wish(self) -> Result<Wish> {
        let mut redaction = Redaction::default();
        for word in &self.hide {
            match word.as_str() {
                "evidence" => redaction.hides_evidence = true,
                "addresses" => redaction.hides_addresses = true,
                _ => return Err(Error::invalid("hide", "knows `evidence` and `addresses`")),
            }
        }
        Ok(Wish {
            name: self.name.trim().to_owned(),
            expires_in_days: self.expires_in_days,
            password: self.password,
            redaction,
        })
    }
}

/// A link to a report.
#[derive(Serialize, ToSchema)]
pub(super) struct ShareView {
    id: i64,
    job_id: i64,
    name: String,
    /// `active` or `expired`.
    status: &'static str,
    created_at: Timestamp,
    /// `user:` and an id, or `key:` and the public half of an API key.
    created_by: String,
    expires_at: Timestamp,
    has_password: bool,
    /// What is left out: `evidence`, `addresses`.
    hide: Vec<&'static str>,
    /// How often the report was shown.
    views: i64,
    last_viewed_at: Option<Timestamp>,
}

impl ShareView {
    pub(super) fn of(share: Share, now: Timestamp) -> Self {
        let hidden = [(share.hides_evidence, "evidence"), (share.hides_addresses, "addresses")];
        Self {
            id: share.id,
            job_id: share.scan_id,
            name: share.name,
            status: if share.expires_at > now { "active" } else { "expired" },
            created_at: share.created_at,
            created_by: share.created_by,
            expires_at: share.expires_at,
            has_password: share.has_password,
            hide: hidden.into_iter().filter(|(hides, _)| *hides).map(|(_, word)| word).collect(),
            views: share.views,
            last_viewed_at: share.last_viewed_at,
        }
    }
}

/// A link that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct NewShareView {
    #[serde(flatten)]
    share: ShareView,
    /// The link; shown this once. Null when a repeated request is answered.
    url: Option<String>,
    /// The end of the link, good for `/v1/verify/{token}` as well. Null like `url`.
    token: Option<String>,
    /// Whether the same request made it before.
    replayed: bool,
}

/// The links to a report, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct SharesView {
    shares: Vec<ShareView>,
}

/// Share a report
///
/// Makes a link under which anybody sees the report of a completed scan, without what the probes
/// fetched, until it expires or is ended. The link is in this answer and nowhere else. At most 50 for a
/// report.
#[utoipa::path(
    post, path = "/v1/scan/jobs/{job_id}/share", tag = "sharing",
    params(("job_id" = i64, Path,), IdempotencyHeader),
    request_body = ShareRequest,
    responses((status = 201, body = NewShareView)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn share_report(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    Path(id): Path<i64>,
    OnceBody(wish, once): OnceBody<ShareRequest>,
) -> Result<(StatusCode, Json<NewShareView>)> {
    ops::scans::find(&app, &caller, id).await?;
    let made = ops::shares::create(&app, &caller, id, wish.wish()?, once.as_ref()).await?;
    let (share, token) = made;
    let view = NewShareView {
        share: ShareView::of(share, app.clock.now()),
        url: token.as_deref().map(|token| ops::shares::url(&app, token)),
        replayed: token.is_none(),
        token,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// List the links to a report
#[utoipa::path(
    get, path = "/v1/scan/jobs/{job_id}/share", tag = "sharing",
    params(("job_id" = i64, Path,)),
    responses((status = 200, body = SharesView)),
    security(("bearer" = ["reports:read"])),
)]
pub(super) async fn list_shares(
    State(app): State<App>,
    caller: Caller<ReportsRead>,
    Path(id): Path<i64>,
) -> Result<Json<SharesView>> {
    let (shares, now) = (ops::shares::list(&app, &caller, id).await?, app.clock.now());
    let shares = shares.into_iter().map(|share| ShareView::of(share, now)).collect();
    Ok(Json(SharesView { shares }))
}

/// End a link
///
/// From this answer on it leads nowhere, for good.
#[utoipa::path(
    delete, path = "/v1/scan/jobs/{job_id}/share/{share_id}", tag = "sharing",
    params(("job_id" = i64, Path,), ("share_id" = i64, Path,)),
    responses((status = 204)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn end_share(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    Path((scan, id)): Path<(i64, i64)>,
) -> Result<StatusCode> {
    ops::shares::end(&app, &caller, scan, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
