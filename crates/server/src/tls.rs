use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::TlsConfig;

/// The certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsProblem {
    #[error("`tls.cert`: {path} holds no certificate that can be read: {reason}")]
    Certificate { path: PathBuf, reason: String },
    #[error("`tls.key`: {path} holds no private key that can be read: {reason}")]
    Key { path: PathBuf, reason: String },
    #[error("`tls.cert` and `tls.key` do not work together: {0}")]
    Mismatch(#[from] rustls::Error),
}

/// Returns what turns a connection into an encrypted one; `None` when TLS is off.
pub(crate) fn acceptor(config: &TlsConfig) -> Result<Option<TlsAcceptor>, TlsProblem> {
    let (Some(cert), Some(key)) = (&config.cert, &config.key) else { return Ok(None) };
    let chain = chain(cert)?;
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| TlsProblem::Key { path: key.clone(), reason: error.to_string() })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(tls))))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsProblem> {
    let broken = |reason: String| TlsProblem::Certificate { path: path.to_owned(), reason };
    let read: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).map_err(|error| broken(error.to_string()))?.collect();
    let chain = read.map_err(|error| broken(error.to_string()))?;
    match chain.is_empty() {
        true => Err(broken("there is none in it".to_owned())),
        false => Ok(chain),
    }
}
