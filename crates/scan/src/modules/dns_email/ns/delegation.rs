use std::net::IpAddr;

use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RData, RecordType};
use serde::{Deserialize, Serialize};

use crate::check::{Missing, Seen};
use crate::net::{Net, Recursion};

/// The parent's servers that are asked until one refers.
const MOST_SERVERS: usize = 2;
/// Names and addresses of a referral that are kept.
const MOST_RECORDS: usize = 26;
/// Names above the zone at which the parent is looked for.
const HIGHEST_CLIMB: usize = 8;

/// Where the parent zone sends those who ask for the zone (RFC 1034, section 4.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The server of the parent that was asked.
    pub asked: String,
    /// The name servers it names, sorted, at most 26.
    pub servers: Vec<String>,
    /// The addresses it gives with them, at most 26.
    pub glue: Vec<(String, IpAddr)>,
}

/// Asks servers of the parent zone for the zone's name servers.
pub(in super::super) async fn delegation(net: &Net, zone: &str) -> Seen<Delegation> {
    let mut name = Name::from_ascii(zone).map_err(|_| Missing(format!("{zone} is no name")))?;
    name.set_fqdn(true);
    let mut failed = Missing(format!("no server of the zone above {zone} could be asked"));
    for server in parent_servers(net, zone).await?.into_iter().take(MOST_SERVERS) {
        let (addresses, _) = match net.addresses(&server).await {
            Ok(addresses) => addresses,
            Err(missing) => {
                failed = missing;
                continue;
            }
        };
        let Some(address) = addresses.first().copied() else { continue };
        match net.ask_server(address, &name, RecordType::NS, Recursion::NotDesired).await {
            Ok(reply) => match referral(&reply, &name, &server) {
                Some(delegation) => return Ok(delegation),
                None => {
                    failed = Missing(format!("{server} answers for {zone} itself, or not at all"))
                }
            },
            Err(error) => failed = Missing(format!("{server}: {error}")),
        }
    }
    Err(failed)
}

/// Returns the name servers of the nearest zone above.
async fn parent_servers(net: &Net, zone: &str) -> Seen<Vec<String>> {
    let above = std::iter::successors(zone.split_once('.').map(|(_, rest)| rest), |name| {
        Some(name.split_once('.')?.1)
    });
    for parent in above.take(HIGHEST_CLIMB) {
        let answer = net.lookup(parent, RecordType::NS).await?;
        let names = answer.records.iter().filter_map(|data| match data {
            RData::NS(ns) => Some(plain(&ns.0)),
            _ => None,
        });
        let mut names: Vec<String> = names.collect();
        if !names.is_empty() && answer.aliases.is_empty() {
            names.sort();
            return Ok(names);
        }
    }
    Err(Missing(format!("no name servers of a zone above {zone} were found")))
}

/// Reads a referral; `None` when the server answers itself, and so does not show the parent's side.
fn referral(reply: &Message, zone: &Name, asked: &str) -> Option<Delegation> {
    if reply.metadata.authoritative || !reply.answers.is_empty() {
        return None;
    }
    let records = reply.authorities.iter().filter(|record| record.name == *zone);
    let names = records.filter_map(|record| match &record.data {
        RData::NS(ns) => Some(plain(&ns.0)),
        _ => None,
    });
    let mut servers: Vec<String> = names.take(MOST_RECORDS).collect();
    servers.sort();
    servers.dedup();
    let glue = reply.additionals.iter().filter_map(|record| {
        let address = match &record.data {
            RData::A(a) => IpAddr::V4(a.0),
            RData::AAAA(aaaa) => IpAddr::V6(aaaa.0),
            _ => return None,
        };
        Some((plain(&record.name), address))
    });
    let glue: Vec<_> = glue.filter(|(name, _)| servers.contains(name)).take(MOST_RECORDS).collect();
    (!servers.is_empty()).then(|| Delegation { asked: asked.to_owned(), servers, glue })
}

fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

/// A domain with two name servers of its own, to which the parent leads, for tests.
#[cfg(test)]
pub(super) fn delegated(change: impl FnOnce(&mut super::NsEvidence)) -> crate::evidence::Evidence {
    let servers = [("ns1.example.com", "192.0.2.1"), ("ns2.example.com", "198.51.100.1")];
    let mut evidence = super::with_servers(&servers);
    let ns = evidence.dns_email.as_mut().unwrap().ns.as_mut().unwrap();
    ns.delegation = Ok(Delegation {
        asked: "a.gtld.example".to_owned(),
        servers: servers.iter().map(|(name, _)| (*name).to_owned()).collect(),
        glue: servers.iter().map(|(name, ip)| ((*name).to_owned(), ip.parse().unwrap())).collect(),
    });
    change(ns);
    evidence
}
