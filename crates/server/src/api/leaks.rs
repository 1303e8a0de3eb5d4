use std::net::IpAddr;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::AnyBody;
use crate::app::App;
use crate::client_ip::client_ip;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops::key_leaks::Leak;

/// Keys that one report can hold.
const MAX_TOKENS: usize = 1_000;

/// Keys that were found: an array of them, or an object with the array in `tokens`.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum LeakReport {
    Array(Vec<LeakedToken>),
    Object { tokens: Vec<LeakedToken> },
}

/// A key that was found somewhere.
#[derive(Deserialize, ToSchema)]
pub(super) struct LeakedToken {
    /// The whole key.
    token: String,
    /// Where it was found.
    url: Option<String>,
    /// Where it was found, when that has no address, as in `commit` or `paste`.
    source: Option<String>,
}

/// Where the report comes from.
pub(super) struct Reporter(Option<IpAddr>);

impl FromRequestParts<App> for Reporter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        doors::enter(app, parts, Door::LeakReport)?;
        Ok(Self(client_ip(app, parts)))
    }
}

/// Report leaked keys
///
/// Anybody may report keys they found. The answer is always 202 and tells nothing about the keys. A
/// key that is alive is revoked, or flagged if its account wants that, and its owner is told where it
/// was found. At most 1,000 keys a report.
#[utoipa::path(
    post, path = "/v1/leaks/report", tag = "api keys",
    request_body = LeakReport,
    responses((status = 202)),
)]
pub(super) async fn report_leaks(
    State(app): State<App>,
    Reporter(ip): Reporter,
    AnyBody(report): AnyBody<LeakReport>,
) -> Result<StatusCode> {
    let (LeakReport::Array(tokens) | LeakReport::Object { tokens }) = report;
    if tokens.len() > MAX_TOKENS {
        return Err(Error::invalid("tokens", format!("must hold at most {MAX_TOKENS} keys")));
    }
    let leaks = tokens.iter().filter_map(|leaked| {
        Leak::read(&leaked.token, leaked.url.as_deref().or(leaked.source.as_deref()))
    });
    app.leak_reports.submit(leaks.collect(), ip);
    Ok(StatusCode::ACCEPTED)
}
