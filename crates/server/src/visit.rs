//! What becomes known about a request while it is answered.
//!
//! Extractors and handlers fill it, layers read it once the answer is there: who asked, which known
//! credential was refused, and which headers the answer is to carry. A layer cannot see what an
//! extractor found otherwise, since each extractor works on a copy of the request's parts.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use model::AuthFailure;

use crate::auth::Identity;

/// One request's findings. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Visit(Arc<Findings>);

#[derive(Default)]
struct Findings {
    identity: OnceLock<Identity>,
    refused: OnceLock<RefusedCredential>,
    headers: Mutex<Vec<(HeaderName, HeaderValue)>>,
}

/// A credential that names a known key or user and was refused all the same.
#[derive(Debug, Clone)]
pub(crate) struct RefusedCredential {
    pub(crate) account_id: i64,
    pub(crate) named: Named,
    pub(crate) reason: AuthFailure,
}

/// Whom a refused credential names, by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    ApiKey(i64),
    User(i64),
}

impl Visit {
    /// Returns the visit of a request; one that nobody reads when no layer has put it there.
    pub(crate) fn of(parts: &Parts) -> Self {
        parts.extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Remembers who asked. The first word stands.
    pub(crate) fn identify(&self, identity: &Identity) {
        let _ = self.0.identity.set(identity.clone());
    }

    /// Returns who asked, once that is proven.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.0.identity.get()
    }

    /// Remembers that a known credential was refused. The first word stands.
    pub(crate) fn refuse(&self, refused: RefusedCredential) {
        let _ = self.0.refused.set(refused);
    }

    /// Returns the known credential that was refused, if one was.
    pub(crate) fn refused(&self) -> Option<&RefusedCredential> {
        self.0.refused.get()
    }

    /// Puts a header on the answer, whatever it will be.
    pub(crate) fn add_header(&self, name: HeaderName, value: HeaderValue) {
        self.0.headers.lock().unwrap_or_else(PoisonError::into_inner).push((name, value));
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// Gives each request its visit, and each answer the headers that were asked for.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let visit = Visit::default();
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    let headers =
        std::mem::take(&mut *visit.0.headers.lock().unwrap_or_else(PoisonError::into_inner));
    for (name, value) in headers {
        response.headers_mut().append(name, value);
    }
    response
}
