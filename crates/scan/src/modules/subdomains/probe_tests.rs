//! The probe against names on loopback.

use std::sync::Arc;

use lab::{Dns, DnsFault, Lab, Page, Site, Tls, Web};
use model::{DomainName, ModuleId, ModuleReport, Timestamp};

use super::{SubdomainsEvidence, probe};
use crate::Target;
use crate::catalogue::find_module;
use crate::evidence::Evidence;
use crate::judge;
use crate::net::{Net, Shared};
use crate::providers::Providers;
use crate::settings::{PortTarget, Settings};

const DOMAIN: &str = "shop.test";

fn world() -> Dns {
    Dns::default()
        .record(DOMAIN, "A", "127.0.0.1")
        .record("www.shop.test", "A", "127.0.0.1")
        .record("api.shop.test", "CNAME", "www.shop.test")
        .record("ct.test", "A", "127.0.0.1")
}

/// Returns what the probe saw and how many questions it asked.
async fn probed(dns: Dns, web: Web, transparency: Option<&str>) -> (SubdomainsEvidence, u32) {
    let certificate = Tls::modern(&[DOMAIN, "pay.shop.test", "*.shop.test", "shop.example"]);
    let lab =
        Lab::builder().dns(dns).http(web).https(certificate, Web::default()).start().await.unwrap();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: ports.collect(),
        providers: Providers {
            certificate_transparency: transparency.map(str::to_owned),
            ..Providers::default()
        },
        ..Settings::default()
    };
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(0));
    let addresses = vec!["127.0.0.1".parse().unwrap()];
    let target = Target { domain: DomainName::parse(DOMAIN).unwrap(), addresses };
    let evidence = probe(&net, &target).await;
    (evidence, net.used().1)
}

async fn names(dns: Dns) -> Vec<String> {
    let evidence = probed(dns, Web::default(), None).await.0;
    evidence.names.into_iter().map(|name| name.name).collect()
}

fn report(subdomains: SubdomainsEvidence) -> ModuleReport {
    let evidence = Evidence { subdomains: Some(subdomains), ..Evidence::default() };
    judge::module(find_module(ModuleId::Subdomains), &evidence)
}

async fn findings(dns: Dns, web: Web) -> Vec<(String, String)> {
    let report = report(probed(dns, web, None).await.0);
    report.findings.into_iter().map(|finding| (finding.check, finding.seen)).collect()
}

#[tokio::test]
async fn names_come_from_the_certificate_and_from_guesses_that_exist() {
    assert_eq!(names(world()).await, ["pay.shop.test", "www.shop.test", "api.shop.test"]);
}

#[tokio::test]
async fn the_questions_are_few() {
    let (_, queries) = probed(world(), Web::default(), None).await;
    assert!(queries <= 45 + 24, "{queries}");
}

#[tokio::test]
async fn nothing_is_wrong_with_a_sound_domain() {
    let report = report(probed(world(), Web::default(), None).await.0);
    assert_eq!((report.findings.len(), report.score), (0, Some(100)));
    let missing: Vec<_> = report.not_tested.iter().map(|missing| missing.check.as_str()).collect();
    assert_eq!(missing, ["subdomain.stale-name"], "no provider is configured");
}

#[tokio::test]
async fn a_look_alike_of_somebody_else_is_told_and_ones_own_is_not() {
    let dns = world()
        .record(DOMAIN, "NS", "ns.shop.test")
        .record("sh0p.test", "NS", "ns.other.test")
        .record("sh0p.test", "MX", "10 mx.other.test")
        .record("shp.test", "NS", "ns.other.test")
        .record("shp.test", "MX", "0 .")
        .record("shop.com", "NS", "ns.shop.test");
    let evidence = probed(dns, Web::default(), None).await.0;
    let seen = evidence.look_alikes.clone().unwrap().unwrap();
    let told: Vec<_> =
        seen.registered.iter().map(|it| (it.name.as_str(), it.takes_mail.clone())).collect();
    assert_eq!((seen.asked, told), (16, vec![("sh0p.test", Ok(true)), ("shp.test", Ok(false))]));
    let report = report(evidence);
    let failed: Vec<_> = report.findings.iter().map(|it| (it.check.as_str(), it.points)).collect();
    assert_eq!(failed, [("lookalike.registered", 0), ("lookalike.takes-mail", 0)]);
    assert_eq!(report.score, Some(100));
}

#[tokio::test]
async fn an_alias_to_nowhere_is_found() {
    let dns = world().record("blog.shop.test", "CNAME", "gone.example");
    assert_eq!(
        findings(dns, Web::default()).await,
        [(
            "takeover.dangling-alias".to_owned(),
            "blog.shop.test leads to gone.example, which does not exist".to_owned()
        )]
    );
}

#[tokio::test]
async fn a_service_that_knows_no_owner_is_found() {
    let dns = world().record("blog.shop.test", "CNAME", "shop.github.io").record(
        "shop.github.io",
        "A",
        "127.0.0.1",
    );
    let unclaimed = Page::new(404).body("<p>There isn't a GitHub Pages site here.</p>");
    let web = |page: Page| Web::host("blog.shop.test", Site::home(page));
    assert_eq!(
        findings(dns.clone(), web(unclaimed)).await,
        [(
            "takeover.unclaimed-service".to_owned(),
            "blog.shop.test leads to shop.github.io, where GitHub Pages knows no owner".to_owned()
        )]
    );
    assert_eq!(findings(dns, web(Page::new(200).body("A blog."))).await, []);
}

#[tokio::test]
async fn a_wildcard_is_told_and_makes_no_names() {
    let everywhere =
        |dns: Dns, label: &&str| dns.record(&format!("{label}.shop.test"), "A", "198.51.100.9");
    let all = ["cl-no-such-name", "dev", "vpn"].iter().fold(world(), everywhere);
    assert_eq!(names(all.clone()).await, ["pay.shop.test", "www.shop.test", "api.shop.test"]);
    assert_eq!(
        findings(all, Web::default()).await,
        [(
            "subdomain.wildcard".to_owned(),
            "a name that nobody uses leads to 198.51.100.9".to_owned()
        )]
    );
}

#[tokio::test]
async fn transparency_adds_names_and_tells_which_are_gone() {
    let json = r#"[{"name_value":"old.shop.test\nwww.shop.test"},{"name_value":"x.shop.test"}]"#;
    let web = Web::host("ct.test", Site::home(Page::new(200).body(json)));
    let dns = world().record("x.shop.test", "A", "127.0.0.1");
    let evidence = probed(dns, web, Some("http://ct.test/?q={domain}")).await.0;
    assert_eq!(evidence.transparency, Some(Ok(3)));
    let findings = report(evidence).findings;
    assert_eq!((findings.len(), findings[0].seen.as_str()), (1, "old.shop.test"));
}

#[tokio::test]
async fn a_provider_that_fails_is_told_and_stops_nothing() {
    for (url, reason) in [
        ("http://ct.test/", "the provider ct.test answers with status 404"),
        ("http://absent.test/", "the provider absent.test has no address"),
        ("ftp://ct.test/", "`providers.certificate_transparency` is not a URL"),
    ] {
        let evidence = probed(world(), Web::default(), Some(url)).await.0;
        assert_eq!(evidence.transparency.unwrap().unwrap_err().0, reason);
        assert_eq!(evidence.names.len(), 3, "{url}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_could_see_is_no_pass() {
    let dns = world().fault("pay.shop.test", DnsFault::ServFail);
    let report = report(probed(dns, Web::default(), None).await.0);
    let missing: Vec<_> = report.not_tested.iter().map(|missing| missing.check.as_str()).collect();
    assert!(missing.contains(&"takeover.dangling-alias"), "{missing:?}");
}
