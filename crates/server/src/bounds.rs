use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::error::Error;

/// Largest body that is read.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;
/// How long a request may take to arrive and to be answered. An answer that is a stream may flow on
/// after it has begun.
const MAX_DURATION: Duration = Duration::from_secs(30);

/// Bounds a request's time, and turns a panic into an error of its request alone.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    bounded(MAX_DURATION, next.run(request)).await
}

async fn bounded(most: Duration, answering: impl Future<Output = Response>) -> Response {
    let answering = AssertUnwindSafe(answering).catch_unwind();
    match tokio::time::timeout(most, answering).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_else(|| "without a message".to_owned());
            Error::Internal(anyhow::anyhow!("a handler panicked: {text}")).into_response()
        }
        Err(_) => Error::Timeout.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn answer(path: &str) -> (u16, serde_json::Value) {
        async fn panics() -> &'static str {
            panic!("the password is hunter2")
        }
        async fn hangs() -> Response {
            bounded(Duration::ZERO, std::future::pending()).await
        }
        let router = Router::new()
            .route("/panics", get(panics))
            .route("/hangs", get(hangs))
            .layer(axum::middleware::from_fn(layer))
            .layer(axum::middleware::from_fn(crate::request_id::layer));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_one_requests_error() {
        let (status, body) = answer("/panics").await;
        assert_eq!((status, &body["error"]), (500, &"internal_server_error".into()));
        assert!(!body.to_string().contains("hunter2"));
    }

    #[tokio::test]
    async fn a_request_ends_in_time() {
        let (status, body) = answer("/hangs").await;
        assert_eq!((status, &body["error"]), (408, &"request_timeout".into()));
    }
}
