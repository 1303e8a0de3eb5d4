use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

use crate::request_id::RequestId;
use crate::visit::Visit;

/// Writes one line a request: never a query, a header, a body or an address of a person.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let id = request.extensions().get::<RequestId>().cloned();
    let visit = request.extensions().get::<Visit>().cloned().unwrap_or_default();
    let response = next.run(request).await;
    let refused = visit.refused();
    let key = visit.identity().and_then(|identity| identity.key());
    tracing::info!(
        request.id = id.as_ref().map_or("-", |id| &*id.0),
        method = method.as_str(),
        // The template, so that ids and what strangers type stay out of the log.
        path = path.as_ref().map_or("-", |path| path.as_str()),
        status = response.status().as_u16(),
        duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        key = key.map(|key| key.key_id.as_str()),
        // Rows, not people: which known credential was refused, and why.
        refused = refused.map(|refused| refused.reason.as_str()),
        refused.account = refused.map(|refused| refused.account_id),
        refused.named = refused.map(|refused| tracing::field::debug(refused.named)),
        "request",
    );
    response
}
