//! The socket: connections in, requests to the router, all of it bounded.
//!
//! A connection that does not come to its first request in time is dropped, be it in the TLS
//! handshake or before the first header has ended. On shutdown the listener closes, connections
//! finish the request they are in, and after [`GRACE`] the rest is cut off.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::client_ip::Peer;

const MAX_CONNECTIONS: usize = 4096;
const MAX_STREAMS: u32 = 128;
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// From the handshake to the end of the first request's header.
const FIRST_REQUEST: Duration = Duration::from_secs(15);
/// For each further header on a connection, idle time included.
const NEXT_HEADER: Duration = Duration::from_secs(30);
/// How long a peer may be silent on HTTP/2 before it is asked whether it lives.
const PING_AFTER: Duration = Duration::from_secs(20);
/// How long running requests may take once the server shuts down.
pub(crate) const GRACE: Duration = Duration::from_secs(30);

/// Serves until `closing` is cancelled and what ran then has ended.
pub(crate) async fn run(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    closing: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let connections = TaskTracker::new();
    let cut_off = CancellationToken::new();
    loop {
        let accepting = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit.expect("the semaphore is never closed"))
        };
        let (accepted, permit) = tokio::select! {
            accepted = accepting => accepted,
            () = closing.cancelled() => break,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, most likely; asking again at once would spin.
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = Connection { peer, router: router.clone(), closing: closing.clone() };
        let (tls, cut_off) = (tls.clone(), cut_off.clone());
        connections.spawn(async move {
            let _permit = permit;
            // Small answers must not wait for the acknowledgement of earlier ones.
            let _ = socket.set_nodelay(true);
            tokio::select! {
                () = connection.serve_socket(socket, tls) => {}
                () = cut_off.cancelled() => {}
            }
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections were cut off");
        cut_off.cancel();
        connections.wait().await;
    }
}

struct Connection {
    peer: SocketAddr,
    router: Router,
    closing: CancellationToken,
}

impl Connection {
    async fn serve_socket(self, socket: tokio::net::TcpStream, tls: Option<TlsAcceptor>) {
        match tls {
            None => self.serve(socket).await,
            Some(tls) => {
                if let Ok(Ok(encrypted)) =
                    tokio::time::timeout(FIRST_REQUEST, tls.accept(socket)).await
                {
                    self.serve(encrypted).await;
                }
            }
        }
    }

    async fn serve(self, socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { peer, router, closing } = self;
        let has_begun = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let has_begun = Arc::clone(&has_begun);
            move |request| {
                has_begun.store(true, Ordering::Relaxed);
                let router = router.clone();
                async move { answer(router, request, peer).await }
            }
        });
        let builder = builder();
        let connection = builder.serve_connection(TokioIo::new(socket), service);
        tokio::pin!(connection);
        let first_request = tokio::time::sleep(FIRST_REQUEST);
        tokio::pin!(first_request);
        let mut is_watched = true;
        let mut is_closing = false;
        loop {
            // A broken connection is the client's affair, so the outcome is not looked at.
            tokio::select! {
                _ = connection.as_mut() => return,
                () = &mut first_request, if is_watched => {
                    if !has_begun.load(Ordering::Relaxed) {
                        return;
                    }
                    is_watched = false;
                }
                () = closing.cancelled(), if !is_closing => {
                    connection.as_mut().graceful_shutdown();
                    is_closing = true;
                }
            }
        }
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(NEXT_HEADER)
        .max_buf_size(MAX_HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_AFTER)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADER_BYTES as u32);
    builder
}

async fn answer(
    router: Router,
    request: http::Request<Incoming>,
    peer: SocketAddr,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    if let Some(uri) = without_slash(request.uri()) {
        *request.uri_mut() = uri;
    }
    router.oneshot(request).await
}

/// Returns the address without the slash at its end, if it has one. A redirect would lose the body
/// of a POST in common clients.
fn without_slash(uri: &http::Uri) -> Option<http::Uri> {
    let path = uri.path().strip_suffix('/').filter(|path| !path.is_empty())?;
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse().ok()?);
    http::Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_means_nothing() {
        let without = |uri: &str| without_slash(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(without("/v1/auth/me/").as_deref(), Some("/v1/auth/me"));
        assert_eq!(without("/v1/x/?a=/").as_deref(), Some("/v1/x?a=/"));
        assert_eq!(without("/"), None);
        assert_eq!(without("//"), Some("/".to_owned()));
        assert_eq!(without("/v1/x?a=/"), None);
    }
}
