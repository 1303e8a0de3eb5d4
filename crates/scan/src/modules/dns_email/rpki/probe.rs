use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::join_all;
use hickory_proto::rr::RecordType;

use super::networks::network;
use super::origins::{self, Announced};
use super::vrps::Vrps;
use super::{Route, RouteOrigins, RoutedServer, RpkiEvidence};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::modules::dns_email::mx::MxEvidence;
use crate::modules::dns_email::ns::NsEvidence;
use crate::net::Net;

/// Networks whose routes are looked at.
const MOST_SERVERS: usize = 12;
/// Addresses of one host that are looked at.
const MOST_ADDRESSES: usize = 2;

/// Looks at the routes of the servers, one for each /24 or /48.
pub(in crate::modules::dns_email) async fn probe(
    net: &Net,
    target: &Target,
    mx: &Seen<MxEvidence>,
    ns: &Seen<NsEvidence>,
) -> Seen<RpkiEvidence> {
    let providers = net.providers();
    let rpki = providers.rpki.as_ref().ok_or_else(|| Missing::not_configured("providers.rpki"))?;
    if providers.route_origins.is_empty() {
        return Err(Missing::not_configured("providers.route_origins"));
    }
    let vrps = net.tables().vrps.get(net, rpki).await?;
    let servers = servers(target, mx, ns).into_iter().map(|(role, address)| {
        let vrps = Arc::clone(&vrps);
        async move {
            let route = announced(net, address).await.map(|announced| judge(&vrps, &announced));
            RoutedServer { role, address, route }
        }
    });
    Ok(RpkiEvidence { servers: join_all(servers).await })
}

fn servers(target: &Target, mx: &Seen<MxEvidence>, ns: &Seen<NsEvidence>) -> Vec<(String, IpAddr)> {
    let web = target.addresses.iter().map(|address| ("the web server".to_owned(), *address));
    let few = |addresses: &Seen<Vec<IpAddr>>| -> Vec<IpAddr> {
        addresses.iter().flatten().take(MOST_ADDRESSES).copied().collect()
    };
    let mail = mx.iter().flat_map(|mx| &mx.hosts).flat_map(|host| {
        let role = format!("the mail server {}", host.name);
        few(&host.addresses).into_iter().map(move |address| (role.clone(), address))
    });
    let names = ns.iter().flat_map(|ns| &ns.servers).flat_map(|server| {
        let role = format!("the name server {}", server.name);
        few(&server.addresses).into_iter().map(move |address| (role.clone(), address))
    });
    let mut seen = BTreeSet::new();
    let near = |address: IpAddr| network(address, if address.is_ipv4() { 24 } else { 48 });
    let all = web.take(MOST_ADDRESSES * 2).chain(mail).chain(names);
    all.filter(|(_, address)| seen.insert(near(*address))).take(MOST_SERVERS).collect()
}

/// Asks the sources in order; the first that knows a route is believed.
async fn announced(net: &Net, address: IpAddr) -> Seen<Announced> {
    let mut missing = None;
    for source in &net.providers().route_origins {
        let answer = match source {
            RouteOrigins::File(file) => {
                let routes = net.tables().routes.get(net, file).await;
                routes.map(|routes| routes.of(address))
            }
            zone => match zone.zone(address) {
                None => continue,
                Some(zone) => {
                    let name = format!("{}.{zone}", backwards(address));
                    let answer = net.lookup(&name, RecordType::TXT).await;
                    answer.map(|answer| origins::answer(&answer.texts(), address))
                }
            },
        };
        match answer {
            Ok(Some(announced)) => return Ok(announced),
            Ok(None) => {}
            Err(reason) => missing = Some(reason),
        }
    }
    Err(missing.unwrap_or_else(|| Missing(format!("no source knows a route to {address}"))))
}

fn judge(vrps: &Vrps, announced: &Announced) -> Route {
    let origins = announced
        .systems
        .iter()
        .map(|system| (*system, vrps.judge(announced.network, announced.length, *system)));
    Route {
        network: format!("{}/{}", announced.network, announced.length),
        origins: origins.collect(),
    }
}

/// Returns an address as the labels of a name, from the last to the first.
fn backwards(address: IpAddr) -> String {
    let labels: Vec<String> = match address {
        IpAddr::V4(v4) => v4.octets().iter().rev().map(u8::to_string).collect(),
        IpAddr::V6(v6) => {
            let nibbles = v6.octets().into_iter().rev().flat_map(|octet| [octet & 15, octet >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}")).collect()
        }
    };
    labels.join(".")
}
