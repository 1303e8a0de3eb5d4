//! Whether the issuer has taken a certificate back: the responder that the certificate names is
//! asked ([`ocsp`]), and where it names none or none answers, the list that it names is fetched and
//! read (RFC 5280, section 5). Since 2024 authorities have to publish lists, responders need not be
//! (ballot SC-063).
//!
//! A list counts when the issuer signed it, it is in date, and it is the one the certificate names;
//! whatever else comes back is not seen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use http::{Method, Uri};
use model::{SECOND_MS, Timestamp};
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use x509_parser::prelude::*;

use super::ocsp::{self, Status};
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
    /// The issuer's responder says that it is good.
    Good,
    /// Since when, and the reason when one is given (RFC 5280, section 5.3.1).
    Revoked { since: Timestamp, reason: Option<String> },
    /// The certificate names no place to ask, as one that lives for days need not.
    NoSource,
}

pub(super) type List = Seen<Arc<Vec<u8>>>;

/// What was fetched from authorities in one scan, by URL.
#[derive(Default)]
pub(super) struct Lists(Mutex<HashMap<String, Arc<OnceCell<List>>>>);

impl Lists {
    async fn get(&self, net: &Net, url: &str, what: &str, most_octets: usize) -> List {
        let cell = {
            let mut lists = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
            Arc::clone(lists.entry(url.to_owned()).or_default())
        };
        cell.get_or_init(|| fetch(net, url, what, most_octets)).await.clone()
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
    let (responder, list) = {
        let (_, leaf) = X509Certificate::from_der(leaf).map_err(|_| unreadable())?;
        (responder_url(&leaf), list_url(&leaf))
    };
    let asked = match &responder {
        Some(responder) => Some(ask(net, lists, responder, sent).await),
        None => None,
    };
    match (asked, list) {
        (Some(Ok(answer)), _) => Ok(answer),
        (Some(Err(missing)), None) => Err(missing),
        (None, None) => Ok(Revocation::NoSource),
        (_, Some(url)) => {
            let list = lists.get(net, &url, "the revocation list", MOST_OCTETS).await?;
            read(&list, sent, &url, net.now())
        }
    }
}

/// Asks the issuer's responder about the leaf.
async fn ask(
    net: &Net,
    lists: &Lists,
    responder: &str,
    sent: &[CertificateDer<'_>],
) -> Seen<Revocation> {
    let url = ocsp::url(responder, sent)?;
    let response = lists.get(net, &url, "the OCSP response", ocsp::MOST_OCTETS).await?;
    match ocsp::read(&response, sent, net.now())? {
        Status::Good => Ok(Revocation::Good),
        Status::Revoked { since, reason } => Ok(Revocation::Revoked { since, reason }),
        Status::Unknown => {
            Err(Missing("the OCSP responder does not know the certificate".to_owned()))
        }
    }
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

/// Returns the first URL in the clear of the certificate's OCSP responders.
pub(super) fn responder_url(certificate: &X509Certificate<'_>) -> Option<String> {
    access_url(certificate, OCSP)
}

/// Returns the first URL in the clear of the places of the issuer's that a certificate names for an
/// access method (RFC 5280, section 4.2.2.1).
pub(super) fn access_url(certificate: &X509Certificate<'_>, method: &str) -> Option<String> {
    let access = certificate.extensions().iter().find_map(|extension| {
        match extension.parsed_extension() {
            ParsedExtension::AuthorityInfoAccess(access) => Some(access),
            _ => None,
        }
    })?;
    let mut urls =
        access.iter().take(MOST_POINTS).filter_map(|place| match place.access_location {
            GeneralName::URI(url) if place.access_method.to_id_string() == method => Some(url),
            _ => None,
        });
    urls.find(|url| url.starts_with("http://")).map(str::to_owned)
}

/// Fetches what an authority signed, of which `what` says what it is.
pub(super) async fn fetch(net: &Net, url: &str, what: &str, most_octets: usize) -> List {
    let unusable = || Missing(format!("the URL of {what} cannot be used"));
    let uri: Uri = url.parse().map_err(|_| unusable())?;
    let host = uri.host().ok_or_else(unusable)?;
    if uri.port_u16().is_some_and(|port| port != 80) {
        return Err(unusable());
    }
    let (addresses, _) = net.addresses(host).await?;
    let address = *addresses
        .first()
        .ok_or_else(|| Missing(format!("{host}, which has {what}, has no address")))?;
    let request = HttpRequest {
        method: Method::GET,
        scheme: Scheme::Http,
        host,
        address,
        port: 80,
        path: uri.path_and_query().map_or("/", |path| path.as_str()),
        headers: &[],
    };
    let response = net.http_up_to(&request, most_octets).await;
    let response = response.map_err(|error| Missing(format!("{what} at {host}: {error}")))?;
    match (response.status, response.truncated) {
        (200, false) => Ok(Arc::new(response.body)),
        (200, true) => Err(Missing(format!("{what} at {host} was not read to its end"))),
        (status, _) => Err(Missing(format!("{what} at {host}: status {status}"))),
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
    use lab::{Authority, Dns, Lab, OcspSigner, OcspStatus, Page, Site, Web};

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
        let chain = authority.issue_listed(&["example.com"], 7, URL).unwrap().chain;
        look_up_at(Web::host("crl.test", Site::default().page("/lab.crl", page)), &chain).await
    }

    /// Looks up the leaf of a chain while an authority serves something.
    async fn look_up_at(web: Web, chain: &[CertificateDer<'_>]) -> Seen<Revocation> {
        let dns = Dns::default().record("crl.test", "A", "127.0.0.1").record(
            "ocsp.test",
            "A",
            "127.0.0.1",
        );
        let lab = Lab::builder().dns(dns).http(web).start().await.unwrap();
        let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
        let settings = Settings {
            resolver: Some(lab.resolver),
            allow_private_networks: true,
            port_overrides: ports.collect(),
            ..Settings::default()
        };
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
        look_up(&net, &Lists::default(), chain).await
    }

    /// Looks up a certificate that names a responder, and a list of nobody when there is one.
    async fn asked(
        list: Option<&str>,
        answer: impl Fn(&[u8], &Authority) -> Page,
    ) -> Seen<Revocation> {
        let authority = Authority::generate().unwrap();
        let issued = authority.issue_asked(&["example.com"], "http://ocsp.test", list).unwrap();
        let url = ocsp::url("http://ocsp.test", &issued.chain).unwrap();
        let path = url.strip_prefix("http://ocsp.test").unwrap();
        let page = answer(&ocsp::cert_id_of(&issued.chain), &authority);
        let list = Page::new(200).octets(&authority.revocation_list(&[5], None).unwrap());
        let web = Web::host("ocsp.test", Site::default().page(path, page))
            .and_host("crl.test", Site::default().page("/lab.crl", list));
        look_up_at(web, &issued.chain).await
    }

    #[tokio::test]
    async fn a_responder_is_asked_where_there_is_one() {
        let says = |status: OcspStatus| {
            move |id: &[u8], authority: &Authority| {
                let response = authority.ocsp_response(id, status, OcspSigner::Delegate).unwrap();
                Page::new(200).octets(&response)
            }
        };
        assert_eq!(asked(None, says(OcspStatus::Good)).await, Ok(Revocation::Good));
        let revoked = asked(Some(URL), says(OcspStatus::Revoked)).await;
        assert!(matches!(revoked, Ok(Revocation::Revoked { .. })), "{revoked:?}");
        let unknown = asked(None, says(OcspStatus::Unknown)).await.unwrap_err();
        assert_eq!(unknown.0, "the OCSP responder does not know the certificate");
    }

    #[tokio::test]
    async fn the_list_decides_when_no_responder_answers() {
        let gone = |_: &[u8], _: &Authority| Page::new(503);
        assert_eq!(asked(Some(URL), gone).await, Ok(Revocation::Unlisted));
        let unseen = asked(None, gone).await.unwrap_err();
        assert_eq!(unseen.0, "the OCSP response at ocsp.test: status 503");
        let neither = asked(Some("http://crl.test/gone"), gone).await.unwrap_err();
        assert_eq!(neither.0, "the revocation list at crl.test: status 404");
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
