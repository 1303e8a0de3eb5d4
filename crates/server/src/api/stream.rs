//! Long answers, written page by page while they are read: one of any length takes the memory of a
//! page. What breaks in between ends the connection, so that nobody takes a part for the whole.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use store::StoreError;

/// Rows read at once.
pub(super) const PAGE: i64 = 1_000;

/// What goes out next.
enum Next {
    Head(String),
    After(Option<i64>),
    End,
}

/// Answers with a file: `head`, then what `page` gives for the id where the page before ended, until
/// that is `None`, then `tail`.
pub(super) fn pages<F, T>(kind: &'static str, head: String, page: F, tail: &'static str) -> Response
where
    F: Fn(Option<i64>) -> T + Send + 'static,
    T: Future<Output = Result<Option<(String, i64)>, StoreError>> + Send + 'static,
{
    let start = (Next::Head(head), page);
    let texts = futures_util::stream::try_unfold(start, move |(next, page)| async move {
        let (text, next) = match next {
            Next::Head(head) => (head, Next::After(None)),
            Next::After(last) => match page(last).await? {
                Some((text, last)) => (text, Next::After(Some(last))),
                None => (tail.to_owned(), Next::End),
            },
            Next::End => return Ok::<_, StoreError>(None),
        };
        Ok(Some((text, (next, page))))
    });
    file(kind, Body::from_stream(texts))
}

fn file(kind: &'static str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    response
}
