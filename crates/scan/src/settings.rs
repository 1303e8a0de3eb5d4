use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rustls_pki_types::CertificateDer;

use crate::modules::blacklists::BlockList;
use crate::modules::breaches::BreachSources;
use crate::modules::dnssec::anchor::DnssecAnchors;
use crate::modules::reputation::ReputationList;

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
    /// Domains that are never scanned, themselves and everything below them.
    pub exclusions: Vec<String>,
    /// The block lists that are asked.
    pub block_lists: Vec<BlockList>,
    /// Where certificate transparency is asked for names, `{domain}` standing for the domain; the
    /// answer is JSON as crt.sh gives it.
    pub transparency_url: Option<String>,
    /// The RDAP server that is asked for every domain; when absent the registry's own.
    pub rdap_url: Option<String>,
    /// Where breaches are known.
    pub breaches: BreachSources,
    /// The lists of malware and phishing that are looked into.
    pub reputation_lists: Vec<ReputationList>,
    /// The file of domains that browsers know to speak HTTPS alone, in Chromium's form.
    pub hsts_preload_list: Option<PathBuf>,
    /// The file of certificate transparency logs that browsers go by, in the form of Google's and
    /// Apple's `log_list.json`, version 3.
    pub ct_log_list: Option<PathBuf>,
    /// Files of keys that are known to be weak, in the form of Debian's `openssl-blacklist`.
    pub weak_keys: Vec<PathBuf>,
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
            exclusions: Vec::new(),
            block_lists: Vec::new(),
            transparency_url: None,
            rdap_url: None,
            breaches: BreachSources::default(),
            reputation_lists: Vec::new(),
            hsts_preload_list: None,
            ct_log_list: None,
            weak_keys: Vec::new(),
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
