//! One HTTP/1.1 exchange on a connection of its own.
//!
//! Redirects are the probe's business, so that every hop passes the guard again. Nothing is
//! unpacked: no encoding is asked for, and one that comes all the same stays as it is. The exchange
//! ends when its connection does.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};

use super::patience::TurnedAway;
use super::{CONNECTION_BYTES, CONNECTION_TIMEOUT, Net, NetError};

/// Bytes of a body that are kept; the rest is not read.
pub(crate) const BODY_BYTES: usize = 512 * 1024;
/// Bytes of all response headers together.
const HEADER_BYTES: usize = 64 * 1024;
/// Response headers.
const MOST_HEADERS: usize = 200;

/// How we introduce ourselves.
pub(crate) const USER_AGENT: &str =
    concat!("ComplianceLayer/", env!("CARGO_PKG_VERSION"), " (external security scan)");

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// Returns 80 or 443.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// Returns `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// One request. `address` is where it goes, `host` what it asks for.
#[derive(Debug, Clone)]
pub struct HttpRequest<'a> {
    pub method: http::Method,
    pub scheme: Scheme,
    pub host: &'a str,
    pub address: IpAddr,
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path: &'a str,
    /// Headers besides `Host`, `User-Agent`, `Accept` and `Connection`.
    pub headers: &'a [(&'a str, &'a str)],
}

/// One response, without any redirect followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    pub status: u16,
    /// Names in lower case, in the order sent, repeated ones included. Octets that are not UTF-8
    /// become U+FFFD.
    pub headers: Vec<(String, String)>,
    /// At most 512 KiB, of a provider as much as was asked for.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// Whether the server had more to say.
    pub truncated: bool,
}

impl HttpResponse {
    /// Returns the first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(have, _)| have.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.as_str())
    }

    /// Returns every value of a header, in the order sent.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let wanted = move |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        self.headers.iter().filter(wanted).map(|(_, value)| value.as_str())
    }
}

impl Net {
    /// Sends one HTTP/1.1 request on a connection of its own and reads the response.
    pub async fn http(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, NetError> {
        self.http_within(request, CONNECTION_TIMEOUT).await
    }

    /// Sends one request as [`Net::http`] does, on a connection that lives for `lifetime`.
    pub async fn http_within(
        &self,
        request: &HttpRequest<'_>,
        lifetime: Duration,
    ) -> Result<HttpResponse, NetError> {
        let (address, port) = (request.address, request.port);
        let asking = || async move {
            let connection = self.open_for(address, port, lifetime, CONNECTION_BYTES).await?;
            match request.scheme {
                Scheme::Http => exchange(connection, request, BODY_BYTES).await,
                Scheme::Https => {
                    let tls = self.tls_http_over(connection, request.host).await?;
                    exchange(tls.stream, request, BODY_BYTES).await
                }
            }
        };
        self.patiently(address, asking, TurnedAway::read_http).await
    }

    /// Sends one request in the clear as [`Net::http`] does, whatever its scheme, and keeps up to
    /// `bytes` of the body.
    pub async fn http_up_to(
        &self,
        request: &HttpRequest<'_>,
        bytes: usize,
    ) -> Result<HttpResponse, NetError> {
        let (address, port) = (request.address, request.port);
        let most = bytes + HEADER_BYTES;
        let asking = || async move {
            let connection = self.open_for(address, port, CONNECTION_TIMEOUT, most).await?;
            exchange(connection, request, bytes).await
        };
        self.patiently(address, asking, TurnedAway::read_http).await
    }

    /// Sends one request over TLS as [`Net::http`] does, whatever its scheme, and returns the chain
    /// as well, leaf first: what came of the request is worth as much as the certificate.
    pub async fn https(
        &self,
        request: &HttpRequest<'_>,
    ) -> Result<(Vec<CertificateDer<'static>>, Result<HttpResponse, NetError>), NetError> {
        let asking = || async move {
            let connection = self.open(request.address, request.port).await?;
            let tls = self.tls_http_over(connection, request.host).await?;
            Ok((tls.chain, exchange(tls.stream, request, BODY_BYTES).await))
        };
        let read = |answer: &Result<(_, Result<HttpResponse, NetError>), NetError>| match answer {
            Ok((_, answer)) => TurnedAway::read_http(answer),
            Err(_) => TurnedAway::read(answer),
        };
        self.patiently(request.address, asking, read).await
    }
}

/// Sends a request and reads the response, of the body at most `most_bytes`.
pub(crate) async fn exchange<S>(
    stream: S,
    request: &HttpRequest<'_>,
    most_bytes: usize,
) -> Result<HttpResponse, NetError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEADER_BYTES)
        .max_headers(MOST_HEADERS)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(http_error)?;
    let driver = AbortOnDrop(tokio::spawn(connection));
    let response = sender.send_request(message(request)?).await.map_err(http_error)?;
    let (parts, mut body) = response.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let mut answer = HttpResponse {
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: Vec::new(),
        truncated: false,
    };
    while let Some(frame) = body.frame().await {
        // A body that breaks off is still the body that was sent.
        let Ok(frame) = frame else {
            answer.truncated = true;
            break;
        };
        if let Some(data) = frame.data_ref() {
            let room = most_bytes - answer.body.len();
            answer.body.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() >= room {
                answer.truncated = true;
                break;
            }
        }
    }
    drop(driver);
    Ok(answer)
}

fn message(request: &HttpRequest<'_>) -> Result<http::Request<Empty<Bytes>>, NetError> {
    let host = match request.port == request.scheme.default_port() {
        true => request.host.to_owned(),
        false => format!("{}:{}", request.host, request.port),
    };
    let mut builder = http::Request::builder()
        .method(request.method.clone())
        .uri(request.path)
        .header(http::header::HOST, host)
        .header(http::header::USER_AGENT, USER_AGENT)
        .header(http::header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
        .header(http::header::CONNECTION, "close");
    for (name, value) in request.headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Empty::new()).map_err(|error| NetError::Failed(format!("not a request: {error}")))
}

fn http_error(error: hyper::Error) -> NetError {
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            if let Some(ours) = io.get_ref().and_then(|ours| ours.downcast_ref::<NetError>()) {
                return ours.clone();
            }
            if matches!(
                io.kind(),
                std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof
            ) {
                return NetError::Closed;
            }
        }
        source = inner.source();
    }
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return NetError::Closed;
    }
    if error.is_parse_too_large() {
        return NetError::TooMuch;
    }
    NetError::Protocol(format!("not a valid HTTP/1.1 response: {error}"))
}

/// Ends the connection's task with the exchange, however that ends.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
