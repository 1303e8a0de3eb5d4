//! Asks the resolver about name and mail. Sends nothing to the domain's own servers.

use futures_util::future::join_all;
use hickory_proto::rr::{RData, RecordType};

use super::DnsEmailEvidence;
use super::caa::{CaaEvidence, CaaProperty};
use super::dkim::{DkimEvidence, DkimKey, SELECTORS};
use super::dmarc::{DmarcEvidence, DmarcRecord, ExternalReports};
use super::mx::{MailHost, MxEvidence};
use super::ns::{NameServer, NsEvidence};
use super::spf::{SpfEvidence, SpfRecord, walk};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Mail servers that are looked up.
const MOST_MAIL_HOSTS: usize = 10;
/// Name servers that are looked up.
const MOST_NAME_SERVERS: usize = 8;
/// Records of one kind that are kept.
const MOST_RECORDS: usize = 20;

pub(crate) async fn probe(net: &Net, target: &Target) -> DnsEmailEvidence {
    let domain = target.domain.as_str();
    let (mx, spf, dmarc, dkim, caa, ns) = tokio::join!(
        mx(net, domain),
        spf(net, domain),
        dmarc(net, domain),
        dkim(net, domain),
        caa(net, domain),
        ns(net, domain),
    );
    DnsEmailEvidence { mx, spf, dmarc, dkim, caa, ns }
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
    if let [(_, name)] = records.as_slice()
        && name.is_empty()
    {
        return Ok(MxEvidence { hosts: Vec::new(), null: true });
    }
    records.retain(|(_, name)| !name.is_empty());
    let hosts = records.into_iter().take(MOST_MAIL_HOSTS).map(|(preference, name)| async move {
        let (v4, v6) =
            tokio::join!(net.lookup(&name, RecordType::A), net.lookup(&name, RecordType::AAAA));
        let alias = [&v4, &v6]
            .iter()
            .any(|answer| answer.as_ref().is_ok_and(|answer| !answer.aliases.is_empty()));
        let addresses = match (v4, v6) {
            (Ok(v4), Ok(v6)) => Ok(v4.records.len() + v6.records.len()),
            // One family alone proves that there is an address, not that there is none.
            (Ok(one), Err(missing)) | (Err(missing), Ok(one)) => match one.records.len() {
                0 => Err(missing),
                addresses => Ok(addresses),
            },
            (Err(missing), Err(_)) => Err(missing),
        };
        MailHost { preference, name, addresses, alias }
    });
    Ok(MxEvidence { hosts: join_all(hosts).await, null: false })
}

async fn spf(net: &Net, domain: &str) -> Seen<SpfEvidence> {
    let answer = net.lookup(domain, RecordType::TXT).await?;
    let mut texts: Vec<_> =
        answer.texts().into_iter().filter(|text| SpfRecord::is_spf(text)).collect();
    texts.truncate(MOST_RECORDS);
    let record = match texts.as_slice() {
        [text] => Some(SpfRecord::parse(text)),
        _ => None,
    };
    let ledger = match &record {
        Some(record) => walk::walk(net, domain, record).await,
        None => Default::default(),
    };
    Ok(SpfEvidence { texts, record, ledger })
}

/// The tree walk of RFC 9989, section 4.10: the domain itself, then its parents, at most eight
/// names; a domain of more than eight labels is shortened to seven in one step.
async fn dmarc(net: &Net, domain: &str) -> Seen<DmarcEvidence> {
    let labels: Vec<&str> = domain.split('.').collect();
    let mut evidence = DmarcEvidence::default();
    let mut inherited: Option<(String, Vec<String>)> = None;
    let mut start = 0;
    while start < labels.len() {
        let name = labels[start..].join(".");
        evidence.walked.push(name.clone());
        let answer = net.lookup(&format!("_dmarc.{name}"), RecordType::TXT).await?;
        let mut texts: Vec<_> =
            answer.texts().into_iter().filter(|text| DmarcRecord::is_dmarc(text)).collect();
        texts.truncate(MOST_RECORDS);
        if start == 0 && !texts.is_empty() {
            evidence.own = true;
            inherited = Some((name, texts));
            break;
        }
        if let [text] = texts.as_slice() {
            let ends = DmarcRecord::parse(text).public_suffix.is_some();
            inherited = Some((name, texts));
            if ends {
                break;
            }
        }
        start = match (start, labels.len()) {
            (0, 9..) => labels.len() - 7,
            _ => start + 1,
        };
    }
    if let Some((name, texts)) = inherited {
        if let [text] = texts.as_slice() {
            let record = DmarcRecord::parse(text);
            evidence.external = external_reports(net, &name, &record).await;
            evidence.record = Some(record);
        }
        evidence.found_at = Some(name);
        evidence.texts = texts;
    }
    Ok(evidence)
}

/// Asks each other domain that is to get reports whether it agreed (RFC 9990, section 4).
async fn external_reports(net: &Net, domain: &str, record: &DmarcRecord) -> Vec<ExternalReports> {
    let mut others: Vec<String> = record
        .aggregate
        .iter()
        .filter_map(|uri| uri.strip_prefix("mailto:")?.rsplit_once('@'))
        .map(|(_, host)| host.to_ascii_lowercase())
        .filter(|host| !same_organisation(host, domain))
        .collect();
    others.dedup();
    let asked = others.into_iter().take(4).map(|other| async move {
        let answer = net.lookup(&format!("{domain}._report._dmarc.{other}"), RecordType::TXT).await;
        let agreed =
            answer.map(|answer| answer.texts().iter().any(|text| DmarcRecord::is_dmarc(text)));
        ExternalReports { domain: other, agreed }
    });
    join_all(asked).await
}

/// Returns whether two names share a registrable domain.
fn same_organisation(left: &str, right: &str) -> bool {
    let registrable = |name: &str| psl::domain_str(name).map(str::to_owned);
    left == right || registrable(left).is_some_and(|domain| registrable(right) == Some(domain))
}

async fn dkim(net: &Net, domain: &str) -> Seen<DkimEvidence> {
    // A name nobody uses: what answers here answers everywhere.
    let canary =
        net.lookup(&format!("cl-no-such-selector._domainkey.{domain}"), RecordType::TXT).await?;
    if !canary.records.is_empty() {
        return Ok(DkimEvidence { keys: Vec::new(), tried: 0, wildcard: true });
    }
    let asked = SELECTORS.iter().map(|selector| async move {
        let name = format!("{selector}._domainkey.{domain}");
        let answer = net.lookup(&name, RecordType::TXT).await?;
        Ok::<_, Missing>(answer.texts().iter().find_map(|text| DkimKey::parse(selector, text)))
    });
    let answers = join_all(asked).await;
    let tried = answers.iter().filter(|answer| answer.is_ok()).count();
    match answers.iter().find_map(|answer| answer.as_ref().err()) {
        Some(missing) if tried < SELECTORS.len() / 2 => Err(missing.clone()),
        _ => {
            let keys = answers.into_iter().filter_map(Result::ok).flatten().collect();
            Ok(DkimEvidence { keys, tried, wildcard: false })
        }
    }
}

/// Climbs from the domain to the top-level domain until a name has CAA records (RFC 8659, section
/// 3). An alias is followed by the resolver.
async fn caa(net: &Net, domain: &str) -> Seen<CaaEvidence> {
    let mut name = domain;
    loop {
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
            .take(MOST_RECORDS)
            .collect();
        if !properties.is_empty() {
            return Ok(CaaEvidence { found_at: Some(name.to_owned()), properties });
        }
        match name.split_once('.') {
            Some((_, parent)) if parent.contains('.') => name = parent,
            _ => return Ok(CaaEvidence::default()),
        }
    }
}

/// Finds the zone the domain is in and its name servers.
async fn ns(net: &Net, domain: &str) -> Seen<NsEvidence> {
    let mut zone = domain;
    let names = loop {
        let answer = net.lookup(zone, RecordType::NS).await?;
        let names: Vec<String> = answer
            .records
            .iter()
            .filter_map(|data| match data {
                RData::NS(ns) => Some(plain(&ns.0.to_ascii())),
                _ => None,
            })
            .collect();
        match zone.split_once('.') {
            _ if !names.is_empty() => break names,
            Some((_, parent)) if parent.contains('.') => zone = parent,
            _ => break names,
        }
    };
    let servers = names.into_iter().take(MOST_NAME_SERVERS).map(|name| async move {
        let addresses = net.addresses(&name).await.map(|(allowed, refused)| {
            allowed.into_iter().chain(refused.into_iter().map(|(address, _)| address)).collect()
        });
        NameServer { name, addresses: addresses.unwrap_or_default() }
    });
    Ok(NsEvidence { zone: zone.to_owned(), servers: join_all(servers).await })
}

/// Returns a name in lower case without the trailing dot; the root becomes empty.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
