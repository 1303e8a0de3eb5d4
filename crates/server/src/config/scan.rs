use std::net::SocketAddr;
use std::path::PathBuf;

use scan::Exclusion;

use super::part::part;
use super::value::{Bounded, PortOverride};

part! {
    /// How domains are scanned.
    pub struct ScanConfig in "scan" {
        /// Address and port of the resolver; the system's own when absent.
        pub resolver: Option<SocketAddr> = None,
        /// A PEM file of certificates trusted besides the public roots.
        pub trust_roots: Option<PathBuf> = None,
        /// A file of DS or DNSKEY lines trusted instead of the root zone's.
        pub dnssec_anchor: Option<PathBuf> = None,
        /// Whether private, loopback and other internal addresses may be scanned.
        pub allow_private_networks: bool = false,
        /// Seconds that a whole scan may take.
        pub deadline_seconds: Bounded<1, 600> = Bounded::literal(60),
        /// How many scans this server runs at the same time.
        pub concurrency: Bounded<1, 256> = Bounded::literal(4),
        /// How many sockets all scans together may have open. A scan begins when there are 16 for it,
        /// so the default lets 32 of them work at once; others wait, and their time begins when they
        /// do. Files and clients of the server come on top, which the system's limit for open files
        /// has to leave room for.
        pub sockets: Bounded<64, 65_536> = Bounded::literal(512),
        /// Whether anybody may scan without an account, five times an hour from each network.
        pub allow_free_scans: bool = true,
        /// Whom no scan contacts, whatever leads there: domains with everything below them
        /// (`*.example.com` for what is below alone), addresses and networks.
        pub exclusions: Vec<Exclusion> = Vec::new(),
        /// Where well-known ports really are, so that a laboratory can stand in for the internet. Once
        /// one has an address of its own, every port without one is taken to be closed.
        pub port_overrides: Vec<PortOverride> = Vec::new(),
    }
}
