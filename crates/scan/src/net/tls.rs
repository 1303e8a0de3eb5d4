//! A finished handshake that records the certificate, whatever it is worth.
//!
//! One configuration for each list of protocols offered by ALPN: HTTP/1.1 alone, HTTP/2 as well, none
//! for what began in clear. One more verifies the certificate, for providers: what they say is
//! believed, and some are told a secret.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::TrustAnchor;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::patience::TurnedAway;
use super::{CONNECTION_BYTES, Connection, HANDSHAKE_TIMEOUT, Net, NetError};

/// A finished TLS 1.2 or 1.3 handshake. The certificate is recorded, not judged: judging it is
/// what checks do.
pub struct TlsConnection {
    pub stream: TlsStream<Connection>,
    /// The chain as the server sent it, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// For instance `TLSv1_3`.
    pub version: String,
    /// For instance `TLS13_AES_256_GCM_SHA384`.
    pub suite: String,
    /// For instance `X25519`, when the version tells.
    pub group: Option<String>,
    /// The protocol chosen by ALPN.
    pub alpn: Option<String>,
    /// The OCSP response that came with the certificate, at most 64 KiB; only [`Net::tls`] keeps it.
    pub stapled: Vec<u8>,
}

/// Octets of a stapled OCSP response that are kept.
const MOST_STAPLED: usize = 64 * 1024;

pub(super) struct ClientConfigs {
    pub(super) http: Arc<ClientConfig>,
    any: Arc<ClientConfig>,
    /// Names no host.
    nameless: Arc<ClientConfig>,
    bare: Arc<ClientConfig>,
    verified: Arc<ClientConfig>,
}

impl ClientConfigs {
    pub(super) fn new(roots: &[TrustAnchor<'static>]) -> Self {
        let with_alpn = |protocols: &[&str]| {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_safe_default_protocol_versions()
                .expect("ring serves TLS 1.2 and 1.3")
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AcceptAny::forgetful(provider)))
                .with_no_client_auth();
            config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
            config.resumption = rustls::client::Resumption::disabled();
            config
        };
        let mut nameless = with_alpn(&["h2", "http/1.1"]);
        nameless.enable_sni = false;
        Self {
            http: Arc::new(with_alpn(&["http/1.1"])),
            any: Arc::new(with_alpn(&["h2", "http/1.1"])),
            nameless: Arc::new(nameless),
            bare: Arc::new(with_alpn(&[])),
            verified: verified(roots),
        }
    }
}

fn verified(roots: &[TrustAnchor<'static>]) -> Arc<ClientConfig> {
    let roots = RootCertStore { roots: roots.to_vec() };
    let mut config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring serves TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

impl Net {
    /// Shakes hands for HTTP/1.1, sending `name` as SNI.
    pub async fn tls_http(
        &self,
        address: IpAddr,
        port: u16,
        name: &str,
    ) -> Result<TlsConnection, NetError> {
        let asking = || async { self.tls_http_over(self.open(address, port).await?, name).await };
        self.patiently(address, asking, TurnedAway::read).await
    }

    /// Shakes hands for HTTP/1.1 on a fresh connection, sending `name` as SNI.
    pub(super) async fn tls_http_over(
        &self,
        connection: Connection,
        name: &str,
    ) -> Result<TlsConnection, NetError> {
        shake(&self.0.shared.tls.http, connection, name).await
    }

    /// Shakes hands offering HTTP/2 and HTTP/1.1, sending `name` as SNI. The connection lives for
    /// little more than that.
    pub async fn tls(
        &self,
        address: IpAddr,
        port: u16,
        name: &str,
    ) -> Result<TlsConnection, NetError> {
        let verifier = Arc::new(AcceptAny::keeping_staple());
        let mut config = (*self.0.shared.tls.any).clone();
        config.dangerous().set_certificate_verifier(Arc::clone(&verifier) as _);
        let config = Arc::new(config);
        let asking =
            || async { shake(&config, self.open_to_shake(address, port).await?, name).await };
        let agreed = self.patiently(address, asking, TurnedAway::read).await?;
        let stapled = verifier.stapled.as_ref().and_then(OnceLock::get).cloned();
        Ok(TlsConnection { stapled: stapled.unwrap_or_default(), ..agreed })
    }

    /// Shakes hands as [`Net::tls`] does, as a client that names no host (no SNI).
    pub async fn tls_nameless(
        &self,
        address: IpAddr,
        port: u16,
    ) -> Result<TlsConnection, NetError> {
        let connection = self.open_to_shake(address, port).await?;
        shake(&self.0.shared.tls.nameless, connection, "nameless.invalid").await
    }

    pub(super) async fn open_to_shake(
        &self,
        address: IpAddr,
        port: u16,
    ) -> Result<Connection, NetError> {
        self.open_for(address, port, HANDSHAKE_TIMEOUT, CONNECTION_BYTES).await
    }

    /// Shakes hands without ALPN on a connection that began in clear, sending `name` as SNI.
    pub async fn tls_over(
        &self,
        connection: Connection,
        name: &str,
    ) -> Result<TlsConnection, NetError> {
        shake(&self.0.shared.tls.bare, connection, name).await
    }

    /// Shakes hands for HTTP/1.1 with a server whose certificate must be good for `name`.
    pub(super) async fn tls_verified(
        &self,
        connection: Connection,
        name: &str,
    ) -> Result<TlsConnection, NetError> {
        shake(&self.0.shared.tls.verified, connection, name).await
    }
}

pub(super) async fn shake(
    config: &Arc<ClientConfig>,
    connection: Connection,
    name: &str,
) -> Result<TlsConnection, NetError> {
    let name = ServerName::try_from(name.to_owned())
        .map_err(|_| NetError::Failed(format!("`{name}` cannot be sent as SNI")))?;
    let stream = TlsConnector::from(Arc::clone(config))
        .connect(name, connection)
        .await
        .map_err(tls_error)?;
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    Ok(TlsConnection {
        chain: chain.iter().map(|certificate| certificate.clone().into_owned()).collect(),
        version: session
            .protocol_version()
            .map(|version| format!("{version:?}"))
            .unwrap_or_default(),
        suite: session
            .negotiated_cipher_suite()
            .map(|suite| format!("{:?}", suite.suite()))
            .unwrap_or_default(),
        group: session.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name())),
        alpn: session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        stapled: Vec::new(),
        stream,
    })
}

fn tls_error(error: std::io::Error) -> NetError {
    match error.get_ref().and_then(|source| source.downcast_ref::<rustls::Error>()) {
        Some(tls) => NetError::Protocol(format!("the TLS handshake failed: {tls}")),
        None => error.into(),
    }
}

/// Accepts any certificate: no secret is sent to a target, and what is wrong with it has to be seen to be
/// reported.
#[derive(Debug)]
struct AcceptAny {
    provider: Arc<CryptoProvider>,
    /// Where the stapled OCSP response of one handshake is kept.
    stapled: Option<OnceLock<Vec<u8>>>,
}

impl AcceptAny {
    fn forgetful(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, stapled: None }
    }

    fn keeping_staple() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self { provider, stapled: Some(OnceLock::new()) }
    }
}

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(stapled) = &self.stapled
            && ocsp_response.len() <= MOST_STAPLED
        {
            let _set_before = stapled.set(ocsp_response.to_vec());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // Old and odd keys have to be seen to be reported.
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
