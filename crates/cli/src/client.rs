//! Talks to a server's API, over HTTP/1.1 with or without TLS.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::failure::{Failure, LIMITED, NOT_TESTED, REFUSED, Result, UNREACHABLE, USAGE};

const TIMEOUT: Duration = Duration::from_secs(30);
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// One server and the credential for it.
pub(crate) struct Client {
    base: Uri,
    credential: Option<String>,
}

/// One server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Client {
    /// Reads the server's address, as `https://scans.example.com`.
    pub(crate) fn new(base: &str, credential: Option<String>) -> Result<Self> {
        let wrong = || {
            Failure::usage(format!("`{base}` is not the address of a server"))
                .hint("write `https://host` or `http://host:port`")
        };
        let base: Uri = base.trim_end_matches('/').parse().map_err(|_| wrong())?;
        match (base.scheme_str(), base.authority()) {
            (Some("http" | "https"), Some(_)) => Ok(Self { base, credential }),
            _ => Err(wrong()),
        }
    }

    /// Sends a request and returns the JSON of a successful answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let exchange = async {
            let response = self.open(method, path, body).await?;
            let status = response.status().as_u16();
            let bytes = Limited::new(response.into_body(), MOST_BYTES).collect().await;
            let bytes = bytes
                .map_err(|error| unreachable(format!("the answer broke off: {error}")))?
                .to_bytes();
            let value: Value = match bytes.is_empty() {
                true => Value::Null,
                false => serde_json::from_slice(&bytes)
                    .map_err(|_| unreachable("the answer is not JSON".to_owned()))?,
            };
            match status {
                200..300 => Ok(value),
                _ => Err(refusal(status, &value)),
            }
        };
        tokio::time::timeout(TIMEOUT, exchange)
            .await
            .map_err(|_| unreachable(format!("no answer within {} s", TIMEOUT.as_secs())))?
    }

    /// Follows a stream of events until it ends or `each` says that it is enough.
    pub(crate) async fn follow(
        &self,
        path: &str,
        mut each: impl FnMut(Event) -> Flow,
    ) -> Result<()> {
        let response = self.open(Method::GET, path, None).await?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(refusal(status, &Value::Null));
        }
        let mut body = response.into_body();
        let mut text = String::new();
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(|error| unreachable(format!("the stream broke off: {error}")))?;
            text.push_str(&String::from_utf8_lossy(frame.data_ref().map_or(&[], |data| data)));
            while let Some((event, rest)) = text.split_once("\n\n") {
                let event = parse_event(event);
                text = rest.to_owned();
                if let Some(event) = event
                    && each(event) == Flow::Enough
                {
                    return Ok(());
                }
            }
            if text.len() > MOST_BYTES {
                return Err(unreachable("an event has no end".to_owned()));
            }
        }
        Ok(())
    }

    async fn open(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Response<Incoming>> {
        let authority =
            self.base.authority().map(|authority| authority.as_str()).unwrap_or_default();
        let host = self.base.host().unwrap_or_default();
        let is_tls = self.base.scheme_str() == Some("https");
        let port = self.base.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, authority)
            .header(header::USER_AGENT, concat!("compliancelayer/", env!("CARGO_PKG_VERSION")));
        if let Some(credential) = &self.credential {
            request = request.header(header::AUTHORIZATION, format!("Bearer {credential}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        let request = request
            .body(Full::new(body))
            .map_err(|_| Failure::new(REFUSED, "the key holds characters that no key has"))?;
        let tcp = connect(host.trim_matches(['[', ']']), port)
            .await
            .map_err(|error| unreachable(format!("{host}:{port}: {error}")))?;
        match is_tls {
            false => exchange(tcp, request).await,
            true => {
                let name = ServerName::try_from(host.to_owned())
                    .map_err(|_| Failure::usage(format!("`{host}` is no name for TLS")))?;
                let connecting = TlsConnector::from(Arc::new(tls())).connect(name, tcp).await;
                exchange(connecting.map_err(|error| unreachable(error.to_string()))?, request).await
            }
        }
    }
}

/// Whether to go on following a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    More,
    Enough,
}

#[expect(clippy::disallowed_methods, reason = "the server was named by the person at the keyboard")]
async fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let connecting = TcpStream::connect((host, port));
    tokio::time::timeout(TIMEOUT, connecting).await.map_err(|_| std::io::ErrorKind::TimedOut)?
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Incoming>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| unreachable(format!("the connection broke off: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    drop(tokio::spawn(connection));
    sender.send_request(request).await.map_err(broken)
}

fn tls() -> ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring serves TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn unreachable(reason: String) -> Failure {
    Failure::new(UNREACHABLE, format!("the server cannot be reached: {reason}"))
}

/// Turns an error body into a failure with the exit code that scripts rely on.
fn refusal(status: u16, body: &Value) -> Failure {
    let message = body["message"].as_str().unwrap_or("the server refused");
    let request_id =
        body["request_id"].as_str().map(|id| format!(" (request {id})")).unwrap_or_default();
    let text = format!("{message}{request_id}");
    match (status, body["error"].as_str().unwrap_or_default()) {
        (401, _) => Failure::new(REFUSED, text)
            .hint("check that the key begins with cl_, is complete and not revoked"),
        (403, "insufficient_scope" | "ip_not_allowed" | "forbidden") => Failure::new(REFUSED, text),
        (403, "ownership_not_proven") => Failure::new(NOT_TESTED, text),
        (403, _) => Failure::new(LIMITED, text),
        (429 | 500.., _) => Failure::new(UNREACHABLE, text),
        _ => Failure::new(USAGE, text),
    }
}

fn parse_event(text: &str) -> Option<Event> {
    let mut name = String::new();
    let mut data = String::new();
    for line in text.lines() {
        match line.split_once(": ").or_else(|| line.split_once(':')) {
            Some(("event", value)) => value.clone_into(&mut name),
            Some(("data", value)) => data.push_str(value),
            _ => {}
        }
    }
    Some(Event { data: serde_json::from_str(&data).ok()?, name })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_read_and_comments_are_not() {
        let event = parse_event("event: module\ndata: {\"a\":1}").unwrap();
        assert_eq!(event, Event { name: "module".to_owned(), data: json!({ "a": 1 }) });
        assert_eq!(parse_event(":"), None);
    }

    #[test]
    fn refusals_have_the_exit_codes_of_the_contract() {
        let code = |status, error: &str| refusal(status, &json!({ "error": error })).code;
        assert_eq!(code(401, "unauthorized"), 4);
        assert_eq!(code(403, "insufficient_scope"), 4);
        assert_eq!(code(403, "quota_exceeded"), 5);
        assert_eq!(code(403, "account_suspended"), 5);
        assert_eq!(code(403, "ownership_not_proven"), 3);
        assert_eq!(code(429, "rate_limit_exceeded"), 6);
        assert_eq!(code(503, "service_unavailable"), 6);
        assert_eq!(code(400, "invalid_domain"), 2);
    }

    #[test]
    fn an_address_needs_a_scheme() {
        assert!(Client::new("http://127.0.0.1:8080/", None).is_ok());
        assert!(Client::new("127.0.0.1:8080", None).is_err());
        assert!(Client::new("ftp://example.com", None).is_err());
    }
}
