//! The probe against registries on loopback.

use std::sync::Arc;

use lab::{Dns, Lab, Page, Service, Site, Web};
use model::{DomainName, ModuleId, Timestamp};

use super::{WhoisEvidence, probe};
use crate::Target;
use crate::catalogue::find_module;
use crate::check::Missing;
use crate::evidence::Evidence;
use crate::judge;
use crate::net::{Net, Shared};
use crate::providers::Providers;
use crate::settings::{PortTarget, Settings};

const DENIC: (&str, &str) = ("de", "% IANA\nrefer: whois.denic.de\n");

fn json(domain: &str) -> String {
    format!(
        r#"{{"objectClassName": "domain", "ldhName": "{domain}", "status": ["server hold"],
        "events": [{{"eventAction": "expiration", "eventDate": "2035-03-01T00:00:00Z"}}]}}"#
    )
}

/// Asks about a domain where RDAP answers `page` and WHOIS servers these answers.
async fn probed(
    domain: &str,
    page: Option<Page>,
    answers: &[(&str, &str)],
) -> (WhoisEvidence, u32, u32) {
    let dns = Dns::default()
        .record("rdap.test", "A", "127.0.0.1")
        .record("whois.iana.org", "A", "127.0.0.1")
        .record("whois.denic.de", "A", "127.0.0.1");
    let rdap = page.is_some().then(|| "http://rdap.test/v1".to_owned());
    let site = page.map(|page| Site::default().anything(page)).unwrap_or_default();
    let lab = Lab::builder()
        .dns(dns)
        .http(Web::host("rdap.test", site))
        .service(43, Service::answers(answers))
        .start()
        .await
        .unwrap();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: ports.collect(),
        providers: Providers { rdap, ..Providers::default() },
        ..Settings::default()
    };
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(0));
    let target = Target { domain: DomainName::parse(domain).unwrap(), addresses: Vec::new() };
    let evidence = probe(&net, &target).await;
    let (connections, queries) = net.used();
    (evidence, connections, queries)
}

async fn reason(domain: &str, page: Option<Page>, answers: &[(&str, &str)]) -> String {
    probed(domain, page, answers).await.0.registration.unwrap_err().0
}

#[tokio::test]
async fn the_registrable_name_is_asked_for_and_the_answer_is_judged() {
    let page = Page::new(200).body(&json("shop.test"));
    let (whois, connections, _) = probed("www.shop.test", Some(page), &[]).await;
    assert_eq!((whois.domain.as_str(), connections), ("shop.test", 1));
    let evidence =
        Evidence { seen_at: Some(Timestamp(0)), whois: Some(whois), ..Evidence::default() };
    let report = judge::module(find_module(ModuleId::Whois), &evidence);
    let found: Vec<_> = report.findings.iter().map(|finding| finding.check.as_str()).collect();
    assert_eq!(
        found,
        [
            "registration.on-hold",
            "registration.no-transfer-lock",
            "registration.no-change-lock",
            "registration.no-registry-lock"
        ]
    );
}

#[tokio::test]
async fn an_rdap_server_that_fails_is_told() {
    for (page, wanted) in [
        (Page::new(404), "rdap.test does not know shop.test"),
        (Page::new(429), "rdap.test answers with status 429"),
        (
            Page::new(200).body(&json("other.test")),
            "rdap.test does not answer with a registration of shop.test",
        ),
        (
            Page::new(200).body("<html>"),
            "rdap.test does not answer with a registration of shop.test",
        ),
    ] {
        assert_eq!(reason("shop.test", Some(page), &[]).await, wanted);
    }
}

#[tokio::test]
async fn a_laboratory_without_a_registry_has_no_registration_and_is_asked_nothing() {
    let (whois, connections, queries) = probed("shop.test", None, &[]).await;
    let missing = whois.registration.unwrap_err().0;
    assert!(Missing::is_not_configured(&missing), "{missing}");
    assert!(missing.ends_with("no RDAP server is known for .test"), "{missing}");
    assert_eq!((connections, queries), (0, 0));
}

#[tokio::test]
async fn without_rdap_the_registry_is_asked_as_iana_says() {
    let answers = [DENIC, ("-T dn,ace shop.de", "Domain: shop.de\nStatus: connect\n")];
    let (whois, connections, _) = probed("www.shop.de", None, &answers).await;
    let registration = whois.registration.unwrap();
    assert_eq!(registration.server, "whois.denic.de");
    assert_eq!(registration.statuses, ["connect"]);
    assert_eq!(connections, 2);
}

#[tokio::test]
async fn what_whois_does_not_tell_is_missing() {
    let no_server = reason("shop.de", None, &[("de", "% nothing\n")]).await;
    assert!(Missing::is_not_configured(&no_server), "{no_server}");
    assert!(no_server.ends_with("no WHOIS server either"), "{no_server}");
    let free = [DENIC, ("-T dn,ace shop.de", "Domain: shop.de\nStatus: free\n")];
    let reason_of_free = reason("shop.de", None, &free).await;
    assert_eq!(reason_of_free, "whois.denic.de tells nothing about shop.de");
    let elsewhere = [("de", "refer: whois.absent.example\n")];
    assert!(reason("shop.de", None, &elsewhere).await.contains("has no address"));
    assert!(reason("co.uk", None, &[]).await.contains("public suffix"));
}

#[tokio::test]
async fn a_registry_that_never_ends_is_cut_off() {
    let flood = format!("Status: connect\n{}", "x".repeat(200_000));
    let answers = [DENIC, ("-T dn,ace shop.de", flood.as_str())];
    let registration = probed("shop.de", None, &answers).await.0.registration.unwrap();
    assert_eq!(registration.statuses, ["connect"]);
}
