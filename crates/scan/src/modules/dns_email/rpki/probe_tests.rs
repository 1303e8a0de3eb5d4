//! The probe against a zone and tables on loopback and in files.

use std::sync::Arc;

use lab::{Dns, DnsFault, Lab, Page, Site, Web};
use model::{DomainName, Timestamp};

use super::{RouteOrigins, RpkiEvidence, Validity};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::modules::dns_email;
use crate::net::{Net, Shared};
use crate::provider_file::ProviderFile;
use crate::providers::Providers;
use crate::settings::{PortTarget, Settings};

const EXPORT: &str = r#"{"metadata":{"buildtime":"2026-11-24T10:00:00Z"},"roas":[
    {"asn":"AS64500","prefix":"198.51.100.0/24","maxLength":24,"ta":"x"},
    {"asn":"AS64500","prefix":"2001:db8::/32","maxLength":32,"ta":"x"}]}"#;

fn world() -> Dns {
    Dns::default()
        .record("vrps.test", "A", "127.0.0.1")
        .record("shop.test", "MX", "10 mx.shop.test")
        .record("mx.shop.test", "A", "198.51.100.9")
        .record("mx.shop.test", "AAAA", "2001:db8::9")
        .record("shop.test", "NS", "ns.shop.test")
        .record("ns.shop.test", "A", "203.0.113.5")
        .record("1.100.51.198.o4.test", "TXT", "64500 | 198.51.100.0/24 | NL | ripencc |")
        .record("5.113.0.203.o4.test", "TXT", "64502 | 203.0.113.0/24 | NL | ripencc |")
        .record(
            "9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.o6.test",
            "TXT",
            "64501 | 2001:db8::/32 | NL | ripencc |",
        )
}

async fn probed(dns: Dns, rpki: Option<&str>, origins: &[&str]) -> Seen<RpkiEvidence> {
    let site = Site::default().page("/vrps.json", Page::new(200).body(EXPORT));
    let lab = Lab::builder().dns(dns).http(Web::host("vrps.test", site)).start().await.unwrap();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let providers = Providers {
        rpki: rpki.map(|text| ProviderFile::parse(text).unwrap()),
        route_origins: origins.iter().map(|text| RouteOrigins::parse(text).unwrap()).collect(),
        ..Providers::default()
    };
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: ports.collect(),
        providers,
        ..Settings::default()
    };
    let now = Timestamp::parse("2026-11-24T12:00:00Z").unwrap();
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now);
    let addresses = vec!["198.51.100.1".parse().unwrap()];
    let target = Target { domain: DomainName::parse("shop.test").unwrap(), addresses };
    dns_email::probe(&net, &target).await.rpki
}

const URL: Option<&str> = Some("http://vrps.test/vrps.json");
const ZONES: &[&str] = &["ipv4:o4.test", "ipv6:o6.test"];

fn told(evidence: &RpkiEvidence) -> Vec<(&str, Seen<&Validity>)> {
    let told = evidence.servers.iter().map(|server| {
        let route = server.route.as_ref().map(|route| &route.origins[0].1);
        (server.role.as_str(), route.map_err(Clone::clone))
    });
    told.collect()
}

#[tokio::test]
async fn every_server_is_judged_by_the_route_to_it() {
    let evidence = probed(world(), URL, ZONES).await.unwrap();
    let invalid = Validity::Invalid { allowed: vec!["AS64500 up to /32".to_owned()] };
    assert_eq!(
        told(&evidence),
        [
            ("the web server", Ok(&Validity::Valid)),
            ("the mail server mx.shop.test", Ok(&invalid)),
            ("the name server ns.shop.test", Ok(&Validity::NotFound)),
        ]
    );
}

#[tokio::test]
async fn a_table_of_routes_does_as_well_as_a_zone() {
    let folder = tempfile::tempdir().unwrap();
    let (routes, vrps) = (folder.path().join("routes.txt"), folder.path().join("vrps.json"));
    std::fs::write(&routes, "64500\t198.51.100.0/24\t300\n64500\t203.0.113.0/24\t300\n").unwrap();
    std::fs::write(&vrps, EXPORT).unwrap();
    let evidence = probed(world(), vrps.to_str(), &[routes.to_str().unwrap()]).await.unwrap();
    let unseen = Missing("no source knows a route to 2001:db8::9".to_owned());
    assert_eq!(
        told(&evidence),
        [
            ("the web server", Ok(&Validity::Valid)),
            ("the mail server mx.shop.test", Err(unseen)),
            ("the name server ns.shop.test", Ok(&Validity::NotFound)),
        ]
    );
}

#[tokio::test]
async fn without_providers_nothing_is_said() {
    for (rpki, origins, setting) in
        [(None, ZONES, "providers.rpki"), (URL, &[][..], "providers.route_origins")]
    {
        let missing = probed(world(), rpki, origins).await.unwrap_err();
        assert_eq!(missing, Missing::not_configured(setting));
    }
}

#[tokio::test]
async fn what_does_not_answer_is_not_seen() {
    let missing = probed(world(), Some("http://vrps.test/absent"), ZONES).await.unwrap_err();
    assert_eq!(missing.0, "the list vrps.test answers with status 404");
    let dns = world().fault("1.100.51.198.o4.test", DnsFault::ServFail);
    let evidence = probed(dns, URL, ZONES).await.unwrap();
    assert!(
        evidence.servers[0].route.as_ref().unwrap_err().0.contains("Server Failure"),
        "{evidence:?}"
    );
}
