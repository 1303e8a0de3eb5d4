use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::retry::Trouble;
use super::{TIMEOUT, unreachable};
use crate::failure::{Failure, Result, UNREACHABLE};
use crate::sources::trusted_by_environment;

/// Sends a request to the host of `base` and returns the answer's beginning.
pub(super) async fn send(
    base: &Uri,
    tls: &Arc<ClientConfig>,
    request: Request<Full<Bytes>>,
) -> std::result::Result<Response<Incoming>, Trouble> {
    let host = base.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_tls = base.scheme_str() == Some("https");
    let port = base.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let connecting = tokio::time::timeout(TIMEOUT, connect(host, port)).await;
    let tcp = match connecting {
        Ok(Ok(tcp)) => tcp,
        Ok(Err(error)) => return Err(lost(format!("{host}:{port}: {error}"))),
        Err(_) => return Err(lost(format!("{host}:{port} does not answer"))),
    };
    if !is_tls {
        return exchange(tcp, request).await;
    }
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Failure::usage(format!("`{host}` is no name for TLS")))?;
    match TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await {
        Ok(stream) => exchange(stream, request).await,
        // What a certificate lacks it lacks the next time as well.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(Trouble::Lasting(distrust(host, &error.to_string())))
        }
        Err(error) => Err(lost(error.to_string())),
    }
}

fn distrust(host: &str, reason: &str) -> Failure {
    Failure::new(UNREACHABLE, format!("{host} is not who it says: {reason}"))
        .hint("name a private certification authority with --trust-root FILE")
}

fn lost(reason: String) -> Trouble {
    Trouble::passing(unreachable(reason))
}

#[expect(clippy::disallowed_methods, reason = "the server was named by the person at the keyboard")]
async fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect((host, port)).await
}

async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> std::result::Result<Response<Incoming>, Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| lost(format!("the connection broke off: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    drop(tokio::spawn(connection));
    sender.send_request(request).await.map_err(broken)
}

/// Trusts the public roots, those in `file`, and those in the file that `SSL_CERT_FILE` names.
pub(super) fn tls(file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for path in file.map(Path::to_owned).into_iter().chain(trusted_by_environment()) {
        add(&mut roots, &path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring serves TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    let unusable = |problem: &dyn std::fmt::Display| {
        Failure::usage(format!("{} holds no certificates to trust: {problem}", path.display()))
    };
    let read = CertificateDer::pem_file_iter(path).map_err(|problem| unusable(&problem))?;
    let mut found = Vec::new();
    for certificate in read {
        found.push(certificate.map_err(|problem| unusable(&problem))?);
    }
    match roots.add_parsable_certificates(found) {
        (0, _) => Err(unusable(&"there is none in it")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.pem");
        assert_eq!(tls(Some(&path)).unwrap_err().code, 2);
        std::fs::write(&path, "nothing").unwrap();
        assert!(tls(Some(&path)).unwrap_err().to_string().contains("there is none in it"));
    }
}
