//! Asks the lists about the addresses mail is sent from and the domain, their test entries first (RFC 5782,
//! section 5): a resolver that lies, or that a list refuses, is noticed before anything is believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures_util::future::join_all;
use hickory_proto::rr::{RData, RecordType};

use super::{BlacklistsEvidence, BlockList, Entry, ListSeen, Listing, Lists};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Lists that are asked.
const MOST_LISTS: usize = 4;
/// Addresses that are asked for in one list.
const MOST_ADDRESSES: usize = 3;
/// Mail servers whose addresses are asked for.
const MOST_MAIL_HOSTS: usize = 2;
/// Characters of a reason that are kept.
const LONGEST_REASON: usize = 200;

/// Asks the operator's block lists about the domain and about the addresses it sends mail from:
/// those of its mail servers, or its own when it has none.
pub(crate) async fn probe(net: &Net, target: &Target) -> BlacklistsEvidence {
    let lists = &net.providers().block_lists;
    if lists.is_empty() {
        return BlacklistsEvidence::default();
    }
    let addresses = match lists.iter().any(|list| list.lists == Lists::Addresses) {
        true => senders(net, target).await,
        false => Ok(Vec::new()),
    };
    let asked = lists.iter().take(MOST_LISTS).map(|list| async {
        let entries = match list.lists {
            Lists::Addresses => match &addresses {
                Ok(addresses) => ask_addresses(net, list, addresses).await,
                Err(missing) => Err(missing.clone()),
            },
            Lists::Domains => ask_domain(net, list, target.domain.as_str()).await,
        };
        ListSeen { zone: list.zone.clone(), lists: list.lists, entries }
    });
    BlacklistsEvidence { lists: join_all(asked).await }
}

/// Returns the addresses mail comes from, as far as they are public.
async fn senders(net: &Net, target: &Target) -> Seen<Vec<IpAddr>> {
    let mx = net.lookup(target.domain.as_str(), RecordType::MX).await?;
    let mut hosts: Vec<_> = mx
        .records
        .iter()
        .filter_map(|data| match data {
            RData::MX(mx) if !mx.exchange.is_root() => {
                Some((mx.preference, mx.exchange.to_ascii().to_ascii_lowercase()))
            }
            _ => None,
        })
        .collect();
    hosts.sort();
    let mut addresses = Vec::new();
    for (_, host) in hosts.iter().take(MOST_MAIL_HOSTS) {
        addresses.extend(net.addresses(host).await?.0);
    }
    if hosts.is_empty() {
        addresses.clone_from(&target.addresses);
    }
    addresses.retain(|address| net.allows(*address).is_ok());
    addresses.truncate(MOST_ADDRESSES);
    Ok(addresses)
}

async fn ask_addresses(net: &Net, list: &BlockList, addresses: &[IpAddr]) -> Seen<Vec<Entry>> {
    believe(net, list, &reversed(LISTED_V4), &reversed(UNLISTED_V4)).await?;
    let mut entries = Vec::new();
    for address in addresses {
        // A list of IPv4 addresses alone lists no IPv6 test entry (RFC 5782, section 5).
        let listing = match address {
            IpAddr::V4(_) => ask(net, list, &reversed(*address)).await,
            IpAddr::V6(_) => {
                match believe(net, list, &reversed(LISTED_V6), &reversed(UNLISTED_V6)).await {
                    Ok(()) => ask(net, list, &reversed(*address)).await,
                    Err(_) => continue,
                }
            }
        };
        entries.push(Entry { subject: address.to_string(), listing });
    }
    Ok(entries)
}

async fn ask_domain(net: &Net, list: &BlockList, domain: &str) -> Seen<Vec<Entry>> {
    believe(net, list, "test", "invalid").await?;
    let listing = ask(net, list, domain).await;
    Ok(vec![Entry { subject: domain.to_owned(), listing }])
}

const LISTED_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const UNLISTED_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
const LISTED_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x7f00, 2));
const UNLISTED_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1));

/// Asks for the test entries of a list: one must be there, the other must not.
async fn believe(net: &Net, list: &BlockList, listed: &str, unlisted: &str) -> Seen<()> {
    let zone = &list.zone;
    let (there, absent) = tokio::join!(ask(net, list, listed), ask(net, list, unlisted));
    match (there?, absent?) {
        (Some(_), None) => Ok(()),
        (None, _) => Err(Missing(format!("{zone} does not answer this resolver"))),
        (Some(_), Some(_)) => Err(Missing(format!("{zone}, or the resolver, lists everything"))),
    }
}

async fn ask(net: &Net, list: &BlockList, subject: &str) -> Seen<Option<Listing>> {
    let name = format!("{subject}.{}", list.zone);
    let answer = net.lookup(&name, RecordType::A).await?;
    let codes = answer.records.iter().filter_map(|data| match data {
        RData::A(a) => Some(a.0),
        _ => None,
    });
    let Some(code) = codes.min() else { return Ok(None) };
    match code.octets() {
        // Error codes of Spamhaus and others: a public resolver, too many questions, a typo.
        [127, 255, 255, _] => Err(Missing(format!("{} refuses this resolver ({code})", list.zone))),
        [127, ..] => {
            let texts = net.lookup(&name, RecordType::TXT).await.map(|answer| answer.texts());
            let reason = texts.unwrap_or_default().into_iter().next();
            let reason = reason.map(|text| text.chars().take(LONGEST_REASON).collect());
            Ok(Some(Listing { code, reason }))
        }
        _ => Err(Missing(format!("the resolver answers {code}, which no block list does"))),
    }
}

/// Returns the name of an address in a list: octets or nibbles from the last to the first.
fn reversed(address: IpAddr) -> String {
    let labels: Vec<String> = match address {
        IpAddr::V4(v4) => v4.octets().iter().rev().map(u8::to_string).collect(),
        IpAddr::V6(v6) => {
            let nibbles = |octet: &u8| [octet & 15, octet >> 4];
            let reversed = v6.octets();
            reversed.iter().rev().flat_map(nibbles).map(|nibble| format!("{nibble:x}")).collect()
        }
    };
    labels.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_backwards() {
        assert_eq!(reversed("192.0.2.99".parse().unwrap()), "99.2.0.192");
        // RFC 5782, section 2.4.
        assert_eq!(
            reversed("2001:db8:1:2:3:4:567:89ab".parse().unwrap()),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2"
        );
    }
}
