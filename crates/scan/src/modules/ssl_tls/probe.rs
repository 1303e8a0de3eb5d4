//! Asks the server what it offers, with at most 60 connections, 8 of them at a time.
//!
//! Suites are listed by elimination: offer all, note the one chosen, offer the rest, until the
//! server refuses. TLS 1.3 is asked with an empty list of key shares, so that it names the group it
//! wants and no key has to be computed.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::AsyncReadExt;

use super::certificate::CertificateFacts;
use super::wire::hello::{ClientHello, SSL3, Shares, TLS10, TLS11, TLS12, TLS13, ssl2_hello};
use super::wire::reply::{self, ANSWER_TIMEOUT, Exchange, Reply, ServerHello};
use super::wire::suites::{SUITES, SUITES_13};
use super::{ChainEvidence, Features, Handshake, TlsEvidence, VersionEvidence, trust};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::{Net, NetError, TlsConnection};

const PORT: u16 = 443;
/// Connections for one server.
const MOST_CONNECTIONS: u32 = 60;
/// Suites in one hello: some servers drop longer ones.
const CHUNK: usize = 110;
/// Certificates of a chain that are kept.
const MOST_CERTIFICATES: usize = 10;
/// Bytes read from one connection.
const MOST_BYTES: usize = 256 * 1024;

pub(crate) async fn probe(net: &Net, target: &Target) -> TlsEvidence {
    let Some(address) = target.addresses.first().copied() else {
        return TlsEvidence::unseen(None, &Missing("the domain has no address".to_owned()));
    };
    let prober = Prober { net, address, name: target.domain.as_str(), used: AtomicU32::new(0) };
    // One real handshake first: where nobody listens there is nothing to list.
    let handshake = net.tls(address, PORT, target.domain.as_str()).await;
    if let Err(
        error @ (NetError::Refused
        | NetError::TimedOut
        | NetError::NotAllowed(_)
        | NetError::Failed(_)),
    ) = &handshake
    {
        let missing = Missing(format!("port 443 of {address}: {error}"));
        return TlsEvidence::unseen(Some(address), &missing);
    }
    prober.list(handshake).await
}

struct Prober<'n> {
    net: &'n Net,
    address: IpAddr,
    name: &'n str,
    used: AtomicU32,
}

/// What listing one version came to.
#[derive(Default)]
struct Listed {
    suites: Vec<u16>,
    hellos: Vec<ServerHello>,
}

impl Prober<'_> {
    async fn list(&self, handshake: Result<TlsConnection, NetError>) -> TlsEvidence {
        let (ssl2, ssl3, tls10, tls11, tls12, tls13, groups) = tokio::join!(
            self.ssl2(),
            self.suites(SSL3),
            self.suites(TLS10),
            self.suites(TLS11),
            self.suites(TLS12),
            self.suites(TLS13),
            self.groups(),
        );
        let listed = [(SSL3, ssl3), (TLS10, tls10), (TLS11, tls11), (TLS12, tls12), (TLS13, tls13)];
        let hellos: Vec<&ServerHello> = listed
            .iter()
            .filter_map(|(_, listed)| listed.as_ref().ok())
            .flat_map(|listed| &listed.hellos)
            .collect();
        if hellos.is_empty() && handshake.is_err() && ssl2 != Ok(true) {
            let reason = match (&handshake, &listed[3].1) {
                (Err(error), Ok(_)) => format!("no version of TLS could be agreed on: {error}"),
                (_, Err(missing)) => missing.to_string(),
                (Ok(_), Ok(_)) => "no version of TLS could be agreed on".to_owned(),
            };
            return TlsEvidence::unseen(Some(self.address), &Missing(reason));
        }
        let clear: Vec<_> = hellos.iter().filter(|hello| hello.version < TLS13).collect();
        let features = clear.last().map(|hello| Features {
            compression: clear.iter().any(|hello| hello.compression != 0),
            secure_renegotiation: hello.extensions.contains(&0xff01),
            extended_master_secret: hello.extensions.contains(&23),
            heartbeat: clear.iter().any(|hello| hello.extensions.contains(&15)),
        });
        let mut curves: Vec<u16> = Vec::new();
        let mut shortest_prime: Option<usize> = None;
        for exchange in clear.iter().filter_map(|hello| hello.exchange) {
            match exchange {
                Exchange::Curve(curve) if !curves.contains(&curve) => curves.push(curve),
                Exchange::Curve(_) => {}
                Exchange::Prime(bits) => {
                    shortest_prime =
                        Some(shortest_prime.map_or(bits, |shortest| shortest.min(bits)))
                }
            }
        }
        let server_order = self.server_order(&listed).await;
        let missing = |error: &NetError| Missing::from(error.clone());
        TlsEvidence {
            address: Some(self.address),
            reached: Ok(()),
            ssl2,
            curves,
            shortest_prime,
            server_order,
            features,
            groups,
            chain: handshake.as_ref().map(|session| self.chain(session)).map_err(missing),
            handshake: handshake.as_ref().map(agreed).map_err(missing),
            versions: listed
                .into_iter()
                .map(|(version, listed)| VersionEvidence {
                    version,
                    suites: listed.map(|listed| listed.suites),
                })
                .collect(),
        }
    }

    /// Lists the suites of one version by elimination. Empty when the version is not offered.
    async fn suites(&self, version: u16) -> Seen<Listed> {
        let all: Vec<u16> = match version {
            TLS13 => SUITES_13.iter().map(|(id, _)| *id).collect(),
            _ => SUITES.iter().map(|(id, _)| *id).collect(),
        };
        let groups = ClientHello::all_groups();
        let mut listed = Listed::default();
        let mut shares = Shares::None;
        for chunk in all.chunks(CHUNK) {
            let mut left = chunk.to_vec();
            while !left.is_empty() {
                let hello = ClientHello {
                    version,
                    name: self.name,
                    suites: &left,
                    groups: &groups,
                    shares,
                };
                match self.ask(&hello).await {
                    Ok(Reply::Hello(hello))
                        if hello.version == version && left.contains(&hello.suite) =>
                    {
                        left.retain(|suite| *suite != hello.suite);
                        listed.suites.push(hello.suite);
                        listed.hellos.push(*hello);
                    }
                    // Some servers want to see a key share before they answer.
                    Ok(Reply::Alert(_))
                        if version == TLS13
                            && shares == Shares::None
                            && listed.suites.is_empty() =>
                    {
                        shares = Shares::X25519;
                    }
                    // Another version, or a suite nobody offered: this version is not to be had.
                    Ok(Reply::Hello(_)) => return Ok(listed),
                    Ok(Reply::Alert(alert)) if reply::refuses_version(alert) => return Ok(listed),
                    Ok(Reply::Alert(_)) | Err(NetError::Closed) => break,
                    Err(_) if !listed.suites.is_empty() => return Ok(listed),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(listed)
    }

    /// Lists the groups of TLS 1.3 by elimination.
    async fn groups(&self) -> Seen<Vec<u16>> {
        let suites: Vec<u16> = SUITES_13.iter().map(|(id, _)| *id).collect();
        let mut left = ClientHello::all_groups();
        let mut found = Vec::new();
        while !left.is_empty() {
            let hello = ClientHello {
                version: TLS13,
                name: self.name,
                suites: &suites,
                groups: &left,
                shares: Shares::None,
            };
            match self.ask(&hello).await {
                Ok(Reply::Hello(hello)) if hello.version == TLS13 => match hello.group {
                    Some(group) if left.contains(&group) => {
                        left.retain(|other| *other != group);
                        found.push(group);
                    }
                    _ => break,
                },
                Ok(_) | Err(NetError::Closed) => break,
                Err(_) if !found.is_empty() => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    /// Tells who chooses: asks twice with two suites, in either order.
    async fn server_order(&self, listed: &[(u16, Seen<Listed>); 5]) -> Option<bool> {
        let (version, suites) = listed
            .iter()
            .rev()
            .filter(|(version, _)| *version < TLS13)
            .filter_map(|(version, listed)| Some((*version, &listed.as_ref().ok()?.suites)))
            .find(|(_, suites)| suites.len() > 1)?;
        let groups = ClientHello::all_groups();
        let (first, last) = (*suites.first()?, *suites.last()?);
        let ask = async |suites: [u16; 2]| {
            let hello = ClientHello {
                version,
                name: self.name,
                suites: &suites,
                groups: &groups,
                shares: Shares::None,
            };
            match self.ask(&hello).await {
                Ok(Reply::Hello(hello)) => Some(hello.suite),
                _ => None,
            }
        };
        let (one, other) = (ask([first, last]).await?, ask([last, first]).await?);
        Some(one == other)
    }

    async fn ssl2(&self) -> Seen<bool> {
        let mut connection = self.open().await?;
        connection.send(&ssl2_hello()).await?;
        let mut answer = Vec::new();
        let read =
            (&mut connection).take(64).read_to_end(&mut answer).await.map_err(NetError::from);
        match (reply::is_ssl2_hello(&answer), read) {
            (true, _) => Ok(true),
            // Hanging up, or answering in a newer protocol, is how "no" sounds.
            (false, Ok(_) | Err(NetError::Closed)) => Ok(false),
            (false, Err(_)) if !answer.is_empty() => Ok(false),
            (false, Err(error)) => Err(error.into()),
        }
    }

    /// Sends one hello and reads the answer; a second time when the first broke off.
    async fn ask(&self, hello: &ClientHello<'_>) -> Result<Reply, NetError> {
        match self.ask_once(hello).await {
            Err(NetError::Closed) => self.ask_once(hello).await,
            answer => answer,
        }
    }

    async fn ask_once(&self, hello: &ClientHello<'_>) -> Result<Reply, NetError> {
        let mut connection = self.open().await?;
        connection.send(&hello.to_bytes()).await?;
        reply::read(&mut connection).await
    }

    async fn open(&self) -> Result<crate::net::Connection, NetError> {
        if self.used.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
            return Err(NetError::Budget("TLS connections"));
        }
        self.net.open_for(self.address, PORT, ANSWER_TIMEOUT, MOST_BYTES).await
    }

    fn chain(&self, session: &TlsConnection) -> ChainEvidence {
        let sent = &session.chain[..session.chain.len().min(MOST_CERTIFICATES)];
        let certificates: Vec<_> =
            sent.iter().filter_map(|der| CertificateFacts::read(der)).collect();
        let now = self.net.now();
        let issued_by_next = |pair: &[CertificateFacts]| pair[0].issuer == pair[1].subject;
        ChainEvidence {
            trust: trust::judge(sent, &certificates, self.net.roots(), now),
            public: trust::judge(sent, &certificates, webpki_roots::TLS_SERVER_ROOTS, now)
                == trust::Trust::Trusted,
            ordered: certificates.windows(2).all(issued_by_next),
            name_matches: certificates.first().is_some_and(|leaf| leaf.is_for(self.name)),
            certificates,
        }
    }
}

fn agreed(session: &TlsConnection) -> Handshake {
    Handshake {
        version: session.version.clone(),
        suite: session.suite.clone(),
        group: session.group.clone(),
        alpn: session.alpn.clone(),
    }
}
