//! Talks to a server's API, over HTTP/1.1 with or without TLS.
//!
//! `transport` makes connections, `retry` says what passes by itself, `events` reads a stream,
//! `refusal` turns an error body into an exit code; `scans` waits for a scan.
//!
//! Invariants: a credential never leaves unencrypted for another computer unless that was asked for;
//! whatever a server said is made harmless for a terminal before it is kept; a request that changes
//! something carries an `Idempotency-Key`, so that sending it again does it once.

mod events;
mod refusal;
mod retry;
mod scans;
#[cfg(test)]
mod server_tests;
mod transport;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use rustls::ClientConfig;
use serde_json::Value;

use crate::failure::{Failure, REFUSED, Result, UNREACHABLE};
use crate::talk;
use retry::{Retries, Trouble};

const TIMEOUT: Duration = Duration::from_secs(30);
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// One server and the credential for it.
pub(crate) struct Client {
    base: Uri,
    credential: Option<String>,
    tls: Arc<ClientConfig>,
    is_verbose: bool,
    /// The first pause before something is tried again.
    pause: Duration,
    attempts: u32,
}

/// How a server is talked to.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) credential: Option<String>,
    /// PEM file of certificates to trust besides the public roots.
    pub(crate) trust_root: Option<PathBuf>,
    /// Whether a credential may go unencrypted to another computer.
    pub(crate) allows_plain_http: bool,
    /// Whether each exchange is told.
    pub(crate) is_verbose: bool,
}

/// What a server said.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    /// Reads the server's address, as `https://scans.example.com`.
    pub(crate) fn new(base: &str, options: Options) -> Result<Self> {
        let base = parse(base)?;
        if options.credential.is_some() && !options.allows_plain_http && !is_private(&base) {
            let host = base.host().unwrap_or_default();
            return Err(Failure::usage(format!(
                "the key would go unencrypted to {host}, for anybody on the way to read"
            ))
            .hint("write `https://`, or accept that with --insecure-http"));
        }
        Ok(Self {
            base,
            credential: options.credential,
            tls: Arc::new(transport::tls(options.trust_root.as_deref())?),
            is_verbose: options.is_verbose,
            pause: retry::PAUSE,
            attempts: retry::ATTEMPTS,
        })
    }

    /// Tries everything once: whoever asks does so again by themselves.
    pub(crate) fn once(self) -> Self {
        Self { attempts: 1, ..self }
    }

    /// Sends a request and returns the JSON of a successful answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let answer = self.exchange(method, path, body, "application/json").await?;
        match answer.body.is_empty() {
            true => Ok(Value::Null),
            false => serde_json::from_slice(&answer.body)
                .map_err(|_| unreachable("the answer is not JSON".to_owned())),
        }
    }

    /// Sends a request for `media_type` and returns the successful answer, whatever it holds. What passes
    /// by itself is tried again.
    pub(crate) async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        media_type: &str,
    ) -> Result<Answer> {
        let mut headers = vec![(header::ACCEPT, media_type.to_owned())];
        if method == Method::POST {
            headers.push((retry::IDEMPOTENCY_KEY, retry::idempotency_key()?));
        }
        let mut retries = Retries::new(self.attempts, self.pause);
        loop {
            let request = self.request(&method, path, body.as_ref(), &headers)?;
            let tried = tokio::time::timeout(TIMEOUT, self.attempt(request)).await;
            let trouble = match tried {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(trouble)) => trouble,
                Err(_) => {
                    let reason = format!("no answer within {} s", TIMEOUT.as_secs());
                    Trouble::passing(unreachable(reason))
                }
            };
            let (failure, wait) = match trouble {
                Trouble::Lasting(failure) => return Err(failure),
                Trouble::Passing { failure, wait } => (failure, wait),
            };
            let Some(pause) = retries.next(wait) else { return Err(failure) };
            self.tell(|| format!("  again in {:.1} s: {}", pause.as_secs_f64(), failure.message()));
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self, request: Request<Full<Bytes>>) -> std::result::Result<Answer, Trouble> {
        let response = self.open(request).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await;
        let body = body
            .map_err(|error| {
                Trouble::passing(unreachable(format!("the answer broke off: {error}")))
            })?
            .to_bytes();
        match head.status.as_u16() {
            200..300 => Ok(Answer { headers: head.headers, body }),
            status => Err(refusal::trouble(status, &head.headers, &body)),
        }
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(header::HeaderName, String)],
    ) -> Result<Request<Full<Bytes>>> {
        let authority =
            self.base.authority().map(|authority| authority.as_str()).unwrap_or_default();
        let path = format!("{}{path}", self.base.path().trim_end_matches('/'));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, authority)
            .header(header::USER_AGENT, concat!("compliancelayer/", env!("CARGO_PKG_VERSION")));
        for (name, value) in headers {
            request = request.header(name, value);
        }
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
        request
            .body(Full::new(body))
            .map_err(|_| Failure::new(REFUSED, "the key holds characters that no key has"))
    }

    /// Sends a request on a connection of its own and returns the answer's beginning.
    async fn open(
        &self,
        request: Request<Full<Bytes>>,
    ) -> std::result::Result<Response<Incoming>, Trouble> {
        let shown = format!("{} {}", request.method(), request.uri());
        self.tell(|| format!("> {shown}  {}", self.shown_credential()));
        let since = Instant::now();
        let opened = transport::send(&self.base, &self.tls, request).await;
        let took = since.elapsed().as_millis();
        self.tell(|| match &opened {
            Ok(response) => {
                let id = response.headers().get("x-request-id");
                let id = id.and_then(|id| id.to_str().ok()).unwrap_or("-");
                format!("< {} in {took} ms, request {id}", response.status())
            }
            Err(trouble) => format!("< nothing after {took} ms: {}", trouble.failure().message()),
        });
        opened
    }

    fn tell(&self, line: impl FnOnce() -> String) {
        if self.is_verbose {
            talk::line(&line());
        }
    }

    /// Returns what may be shown of the credential: the public half of a key, nothing of anything else.
    fn shown_credential(&self) -> String {
        const PUBLIC: usize = 15;
        match self.credential.as_deref() {
            Some(key) if key.starts_with("cl_") && key.len() > 2 * PUBLIC => {
                format!("key {}…", key.get(..PUBLIC).unwrap_or("cl_"))
            }
            Some(_) => "credential hidden".to_owned(),
            None => "no credential".to_owned(),
        }
    }
}

fn parse(base: &str) -> Result<Uri> {
    let wrong = || {
        Failure::usage(format!("`{base}` is not the address of a server"))
            .hint("write `https://host` or `http://host:port`")
    };
    let uri: Uri = base.trim_end_matches('/').parse().map_err(|_| wrong())?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        _ => Err(wrong()),
    }
}

/// Returns whether what is sent there is encrypted or stays on this computer.
fn is_private(base: &Uri) -> bool {
    let host = base.host().unwrap_or_default().trim_matches(['[', ']']);
    base.scheme_str() == Some("https")
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn unreachable(reason: String) -> Failure {
    Failure::new(UNREACHABLE, format!("the server cannot be reached: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_key(base: &str, allows_plain_http: bool) -> Result<Client> {
        let credential = Some("cl_x".to_owned());
        Client::new(base, Options { credential, allows_plain_http, ..Options::default() })
    }

    #[test]
    fn an_address_needs_a_scheme() {
        let new = |base| Client::new(base, Options::default());
        assert!(new("http://127.0.0.1:8080/").is_ok());
        assert!(new("127.0.0.1:8080").is_err());
        assert!(new("ftp://example.com").is_err());
    }

    #[test]
    fn a_key_leaves_this_computer_encrypted_or_not_at_all() {
        for here in ["http://127.0.0.1:8080", "http://[::1]:80", "http://localhost", "https://a.b"]
        {
            assert!(with_key(here, false).is_ok(), "{here}");
        }
        for there in ["http://scans.example", "http://10.0.0.1:8080", "http://localhost.example"] {
            let refused = with_key(there, false).err().unwrap();
            assert!(refused.code == 2 && refused.to_string().contains("--insecure-http"));
            assert!(with_key(there, true).is_ok(), "{there}");
            assert!(Client::new(there, Options::default()).is_ok(), "nothing secret is sent");
        }
    }

    #[test]
    fn a_credential_is_never_told() {
        let key = format!("cl_{}", "ab".repeat(25));
        let told = |credential: &str| {
            let credential = Some(credential.to_owned());
            let options = Options { credential, ..Options::default() };
            Client::new("https://a.b", options).unwrap().shown_credential()
        };
        assert_eq!(told(&key), "key cl_abababababab…");
        assert_eq!(told("eyJhbGciOi"), "credential hidden");
        assert_eq!(told("cl_short"), "credential hidden");
    }
}
