//! The score of a domain as a picture for anybody, once an account whose domain it is has switched that
//! on.
//!
//! Never starts a scan. A domain that nobody scanned and one whose badge is off look alike.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use model::DomainName;
use report::badge::{self, BadgeResult, BadgeStyle};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::conditional::{IfNoneMatch, conditional};
use super::extract::{Body, Path, Query};
use crate::app::App;
use crate::auth::{Caller, ScansWrite};
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
/// Seconds that a badge may be kept without asking.
const KEPT: &str = "public, max-age=300";
const EXTENSION: &str = ".svg";

/// How the badge looks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BadgeQuery {
    /// `flat`, `flat-square` or `plastic`.
    style: Option<String>,
}

/// Whether anybody may see the badge.
#[derive(Deserialize, ToSchema)]
pub(super) struct BadgeSwitch {
    #[schema(required)]
    enabled: Option<bool>,
}

/// The badge of a domain
///
/// An SVG picture under 2 KB with the grade of the newest completed scan of all modules, score and day in
/// its title; `unknown` unless an account whose domain it is has switched its badge on. Never starts a
/// scan.
#[utoipa::path(
    get, path = "/v1/badge/{domain}", tag = "sharing",
    params(
        ("domain" = String, Path, description = "The name and `.svg`, as in `example.com.svg`."),
        BadgeQuery, IfNoneMatch,
    ),
    responses(
        (
            status = 200, body = String, content_type = "image/svg+xml",
            headers(("ETag" = String, description = "Names this very body.")),
        ),
        (status = 304, description = "What `If-None-Match` names still holds."),
    ),
)]
pub(super) async fn get_badge(
    State(app): State<App>,
    parts: Parts,
    headers: HeaderMap,
    Path(file): Path<String>,
    Query(wanted): Query<BadgeQuery>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::Badge)?;
    let style = match wanted.style.as_deref() {
        None => BadgeStyle::default(),
        Some(word) => BadgeStyle::parse(word)
            .ok_or_else(|| Error::invalid("style", "must be `flat`, `flat-square` or `plastic`"))?,
    };
    let domain = file.strip_suffix(EXTENSION).and_then(|name| DomainName::parse(name).ok());
    let domain = domain.ok_or(Error::NotFound)?;
    let found = app.store.find_badge(domain.as_str()).await?;
    let result = found.map(|found| BadgeResult {
        grade: found.grade,
        score: found.score,
        scanned_at: found.completed_at,
    });
    let picture = badge::svg(domain.as_str(), result, style);
    let whole = ([(CONTENT_TYPE, "image/svg+xml")], picture).into_response();
    let mut response = conditional(&headers, whole).await?;
    let fields = response.headers_mut();
    fields.insert(CACHE_CONTROL, HeaderValue::from_static(KEPT));
    fields.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    Ok(response)
}

/// Switch the badge of a domain on or off
///
/// For a domain that the account has a completed scan of; others are 404, and 409 when no scan of all
/// modules was completed. Switching it on takes the proof that the domain is the account's, as
/// `GET /v1/ownership/{domain}` names it, and is 403 without.
#[utoipa::path(
    put, path = "/v1/badge/{domain}", tag = "sharing",
    params(("domain" = String, Path, description = "The name, without `.svg`.")),
    request_body = BadgeSwitch,
    responses((status = 204)),
    security(("bearer" = ["scans:write"])),
)]
pub(super) async fn switch_badge(
    State(app): State<App>,
    caller: Caller<ScansWrite>,
    Path(domain): Path<String>,
    Body(wish): Body<BadgeSwitch>,
) -> Result<StatusCode> {
    let domain = DomainName::parse(&domain).map_err(|_| Error::NotFound)?;
    let enabled = wish.enabled.ok_or_else(|| Error::invalid("enabled", "is missing"))?;
    ops::badges::switch(&app, &caller, &domain, enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}
