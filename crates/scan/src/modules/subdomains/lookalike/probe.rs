use std::collections::BTreeSet;

use futures_util::future::join_all;
use hickory_proto::rr::{RData, RecordType};

use super::candidates::candidates;
use super::{LookAlike, LookAlikes};
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Questions of the whole scan after which the rest is left to checks of the domain itself.
const LEAVE_AT: u32 = 110;
/// Look-alikes whose mail servers are asked for, so that 24 questions are the most.
const MOST_MAIL: usize = 7;

/// Asks who has the look-alikes of a domain, with at most 24 questions.
pub(in crate::modules::subdomains) async fn probe(net: &Net, domain: &str) -> Seen<LookAlikes> {
    let domain = psl::domain_str(domain).unwrap_or(domain);
    let names = candidates(domain);
    if names.is_empty() {
        return Ok(LookAlikes::default());
    }
    if net.used().1 > LEAVE_AT {
        return Err(Missing("the scan's DNS questions are left for the domain itself".to_owned()));
    }
    let own = servers(net, domain).await?;
    let asked = names.iter().map(|name| async move { (name, servers(net, name).await) });
    let mut seen = LookAlikes { asked: names.len(), ..LookAlikes::default() };
    let mut theirs = Vec::new();
    for (name, answer) in join_all(asked).await {
        match answer {
            Ok(servers) if !servers.is_empty() && servers.is_disjoint(&own) => theirs.push(name),
            Ok(_) => {}
            Err(missing) => seen.unseen = Some(missing),
        }
    }
    let looked = theirs.into_iter().enumerate().map(|(index, name)| async move {
        let takes_mail = match index < MOST_MAIL {
            true => takes_mail(net, name).await,
            false => Err(Missing("not every look-alike was asked for mail servers".to_owned())),
        };
        LookAlike { name: name.clone(), takes_mail }
    });
    seen.registered = join_all(looked).await;
    Ok(seen)
}

/// Returns the name servers of a name; none when nobody has it.
async fn servers(net: &Net, name: &str) -> Seen<BTreeSet<String>> {
    let answer = net.lookup(name, RecordType::NS).await?;
    let names = answer.records.iter().filter_map(|record| match record {
        RData::NS(server) => Some(server.0.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
        _ => None,
    });
    Ok(names.collect())
}

async fn takes_mail(net: &Net, name: &str) -> Seen<bool> {
    let answer = net.lookup(name, RecordType::MX).await?;
    Ok(answer.records.iter().any(|record| match record {
        RData::MX(mx) => !mx.exchange.is_root(),
        _ => false,
    }))
}
