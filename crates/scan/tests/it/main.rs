//! The engine against the lab: real sockets, real answers, nothing beyond loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod conduct;
mod demo;
mod hostile;
mod intrusion;
mod many;
mod ownership;
mod ssl_tls;
mod throttling;
mod web;

use std::collections::HashMap;
use std::time::Duration;

use lab::Lab;
use model::{DomainName, Finding, ModuleId, ModuleReport, Report, Timestamp};
use scan::{DnssecAnchors, Engine, Order, PortTarget, Providers, Settings};

/// Returns settings that take the lab for the internet.
fn settings(lab: &Lab) -> Settings {
    let anchor = lab.dnssec_anchor.as_deref();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    Settings {
        resolver: Some(lab.resolver),
        extra_roots: vec![lab.authority.root_der()],
        dnssec_anchors: anchor
            .map_or_else(DnssecAnchors::default, |line| DnssecAnchors::parse(line).unwrap()),
        allow_private_networks: true,
        deadline: Duration::from_secs(20),
        port_overrides: ports.collect::<HashMap<_, _>>(),
        providers: Providers { rdap: Some(lab::demo::RDAP_URL.to_owned()), ..Providers::default() },
        ..Settings::default()
    }
}

async fn scan(lab: &Lab, domain: &str, modules: &[ModuleId]) -> Report {
    scan_with(settings(lab), domain, modules).await
}

async fn scan_with(settings: Settings, domain: &str, modules: &[ModuleId]) -> Report {
    let order = Order {
        domain: DomainName::parse(domain).unwrap(),
        modules: modules.to_vec(),
        now: now(),
        intrusive: None,
    };
    Engine::new(settings).unwrap().scan(&order, &|_| {}).await
}

fn module(report: &Report, id: ModuleId) -> &ModuleReport {
    report.modules.iter().find(|module| module.id == id).expect("the module was planned")
}

/// Returns the ids of the failed checks of a module, sorted.
fn failed(report: &Report, id: ModuleId) -> Vec<&str> {
    let mut ids: Vec<_> =
        module(report, id).findings.iter().map(|finding| finding.check.as_str()).collect();
    ids.sort_unstable();
    ids
}

fn finding<'r>(report: &'r Report, check: &str) -> &'r Finding {
    let mut findings = report.findings().filter(|(_, finding)| finding.check == check);
    findings.next().unwrap_or_else(|| panic!("{check} is no finding")).1
}

#[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}
