//! The outermost layer: gives each request its id and each error its body.
//!
//! An [`Error`] travels here as an extension of its response, because only here is the id known.
//! A refusal of axum's own (an unknown method, a body too large) has no such extension and is
//! dressed by its status, so that no answer of another shape leaves the house.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};

use crate::auth::token::random_base62;
use crate::error::{Error, Raised};

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in its extensions.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let id = RequestId(taken(&request).unwrap_or_else(fresh));
    request.extensions_mut().insert(id.clone());
    let response = store::in_request(Arc::clone(&id.0), next.run(request)).await;
    let mut response = dressed(response, &id.0);
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// Returns the id the client chose, if it is one that can stand anywhere.
fn taken(request: &Request) -> Option<Arc<str>> {
    let id = request.headers().get(X_REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    ((1..=64).contains(&id.len()) && id.bytes().all(is_plain)).then(|| id.into())
}

fn fresh() -> Arc<str> {
    // An id that repeats is better than no answer.
    random_base62(20).unwrap_or_else(|_| "0".repeat(20)).into()
}

/// Writes the cause of an error of ours to the log, under the request's id.
pub(crate) fn log_internal(error: &Error, id: &str) {
    if let Error::Internal(cause) = error {
        tracing::error!(request.id = id, error = format!("{cause:#}"), "request failed");
    }
}

fn dressed(mut response: Response, id: &str) -> Response {
    let error = match response.extensions_mut().remove::<Raised>() {
        Some(Raised(error)) => error,
        None if is_undressed(&response) => Arc::new(Error::from_status(response.status())),
        None => return response,
    };
    log_internal(&error, id);
    let body = serde_json::to_vec(&error.body(id)).expect("an error body is plain data");
    let mut dressed = Response::new(axum::body::Body::from(body));
    *dressed.status_mut() = response.status();
    // `Allow`, `Retry-After` and their like stay; what described the old body goes.
    *dressed.headers_mut() = std::mem::take(response.headers_mut());
    dressed.headers_mut().remove(CONTENT_LENGTH);
    dressed.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    dressed
}

/// Returns whether a response is a refusal without a body of ours.
fn is_undressed(response: &Response) -> bool {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_none_or(|kind| kind.starts_with("text/plain"))
}
