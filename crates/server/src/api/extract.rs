//! What a request says, read strictly and refused in our own words.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::Once;

use crate::app::App;
use crate::auth::secrets::hex;
use crate::error::{Error, Result};
use crate::strict_json;

/// A JSON body of at most 64 KiB. Unknown members are ignored, duplicate ones refused.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        if !is_json(request.headers()) {
            return Err(Error::UnsupportedMediaType);
        }
        let bytes = Bytes::from_request(request, app).await.map_err(unreadable)?;
        read(&bytes).map(Self)
    }
}

/// A JSON body whose request takes effect once, however often it is sent with the same
/// `Idempotency-Key`.
pub(crate) struct OnceBody<T>(pub(crate) T, pub(crate) Option<Once>);

/// How a client says that a request is the one it sent before.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes; `OnceBody` reads")]
pub(crate) struct IdempotencyHeader {
    /// A text of the client's choice, 1 to 255 characters. The same text with the same body within
    /// 24 hours takes effect once and answers with what was made then; with another body it is
    /// refused.
    #[param(rename = "Idempotency-Key")]
    idempotency_key: Option<String>,
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl<T: DeserializeOwned> FromRequest<App> for OnceBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        if !is_json(request.headers()) {
            return Err(Error::UnsupportedMediaType);
        }
        let key = idempotency_key(request.headers())?.map(str::to_owned);
        let mut asked = Sha256::new();
        asked.update(format!("{} {}\n", request.method(), request.uri().path()));
        let bytes = Bytes::from_request(request, app).await.map_err(unreadable)?;
        asked.update(&bytes);
        let once = key.map(|key| Once {
            key: hex(&Sha256::digest(key)),
            fingerprint: hex(&asked.finalize()),
        });
        Ok(Self(read(&bytes)?, once))
    }
}

/// A request without a body that takes effect once.
pub(crate) struct OnceHeader(pub(crate) Option<Once>);

impl FromRequestParts<App> for OnceHeader {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        let asked = format!("{} {}\n", parts.method, parts.uri.path());
        let key = idempotency_key(&parts.headers)?;
        Ok(Self(key.map(|key| Once {
            key: hex(&Sha256::digest(key)),
            fingerprint: hex(&Sha256::digest(asked)),
        })))
    }
}

/// A JSON body that may be an array as well as an object.
pub(crate) struct AnyBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for AnyBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        if !is_json(request.headers()) {
            return Err(Error::UnsupportedMediaType);
        }
        let bytes = Bytes::from_request(request, app).await.map_err(unreadable)?;
        convert(parse(&bytes)?).map(Self)
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let is_good = |text: &&str| (1..=255).contains(&text.len());
    match (value.to_str().ok().filter(is_good), values.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(Error::InvalidRequest(
            "`Idempotency-Key` must stand once and have 1 to 255 visible characters.".to_owned(),
        )),
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let value = parse(bytes)?;
    if !value.is_object() {
        return Err(Error::InvalidRequest("The body must be a JSON object.".to_owned()));
    }
    convert(value)
}

fn parse(bytes: &[u8]) -> Result<Value> {
    strict_json::read(bytes)
        .map_err(|problem| Error::InvalidRequest(format!("The body is not JSON: {problem}.")))
}

fn convert<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|problem| {
        let place = problem.path().to_string();
        let inner = problem.inner();
        Error::InvalidRequest(match place.as_str() {
            "." => format!("The body cannot be used: {inner}."),
            place => format!("The member `{place}` cannot be used: {inner}."),
        })
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn unreadable(rejection: BytesRejection) -> Error {
    match rejection.status().as_u16() {
        413 => Error::TooLarge,
        _ => Error::InvalidRequest("The body did not arrive whole.".to_owned()),
    }
}

/// The query. Unknown parameters are ignored, one that stands twice is refused.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        let query = axum::extract::Query::try_from_uri(&parts.uri);
        query.map(|query| Self(query.0)).map_err(|problem| {
            let text = problem.body_text();
            let inner = text.rsplit("query string: ").next().unwrap_or_default();
            Error::InvalidRequest(format!("The query cannot be used: {inner}."))
        })
    }
}

/// What the path says. What cannot be an id is not the id of anything: 404.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let path = axum::extract::Path::from_request_parts(parts, app).await;
        path.map(|path| Self(path.0)).map_err(|_| Error::NotFound)
    }
}

/// The paging of lists, newest first.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many, 1 to 100.
    #[serde(default = "fifty")]
    #[param(default = 50, minimum = 1, maximum = 100)]
    limit: i64,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

fn fifty() -> i64 {
    50
}

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) limit: usize,
    /// Only ids below this one.
    pub(crate) before: Option<i64>,
}

impl PageQuery {
    /// Checks what was asked for.
    pub(crate) fn page(&self) -> Result<Page> {
        let limit = usize::try_from(self.limit).ok().filter(|limit| (1..=100).contains(limit));
        let limit = limit.ok_or_else(|| Error::invalid("limit", "must be between 1 and 100"))?;
        let before = self.cursor.as_deref().map(|cursor| {
            read_cursor(cursor).ok_or_else(|| {
                Error::invalid("cursor", "must be the `next_cursor` of the page before")
            })
        });
        Ok(Page { limit, before: before.transpose()? })
    }
}

impl Page {
    /// Returns the cursor that leads on from a page that ended in `last`, when it was full.
    pub(crate) fn next(&self, found: usize, last: Option<i64>) -> Option<String> {
        let last = last.filter(|_| found >= self.limit)?;
        Some(cursor(last))
    }
}

/// Returns the cursor that leads on below an id.
pub(crate) fn cursor(last: i64) -> String {
    URL_SAFE_NO_PAD.encode(last.to_be_bytes())
}

fn read_cursor(text: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(i64::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(limit: i64, cursor: Option<&str>) -> PageQuery {
        PageQuery { limit, cursor: cursor.map(str::to_owned) }
    }

    #[test]
    fn a_cursor_leads_on() {
        let page = query(2, None).page().unwrap();
        assert_eq!(page.next(1, Some(7)), None);
        let cursor = page.next(2, Some(7)).unwrap();
        assert_eq!(query(2, Some(&cursor)).page().unwrap().before, Some(7));
    }

    #[test]
    fn pages_have_limits() {
        for (limit, cursor) in [(0, None), (101, None), (-1, None), (5, Some("x")), (5, Some(""))] {
            assert!(matches!(query(limit, cursor).page(), Err(Error::Invalid(_))), "{limit}");
        }
    }

    #[test]
    fn json_is_recognised_whatever_its_dress() {
        let is =
            |kind: &str| is_json(&HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]));
        assert!(is("application/json") && is("Application/JSON; charset=utf-8"));
        assert!(!is("text/plain") && !is("application/jsonp") && !is(""));
        assert!(!is_json(&HeaderMap::new()));
    }
}
