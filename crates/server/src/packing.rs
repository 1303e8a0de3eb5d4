//! Packs answers with gzip for those who take it (RFC 9110, section 12.5.3): a report's page is a
//! seventh of its size then.
//!
//! Packing a secret together with text of somebody else's choice tells the secret by the length of
//! the answer (BREACH, CVE-2013-3587). So only answers to GET are packed: what is shown once answers
//! a POST, and the tokens of forms are masked anew in each answer. A page that shows a secret all the
//! same says so with [`NeverPacked`].

use std::io::Write;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::body::Body as _;

/// Marks an answer that holds a secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NeverPacked;

/// Smaller answers fit into a packet or two as they are.
const LEAST_BYTES: u64 = 1_024;
/// Larger ones are not held in memory twice.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
/// A little less packed, for a third of the time of the usual level.
const LEVEL: u32 = 4;
/// What is text, whatever its parameters.
const TEXTS: &[&str] = &[
    "text/html",
    "text/css",
    "text/csv",
    "text/javascript",
    "text/markdown",
    "application/json",
    "application/sarif+json",
    "application/xml",
    "image/svg+xml",
];

pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let is_read = request.method() == Method::GET;
    let is_wanted = takes_gzip(request.headers());
    let response = next.run(request).await;
    match is_read && is_packable(&response) {
        // What a client has already would have been packed, or not, by the same rule.
        false if is_read && response.status() == StatusCode::NOT_MODIFIED => vary(response),
        false => response,
        true => vary(if is_wanted { packed(response).await } else { response }),
    }
}

/// Returns whether `Accept-Encoding` names gzip, or anything, and does not refuse it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(ACCEPT_ENCODING);
    let weight = |wanted: &str| {
        let fields = fields.iter().filter_map(|value| value.to_str().ok());
        fields.flat_map(|field| field.split(',')).find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let is_named = parts.next()?.eq_ignore_ascii_case(wanted);
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            is_named.then(|| weight.unwrap_or(1.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// Returns whether an answer is a whole text of a size that is worth it. Streams have no size.
fn is_packable(response: &Response) -> bool {
    let headers = response.headers();
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    let size = response.body().size_hint().exact();
    TEXTS.contains(&kind)
        && size.is_some_and(|size| (LEAST_BYTES..=MOST_BYTES).contains(&size))
        && !headers.contains_key(CONTENT_ENCODING)
        && response.status() != StatusCode::PARTIAL_CONTENT
        && response.extensions().get::<NeverPacked>().is_none()
}

async fn packed(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // It is there as a whole, so reading it waits for nobody and cannot fail.
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let kept = whole.clone();
    let Ok(Some(small)) = tokio::task::spawn_blocking(move || gzip(&kept)).await else {
        return Response::from_parts(parts, whole.into());
    };
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(ACCEPT_RANGES);
    // Octet for octet it is another answer (RFC 9110, section 8.8.3.3).
    let weak = parts.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).and_then(|tag| {
        let tag = if tag.starts_with("W/") { tag.to_owned() } else { format!("W/{tag}") };
        HeaderValue::try_from(tag).ok()
    });
    if let Some(weak) = weak {
        parts.headers.insert(ETAG, weak);
    }
    Response::from_parts(parts, small.into())
}

fn gzip(whole: &Bytes) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(whole.len() / 4), Compression::new(LEVEL));
    encoder.write_all(whole).ok()?;
    encoder.finish().ok()
}

/// Tells caches that the answer depends on what the client takes.
fn vary(mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::Router;
    use axum::response::IntoResponse;
    use axum::routing::get;
    use flate2::read::GzDecoder;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn text(size: usize) -> Response {
        let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (ETAG, "\"tag\"")];
        (headers, "word ".repeat(size / 5)).into_response()
    }

    async fn answer(method: Method, path: &str, takes: &str) -> (HeaderMap, Vec<u8>) {
        let secret = async || {
            let mut response = text(5_000).await;
            response.extensions_mut().insert(NeverPacked);
            response
        };
        let picture = async || ([(CONTENT_TYPE, "image/png")], vec![7; 5_000]).into_response();
        let router = Router::new()
            .route("/long", get(async || text(5_000).await).post(async || text(5_000).await))
            .route("/short", get(async || text(500).await))
            .route("/secret", get(secret))
            .route("/picture", get(picture))
            .layer(axum::middleware::from_fn(layer));
        let request = Request::builder().method(method).uri(path);
        let request = request.header(ACCEPT_ENCODING, takes).body(Body::empty()).unwrap();
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        (parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn a_long_text_comes_packed_to_who_takes_that() {
        let (headers, body) = answer(Method::GET, "/long", "br, gzip;q=0.8").await;
        assert_eq!(headers[CONTENT_ENCODING], "gzip");
        assert_eq!(headers[VARY], "accept-encoding");
        assert_eq!(headers[ETAG], "W/\"tag\"");
        assert!(body.len() < 500, "{} bytes", body.len());
        let mut whole = String::new();
        GzDecoder::new(body.as_slice()).read_to_string(&mut whole).unwrap();
        assert_eq!(whole, "word ".repeat(1_000));
        for refuses in ["", "identity", "gzip;q=0", "*;q=0", "gzip;q=0, *"] {
            let (headers, body) = answer(Method::GET, "/long", refuses).await;
            assert!(!headers.contains_key(CONTENT_ENCODING), "{refuses}");
            assert_eq!((body.len(), &headers[VARY]), (5_000, &headers[VARY]), "{refuses}");
        }
    }

    #[tokio::test]
    async fn secrets_and_what_does_not_gain_stay_as_they_are() {
        for (method, path) in [
            (Method::GET, "/short"),
            (Method::GET, "/secret"),
            (Method::GET, "/picture"),
            (Method::POST, "/long"),
        ] {
            let (headers, _) = answer(method, path, "gzip").await;
            assert!(!headers.contains_key(CONTENT_ENCODING), "{path}");
        }
    }
}
