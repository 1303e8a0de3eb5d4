//! Tells a forgotten intermediate from an issuer nobody trusts: the issuer's certificate is fetched
//! from where the certificate below it says it is (RFC 5280, section 4.2.2.1), as browsers do, and
//! the path is built once more.
//!
//! What was fetched decides nothing unless it signed the certificate below. When nothing can be
//! fetched, [`trust`] has guessed, and that stands.

use rustls_pki_types::CertificateDer;
use x509_parser::prelude::*;

use super::certificate::CertificateFacts;
use super::revocation::{self, List};
use super::trust::{self, Trust};
use crate::net::Net;
use crate::net::takeover::{LATELY, Looked};

/// Issuers that are fetched, one above the other.
const MOST_FETCHES: usize = 3;
/// Octets of one.
const MOST_OCTETS: usize = 16 * 1024;
/// The access method of an issuer's certificate.
const ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// Returns what becomes of the trust in a chain, once its missing issuers are there.
pub(super) async fn climb(net: &Net, sent: &[CertificateDer<'_>], trust: Trust) -> Trust {
    if !matches!(trust, Trust::Incomplete(_) | Trust::Untrusted(_)) {
        return trust;
    }
    let mut chain: Vec<CertificateDer<'_>> = sent.to_vec();
    let mut last = trust;
    for _ in 0..MOST_FETCHES {
        let Some(next) = issuer_of_top(net, &chain).await else { break };
        chain.push(next);
        let facts: Vec<_> = chain.iter().filter_map(|der| CertificateFacts::read(der)).collect();
        last = trust::judge(&chain, &facts, net.roots(), net.now());
        if last == Trust::Trusted {
            return Trust::Incomplete(facts[sent.len()].subject.clone());
        }
    }
    last
}

/// Fetches the issuer of the certificate that the sent ones lead up to.
async fn issuer_of_top(net: &Net, chain: &[CertificateDer<'_>]) -> Option<CertificateDer<'static>> {
    let (url, top) = {
        let parsed: Vec<_> =
            chain.iter().filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1)).collect();
        let mut top = parsed.first()?;
        for _ in 0..parsed.len() {
            let above =
                parsed.iter().find(|other| issued(other, top) && !std::ptr::eq(*other, top));
            match above {
                Some(issuer) => top = issuer,
                None => break,
            }
        }
        // A root has no issuer but itself.
        let url =
            (top.subject() != top.issuer()).then(|| revocation::access_url(top, ISSUERS))??;
        let at = parsed.iter().position(|one| std::ptr::eq(one, top))?;
        (url, chain[at].clone().into_owned())
    };
    let der = fetched(net, url).await.ok()?;
    let (_, issuer) = X509Certificate::from_der(&der).ok()?;
    let (_, top) = X509Certificate::from_der(&top).ok()?;
    issued(&issuer, &top).then(|| CertificateDer::from(der.to_vec()))
}

/// Fetches from one place once for all scans of the engine.
async fn fetched(net: &Net, url: String) -> List {
    let place = url.clone();
    let looking = || async move {
        match revocation::fetch(net, &place, "the issuer's certificate", MOST_OCTETS).await {
            Ok(der) => Looked::Whole(Ok(der), LATELY),
            Err(missing) => Looked::Partly(Err(missing)),
        }
    };
    net.seen_lately().issuers.get(url, looking).await
}

fn issued(issuer: &X509Certificate<'_>, below: &X509Certificate<'_>) -> bool {
    issuer.subject().as_raw() == below.issuer().as_raw()
        && below.verify_signature(Some(issuer.public_key())).is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lab::{Authority, Dns, Lab, Page, Site, Web};
    use model::Timestamp;

    use super::*;
    use crate::net::Shared;
    use crate::settings::{PortTarget, Settings};

    #[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
    fn now() -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }

    /// Climbs from a leaf that came alone, where `page` is at the URL that it names.
    async fn climbed(authority: &Authority, roots: &[&Authority], page: Page) -> Trust {
        let chain =
            authority.issue_alone(&["example.com"], "http://ca.test/issuer.der").unwrap().chain;
        let web = Web::host("ca.test", Site::default().page("/issuer.der", page));
        let dns = Dns::default().record("ca.test", "A", "127.0.0.1");
        let lab = Lab::builder().dns(dns).http(web).start().await.unwrap();
        let mut settings = Settings {
            resolver: Some(lab.resolver),
            allow_private_networks: true,
            extra_roots: roots.iter().map(|authority| authority.root_der()).collect(),
            ..Settings::default()
        };
        let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
        settings.port_overrides.extend(ports);
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
        let facts: Vec<_> = chain.iter().map(|der| CertificateFacts::read(der).unwrap()).collect();
        let trust = trust::judge(&chain, &facts, net.roots(), net.now());
        climb(&net, &chain, trust).await
    }

    fn issuer(authority: &Authority) -> Page {
        Page::new(200).octets(&authority.intermediate_der())
    }

    #[tokio::test]
    async fn a_path_that_the_issuer_mends_is_incomplete() {
        let authority = Authority::generate().unwrap();
        let trust = climbed(&authority, &[&authority], issuer(&authority)).await;
        assert!(
            matches!(&trust, Trust::Incomplete(name) if name.contains("Intermediate")),
            "{trust:?}"
        );
    }

    #[tokio::test]
    async fn an_issuer_that_did_not_sign_mends_nothing() {
        let (authority, stranger) =
            (Authority::generate().unwrap(), Authority::generate().unwrap());
        let guessed = climbed(&authority, &[&stranger], Page::new(404)).await;
        assert_eq!(climbed(&authority, &[&stranger], issuer(&stranger)).await, guessed);
        assert_eq!(
            climbed(&authority, &[&authority], Page::new(200).body("<html>")).await,
            guessed
        );
    }

    #[tokio::test]
    async fn an_issuer_below_a_root_nobody_trusts_is_not_forgotten_but_untrusted() {
        let (authority, stranger) =
            (Authority::generate().unwrap(), Authority::generate().unwrap());
        let trust = climbed(&authority, &[&stranger], issuer(&authority)).await;
        assert!(matches!(&trust, Trust::Untrusted(_)), "{trust:?}");
    }
}
