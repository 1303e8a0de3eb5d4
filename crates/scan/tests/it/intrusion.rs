//! Attacks run where ownership is proven, and leave no trace in any other scan.

use lab::{Dns, Flaw, Lab, LegacyServer, Page, Site, Tls, Web};
use model::{DomainName, ModuleId, Report};
use scan::catalogue::catalogue;
use scan::ownership::Challenge;
use scan::{Engine, Order};

use super::{failed, module, now, settings};

const DOMAIN: &str = "shop.test";

/// Scans a server that has Heartbleed, in a task of its own as the server does.
async fn report(published: &str, intrusive: Option<Challenge>) -> Report {
    let dns = Dns::default().record(DOMAIN, "A", "127.0.0.1").record(
        "_compliancelayer.shop.test",
        "TXT",
        published,
    );
    let tls = Tls::Legacy(LegacyServer::flawed(&[DOMAIN], Flaw::Heartbleed));
    let web = Web::host(DOMAIN, Site::home(Page::new(200)));
    let lab = Lab::builder().dns(dns).https(tls, web).start().await.unwrap();
    let engine = Engine::new(settings(&lab)).unwrap();
    let domain = DomainName::parse(DOMAIN).unwrap();
    let order = Order { domain, modules: vec![ModuleId::SslTls], now: now(), intrusive };
    tokio::spawn(async move { engine.scan(&order, &|_| {}).await }).await.unwrap()
}

fn challenge() -> Challenge {
    Challenge::derive(b"secret", "1", &DomainName::parse(DOMAIN).unwrap())
}

/// Returns every intrusive check that a report names, whatever became of it.
fn intrusive(report: &Report) -> Vec<&str> {
    let tls = module(report, ModuleId::SslTls);
    let judged = tls.findings.iter().map(|it| &it.check).chain(&tls.passed);
    let others = tls.not_tested.iter().chain(&tls.not_applicable).map(|it| &it.check);
    let all = judged.chain(others).map(String::as_str);
    all.filter(|id| catalogue().any(|check| check.id == *id && check.intrusive)).collect()
}

#[tokio::test]
async fn a_proven_domain_is_attacked_and_the_flaw_decides_the_score() {
    let report = report(challenge().text(), Some(challenge())).await;
    assert!(failed(&report, ModuleId::SslTls).contains(&"tlsflaw.heartbleed"));
    assert_eq!(
        report.cap.as_ref().map(|cap| (cap.at, cap.by.as_str())),
        Some((34, "tlsflaw.heartbleed"))
    );
    let planned = catalogue().filter(|check| check.intrusive && check.topic() == "tlsflaw");
    assert_eq!(intrusive(&report).len(), planned.count());
    assert!(
        module(&report, ModuleId::SslTls)
            .not_tested
            .iter()
            .all(|it| !it.check.starts_with("tlsflaw."))
    );
}

#[tokio::test]
async fn nothing_else_is_attacked_nor_called_untested() {
    let safe = report(challenge().text(), None).await;
    let unproven = report("somebody else's", Some(challenge())).await;
    for report in [safe, unproven] {
        assert_eq!(intrusive(&report), [""; 0]);
        assert!(!report.coverage.is_incomplete());
        assert!(report.evidence["tls"]["intrusion"].is_null());
    }
}
