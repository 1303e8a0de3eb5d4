//! The addresses of one name: the first of each family is asked everything, up to eight others are
//! looked at briefly, since most of them are copies of one configuration. What is seen of the
//! others stands beside the evidence of the first that answers ([`TlsEvidence::others`]).
//!
//! Invariant: an address that cannot be reached from here is not one that is down.

use std::net::IpAddr;

use futures_util::future::{join, join_all};

use super::listing::Lister;
use super::ocsp::Staple;
use super::probe::{in_full, is_out_of_reach, shake_hands, unreached};
use super::revocation::Lists;
use super::wire::hello::{SSL3, TLS10, TLS11, TLS12, TLS13};
use super::wire::suites::{broken_and_others, predates_tls12};
use super::{TlsEvidence, Unsettled, VersionEvidence, counterpart, intrusion, judge_chain};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::{Net, NetError};

/// Addresses that are looked at briefly.
const MOST_OTHERS: usize = 8;
/// Connections for the versions of one of them; with the handshake they make five.
const GLANCE: u32 = 4;

pub(crate) async fn probe(net: &Net, target: &Target) -> TlsEvidence {
    let name = target.domain.as_str();
    let Plan { in_full: whole, others } = plan(&target.addresses);
    if whole.is_empty() {
        return TlsEvidence::unseen(None, &Missing("the domain has no address".to_owned()));
    }
    let lists = Lists::default();
    let lists = &lists;
    let whole = join_all(whole.into_iter().map(|address| in_full(net, address, name, lists)));
    let others = join_all(others.into_iter().map(|address| glance(net, address, name)));
    let ((whole, others), counterpart) =
        join(join(whole, others), counterpart::look(net, name)).await;
    let mut seen =
        TlsEvidence { counterpart, ..gathered(whole.into_iter().chain(others).collect()) };
    if let (true, Ok(()), Some(address)) = (net.may_intrude(), &seen.reached, seen.address) {
        seen.intrusion = Some(intrusion::ask(net, address, name, &seen).await);
    }
    seen
}

/// Which addresses are asked how much.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    in_full: Vec<IpAddr>,
    others: Vec<IpAddr>,
}

fn plan(addresses: &[IpAddr]) -> Plan {
    let mut plan = Plan { in_full: Vec::new(), others: Vec::new() };
    for address in addresses {
        if plan.in_full.iter().all(|have| have.is_ipv4() != address.is_ipv4()) {
            plan.in_full.push(*address);
        } else if plan.others.len() < MOST_OTHERS {
            plan.others.push(*address);
        }
    }
    plan
}

/// Puts the first that answered in front of the others.
fn gathered(mut all: Vec<TlsEvidence>) -> TlsEvidence {
    let first = all.iter().position(|seen| seen.reached.is_ok()).unwrap_or(0);
    let chosen = all.remove(first);
    TlsEvidence { others: all, ..chosen }
}

/// Looks at one address: what a current client gets, and whether old versions are offered.
async fn glance(net: &Net, address: IpAddr, name: &str) -> TlsEvidence {
    let lister = Lister::new(net, address, name, GLANCE);
    let agreed = match shake_hands(&lister).await {
        Err(error) if is_out_of_reach(&error) => return unreached(address, &error),
        agreed => agreed,
    };
    let every = broken_and_others().concat();
    let old: Vec<u16> = every.iter().copied().filter(|suite| predates_tls12(*suite)).collect();
    let (ssl3, tls10, tls11) = tokio::join!(
        lister.taken(SSL3, &old),
        lister.taken(TLS10, &old),
        lister.taken(TLS11, &old)
    );
    let not_listed = || Missing("suites are listed at one address of each family".to_owned());
    let version = |version: u16, taken: Seen<Option<u16>>| {
        let open = |suite: u16| Unsettled {
            suites: old.iter().copied().filter(|other| *other != suite).collect(),
            why: not_listed(),
        };
        let unsettled = taken.as_ref().ok().copied().flatten().map(open);
        VersionEvidence {
            version,
            suites: taken.map(|suite| suite.into_iter().collect()),
            unsettled,
        }
    };
    let mut versions = vec![version(SSL3, ssl3), version(TLS10, tls10), version(TLS11, tls11)];
    let chosen = agreed.as_ref().ok().map(|agreed| agreed.handshake.version.as_str());
    if chosen.is_none() && versions.iter().all(|seen| seen.suites.as_ref().is_ok_and(Vec::is_empty))
    {
        let error = agreed.err().unwrap_or(NetError::Closed);
        return unreached(address, &error);
    }
    let missing = |version, suites| VersionEvidence { version, suites, unsettled: None };
    versions.push(missing(TLS12, Err(not_listed())));
    // A client that offers both gets TLS 1.3 where it is to be had.
    versions.push(match chosen {
        Some("TLSv1_2") => missing(TLS13, Ok(Vec::new())),
        _ => missing(TLS13, Err(not_listed())),
    });
    let unseen = TlsEvidence::unseen(Some(address), &not_listed());
    TlsEvidence {
        reached: Ok(()),
        versions,
        chain: match &agreed {
            Ok(agreed) => judge_chain(net, name, &agreed.chain).await,
            Err(error) => Err(error.clone().into()),
        },
        staple: match &agreed {
            Ok(agreed) => Ok(Staple::judge(&agreed.stapled, &agreed.chain, net.now())),
            Err(error) => Err(error.clone().into()),
        },
        handshake: agreed.map(|agreed| agreed.handshake).map_err(Missing::from),
        ..unseen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<IpAddr> {
        text.split_whitespace().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn the_first_of_each_family_is_asked_everything() {
        assert_eq!(
            plan(&addresses("192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2")),
            Plan {
                in_full: addresses("192.0.2.1 2001:db8::1"),
                others: addresses("192.0.2.2 2001:db8::2")
            }
        );
        let many: Vec<IpAddr> = (0..100).map(|last| IpAddr::from([192, 0, 2, last])).collect();
        assert_eq!((plan(&many).in_full.len(), plan(&many).others.len()), (1, MOST_OTHERS));
    }

    #[test]
    fn who_answers_stands_in_front() {
        let [first, second] = [0, 1].map(|index| addresses("192.0.2.1 192.0.2.2")[index]);
        let silent = unreached(first, &NetError::TimedOut);
        let mut answers = TlsEvidence::unseen(Some(second), &Missing::not_probed());
        answers.reached = Ok(());
        let seen = gathered(vec![silent.clone(), answers]);
        assert_eq!((seen.address, seen.others[0].address), (Some(second), Some(first)));
        let none = gathered(vec![silent]);
        assert!(none.reached.is_err() && none.others.is_empty());
    }
}
