//! Many scans of one engine at once: each comes out as it would have alone.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use lab::{Dns, DnsFault, Lab, Mail, Page, Site, Tls, Web};
use model::{DomainName, Report};
use scan::{Engine, Order, Settings};

use super::{now, settings};

const DOMAINS: usize = 16;

fn domain(number: usize) -> String {
    format!("d{number}.test")
}

/// Serves domains that have one provider for mail and names.
async fn start(change: impl FnOnce(Dns) -> Dns) -> Lab {
    let mut dns = Dns::default().record("mx.provider.test", "A", "127.0.1.1").record(
        "ns.provider.test",
        "A",
        "127.0.1.2",
    );
    let (mut http, mut https) = (Web::default(), Web::default());
    for number in 0..DOMAINS {
        let name = domain(number);
        dns = dns
            .record(&name, "A", &format!("127.0.2.{}", number / 4 + 1))
            .record(&name, "NS", "ns.provider.test")
            .record(&name, "MX", "10 mx.provider.test")
            .record(&name, "TXT", "v=spf1 mx -all");
        let to = Page::redirect(301, &format!("https://{name}/"));
        http = http.and_host(&name, Site::default().anything(to));
        https = https.and_host(&name, Site::home(Page::new(200).body("<title>One</title>")));
    }
    Lab::builder()
        .dns(change(dns).sign(".").sign("test"))
        .name_server()
        .http(http)
        .https(Tls::modern(&["*.test"]), https)
        .smtp(Mail::StartTls(Tls::modern(&["mx.provider.test"])))
        .start()
        .await
        .unwrap()
}

async fn scan(engine: &Engine, domain: &str) -> Report {
    let order = Order {
        domain: DomainName::parse(domain).unwrap(),
        modules: Vec::new(),
        now: now(),
        intrusive: None,
    };
    engine.scan(&order, &|_| {}).await
}

/// Returns what was judged, and how.
fn verdicts(report: &Report) -> Vec<(&str, Vec<&str>)> {
    let mut verdicts = Vec::new();
    for module in &report.modules {
        let found = module.findings.iter().map(|finding| finding.check.as_str());
        let passed = module.passed.iter().map(String::as_str);
        let untested = module.not_tested.iter().map(|untested| untested.check.as_str());
        verdicts.push(("found", found.collect()));
        verdicts.push(("passed", passed.collect()));
        verdicts.push(("not tested", untested.collect()));
    }
    verdicts
}

fn mail_server(report: &Report) -> &serde_json::Value {
    &report.evidence["mail"]["servers"][0]
}

#[tokio::test]
async fn many_domains_at_once_are_judged_as_each_alone() {
    let lab = start(|dns| dns).await;
    let patient = Settings { deadline: Duration::from_secs(120), sockets: 64, ..settings(&lab) };
    let alone = scan(&Engine::new(patient.clone()).unwrap(), &domain(0)).await;
    assert!(!alone.coverage.is_incomplete());
    let engine = Engine::new(patient).unwrap();
    let names: Vec<String> = (0..DOMAINS).map(domain).collect();
    let reports = join_all(names.iter().map(|name| scan(&engine, name))).await;
    for report in &reports {
        assert_eq!(verdicts(report), verdicts(&alone), "{}", report.domain);
        assert_eq!(report.score, alone.score, "{}", report.domain);
        assert_eq!(mail_server(report), mail_server(&alone), "{}", report.domain);
    }
    let opened: u32 = reports.iter().map(|report| report.scope.connections).sum();
    let each = alone.scope.connections * u32::try_from(DOMAINS).unwrap();
    assert!(opened < each * 9 / 10, "{opened} of {each}: servers in common are looked at once");
}

#[tokio::test]
async fn a_scan_waits_for_its_turn_and_its_time_begins_then() {
    let lab = start(|dns| {
        dns.record("slow.test", "A", "127.0.3.1")
            .fault("_dmarc.slow.test", DnsFault::Slow(Duration::from_secs(60)))
    })
    .await;
    let one_at_a_time =
        Settings { deadline: Duration::from_secs(8), sockets: 16, ..settings(&lab) };
    let engine = Engine::new(one_at_a_time).unwrap();
    let began = Instant::now();
    let (_, report) = tokio::join!(scan(&engine, "slow.test"), scan(&engine, "d0.test"));
    assert!(!report.coverage.is_incomplete(), "{:?}", report.modules);
    let waited = began.elapsed() - Duration::from_millis(report.duration_ms);
    assert!(waited > Duration::from_secs(4), "it waited for {waited:?} only");
}

#[tokio::test]
async fn who_cannot_wait_for_a_turn_is_told_that_there_is_none() {
    let lab = start(|dns| {
        dns.record("slow.test", "A", "127.0.3.1")
            .fault("_dmarc.slow.test", DnsFault::Slow(Duration::from_secs(60)))
    })
    .await;
    let one_at_a_time =
        Settings { deadline: Duration::from_secs(4), sockets: 16, ..settings(&lab) };
    let engine = Engine::new(one_at_a_time).unwrap();
    let order = Order {
        domain: DomainName::parse("d0.test").unwrap(),
        modules: vec![model::ModuleId::DnsEmail],
        now: now(),
        intrusive: None,
    };
    let soon = async |patience| engine.scan_soon(patience, &order, &|_| {}).await;
    let hasty = async {
        // The other begins first, since it is polled first.
        soon(Duration::from_millis(100)).await
    };
    let (_, none) = tokio::join!(scan(&engine, "slow.test"), hasty);
    assert!(none.is_none());
    assert!(soon(Duration::from_millis(100)).await.is_some(), "now there is one");
}

#[tokio::test]
async fn own_names_are_asked_anew_and_those_of_providers_taken_over() {
    let lab = start(|dns| {
        dns.fault("d0.test", DnsFault::Rebinds).fault("mx.provider.test", DnsFault::Rebinds)
    })
    .await;
    let engine = Engine::new(settings(&lab)).unwrap();
    let first = scan(&engine, "d0.test").await;
    let second = scan(&engine, "d1.test").await;
    assert_eq!(mail_server(&first)["address"], "127.0.1.1");
    assert_eq!(mail_server(&second)["address"], "127.0.1.1", "its time to live is not over");
    assert_eq!(first.scope.addresses, ["127.0.2.1".parse::<std::net::IpAddr>().unwrap()]);
    let again = scan(&engine, "d0.test").await;
    assert_ne!(again.scope.addresses, first.scope.addresses, "its owner sees what changed");
}
