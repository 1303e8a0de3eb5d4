//! TLS servers: rustls where it goes, by hand where it does not.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificate::{Authority, Chain};
use crate::http::{self, Web};
use crate::legacy::{self, LegacyServer};
use crate::secrets;

/// How a TLS server behaves.
#[derive(Debug, Clone)]
pub enum Tls {
    /// TLS 1.2 and 1.3 by rustls, for these names.
    Modern {
        names: Vec<String>,
        chain: Chain,
    },
    /// TLS 1.3 alone by rustls, for these names.
    Only13 {
        names: Vec<String>,
        chain: Chain,
    },
    /// TLS 1.2 and 1.3 by rustls: one certificate for clients that name one of the names, another
    /// for the rest; a server without any refuses them.
    Hosts {
        names: Vec<String>,
        default: Option<String>,
    },
    /// TLS 1.3 by rustls with early data, for these names.
    EarlyData {
        names: Vec<String>,
    },
    /// TLS 1.2 and 1.3 by rustls that hands out nothing to resume a session.
    Forgetful {
        names: Vec<String>,
    },
    /// TLS 1.2 and 1.3 by rustls that staples an OCSP response to its certificate.
    Staples {
        names: Vec<String>,
        response: Vec<u8>,
    },
    /// TLS 1.2 and 1.3 by rustls with a certificate that says where to ask whether it is revoked.
    Asks {
        names: Vec<String>,
        responder: String,
        list: String,
    },
    /// Answers hellos in any version, and no more unless it has a flaw.
    Legacy(LegacyServer),
    SilentAfterAccept,
    /// Resets the connection before the client has said a word.
    ResetsAfterAccept,
    ResetsAtHello,
    /// Resets the connection in the middle of its hello.
    ResetsMidHello,
    /// One byte of its hello every two seconds.
    DripsHello,
    Garbage,
    /// Answers with records that never end.
    EndlessRecords,
    /// Refuses every hello with `handshake_failure`.
    AlertsAlways,
}

impl Tls {
    /// Returns a server that is well kept.
    pub fn modern(names: &[&str]) -> Self {
        Self::with_chain(names, Chain::Good)
    }

    /// Returns a server with a chain of its own.
    pub fn with_chain(names: &[&str], chain: Chain) -> Self {
        Self::Modern { names: names.iter().map(|name| (*name).to_owned()).collect(), chain }
    }

    pub(crate) fn prepare(self, authority: &Authority) -> anyhow::Result<Prepared> {
        let (names, chain, versions): (_, _, &[_]) = match &self {
            Self::Modern { names, chain } => (names, *chain, rustls::ALL_VERSIONS),
            Self::Only13 { names, chain } => (names, *chain, &[&rustls::version::TLS13]),
            Self::Hosts { names, .. }
            | Self::Forgetful { names }
            | Self::Staples { names, .. }
            | Self::Asks { names, .. } => (names, Chain::Good, rustls::ALL_VERSIONS),
            Self::EarlyData { names } => (names, Chain::Good, &[&rustls::version::TLS13]),
            Self::Legacy(server) => {
                let names: Vec<_> = server.names.iter().map(String::as_str).collect();
                let chain = match server.flaw {
                    Some(_) => authority.issue_for_rsa(&names, &secrets::public_key())?,
                    None => authority.issue(&names, server.chain)?.chain,
                };
                return Ok(Prepared::Legacy(server.clone(), chain));
            }
            _ => return Ok(Prepared::Fault(self)),
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let certify = |names: &[String]| {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let issued = match &self {
                Self::Asks { responder, list, .. } => {
                    authority.issue_asked(&names, responder, Some(list))?
                }
                _ => authority.issue(&names, chain)?,
            };
            let key = provider.key_provider.load_private_key(issued.key)?;
            let mut certified = CertifiedKey::new(issued.chain, key);
            if let Self::Staples { response, .. } = &self {
                certified.ocsp = Some(response.clone());
            }
            anyhow::Ok(Arc::new(certified))
        };
        let named = certify(names)?;
        let resolver: Arc<dyn ResolvesServerCert> = match &self {
            Self::Hosts { names, default } => {
                let default = default.as_ref().map(|name| certify(std::slice::from_ref(name)));
                Arc::new(ByName { names: names.clone(), named, default: default.transpose()? })
            }
            _ => Arc::new(Always(named)),
        };
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        match &self {
            Self::EarlyData { .. } => config.max_early_data_size = 16_384,
            Self::Forgetful { .. } => {
                config.send_tls13_tickets = 0;
                config.session_storage = Arc::new(NoServerSessionStorage {});
            }
            _ => {}
        }
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Prepared::Rustls(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Gives the same certificate whatever name is asked for.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// Gives one certificate to who names a host of ours, another to the rest.
#[derive(Debug)]
struct ByName {
    names: Vec<String>,
    named: Arc<CertifiedKey>,
    default: Option<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let ours = hello.server_name().is_some_and(|name| self.names.iter().any(|own| own == name));
        if ours { Some(Arc::clone(&self.named)) } else { self.default.clone() }
    }
}

pub(crate) enum Prepared {
    Rustls(TlsAcceptor),
    Legacy(LegacyServer, Vec<rustls_pki_types::CertificateDer<'static>>),
    Fault(Tls),
}

/// Shakes hands for what has a protocol of its own above TLS; `None` where that ends with the
/// handshake.
pub(crate) async fn hand_over(
    tcp: TcpStream,
    prepared: &Prepared,
) -> anyhow::Result<Option<TlsStream<TcpStream>>> {
    match prepared {
        Prepared::Rustls(acceptor) => return Ok(Some(acceptor.accept(tcp).await?)),
        Prepared::Legacy(server, chain) => legacy::serve(tcp, server, chain).await?,
        Prepared::Fault(fault) => misbehave(tcp, fault).await?,
    }
    Ok(None)
}

pub(crate) async fn serve(
    tcp: TcpStream,
    prepared: &Prepared,
    web: &Arc<Web>,
) -> anyhow::Result<()> {
    match prepared {
        Prepared::Rustls(acceptor) => {
            web.set_end(&tcp)?;
            http::serve(acceptor.accept(tcp).await?, web).await
        }
        Prepared::Legacy(server, chain) => legacy::serve(tcp, server, chain).await,
        Prepared::Fault(fault) => misbehave(tcp, fault).await,
    }
}

/// A record and the beginning of the ServerHello in it.
const HELLO_BEGUN: [u8; 13] = [22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3, 7, 7];

async fn misbehave(mut tcp: TcpStream, fault: &Tls) -> anyhow::Result<()> {
    match fault {
        Tls::SilentAfterAccept => std::future::pending::<()>().await,
        Tls::ResetsAfterAccept => return Ok(tcp.set_zero_linger()?),
        _ => {}
    }
    let mut hello = [0; 4_096];
    let _read = tcp.read(&mut hello).await?;
    match fault {
        Tls::ResetsAtHello => tcp.set_zero_linger()?,
        Tls::ResetsMidHello => {
            tcp.write_all(&HELLO_BEGUN).await?;
            tcp.set_zero_linger()?;
        }
        Tls::DripsHello => {
            for octet in HELLO_BEGUN.iter().chain(std::iter::repeat(&7)) {
                tcp.write_all(&[*octet]).await?;
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
        Tls::Garbage => tcp.write_all(&[0x42; 512]).await?,
        Tls::EndlessRecords => loop {
            // Handshake records that announce a message which never ends.
            let mut record = vec![22, 3, 3, 0x40, 0];
            record.resize(5 + 0x4000, 0xff);
            tcp.write_all(&record).await?;
        },
        _ => tcp.write_all(&[21, 3, 3, 0, 2, 2, 40]).await?,
    }
    Ok(())
}
