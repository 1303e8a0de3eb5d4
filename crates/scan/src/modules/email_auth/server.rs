//! Looks at one mail server: a session with STARTTLS and a handshake, then hellos that ask for old
//! versions and broken suites, one after another: mail servers count connections.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_proto::rr::{RData, RecordType};
use rustls_pki_types::CertificateDer;
use tokio::time::{Instant, timeout_at};

use super::{MailServer, MailTls, Reverse, Session, TlsaRecord, injection};
use crate::check::{Missing, Seen};
use crate::modules::dnssec::{Security, validated};
use crate::modules::ssl_tls::listing::{Entry, Lister};
use crate::modules::ssl_tls::wire::hello::{SSL3, TLS10, TLS11, TLS12};
use crate::modules::ssl_tls::wire::suites::{Trait, broken_and_others, has, predates_tls12};
use crate::modules::ssl_tls::{Handshake, judge_chain};
use crate::net::takeover::{LATELY, Looked};
use crate::net::{Net, NetError};

/// How long the first session may last: some servers let strangers wait before they greet.
const SESSION_TIMEOUT: Duration = Duration::from_secs(20);
/// A look that had so much time has seen what anybody would have.
const ENOUGH_TIME: Duration = Duration::from_secs(30);
/// Left to somebody who keeps what was heard when it was time to stop.
const GRACE: Duration = Duration::from_millis(200);
/// TLS connections to one server besides the first.
const MORE_CONNECTIONS: u32 = 7;
/// Suites in one hello: some servers drop longer ones.
const MOST_SUITES: usize = 110;
/// TLSA records that are kept.
const MOST_TLSA: usize = 8;
/// Names of one address that are kept, and that are looked up.
const MOST_NAMES: usize = 4;
const MOST_CONFIRMED: usize = 2;

/// Looks at one server until it is time to stop. Of a server that is not the domain's own, what
/// another domain's scan saw lately is taken over: providers have thousands of customers.
pub(super) async fn look(net: &Net, name: String, until: Instant) -> MailServer {
    let (allowed, refused) = match net.addresses(&name).await {
        Ok(addresses) => addresses,
        Err(missing) => return unseen(name, None, missing),
    };
    let Some(address) = allowed.first().copied() else {
        return match refused.first() {
            Some((address, reason)) => {
                unseen(name, None, Missing(format!("{address} is {reason}")))
            }
            None => {
                let missing = Missing(format!("{name} has no address"));
                unseen(name, None, missing)
            }
        };
    };
    if net.is_own(&name) {
        return look_at(net, name, &allowed, address, until).await;
    }
    let began = Instant::now();
    let (server, addresses) = (name.clone(), allowed.as_slice());
    let looking = || async move {
        let seen = look_at(net, server, addresses, address, until).await;
        let in_time = Instant::now() < until || until - began >= ENOUGH_TIME;
        match in_time && !net.is_spent() {
            true => Looked::Whole(seen, LATELY),
            false => Looked::Partly(seen),
        }
    };
    let sharing = net.seen_lately().mail_servers.get((name.clone(), address), looking);
    // Who talks to the server itself keeps what it has heard by then.
    let shared = timeout_at(until + GRACE, sharing).await;
    shared.unwrap_or_else(|_| unseen(name, Some(address), out_of_time()))
}

fn out_of_time() -> Missing {
    Missing("the time for mail servers was over".to_owned())
}

fn unseen(name: String, address: Option<IpAddr>, session: Missing) -> MailServer {
    MailServer {
        name,
        address,
        session: Err(session),
        tls: None,
        injection: None,
        tlsa: Err(Missing::not_probed()),
        signed: Err(Missing::not_probed()),
        reverse: Vec::new(),
    }
}

async fn look_at(
    net: &Net,
    name: String,
    addresses: &[IpAddr],
    address: IpAddr,
    until: Instant,
) -> MailServer {
    let mut server = unseen(name, Some(address), out_of_time());
    let ((), reverse) =
        tokio::join!(talk(net, address, &mut server, until), reverse_of(net, addresses));
    server.reverse = reverse;
    server
}

async fn talk(net: &Net, address: IpAddr, server: &mut MailServer, until: Instant) {
    let records = net.lookup(&format!("_25._tcp.{}", server.name), RecordType::TLSA).await;
    let name = server.name.clone();
    let mut chain = None;
    let first = timeout_at(until, first_session(net, address, &name, server, &mut chain));
    // What was heard until then stands.
    let _late = first.await;
    server.tlsa = records.map(|answer| {
        let records = answer.records.iter().filter_map(|data| match data {
            RData::TLSA(record) => Some(TlsaRecord::of(record, chain.as_deref())),
            _ => None,
        });
        records.take(MOST_TLSA).collect()
    });
    if server.tlsa.as_ref().is_ok_and(|records| !records.is_empty()) {
        server.signed = signed(net, &name).await;
    }
    if let Some(tls) = &mut server.tls
        && (tls.handshake.is_ok() || tls.failed.is_some())
    {
        let _late = timeout_at(until, old_habits(net, address, &name, tls)).await;
    }
    let shaken = server.tls.as_ref().is_some_and(|tls| tls.handshake.is_ok());
    if shaken && net.may_intrude_at(&name) {
        let asked = timeout_at(until, injection::ask(net, address, &name)).await;
        let late = |_| Err(Missing("the time for mail servers was over".to_owned()));
        server.injection = Some(asked.unwrap_or_else(late));
    }
}

/// Greets, asks for TLS if it is offered, and shakes hands as a current client does.
async fn first_session(
    net: &Net,
    address: IpAddr,
    name: &str,
    server: &mut MailServer,
    chain: &mut Option<Vec<CertificateDer<'static>>>,
) {
    let session = match net.smtp(address, SESSION_TIMEOUT).await {
        Ok(session) => session,
        Err(error) => {
            server.session = Err(unreachable(name, &error));
            return;
        }
    };
    let greeting_name = session.greeting.split(' ').next().unwrap_or_default();
    server.session = Ok(Session {
        greeting_name: greeting_name.to_owned(),
        extensions: session.extensions.clone(),
    });
    if !session.offers("STARTTLS") {
        session.quit().await;
        return;
    }
    let unseen = || Missing("not asked, since the time was over".to_owned());
    let tls = server.tls.insert(MailTls {
        handshake: Err(unseen()),
        failed: None,
        chain: Err(unseen()),
        old_versions: Err(unseen()),
        broken_suite: Err(unseen()),
    });
    let shaken = match session.start_tls().await {
        Ok(connection) => net.tls_over(connection, name).await,
        Err(error) => Err(error),
    };
    match shaken {
        Ok(agreed) => {
            tls.chain = judge_chain(net, name, &agreed.chain).await;
            *chain = Some(agreed.chain);
            tls.handshake = Ok(Handshake {
                version: agreed.version,
                suite: agreed.suite,
                group: agreed.group,
                alpn: None,
            });
        }
        Err(error) => {
            if matches!(error, NetError::Protocol(_) | NetError::Closed) {
                tls.failed = Some(error.to_string());
            }
            tls.handshake = Err(error.clone().into());
            tls.chain = Err(error.into());
        }
    }
}

/// Says why a server was not seen; never that it is bad, since it may be us.
fn unreachable(name: &str, error: &NetError) -> Missing {
    Missing(match error {
        NetError::TimedOut => {
            format!("port 25 is blocked from where this scan ran, or {name} does not answer")
        }
        error => format!("port 25 of {name}: {error}"),
    })
}

/// Asks for old versions and broken suites.
async fn old_habits(net: &Net, address: IpAddr, name: &str, tls: &mut MailTls) {
    let lister = Lister::new(net, address, name, MORE_CONNECTIONS).entering(Entry::StartTls);
    let [broken, others] = broken_and_others();
    // Anonymous suites are no worse than certificates that nobody looks at (RFC 7672, section 8.2).
    let broken: Vec<u16> =
        broken.into_iter().filter(|suite| !has(*suite, Trait::Anonymous)).collect();
    tls.broken_suite = lister.taken(TLS12, &broken[..broken.len().min(MOST_SUITES)]).await;
    // Hanging up says no when the server has talked to somebody; else it may be us.
    let silent = tls.failed.as_ref() == Some(&NetError::Closed.to_string());
    let in_doubt = silent && tls.broken_suite == Ok(None);
    let hung_up = || Missing("the server hung up on every hello".to_owned());
    if in_doubt {
        tls.broken_suite = Err(hung_up());
    }
    let mut old: Vec<u16> =
        others.into_iter().chain(broken).filter(|suite| predates_tls12(*suite)).collect();
    old.truncate(MOST_SUITES);
    let mut taken = Vec::new();
    for version in [TLS11, TLS10, SSL3] {
        match lister.taken(version, &old).await {
            Ok(Some(_)) => taken.push(version),
            Ok(None) => {}
            Err(missing) => {
                tls.old_versions = Err(missing);
                return;
            }
        }
    }
    match in_doubt && taken.is_empty() {
        true => tls.old_versions = Err(hung_up()),
        false if in_doubt => (tls.broken_suite, tls.old_versions) = (Ok(None), Ok(taken)),
        false => tls.old_versions = Ok(taken),
    }
}

/// Returns whether senders believe a server's TLSA records: whether the chain of trust to them holds.
async fn signed(net: &Net, name: &str) -> Seen<bool> {
    match validated(net, &format!("_25._tcp.{name}"), RecordType::TLSA).await? {
        Security::Secure => Ok(true),
        Security::Insecure(_) => Ok(false),
        Security::Bogus(broken) => Err(Missing(format!(
            "the chain of trust to the TLSA records breaks: {}",
            broken.detail
        ))),
    }
}

/// Looks up the names of one address of each family, and whether they lead back (RFC 1912, section
/// 2.1).
async fn reverse_of(net: &Net, addresses: &[IpAddr]) -> Vec<Reverse> {
    let first = |v4: bool| addresses.iter().copied().find(|it| it.is_ipv4() == v4);
    let chosen = first(true).into_iter().chain(first(false));
    join_all(chosen.map(|address| reverse(net, address))).await
}

async fn reverse(net: &Net, address: IpAddr) -> Reverse {
    let names = net.lookup(&reverse_name(address), RecordType::PTR).await.map(|answer| {
        let names = answer.records.iter().filter_map(|data| match data {
            RData::PTR(name) => Some(name.0.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
            _ => None,
        });
        names.take(MOST_NAMES).collect::<Vec<_>>()
    });
    let confirmed = match &names {
        Ok(names) => confirmed(net, address, names).await,
        Err(missing) => Err(missing.clone()),
    };
    Reverse { address, names, confirmed }
}

async fn confirmed(net: &Net, address: IpAddr, names: &[String]) -> Seen<bool> {
    let record_type = if address.is_ipv4() { RecordType::A } else { RecordType::AAAA };
    let mut unseen = None;
    for name in names.iter().take(MOST_CONFIRMED) {
        match net.lookup(name, record_type).await {
            Ok(answer) if answer.records.iter().any(|data| data.ip_addr() == Some(address)) => {
                return Ok(true);
            }
            Ok(_) => {}
            Err(missing) => unseen = Some(missing),
        }
    }
    unseen.map_or(Ok(false), Err)
}

/// Returns the name that holds an address's names (RFC 1035, section 3.5; RFC 3596, section 2.5).
fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev();
            let nibbles = nibbles.map(|octet| format!("{:x}.{:x}.", octet & 15, octet >> 4));
            format!("{}ip6.arpa", nibbles.collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_turned_around() {
        assert_eq!(reverse_name("192.0.2.7".parse().unwrap()), "7.2.0.192.in-addr.arpa");
        // The example of RFC 3596, section 2.5.
        assert_eq!(
            reverse_name("4321:0:1:2:3:4:567:89ab".parse().unwrap()),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa"
        );
    }
}
