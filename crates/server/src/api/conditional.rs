//! Answers that a client need not read again (RFC 9110, section 13.1.2).
//!
//! An entity tag is made of the body alone, so it is the same on every node and after a restart.

use axum::body::{Bytes, to_bytes};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// JSON that is the same for everybody as long as the program runs.
pub(super) struct Constant {
    body: Bytes,
    tag: HeaderValue,
}

impl Constant {
    /// Prints a value once and for all.
    pub(super) fn new(value: &impl Serialize) -> Self {
        let body = Bytes::from(serde_json::to_vec(value).expect("what is constant is plain data"));
        Self { tag: entity_tag(&body), body }
    }

    /// Answers with the value, which caches may keep as long as they ask whether it still holds.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let kind = HeaderValue::from_static("application/json");
        let whole = ([(CONTENT_TYPE, kind)], self.body.clone()).into_response();
        let mut response = unless_known(request, &self.tag, whole);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

/// How a client says which answer it has.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes; `unless_known` reads")]
pub(super) struct IfNoneMatch {
    /// The `ETag` of an earlier answer. If it still holds, the answer is 304 without a body.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// Gives an answer that is there as a whole its tag; leaves only the tag when the client has that
/// body already.
pub(super) async fn conditional(request: &HeaderMap, whole: Response) -> Result<Response> {
    let (parts, body) = whole.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| Error::Internal(error.into()))?;
    let tag = entity_tag(&body);
    let vary = parts.headers.get(VARY).cloned();
    let mut response = unless_known(request, &tag, Response::from_parts(parts, body.into()));
    if let Some(vary) = vary {
        response.headers_mut().insert(VARY, vary);
    }
    Ok(response)
}

fn entity_tag(body: &[u8]) -> HeaderValue {
    let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..15]);
    HeaderValue::try_from(format!("\"{digest}\"")).expect("base64 in quotes is visible ASCII")
}

fn unless_known(request: &HeaderMap, tag: &HeaderValue, whole: Response) -> Response {
    let mut response = match is_known(request, tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => whole,
    };
    response.headers_mut().insert(ETAG, tag.clone());
    response
}

/// Compares weakly, as section 13.1.2 asks for. Our tags hold no comma, so a list may be split at
/// all of them.
fn is_known(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let lists = request.get_all(IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut known = lists.flat_map(|list| list.split(',')).map(str::trim);
    known
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one).as_bytes() == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_body_is_recognised_in_any_list() {
        let tag = entity_tag(b"{}");
        let text = tag.to_str().unwrap();
        let knows = |lists: &[String]| {
            let list = |text: &String| (IF_NONE_MATCH, text.parse().unwrap());
            let mut headers = HeaderMap::new();
            for (name, value) in lists.iter().map(list) {
                headers.append(name, value);
            }
            is_known(&headers, &tag)
        };
        assert!(
            knows(&[text.to_owned()]) && knows(&[format!("W/{text}")]) && knows(&["*".to_owned()])
        );
        assert!(
            knows(&[format!("\"a,b\", {text}")]) && knows(&["\"a\"".to_owned(), text.to_owned()])
        );
        assert!(!knows(&[]) && !knows(&["\"a\"".to_owned()]) && !knows(&[text.replace('"', "")]));
        assert_ne!(entity_tag(b"{ }"), tag);
    }
}
