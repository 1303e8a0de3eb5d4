//! Web servers: sites with any status, header and body, and servers that lie.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bomb;
use crate::crowd::Turnstile;

/// How a web server goes wrong, written as raw bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpFault {
    /// Redirects to itself for ever.
    RedirectLoop,
    EndlessHeaders,
    /// Says `100 Continue` for ever.
    EndlessContinue,
    /// Chunks that each say more about themselves than they hold.
    EndlessChunkExtensions,
    /// One header of a megabyte.
    HugeHeader,
    EndlessBody,
    /// 100 kB of gzip that unpack to 16 MiB.
    GzipBomb,
    /// A hundred bytes of brotli that unpack to 64 MiB.
    BrotliBomb,
    Silent,
    /// One byte of the head every two seconds.
    DripsHead,
    /// Resets the connection when the request is there.
    ResetsAtRequest,
    ResetsMidHeader,
    /// Resets the connection in the middle of the body.
    ResetsMidBody,
    /// Redirects from HTTPS to HTTP and back, each time to a new place.
    RedirectsUpAndDown,
    NotHttp,
    /// One byte a second.
    SlowBody,
}

impl HttpFault {
    fn resets(self) -> bool {
        matches!(self, Self::ResetsAtRequest | Self::ResetsMidHeader | Self::ResetsMidBody)
    }
}

/// What one port serves, by host name.
#[derive(Debug, Clone, Default)]
pub struct Web {
    sites: HashMap<String, Site>,
    fault: Option<HttpFault>,
    throttle: Option<(Turnstile, Page)>,
}

/// One host: pages by path, 404 for the rest.
#[derive(Debug, Clone, Default)]
pub struct Site {
    pages: HashMap<String, Page>,
    anything: Option<Page>,
    reflects_origin: bool,
    echoes: Option<String>,
    allows_trace: bool,
    methods: Option<String>,
    compresses: bool,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Page {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Page {
    /// Begins an answer.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// Begins a redirect.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::new(status).header("location", to)
    }

    /// Adds a header; the same name may come again.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// Sets a body that is no text.
    #[must_use]
    pub fn octets(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }
}

impl Site {
    /// Serves one page at `/`.
    pub fn home(page: Page) -> Self {
        Self::default().page("/", page)
    }

    /// Serves a page at a path.
    #[must_use]
    pub fn page(mut self, path: &str, page: Page) -> Self {
        self.pages.insert(path.to_owned(), page);
        self
    }

    /// Serves this page at every path that has none.
    #[must_use]
    pub fn anything(mut self, page: Page) -> Self {
        self.anything = Some(page);
        self
    }

    /// Grants every `Origin` that asks access with credentials.
    #[must_use]
    pub fn reflects_origin(mut self) -> Self {
        self.reflects_origin = true;
        self
    }

    /// Answers every request with what a header of it says, or `absent`, where it would say 404.
    #[must_use]
    pub fn echoes(mut self, header: &str) -> Self {
        self.echoes = Some(header.to_owned());
        self
    }

    /// Answers OPTIONS with these methods.
    #[must_use]
    pub fn allows_methods(mut self, methods: &str) -> Self {
        self.methods = Some(methods.to_owned());
        self
    }

    /// Says to whoever takes compressed answers that they are, which they are not.
    #[must_use]
    pub fn compresses(mut self) -> Self {
        self.compresses = true;
        self
    }

    /// Answers TRACE with the request.
    #[must_use]
    pub fn allows_trace(mut self) -> Self {
        self.allows_trace = true;
        self
    }
}

impl Web {
    /// Serves one host.
    pub fn host(name: &str, site: Site) -> Self {
        Self::default().and_host(name, site)
    }

    /// Serves another host.
    #[must_use]
    pub fn and_host(mut self, name: &str, site: Site) -> Self {
        self.sites.insert(name.to_owned(), site);
        self
    }

    /// Serves nothing but a fault.
    pub fn fault(fault: HttpFault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    /// Answers `most` requests in any such time, and the others with a page.
    #[must_use]
    pub fn throttled(mut self, time: Duration, most: usize, page: Page) -> Self {
        self.throttle = Some((Turnstile::new(time, most), page));
        self
    }

    /// Makes the end of a connection a reset when the server is one that resets.
    pub(crate) fn set_end(&self, tcp: &TcpStream) -> std::io::Result<()> {
        match self.fault.is_some_and(HttpFault::resets) {
            true => tcp.set_zero_linger(),
            false => Ok(()),
        }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if let Some((gate, page)) = &self.throttle
            && gate.pass().is_err()
        {
            return answer(page, None);
        }
        let host = request
            .headers()
            .get(http::header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let Some(site) = self.sites.get(host) else { return answer(&Page::new(404), None) };
        if request.method() == http::Method::TRACE {
            let echo = format!("TRACE {} HTTP/1.1\r\n", request.uri());
            let page = match site.allows_trace {
                true => Page::new(200).header("content-type", "message/http").body(&echo),
                false => Page::new(405),
            };
            return answer(&page, None);
        }
        if let (&http::Method::OPTIONS, Some(methods)) = (request.method(), &site.methods) {
            return answer(&Page::new(204).header("allow", methods), None);
        }
        let echo = site.echoes.as_ref().map(|header| {
            let value = request.headers().get(header).and_then(|value| value.to_str().ok());
            Page::new(200).body(value.unwrap_or("absent"))
        });
        let page = site.pages.get(request.uri().path()).or(site.anything.as_ref());
        let page = page.or(echo.as_ref());
        let origin = request.headers().get(http::header::ORIGIN).filter(|_| site.reflects_origin);
        let mut response = answer(page.unwrap_or(&Page::new(404).body("not here")), origin);
        if site.compresses && request.headers().contains_key(http::header::ACCEPT_ENCODING) {
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(http::header::CONTENT_ENCODING, gzip);
        }
        response
    }
}

fn answer(page: &Page, origin: Option<&HeaderValue>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(page.body.clone())));
    *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or(StatusCode::IM_A_TEAPOT);
    let headers = response.headers_mut();
    for (name, value) in &page.headers {
        if let (Ok(name), Ok(value)) =
            (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
        {
            headers.append(name, value);
        }
    }
    if let Some(origin) = origin {
        headers.insert(http::header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            http::header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
    response
}

/// Serves a connection without TLS.
pub(crate) async fn serve_tcp(tcp: TcpStream, web: &Arc<Web>) -> anyhow::Result<()> {
    web.set_end(&tcp)?;
    serve(tcp, web).await
}

pub(crate) async fn serve<S>(stream: S, web: &Arc<Web>) -> anyhow::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match web.fault {
        Some(fault) => misbehave(stream, fault).await,
        None => {
            let service = service_fn(|request| {
                let response = web.answer(&request);
                async move { Ok::<_, Infallible>(response) }
            });
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await?;
            Ok(())
        }
    }
}

/// Returns an answer whose body is packed in a coding that nobody asked for.
fn packed(coding: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: {coding}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )
    .into_bytes();
    answer.extend(body);
    answer
}

async fn misbehave<S>(mut stream: S, fault: HttpFault) -> anyhow::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = [0; 4_096];
    let read = stream.read(&mut request).await?;
    match fault {
        HttpFault::RedirectLoop => {
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or("/");
            let reply = format!(
                "HTTP/1.1 302 Found\r\nlocation: {path}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(reply.as_bytes()).await?;
        }
        HttpFault::EndlessHeaders => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(b"x-more: and more\r\n").await?;
            }
        }
        HttpFault::EndlessContinue => loop {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        },
        HttpFault::EndlessChunkExtensions => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            loop {
                stream.write_all(b"1;").await?;
                stream.write_all(&[b'e'; 1_024]).await?;
                stream.write_all(b"\r\na\r\n").await?;
            }
        }
        HttpFault::HugeHeader => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nx-huge: ").await?;
            for _ in 0..1_024 {
                stream.write_all(&[b'a'; 1_024]).await?;
            }
            stream.write_all(b"\r\n\r\n").await?;
        }
        HttpFault::EndlessBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'a'; 4_096]).await?;
            }
        }
        HttpFault::GzipBomb => stream.write_all(&packed("gzip", &bomb::gzip())).await?,
        HttpFault::BrotliBomb => stream.write_all(&packed("br", bomb::BROTLI)).await?,
        HttpFault::DripsHead => {
            for octet in b"HTTP/1.1 200 OK\r\nserver: slow\r\n".iter().cycle() {
                stream.write_all(&[*octet]).await?;
                stream.flush().await?;
                tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            }
        }
        HttpFault::ResetsAtRequest => return Ok(()),
        HttpFault::ResetsMidBody => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4000\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(b"<!doctype html><title>ha").await?;
            stream.flush().await?;
            // The client has to have read it, or the reset would take it back.
            let _more = stream.read(&mut request).await;
            return Ok(());
        }
        HttpFault::RedirectsUpAndDown => {
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or("/");
            let host = request.lines().find_map(|line| line.strip_prefix("host: "));
            let host = host.unwrap_or_default();
            // The path grows by one for each turn, and its length tells whose turn it is.
            let scheme = if path.len().is_multiple_of(2) { "https" } else { "http" };
            let reply = format!(
                "HTTP/1.1 302 Found\r\nlocation: {scheme}://{host}{path}a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(reply.as_bytes()).await?;
        }
        HttpFault::Silent => std::future::pending::<()>().await,
        HttpFault::ResetsMidHeader => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nserver: ngi").await?;
            stream.flush().await?;
            return Ok(());
        }
        HttpFault::NotHttp => stream.write_all(b"220 mail.lab ESMTP\r\n").await?,
        HttpFault::SlowBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await?;
            loop {
                stream.write_all(b"a").await?;
                stream.flush().await?;
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
    }
    stream.shutdown().await?;
    Ok(())
}
