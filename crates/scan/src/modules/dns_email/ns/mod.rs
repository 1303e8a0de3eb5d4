//! NS: who answers for the domain (RFC 1034, RFC 2182).

mod delegation;
mod delegation_differs;
mod lame;
mod missing_glue;
mod no_ipv6;
mod one_network;
mod open_recursion;
mod open_transfer;
mod serial_differs;
mod servers;
mod single;
mod soa_timers;
mod stale_glue;
mod unresolved;
mod web_no_ipv6;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen};

pub use delegation::Delegation;
pub(super) use delegation::delegation;
pub(super) use servers::ask_servers;
pub use servers::{Authority, ServerSeen};

pub(crate) const CHECKS: &[Check] = &[
    single::CHECK,
    unresolved::CHECK,
    lame::CHECK,
    missing_glue::CHECK,
    stale_glue::CHECK,
    delegation_differs::CHECK,
    open_transfer::CHECK,
    open_recursion::CHECK,
    one_network::CHECK,
    no_ipv6::CHECK,
    web_no_ipv6::CHECK,
    soa_timers::CHECK,
    serial_differs::CHECK,
];

/// The name servers of the zone the domain is in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NsEvidence {
    /// The apex of the zone.
    pub zone: String,
    /// How many NS records there are.
    pub count: usize,
    /// At most six of them.
    pub servers: Vec<NameServer>,
    pub soa: Seen<Soa>,
    /// What the servers answer when they are asked directly; at most four of them. Reports from
    /// before they were asked have none.
    #[serde(default)]
    pub asked: Vec<ServerSeen>,
    /// Where the parent zone leads; reports from before it was asked have nothing seen.
    #[serde(default = "not_probed")]
    pub delegation: Seen<Delegation>,
}

fn not_probed() -> Seen<Delegation> {
    Err(Missing::not_probed())
}

/// One name server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NameServer {
    pub name: String,
    /// At most eight.
    pub addresses: Seen<Vec<IpAddr>>,
}

/// The start of authority (RFC 1035, section 3.3.13). Times are in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soa {
    pub primary: String,
    pub serial: u32,
    pub refresh: u32,
    pub retry: u32,
    pub expire: u32,
    /// How long a name that does not exist is remembered (RFC 2308, section 4).
    pub negative: u32,
}

#[cfg(test)]
fn with_servers(servers: &[(&str, &str)]) -> crate::evidence::Evidence {
    let server = |(name, addresses): &(&str, &str)| NameServer {
        name: (*name).to_owned(),
        addresses: Ok(addresses.split_whitespace().map(|text| text.parse().unwrap()).collect()),
    };
    let servers: Vec<_> = servers.iter().map(server).collect();
    super::seen(|dns| {
        dns.ns = Ok(NsEvidence {
            zone: "example.com".to_owned(),
            count: servers.len(),
            servers,
            soa: Err(Missing::not_probed()),
            asked: Vec::new(),
            delegation: not_probed(),
        });
    })
}
