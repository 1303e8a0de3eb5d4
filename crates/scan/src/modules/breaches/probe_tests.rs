//! The probe against a service on loopback and against files.

use std::sync::Arc;

use lab::{Dns, Lab, Page, Site, Web};
use model::{DomainName, ModuleId, ModuleStatus, Timestamp};

use super::{BreachSources, BreachesEvidence, probe};
use crate::Target;
use crate::catalogue::find_module;
use crate::evidence::Evidence;
use crate::judge;
use crate::net::{Net, Shared};
use crate::providers::Providers;
use crate::settings::{PortTarget, Settings};

const LIST: &str = r#"[{"Title": "The Shop", "Domain": "shop.test", "BreachDate": "1969-06-01",
    "DataClasses": ["Passwords"], "IsVerified": true}]"#;

async fn probed(breaches: BreachSources, page: Page) -> BreachesEvidence {
    let dns = Dns::default().record("hibp.test", "A", "127.0.0.1");
    let site = Site::default().page("/api/v3/breaches", page);
    let lab = Lab::builder().dns(dns).http(Web::host("hibp.test", site)).start().await.unwrap();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: ports.collect(),
        providers: Providers { breaches, ..Providers::default() },
        ..Settings::default()
    };
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(0));
    let domain = DomainName::parse("www.shop.test").unwrap();
    probe(&net, &Target { domain, addresses: Vec::new() }).await
}

fn service() -> BreachSources {
    BreachSources { url: Some("http://hibp.test".to_owned()), ..BreachSources::default() }
}

#[tokio::test]
async fn the_service_is_asked_about_the_registrable_name() {
    let evidence = probed(service(), Page::new(200).body(LIST)).await;
    let breaches = evidence.sources[0].as_ref().unwrap();
    assert_eq!(breaches[0].title, "The Shop");
    let evidence =
        Evidence { seen_at: Some(Timestamp(0)), breaches: Some(evidence), ..Evidence::default() };
    let report = judge::module(find_module(ModuleId::Breaches), &evidence);
    assert_eq!(report.findings[0].check, "breach.recent-passwords");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_told() {
    for (page, reason) in [
        (Page::new(401), "the provider hibp.test does not take the key"),
        (Page::new(429), "the provider hibp.test answers with status 429"),
        (Page::new(200).body("<html>"), "the provider hibp.test does not answer with breaches"),
    ] {
        let evidence = probed(service(), page).await;
        assert_eq!(evidence.sources[0].as_ref().unwrap_err().0, reason);
    }
}

#[tokio::test]
async fn a_file_is_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breaches.json");
    let file = || BreachSources { file: Some(path.clone()), ..BreachSources::default() };
    let seen = async || probed(file(), Page::new(404)).await.sources.remove(0);
    assert!(seen().await.unwrap_err().0.starts_with("`providers.breaches` cannot be read"));
    std::fs::write(&path, LIST).unwrap();
    assert_eq!(seen().await.unwrap().len(), 1);
    std::fs::write(&path, "nothing").unwrap();
    assert!(seen().await.unwrap_err().0.ends_with("it is no list of breaches"));
}

#[tokio::test]
async fn without_a_source_nothing_is_clean() {
    let breaches = Some(probed(BreachSources::default(), Page::new(404)).await);
    let evidence = Evidence { seen_at: Some(Timestamp(0)), breaches, ..Evidence::default() };
    let status = judge::module(find_module(ModuleId::Breaches), &evidence).status;
    let reason = "provider not configured (`providers.breaches`)".to_owned();
    assert_eq!(status, ModuleStatus::NotTested(reason));
}
