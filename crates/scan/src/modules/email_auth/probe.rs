//! Asks DNS about the mail servers and policies of a domain, then the servers and the policy host.

use std::time::Duration;

use futures_util::future::join_all;
use hickory_proto::rr::{RData, RecordType};
use tokio::time::{Instant, timeout_at};

use super::{Fetched, Logo, MailEvidence, Mark, MtaSts, Policy, bimi, mailaccess, server};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::modules::dns_email::dmarc;
use crate::modules::ssl_tls::judge_chain;
use crate::net::{HttpRequest, Net, NetError, Scheme};

/// How long the whole module may take.
const MODULE_TIMEOUT: Duration = Duration::from_secs(40);
/// Left of the scan's deadline, to keep what was seen.
const MARGIN: Duration = Duration::from_millis(300);
/// Mail servers that are looked at, and names that are kept.
const MOST_SERVERS: usize = 4;
const MOST_EXCHANGES: usize = 20;
/// Records of one kind that are kept; two are already one too many.
const MOST_RECORDS: usize = 3;
/// Octets of one record that are kept.
const LONGEST_RECORD: usize = 1_024;
/// Octets of a policy (RFC 8461, section 3.3).
const LONGEST_POLICY: usize = 64 * 1024;

pub(crate) async fn probe(net: &Net, target: &Target) -> MailEvidence {
    let until = (Instant::now() + MODULE_TIMEOUT).min(net.deadline() - MARGIN);
    let domain = target.domain.as_str();
    let exchanges = exchanges(net, domain).await;
    let names = exchanges.clone().unwrap_or_default();
    if exchanges.as_ref().is_ok_and(Vec::is_empty) {
        // No question arises, so none is asked.
        return unasked(domain, exchanges, &Missing("the domain takes no mail".to_owned()));
    }
    let access = mailaccess::look::look(net, domain, &names, until);
    let looking =
        names.iter().take(MOST_SERVERS).cloned().map(|name| server::look(net, name, until));
    let (servers, mta_sts, tls_rpt, (bimi, bimi_logo, bimi_mark), dmarc, access) = tokio::join!(
        join_all(looking),
        mta_sts(net, domain, until),
        records(net, format!("_smtp._tls.{domain}"), "v=TLSRPTv1"),
        brand(net, domain, until),
        dmarc::walk::walk(net, domain),
        access,
    );
    let enforced = dmarc.map(|dmarc| dmarc.is_enforced());
    MailEvidence {
        domain: domain.to_owned(),
        exchanges,
        servers,
        mta_sts,
        tls_rpt,
        bimi,
        bimi_logo,
        bimi_mark,
        enforced,
        access,
    }
}

fn unasked(domain: &str, exchanges: Seen<Vec<String>>, why: &Missing) -> MailEvidence {
    MailEvidence {
        domain: domain.to_owned(),
        exchanges,
        servers: Vec::new(),
        mta_sts: Err(why.clone()),
        tls_rpt: Err(why.clone()),
        bimi: Err(why.clone()),
        bimi_logo: None,
        bimi_mark: None,
        enforced: Err(why.clone()),
        access: Err(why.clone()),
    }
}

/// Returns the names of the mail servers in order of preference.
async fn exchanges(net: &Net, domain: &str) -> Seen<Vec<String>> {
    let answer = net.lookup(domain, RecordType::MX).await?;
    let mut records: Vec<(u16, String)> = answer
        .records
        .iter()
        .filter_map(|data| match data {
            RData::MX(mx) => {
                let name = mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase();
                Some((mx.preference, name))
            }
            _ => None,
        })
        .filter(|(_, name)| !name.is_empty())
        .collect();
    records.sort();
    let mut names: Vec<String> = Vec::new();
    for (_, name) in records {
        if !names.contains(&name) && names.len() < MOST_EXCHANGES {
            names.push(name);
        }
    }
    Ok(names)
}

/// Returns the TXT records of a name that are of one version.
async fn records(net: &Net, name: String, version: &str) -> Seen<Vec<String>> {
    let answer = net.lookup(&name, RecordType::TXT).await?;
    let is_wanted = |text: &String| {
        let first = text.split(';').next().unwrap_or_default();
        first.split_whitespace().collect::<String>().eq_ignore_ascii_case(version)
    };
    let mut wanted: Vec<String> = answer.texts().into_iter().filter(is_wanted).collect();
    wanted.truncate(MOST_RECORDS);
    if wanted.iter().any(|text| text.len() > LONGEST_RECORD) {
        return Err(Missing(format!("a record of {name} is longer than {LONGEST_RECORD} octets")));
    }
    Ok(wanted)
}

/// Asks for the BIMI records, and for the logo and the evidence that the only one names.
async fn brand(
    net: &Net,
    domain: &str,
    until: Instant,
) -> (Seen<Vec<String>>, Option<Seen<Logo>>, Option<Seen<Mark>>) {
    let records = records(net, format!("default._bimi.{domain}"), "v=BIMI1").await;
    let (logo, mark) = bimi::fetch(net, domain, &records, until).await;
    (records, logo, mark)
}

async fn mta_sts(net: &Net, domain: &str, until: Instant) -> Seen<MtaSts> {
    let records = records(net, format!("_mta-sts.{domain}"), "v=STSv1").await?;
    let fetched = match records.as_slice() {
        [_] => {
            let late = Err(Missing("the time for the policy host was over".to_owned()));
            Some(timeout_at(until, fetch(net, &format!("mta-sts.{domain}"))).await.unwrap_or(late))
        }
        _ => None,
    };
    Ok(MtaSts { records, fetched })
}

/// Fetches a policy, without redirects (RFC 8461, section 3.3).
async fn fetch(net: &Net, host: &str) -> Seen<Fetched> {
    let (allowed, refused) = net.addresses(host).await?;
    let address = match (allowed.first(), refused.first()) {
        (Some(address), _) => *address,
        (None, Some((address, reason))) => return Err(Missing(format!("{address} is {reason}"))),
        (None, None) => return Ok(Fetched::NoHost),
    };
    let request = HttpRequest {
        method: http::Method::GET,
        scheme: Scheme::Https,
        host,
        address,
        port: Scheme::Https.default_port(),
        path: "/.well-known/mta-sts.txt",
        headers: &[],
    };
    let (chain, response) = match net.https(&request).await {
        Ok(answered) => answered,
        Err(NetError::Refused) => {
            return Ok(Fetched::NoTls("refuses connections at port 443".to_owned()));
        }
        Err(NetError::Protocol(problem)) => return Ok(Fetched::NoTls(problem)),
        Err(error) => return Err(Missing(format!("{host}: {error}"))),
    };
    let response = response.map_err(|error| Missing(format!("{host}: {error}")))?;
    let mut policy = Policy::default();
    if response.status == 200 {
        policy = Policy::parse(&String::from_utf8_lossy(
            &response.body[..response.body.len().min(LONGEST_POLICY)],
        ));
        if response.body.len() > LONGEST_POLICY {
            policy.problem("the file is longer than 64 KiB");
        }
        let kind = response.header("content-type").unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/plain") {
            policy.problem("the `Content-Type` is not `text/plain`");
        }
    }
    let chain = judge_chain(net, host, &chain).await;
    Ok(Fetched::Answered { chain, status: response.status, policy })
}
