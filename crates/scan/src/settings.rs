use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use rustls_pki_types::CertificateDer;

use crate::exclusion::Exclusion;
use crate::modules::dnssec::anchor::DnssecAnchors;
use crate::providers::Providers;

/// What the operator decides about scans. The default suits the public internet.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address and port of the resolver; the system's own when absent.
    pub resolver: Option<SocketAddr>,
    /// Trusted besides the public roots.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// What DNSSEC is believed from; the root's keys unless the operator names others.
    pub dnssec_anchors: DnssecAnchors,
    /// Whether private, loopback and other internal addresses may be scanned.
    pub allow_private_networks: bool,
    /// How long a whole scan may take.
    pub deadline: Duration,
    /// Sockets that all scans together may have open. A scan begins when there are 16 for it; those
    /// that find none wait, and their deadline begins when they do.
    pub sockets: usize,
    /// Whom no scan contacts, whatever leads there.
    pub exclusions: Vec<Exclusion>,
    /// Whom to ask besides the domain itself.
    pub providers: Providers,
    /// Where well-known ports really are, so that a laboratory can stand in for the internet. As
    /// soon as one is at a place of its own ([`PortTarget::Address`]), the ports not named here
    /// are closed, whatever the address.
    pub port_overrides: HashMap<u16, PortTarget>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            resolver: None,
            extra_roots: Vec::new(),
            dnssec_anchors: DnssecAnchors::default(),
            allow_private_networks: false,
            deadline: Duration::from_secs(60),
            sockets: 512,
            exclusions: Vec::new(),
            providers: Providers::default(),
            port_overrides: HashMap::new(),
        }
    }
}

impl Settings {
    /// Returns whether a laboratory stands in for the internet, so that only the ports it names
    /// exist.
    pub(crate) fn is_laboratory(&self) -> bool {
        self.port_overrides.values().any(|target| matches!(target, PortTarget::Address(_)))
    }
}

/// Where a port is found instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortTarget {
    /// At another port of the same address.
    Port(u16),
    /// At this place, whatever the address.
    Address(SocketAddr),
}

impl PortTarget {
    /// Reads `443=8443` or `443=127.0.0.1:8443`.
    pub fn parse(text: &str) -> Option<(u16, Self)> {
        let (port, target) = text.split_once('=')?;
        let port = port.trim().parse().ok()?;
        let target = target.trim();
        let target = match target.parse() {
            Ok(other) => Self::Port(other),
            Err(_) => Self::Address(target.parse().ok()?),
        };
        Some((port, target))
    }
}

/// Why an engine cannot be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsProblem {
    #[error("the system's resolver configuration cannot be used ({0}); set `scan.resolver`")]
    Resolver(String),
    #[error("`scan.trust_roots` holds a certificate that cannot be a trust anchor: {0}")]
    TrustRoot(String),
}
