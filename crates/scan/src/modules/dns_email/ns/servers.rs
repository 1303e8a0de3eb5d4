use std::net::IpAddr;

use futures_util::future::join_all;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use serde::{Deserialize, Serialize};

use super::NameServer;
use crate::check::{Missing, Seen};
use crate::net::takeover::{LATELY, Looked};
use crate::net::{Net, NetError, Recursion};

/// Servers that are asked directly.
const MOST_SERVERS: usize = 4;
/// A name outside every customer's zone, that a server can only know by asking others.
const FOREIGN: &str = "a.root-servers.net.";

/// What one name server answers when it is asked directly.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerSeen {
    pub name: String,
    pub address: IpAddr,
    pub authority: Seen<Authority>,
    /// The serial number of the zone there; none when it was not told, and in reports from before it
    /// was kept.
    #[serde(default)]
    pub serial: Option<u32>,
    /// Whether it looks up names of others for a stranger.
    pub recursion: Seen<bool>,
    /// Whether it hands the whole zone to a stranger.
    pub transfer: Seen<bool>,
}

/// Whether a server answers for the zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    Answers,
    /// It was named for the zone but does not know it; what it answers.
    Lame(String),
}

/// Asks the first address of each server three things: for the zone's start, for a name of
/// somebody else, and for the whole zone, of which one message is read at most.
pub(in super::super) async fn ask_servers(
    net: &Net,
    zone: &str,
    servers: &[NameServer],
) -> Vec<ServerSeen> {
    let Ok(mut zone) = Name::from_ascii(zone) else { return Vec::new() };
    zone.set_fqdn(true);
    let zone = &zone;
    let first = servers.iter().filter_map(|server| {
        let address = *server.addresses.as_ref().ok()?.first()?;
        Some((server.name.clone(), address))
    });
    let asked = first.take(MOST_SERVERS).map(|(name, address)| async move {
        let sharing = net.seen_lately().recursion.get(address, || async move {
            match recursion(net, address).await {
                Ok(seen) => Looked::Whole(Ok(seen), LATELY),
                Err(missing) => Looked::Partly(Err(missing)),
            }
        });
        let (authority, recursion, transfer) = tokio::join!(
            authority(net, address, zone),
            net.in_time(sharing),
            transfer(net, address, zone)
        );
        let recursion = recursion.map_err(Missing::from).flatten();
        let (authority, serial) = match authority {
            Ok((authority, serial)) => (Ok(authority), serial),
            Err(missing) => (Err(missing), None),
        };
        ServerSeen { name, address, authority, serial, recursion, transfer }
    });
    join_all(asked).await
}

/// Asks for the zone's start; returns its serial number beside it.
async fn authority(net: &Net, address: IpAddr, zone: &Name) -> Seen<(Authority, Option<u32>)> {
    let lame = |what: &str| Ok((Authority::Lame(what.to_owned()), None));
    match net.ask_server(address, zone, RecordType::SOA, Recursion::NotDesired).await {
        Ok(reply) => match reply.metadata.response_code {
            ResponseCode::NoError if reply.metadata.authoritative => {
                Ok((Authority::Answers, serial(&reply)))
            }
            ResponseCode::NoError => lame("not authoritative"),
            code => lame(&code.to_string()),
        },
        Err(NetError::Refused) => lame("nothing listens there"),
        Err(error) => Err(error.into()),
    }
}

fn serial(reply: &Message) -> Option<u32> {
    reply.answers.iter().find_map(|record| match &record.data {
        RData::SOA(soa) => Some(soa.serial),
        _ => None,
    })
}

async fn recursion(net: &Net, address: IpAddr) -> Seen<bool> {
    let foreign = Name::from_ascii(FOREIGN).map_err(|error| Missing(error.to_string()))?;
    match net.ask_server(address, &foreign, RecordType::A, Recursion::Desired).await {
        Ok(reply) => Ok(reply.metadata.recursion_available && !reply.answers.is_empty()),
        Err(NetError::Refused) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn transfer(net: &Net, address: IpAddr, zone: &Name) -> Seen<bool> {
    match net.begin_transfer(address, zone).await {
        Ok(reply) => Ok(begins(&reply)),
        // A server that takes no such question hangs up, or does not listen on TCP at all.
        Err(NetError::Refused | NetError::Closed) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Says whether an answer begins a transfer: the zone's start, and no error.
fn begins(reply: &Message) -> bool {
    let first = reply.answers.first().map(hickory_proto::rr::Record::record_type);
    reply.metadata.response_code == ResponseCode::NoError && first == Some(RecordType::SOA)
}

#[cfg(test)]
pub(super) fn asked(spoil: impl FnOnce(&mut ServerSeen)) -> crate::evidence::Evidence {
    let mut evidence = super::with_servers(&[("a.example.net", "192.0.2.1")]);
    let mut server = ServerSeen {
        name: "a.example.net".to_owned(),
        address: "192.0.2.1".parse().unwrap(),
        authority: Ok(Authority::Answers),
        serial: Some(1),
        recursion: Ok(false),
        transfer: Ok(false),
    };
    spoil(&mut server);
    evidence.dns_email.as_mut().unwrap().ns.as_mut().unwrap().asked = vec![server];
    evidence
}
