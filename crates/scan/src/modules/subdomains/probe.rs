//! Collects names below the domain, from certificates, usual names and what transparency logs hold, and
//! looks where each leads.

use std::collections::BTreeSet;
use std::net::IpAddr;

use futures_util::future::join_all;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, RecordType};
use http::Method;

use super::lookalike;
use super::service::Service;
use super::transparency::{self, is_below};
use super::usual_names::COMMON;
use super::{Place, Source, Subdomain, SubdomainsEvidence};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::modules::ssl_tls::certificate::CertificateFacts;
use crate::net::{HttpRequest, Net, Scheme, chain};

/// Names that are asked for.
const MOST_NAMES: usize = 50;
/// Aliases and addresses of one name that are kept.
const MOST_STEPS: usize = 4;
/// Pages behind aliases that are looked at.
const MOST_PAGES: usize = 6;
/// A name nobody uses: what answers here answers everywhere.
const NOBODY: &str = "cl-no-such-name";

/// Collects names and asks where each leads. Opens one connection to the domain's web server, for
/// its certificate, and one to each page behind an alias to a known service.
pub(crate) async fn probe(net: &Net, target: &Target) -> SubdomainsEvidence {
    let domain = target.domain.as_str();
    let nobody = format!("{NOBODY}.{domain}");
    let (certified, known, wildcard) =
        tokio::join!(certified(net, target), transparency::names(net, domain), place(net, &nobody));
    let transparency = known.as_ref().map(BTreeSet::len).map_err(Clone::clone);
    let (names, left_out) = choose(domain, certified, known.unwrap_or_default());
    let everywhere = wildcard.as_ref().ok().filter(|place| place.exists).cloned();
    let asked = names.into_iter().map(|(name, source)| async move {
        let place = place(net, &name).await;
        Subdomain { name, source, place, unclaimed: None }
    });
    let mut names = join_all(asked).await;
    names.retain(|name| match (&name.place, name.source) {
        // A guess that does not exist, or that only the wildcard answers for, is no name.
        (Ok(place), Source::Common) => {
            let leads = place.exists || !place.aliases.is_empty();
            leads && Some(place) != everywhere.as_ref()
        }
        _ => true,
    });
    look_behind(net, &mut names).await;
    // Last, so that it takes only the questions that nothing else needed.
    let look_alikes = lookalike::probe(net, domain).await;
    SubdomainsEvidence {
        names,
        left_out,
        wildcard: Some(wildcard),
        transparency: Some(transparency),
        look_alikes: Some(look_alikes),
    }
}

/// Returns the names of the web server's certificate.
async fn certified(net: &Net, target: &Target) -> Vec<String> {
    let Some(address) = target.addresses.first() else { return Vec::new() };
    let shaken = net.tls_http(*address, 443, target.domain.as_str()).await;
    let leaf = shaken.ok().and_then(|tls| CertificateFacts::read(tls.chain.first()?));
    leaf.map(|facts| facts.names).unwrap_or_default()
}

/// Joins the sources, the surest first, and says how many names there is no room for.
fn choose(
    domain: &str,
    certified: Vec<String>,
    known: BTreeSet<String>,
) -> (Vec<(String, Source)>, usize) {
    let certified =
        certified.into_iter().map(|name| (name.to_ascii_lowercase(), Source::Certificate));
    let known = known.into_iter().map(|name| (name, Source::Transparency));
    let common = COMMON.iter().map(|label| (format!("{label}.{domain}"), Source::Common));
    let mut seen = BTreeSet::new();
    let mut names: Vec<_> = certified
        .chain(known)
        .chain(common)
        .filter(|(name, _)| is_below(name, domain) && seen.insert(name.clone()))
        .collect();
    let left_out = names.iter().skip(MOST_NAMES).filter(|(_, source)| *source != Source::Common);
    let left_out = left_out.count();
    names.truncate(MOST_NAMES);
    (names, left_out)
}

/// Asks where a name leads. The whole answer is read, since an alias to a name that does not exist
/// comes with "no such name".
async fn place(net: &Net, name: &str) -> Seen<Place> {
    let mut asked = Name::from_ascii(name).map_err(|_| Missing(format!("`{name}` is no name")))?;
    asked.set_fqdn(true);
    let reply = net.signed(&asked, RecordType::A).await?;
    let mut place = Place {
        exists: reply.metadata.response_code != ResponseCode::NXDomain,
        ..Place::default()
    };
    let chain = chain(&asked, &reply.answers);
    for record in reply.answers.iter().filter(|record| chain.contains(&&record.name)) {
        match &record.data {
            RData::CNAME(alias) if place.aliases.len() < MOST_STEPS => {
                let alias = alias.0.to_ascii();
                place.aliases.push(alias.trim_end_matches('.').to_ascii_lowercase());
            }
            RData::A(a) if place.addresses.len() < MOST_STEPS => {
                place.addresses.push(IpAddr::V4(a.0));
            }
            _ => {}
        }
    }
    place.internal = place.addresses.iter().find_map(|address| {
        let reason = net.allows(*address).err()?;
        Some(format!("{address}, {reason}"))
    });
    Ok(place)
}

/// Looks at the pages behind aliases to services where names can be claimed.
async fn look_behind(net: &Net, names: &mut [Subdomain]) {
    let hosted = names.iter_mut().filter_map(|name| {
        let place = name.place.as_ref().ok()?;
        if place.aliases.iter().chain([&name.name]).any(|one| net.excludes(one)) {
            return None;
        }
        let service = place.aliases.iter().find_map(|alias| Service::of(alias))?;
        let address = *place.addresses.first()?;
        Some((name, service, address))
    });
    let looks = hosted.take(MOST_PAGES).map(|(name, service, address)| async move {
        let request = HttpRequest {
            method: Method::GET,
            scheme: Scheme::Http,
            host: &name.name,
            address,
            port: 80,
            path: "/",
            headers: &[],
        };
        let page =
            net.http(&request).await.map(|page| String::from_utf8_lossy(&page.body).into_owned());
        if page.is_ok_and(|page| page.contains(service.unclaimed)) {
            name.unclaimed = Some(service.name.to_owned());
        }
    });
    join_all(looks).await;
}
