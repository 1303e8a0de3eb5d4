//! Whether the issuer has taken a certificate back: the list that the certificate names is fetched
//! and read (RFC 5280, section 5).
//!
//! Public authorities have to publish lists since 2024, and OCSP went out of use (ballot SC-063), so
//! it is not asked. A list counts when the issuer signed it, it is in date, and it is the one the
//! certificate names; whatever else comes back is not seen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use http::{Method, Uri};
use model::{SECOND_MS, Timestamp};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use x509_parser::prelude::*;

use crate::check::{Missing, Seen};
use crate::net::{HttpRequest, Net, Scheme};

/// Octets of a list that are read: the lists of large authorities have a megabyte or two.
const MOST_OCTETS: usize = 4 * 1024 * 1024;
/// Distribution points and names of one that are looked at.
const MOST_POINTS: usize = 4;
/// The access method of OCSP (RFC 5280, section 4.2.2.1).
const OCSP: &str = "1.3.6.1.5.5.7.48.1";

/// What the issuer says about a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// The issuer's list does not hold it.
    Unlisted,
    /// Since when, and the reason when one is given (RFC 5280, section 5.3.1).
    Revoked { since: Timestamp, reason: Option<String> },
    /// The certificate names no place to ask, as one that lives for days need not.
    NoSource,
}

type List = Seen<Arc<Vec<u8>>>;

/// The lists that were fetched in one scan, by URL.
#[derive(Default)]
pub(super) struct Lists(Mutex<HashMap<String, Arc<OnceCell<List>>>>);

impl Lists {
    async fn get(&self, net: &Net, url: &str) -> List {
        let cell = {
            let mut lists = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
            Arc::clone(lists.entry(url.to_owned()).or_default())
        };
        cell.get_or_init(|| fetch(net, url)).await.clone()
    }
}

/// Looks up the leaf of a chain.
pub(super) async fn look_up(
    net: &Net,
    lists: &Lists,
    sent: &[CertificateDer<'_>],
) -> Seen<Revocation> {
    let unreadable = || Missing("the certificate cannot be read".to_owned());
    let leaf = sent.first().ok_or_else(unreadable)?;
    let url = {
        let (_, leaf) = X509Certificate::from_der(leaf).map_err(|_| unreadable())?;
        match list_url(&leaf) {
            Some(url) => url,
            None if names_ocsp(&leaf) => {
                let why = "the certificate names OCSP alone, which is not asked";
                return Err(Missing(why.to_owned()));
            }
            None => return Ok(Revocation::NoSource),
        }
    };
    let list = lists.get(net, &url).await?;
    read(&list, sent, &url, net.now())
}

/// Returns the first URL in the clear of the certificate's lists; a list is signed, so that nobody
/// has to trust the way it comes.
fn list_url(certificate: &X509Certificate<'_>) -> Option<String> {
    let points = certificate.extensions().iter().find_map(|extension| {
        match extension.parsed_extension() {
            ParsedExtension::CRLDistributionPoints(points) => Some(points),
            _ => None,
        }
    })?;
    let names =
        points.iter().take(MOST_POINTS).filter_map(|point| full_name(&point.distribution_point));
    let mut urls = names.flat_map(|names| urls(names));
    urls.find(|url| url.starts_with("http://")).map(str::to_owned)
}

fn full_name<'a, 'c>(
    point: &'a Option<DistributionPointName<'c>>,
) -> Option<&'a [GeneralName<'c>]> {
    match point {
        Some(DistributionPointName::FullName(names)) => Some(names),
        _ => None,
    }
}

fn urls<'a>(names: &'a [GeneralName<'_>]) -> impl Iterator<Item = &'a str> {
    names.iter().take(MOST_POINTS).filter_map(|name| match name {
        GeneralName::URI(url) => Some(*url),
        _ => None,
    })
}

fn names_ocsp(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => {
            access.iter().any(|place| place.access_method.to_id_string() == OCSP)
        }
        _ => false,
    })
}

async fn fetch(net: &Net, url: &str) -> List {
    let unusable = || Missing("the URL of the revocation list cannot be used".to_owned());
    let uri: Uri = url.parse().map_err(|_| unusable())?;
    let host = uri.host().ok_or_else(unusable)?;
    if uri.port_u16().is_some_and(|port| port != 80) {
        return Err(unusable());
    }
    let (addresses, _) = net.addresses(host).await?;
    let address = *addresses
        .first()
        .ok_or_else(|| Missing(format!("{host}, which has the revocation list, has no address")))?;
    let request = HttpRequest {
        method: Method::GET,
        scheme: Scheme::Http,
        host,
        address,
        port: 80,
        path: uri.path_and_query().map_or("/", |path| path.as_str()),
        headers: &[],
    };
    let response = net.http_up_to(&request, MOST_OCTETS).await;
    let response =
        response.map_err(|error| Missing(format!("the revocation list at {host}: {error}")))?;
    match (response.status, response.truncated) {
        (200, false) => Ok(Arc::new(response.body)),
        (200, true) => {
            Err(Missing(format!("the revocation list at {host} was not read to its end")))
        }
        (status, _) => Err(Missing(format!("the revocation list at {host}: status {status}"))),
    }
}

/// Looks for the leaf in a list.
pub(crate) fn read(
    list: &[u8],
    sent: &[CertificateDer<'_>],
    url: &str,
    now: Timestamp,
) -> Seen<Revocation> {
    let missing = |what: &str| Missing(what.to_owned());
    let parsed: Vec<_> = sent
        .iter()
        .filter_map(|der| X509Certificate::from_der(der).ok().map(|(_, certificate)| certificate))
        .collect();
    let leaf = parsed.first().ok_or_else(|| missing("the certificate cannot be read"))?;
    let (_, list) = CertificateRevocationList::from_der(list)
        .map_err(|_| missing("what is at the URL of the revocation list is none"))?;
    let signs = |issuer: &&X509Certificate<'_>| {
        issuer.subject().as_raw() == leaf.issuer().as_raw()
            && list.verify_signature(issuer.public_key()).is_ok()
    };
    if list.issuer().as_raw() != leaf.issuer().as_raw()
        || !parsed.iter().skip(1).any(|one| signs(&one))
    {
        return Err(missing("the revocation list is not known to be the issuer's"));
    }
    let serial = without_zeros(leaf.raw_serial());
    let entry =
        list.iter_revoked_certificates().find(|entry| without_zeros(entry.raw_serial()) == serial);
    if let Some(entry) = entry {
        let since = Timestamp(entry.revocation_date.timestamp().saturating_mul(SECOND_MS));
        let reason = entry.reason_code().map(|(_, reason)| reason.to_string());
        return Ok(Revocation::Revoked { since, reason });
    }
    // What is not in an old list, or in one for other certificates, may be revoked all the same.
    let next = list.next_update().map(|next| next.timestamp().saturating_mul(SECOND_MS));
    if next.is_none_or(|next| next < now.0) {
        return Err(missing("the revocation list is out of date"));
    }
    match covers(&list, url) {
        true => Ok(Revocation::Unlisted),
        false => Err(missing("the revocation list is for other certificates")),
    }
}

/// Says whether a list holds the certificates that name its URL, and those of servers (RFC 5280,
/// section 5.2.5).
fn covers(list: &CertificateRevocationList<'_>, url: &str) -> bool {
    list.extensions().iter().all(|extension| match extension.parsed_extension() {
        ParsedExtension::IssuingDistributionPoint(scope) => {
            let here = match full_name(&scope.distribution_point) {
                Some(names) => urls(names).any(|known| known == url),
                None => scope.distribution_point.is_none(),
            };
            here && !scope.only_contains_ca_certs
                && !scope.only_contains_attribute_certs
                && scope.only_some_reasons.is_none()
        }
        _ => true,
    })
}

fn without_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    &serial[zeros..]
}

#[cfg(test)]
mod tests {
    use lab::{Authority, Dns, Lab, Page, Site, Web};

    use super::*;
    use crate::net::Shared;
    use crate::settings::{PortTarget, Settings};

    const URL: &str = "http://crl.test/lab.crl";

    #[expect(clippy::disallowed_methods, reason = "the lab's lists are valid today")]
    fn now() -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }

    /// Looks up a certificate with the serial number 7 while the list's URL serves a page.
    async fn looked_up(authority: &Authority, page: Page) -> Seen<Revocation> {
        let lab = Lab::builder()
            .dns(Dns::default().record("crl.test", "A", "127.0.0.1"))
            .http(Web::host("crl.test", Site::default().page("/lab.crl", page)))
            .start()
            .await
            .unwrap();
        let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
        let settings = Settings {
            resolver: Some(lab.resolver),
            allow_private_networks: true,
            port_overrides: ports.collect(),
            ..Settings::default()
        };
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
        let chain = authority.issue_listed(&["example.com"], 7, URL).unwrap().chain;
        look_up(&net, &Lists::default(), &chain).await
    }

    async fn listed(serials: &[u64], scope: Option<&str>) -> Seen<Revocation> {
        let authority = Authority::generate().unwrap();
        let list = authority.revocation_list(serials, scope).unwrap();
        looked_up(&authority, Page::new(200).octets(&list)).await
    }

    #[tokio::test]
    async fn a_list_tells_who_is_revoked() {
        let revoked = listed(&[5, 7], Some(URL)).await.unwrap();
        assert!(
            matches!(&revoked, Revocation::Revoked { reason: Some(reason), .. } if reason == "KeyCompromise"),
            "{revoked:?}"
        );
        assert_eq!(listed(&[5, 8], Some(URL)).await, Ok(Revocation::Unlisted));
        assert_eq!(listed(&[], None).await, Ok(Revocation::Unlisted));
    }

    #[tokio::test]
    async fn a_list_that_is_not_for_us_clears_nobody() {
        let other = listed(&[5], Some("http://crl.test/other.crl")).await.unwrap_err();
        assert_eq!(other.0, "the revocation list is for other certificates");
        let authority = Authority::generate().unwrap();
        let forged = Authority::generate().unwrap().revocation_list(&[5], None).unwrap();
        let forged = looked_up(&authority, Page::new(200).octets(&forged)).await.unwrap_err();
        assert_eq!(forged.0, "the revocation list is not known to be the issuer's");
        let html = looked_up(&authority, Page::new(200).body("<html>")).await.unwrap_err();
        assert_eq!(html.0, "what is at the URL of the revocation list is none");
        let gone = looked_up(&authority, Page::new(404)).await.unwrap_err();
        assert_eq!(gone.0, "the revocation list at crl.test: status 404");
    }

    #[tokio::test]
    async fn an_old_list_clears_nobody_but_still_accuses() {
        let authority = Authority::generate().unwrap();
        let chain = authority.issue_listed(&["example.com"], 7, URL).unwrap().chain;
        let later = now().plus_ms(30 * model::DAY_MS);
        let read = |serials: &[u64]| {
            read(&authority.revocation_list(serials, None).unwrap(), &chain, URL, later)
        };
        assert_eq!(read(&[5]).unwrap_err().0, "the revocation list is out of date");
        assert!(matches!(read(&[7]), Ok(Revocation::Revoked { .. })));
    }

    #[tokio::test]
    async fn a_certificate_without_a_list_is_not_asked_about() {
        let settings =
            Settings { resolver: Some(([127, 0, 0, 1], 9).into()), ..Settings::default() };
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
        let chain = Authority::generate().unwrap();
        let chain = chain.issue(&["example.com"], lab::Chain::Good).unwrap().chain;
        assert_eq!(look_up(&net, &Lists::default(), &chain).await, Ok(Revocation::NoSource));
        assert_eq!(net.used(), (0, 0));
    }
}
