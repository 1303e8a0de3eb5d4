//! Asks the resolver about name and mail. Of the domain's own servers only the name servers are
//! asked, and the web server once, when a record promises ECH.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_proto::rr::{RData, RecordType};
use tokio::time::timeout;

use super::caa::{CaaEvidence, CaaProperty};
use super::dkim::{DkimEvidence, DkimKey, SELECTORS, WILDCARD};
use super::mx::{MailHost, MxEvidence};
use super::ns::{NameServer, NsEvidence, Soa, ask_servers, delegation};
use super::spf::{SpfEvidence, SpfRecord};
use super::svcb::ech::EchConfigs;
use super::svcb::{OuterName, SvcbEvidence, SvcbRecord};
use super::{DnsEmailEvidence, Families, dmarc, rpki, spf, svcb, texts};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::modules::ssl_tls::certificate::is_for;
use crate::net::{Answer, Net, NetError};

/// Mail servers that are looked up.
const MOST_MAIL_HOSTS: usize = 8;
/// Name servers that are looked up.
const MOST_NAME_SERVERS: usize = 6;
/// Addresses of one host that are kept.
const MOST_ADDRESSES: usize = 8;
/// SPF records that are kept; two are already one too many.
const MOST_SPF_RECORDS: usize = 10;
/// CAA records that are kept.
const MOST_CAA_RECORDS: usize = 20;
/// Targets of HTTPS records that are looked up.
const MOST_TARGETS: usize = 3;
/// How long the handshake under the public name of an ECH configuration may take.
const OUTER_TIMEOUT: Duration = Duration::from_secs(5);
/// Names that are asked when something is looked for above the domain.
const HIGHEST_CLIMB: usize = 8;

pub(crate) async fn probe(net: &Net, target: &Target) -> DnsEmailEvidence {
    let domain = target.domain.as_str();
    let (mx, spf, dmarc, dkim, caa, ns, svcb, web) = tokio::join!(
        mx(net, domain),
        spf(net, domain),
        dmarc::walk::walk(net, domain),
        dkim(net, domain),
        caa(net, domain),
        ns(net, domain),
        svcb(net, domain),
        web(net, domain),
    );
    let rpki = rpki::probe(net, target, &mx, &ns).await;
    DnsEmailEvidence { mx, spf, dmarc, dkim, caa, ns, svcb, rpki, web }
}

async fn mx(net: &Net, domain: &str) -> Seen<MxEvidence> {
    let answer = net.lookup(domain, RecordType::MX).await?;
    let mut records: Vec<(u16, String)> = answer
        .records
        .iter()
        .filter_map(|data| match data {
            RData::MX(mx) => Some((mx.preference, plain(&mx.exchange.to_ascii()))),
            _ => None,
        })
        .collect();
    records.sort();
    let null = records.iter().any(|(_, name)| name.is_empty());
    records.retain(|(_, name)| !name.is_empty());
    let hosts = records.into_iter().take(MOST_MAIL_HOSTS).map(|(preference, name)| async move {
        let (addresses, alias) = host(net, &name).await;
        MailHost { preference, name, addresses, alias }
    });
    Ok(MxEvidence { hosts: join_all(hosts).await, null })
}

/// Returns the addresses of a host, wherever they are, and whether its name is an alias.
async fn host(net: &Net, name: &str) -> (Seen<Vec<IpAddr>>, bool) {
    let (v4, v6) =
        tokio::join!(net.lookup(name, RecordType::A), net.lookup(name, RecordType::AAAA));
    let aliased = |answer: &Seen<Answer>| answer.as_ref().is_ok_and(|it| !it.aliases.is_empty());
    let alias = aliased(&v4) || aliased(&v6);
    let missing = v4.as_ref().err().or(v6.as_ref().err()).cloned();
    let records = v4.into_iter().chain(v6).flat_map(|answer| answer.records);
    let addresses = records.filter_map(|record| match record {
        RData::A(a) => Some(IpAddr::V4(a.0)),
        RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
        _ => None,
    });
    let addresses: Vec<_> = addresses.take(MOST_ADDRESSES).collect();
    match missing {
        // One family alone proves that there is an address, not that there is none.
        Some(missing) if addresses.is_empty() => (Err(missing), alias),
        _ => (Ok(addresses), alias),
    }
}

async fn svcb(net: &Net, domain: &str) -> Seen<SvcbEvidence> {
    let answer = net.lookup(domain, RecordType::HTTPS).await?;
    let mut records = svcb::read(&answer.records);
    for record in records.iter_mut().take(MOST_TARGETS) {
        let target = if record.target.is_empty() { domain } else { &record.target };
        record.addresses = host(net, target).await.0;
    }
    let outer = outer_name(net, &records).await;
    Ok(SvcbEvidence { records, outer })
}

/// Shakes hands under the public name of the first configuration that a browser would use.
async fn outer_name(net: &Net, records: &[SvcbRecord]) -> Seen<Option<OuterName>> {
    let found = records.iter().find_map(|record| match &record.ech_configs {
        Some(EchConfigs::Usable(configs)) => Some((record, configs.first()?)),
        _ => None,
    });
    let Some((record, config)) = found else { return Ok(None) };
    let public_name = config.public_name.to_ascii_lowercase();
    let addresses = record.addresses.as_ref().map_err(Clone::clone)?;
    let allowed = addresses.iter().find(|address| net.allows(**address).is_ok());
    let nowhere = || Missing("the record leads to no address that can be asked".to_owned());
    let address = *allowed.ok_or_else(nowhere)?;
    let shaken = timeout(OUTER_TIMEOUT, net.tls(address, 443, &public_name)).await;
    let shaken = shaken.unwrap_or(Err(NetError::TimedOut));
    let session =
        shaken.map_err(|error| Missing(format!("{public_name} at {address}: {error}")))?;
    let leaf = session.chain.first();
    let name_matches = leaf.is_some_and(|leaf| is_for(leaf, &public_name));
    Ok(Some(OuterName { public_name, name_matches }))
}

async fn spf(net: &Net, domain: &str) -> Seen<SpfEvidence> {
    let answer = net.lookup(domain, RecordType::TXT).await?;
    let mut texts = texts(&answer, SpfRecord::is_spf)?;
    texts.truncate(MOST_SPF_RECORDS);
    let record = match texts.as_slice() {
        [text] => Some(SpfRecord::parse(text)),
        _ => None,
    };
    let ledger = match &record {
        Some(record) => spf::walk::walk(net, domain, record).await,
        None => spf::Ledger::default(),
    };
    Ok(SpfEvidence { texts, record, ledger })
}

async fn dkim(net: &Net, domain: &str) -> Seen<DkimEvidence> {
    // A name nobody uses: what answers here answers everywhere.
    let canary = format!("cl-no-such-selector._domainkey.{domain}");
    let everywhere = key(net, WILDCARD, &canary).await?;
    let asked = SELECTORS.iter().map(|selector| async move {
        key(net, selector, &format!("{selector}._domainkey.{domain}")).await
    });
    let answers = join_all(asked).await;
    let tried = answers.iter().filter(|answer| answer.is_ok()).count();
    let unseen = answers.iter().find_map(|answer| answer.as_ref().err()).cloned();
    let everywhere_text = everywhere.as_ref().map(|key| key.text.clone());
    let own = answers.into_iter().flatten().flatten();
    let own = own.filter(|key| Some(&key.text) != everywhere_text.as_ref());
    Ok(DkimEvidence { keys: everywhere.into_iter().chain(own).collect(), tried, unseen })
}

/// Returns the first key at a name, if there is one.
async fn key(net: &Net, selector: &str, name: &str) -> Seen<Option<DkimKey>> {
    let answer = net.lookup(name, RecordType::TXT).await?;
    Ok(answer.texts().iter().find_map(|text| DkimKey::parse(selector, text)))
}

/// Climbs from the domain to the top-level domain until a name has CAA records (RFC 8659, section
/// 3). An alias is followed by the resolver.
async fn caa(net: &Net, domain: &str) -> Seen<CaaEvidence> {
    for name in climb(domain) {
        let answer = net.lookup(name, RecordType::CAA).await?;
        let properties: Vec<_> = answer
            .records
            .iter()
            .filter_map(|data| match data {
                RData::CAA(caa) => Some(CaaProperty {
                    critical: caa.issuer_critical,
                    tag: caa.tag.to_ascii_lowercase(),
                    value: String::from_utf8_lossy(&caa.value).chars().take(255).collect(),
                }),
                _ => None,
            })
            .take(MOST_CAA_RECORDS)
            .collect();
        if !properties.is_empty() {
            return Ok(CaaEvidence { found_at: Some(name.to_owned()), properties });
        }
    }
    match climb(domain).last() {
        Some(last) if last.contains('.') => {
            Err(Missing(format!("no CAA record up to {last}, and no name above it was asked")))
        }
        _ => Ok(CaaEvidence::default()),
    }
}

/// Finds the zone the domain is in, its name servers and its start of authority.
async fn ns(net: &Net, domain: &str) -> Seen<NsEvidence> {
    for zone in climb(domain).filter(|name| name.contains('.')) {
        let answer = net.lookup(zone, RecordType::NS).await?;
        let mut names: Vec<String> = answer
            .records
            .iter()
            .filter_map(|data| match data {
                RData::NS(ns) => Some(plain(&ns.0.to_ascii())),
                _ => None,
            })
            .collect();
        // An alias has the name servers of its target, which answer for another domain.
        if names.is_empty() || !answer.aliases.is_empty() {
            continue;
        }
        names.sort();
        names.dedup();
        let count = names.len();
        let servers = names.into_iter().take(MOST_NAME_SERVERS).map(|name| async move {
            let (addresses, _) = host(net, &name).await;
            NameServer { name, addresses }
        });
        let (servers, soa, delegation) =
            tokio::join!(join_all(servers), soa(net, zone), delegation(net, zone));
        let asked = ask_servers(net, zone, &servers).await;
        return Ok(NsEvidence { zone: zone.to_owned(), count, servers, soa, asked, delegation });
    }
    Err(Missing("no name servers were found for the domain or a parent".to_owned()))
}

async fn web(net: &Net, domain: &str) -> Seen<Families> {
    let (v4, v6) =
        tokio::join!(net.lookup(domain, RecordType::A), net.lookup(domain, RecordType::AAAA));
    Ok(Families { ipv4: !v4?.records.is_empty(), ipv6: !v6?.records.is_empty() })
}

async fn soa(net: &Net, zone: &str) -> Seen<Soa> {
    let answer = net.lookup(zone, RecordType::SOA).await?;
    let soa = answer.records.iter().find_map(|data| match data {
        RData::SOA(soa) => Some(Soa {
            primary: plain(&soa.mname.to_ascii()),
            serial: soa.serial,
            // Unsigned on the wire.
            refresh: soa.refresh.cast_unsigned(),
            retry: soa.retry.cast_unsigned(),
            expire: soa.expire.cast_unsigned(),
            negative: soa.minimum,
        }),
        _ => None,
    });
    soa.ok_or_else(|| Missing(format!("{zone} has no SOA record")))
}

/// Returns the domain and its parents up to the top-level domain, at most [`HIGHEST_CLIMB`].
fn climb(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |name| Some(name.split_once('.')?.1)).take(HIGHEST_CLIMB)
}

/// Returns a name in lower case without the trailing dot; the root becomes empty.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
