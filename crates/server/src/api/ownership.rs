//! What shows that a domain is the account's.

use axum::Json;
use axum::extract::State;
use model::{DomainName, Looked, Ownership, Proof, Timestamp};
use scan::ownership::file_url;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Path;
use crate::app::App;
use crate::auth::{Caller, ScansRead, ScansWrite};
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::ownership::Claim;

/// What an account publishes to show that a domain is its own, and whether it was found.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnershipView {
    domain: String,
    /// The registrable domain: what `record` covers, with everything below.
    covers: String,
    /// The record to publish. The same value counts below the domain asked about and below every name
    /// between the two, and covers what is below that name.
    record: RecordView,
    /// The file that does instead, for this host alone; plain HTTP counts too, redirects do not.
    file: FileView,
    /// Null when nobody looked, as in the answer to a GET.
    proven: Option<bool>,
    /// Where the proof was found: the name of the record or the URL of the file.
    place: Option<String>,
    /// What the proof is.
    by: Option<Proof>,
    checked_at: Option<Timestamp>,
    /// What was looked at in vain.
    seen: Vec<PlaceView>,
}

/// A record of the zone.
#[derive(Serialize, ToSchema)]
struct RecordView {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
}

/// A file of the web server.
#[derive(Serialize, ToSchema)]
struct FileView {
    url: String,
    /// A line of the file; others may stand beside it.
    content: String,
}

/// A place that was looked at.
#[derive(Serialize, ToSchema)]
struct PlaceView {
    place: String,
    /// What was there instead, in words.
    seen: String,
}

impl From<Looked> for PlaceView {
    fn from(looked: Looked) -> Self {
        Self { place: looked.place, seen: looked.seen }
    }
}

impl OwnershipView {
    fn of(claim: &Claim, checked: Option<(Ownership, Timestamp)>) -> Self {
        let text = claim.challenge.text();
        let mut view = Self {
            domain: claim.domain.to_string(),
            covers: claim.covers().to_owned(),
            record: RecordView { name: claim.record_name(), kind: "TXT", value: text.to_owned() },
            file: FileView { url: file_url(&claim.domain), content: text.to_owned() },
            proven: None,
            place: None,
            by: None,
            checked_at: None,
            seen: Vec::new(),
        };
        if let Some((ownership, at)) = checked {
            view.proven = Some(ownership.is_proven());
            view.checked_at = Some(at);
            match ownership {
                Ownership::Proven { by, place, .. } => {
                    (view.by, view.place) = (Some(by), Some(place));
                }
                Ownership::NotProven { looked } | Ownership::Unseen { looked } => {
                    view.seen = looked.into_iter().map(PlaceView::from).collect();
                }
            }
        }
        view
    }
}

/// What shows that a domain is the account's
///
/// The text to publish is another for every account and the same each time. Nothing is looked at.
#[utoipa::path(
    get, path = "/v1/ownership/{domain}", tag = "scans",
    params(("domain" = String, Path,)),
    responses((status = 200, body = OwnershipView)),
    security(("bearer" = ["scans:read"])),
)]
pub(super) async fn get_ownership(
    State(app): State<App>,
    caller: Caller<ScansRead>,
    Path(domain): Path<String>,
) -> Result<Json<OwnershipView>> {
    let domain = DomainName::parse(&domain).map_err(|_| Error::NotFound)?;
    let claim = ops::ownership::claim(&app, &caller, &domain)?;
    Ok(Json(OwnershipView::of(&claim, None)))
}

/// Look whether a domain is the account's
///
/// Asks for the record and then for the file, now; what came of it is not kept, since every intrusive
/// scan looks again. `503` when many are looked at already.
#[utoipa::path(
    post, path = "/v1/ownership/{domain}/check", tag = "scans",
    params(("domain" = String, Path,)),
    responses((status = 200, body = OwnershipView)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn check_ownership(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    Path(domain): Path<String>,
) -> Result<Json<OwnershipView>> {
    let domain = DomainName::parse(&domain).map_err(|_| Error::NotFound)?;
    let claim = ops::ownership::claim(&app, &caller, &domain)?;
    let checked = ops::ownership::check(&app, &claim).await?;
    Ok(Json(OwnershipView::of(&claim, Some(checked))))
}
