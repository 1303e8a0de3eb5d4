//! NS: who answers for the domain (RFC 1034, RFC 2182).

mod one_network;
mod single;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::Check;

pub(crate) const CHECKS: &[Check] = &[single::CHECK, one_network::CHECK];

/// The name servers of the zone the domain is in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NsEvidence {
    /// The apex of the zone.
    pub zone: String,
    /// At most eight.
    pub servers: Vec<NameServer>,
}

/// One name server and its addresses; empty when none was seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NameServer {
    pub name: String,
    pub addresses: Vec<IpAddr>,
}

#[cfg(test)]
fn with_servers(servers: &[(&str, &str)]) -> crate::evidence::Evidence {
    let server = |(name, address): &(&str, &str)| NameServer {
        name: (*name).to_owned(),
        addresses: vec![address.parse().unwrap()],
    };
    let servers = servers.iter().map(server).collect();
    super::seen(|dns| dns.ns = Ok(NsEvidence { zone: "example.com".to_owned(), servers }))
}
