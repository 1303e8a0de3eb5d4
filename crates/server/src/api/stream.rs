//! Long answers, written page by page while they are read: one of any length takes the memory of a
//! page. What breaks in between ends the connection, so that nobody takes a part for the whole.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use store::StoreError;

/// Rows read at once.
pub(crate) const PAGE: i64 = 1_000;

/// What goes out next.
enum Next<P> {
    After(Option<P>),
    End,
}

/// Answers with a file: `head`, then what `page` gives for the place where the page before ended,
/// until that is `None`, then `tail`.
pub(super) fn pages<P, F, T>(
    kind: &'static str,
    head: String,
    page: F,
    tail: &'static str,
) -> Response
where
    P: Send + 'static,
    F: Fn(Option<P>) -> T + Send + 'static,
    T: Future<Output = Result<Option<(String, P)>, StoreError>> + Send + 'static,
{
    let start = (Next::After(None), page);
    let texts = futures_util::stream::try_unfold(start, move |(next, page)| async move {
        let (text, next) = match next {
            Next::After(last) => match page(last).await? {
                Some((text, last)) => (text, Next::After(Some(last))),
                None => (tail.to_owned(), Next::End),
            },
            Next::End => return Ok::<_, StoreError>(None),
        };
        Ok(Some((text, (next, page))))
    });
    file(kind, head, texts)
}

/// Answers with a file: `head`, then what the stream gives.
pub(super) fn file<E>(
    kind: &'static str,
    head: String,
    texts: impl Stream<Item = Result<String, E>> + Send + 'static,
) -> Response
where
    E: std::error::Error + Send + Sync + 'static,
{
    let head = futures_util::stream::iter([Ok(head)]);
    let mut response = Body::from_stream(head.chain(texts)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    response
}
