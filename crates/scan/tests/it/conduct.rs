//! How a scan behaves whatever the target does: bounded, polite, guarded.

use std::time::{Duration, Instant};

use lab::{Beyond, Crowd, Dns, DnsFault, HttpFault, Lab, LegacyServer, Mail, Page, Site, Tls, Web};
use model::{ModuleId, ModuleStatus, Unscored};

use super::{failed, module, scan, scan_with, settings};

const DOMAIN: &str = "conduct.test";

#[tokio::test]
async fn a_domain_that_does_not_exist_has_no_score() {
    let lab = Lab::builder().start().await.unwrap();
    let report = scan(&lab, DOMAIN, &[]).await;
    assert_eq!(report.score, Err(Unscored::NoSuchDomain));
    assert!(report.modules.is_empty());
}

#[tokio::test]
async fn a_dead_resolver_is_our_fault() {
    let lab =
        Lab::builder().dns(Dns::default().fault(DOMAIN, DnsFault::ServFail)).start().await.unwrap();
    let report = scan(&lab, DOMAIN, &[]).await;
    assert!(report.score.is_err_and(|unscored| unscored.is_our_fault()));
}

#[tokio::test]
async fn private_addresses_are_refused_and_nothing_is_opened() {
    let dns = Dns::default().record(DOMAIN, "A", "127.0.0.1").record(DOMAIN, "AAAA", "::1");
    let lab = Lab::builder().dns(dns).http(Web::default()).start().await.unwrap();
    let guarded = scan::Settings { allow_private_networks: false, ..settings(&lab) };
    let report = scan_with(guarded, DOMAIN, &[]).await;
    assert!(matches!(report.score, Err(Unscored::Refused(reason)) if reason.contains("loopback")));
    assert_eq!((report.scope.connections, lab.connections()), (0, 0));
}

#[tokio::test]
async fn an_excluded_domain_is_not_even_looked_up() {
    let lab =
        Lab::builder().dns(Dns::default().record(DOMAIN, "A", "127.0.0.1")).start().await.unwrap();
    let excluded = scan::Settings { exclusions: vec![DOMAIN.parse().unwrap()], ..settings(&lab) };
    for name in [DOMAIN, "www.conduct.test"] {
        let report = scan_with(excluded.clone(), name, &[]).await;
        assert_eq!(report.score, Err(Unscored::Excluded), "{name}");
    }
    assert_eq!(lab.dns_queries(), 0);
}

/// Everything that leads away from a domain leads to hosts that are excluded, by name or by address.
#[tokio::test]
async fn what_a_domain_leads_to_is_not_contacted_when_it_is_excluded() {
    let away = "127.0.9.9";
    let dns = Dns::default()
        .record(DOMAIN, "A", "127.0.0.1")
        .record(DOMAIN, "MX", "10 mx.excluded.test")
        .record(DOMAIN, "NS", "ns.excluded.test")
        .record("_mta-sts.conduct.test", "TXT", "v=STSv1; id=1")
        .record("mta-sts.conduct.test", "CNAME", "policy.excluded.test")
        .record("www.conduct.test", "CNAME", "www.excluded.test");
    let names = ["mx", "ns", "policy", "www", "web"].map(|name| format!("{name}.excluded.test"));
    let dns = names.iter().fold(dns, |dns, name| dns.record(name, "A", away));
    let page = Page::new(200).body("hi").header("server", "excluded");
    let home = Page::redirect(302, "https://web.excluded.test/");
    let web = Web::host(DOMAIN, Site::home(home))
        .and_host("web.excluded.test", Site::default().anything(page.clone()))
        .and_host("www.conduct.test", Site::default().anything(page.clone()))
        .and_host("mta-sts.conduct.test", Site::default().anything(page));
    let mail = Mail::StartTls(Tls::modern(&["mx.excluded.test"]));
    let tls = Tls::modern(&[DOMAIN, "*.conduct.test", "*.excluded.test"]);
    let lab = Lab::builder().dns(dns).name_server().http(web.clone()).https(tls, web).smtp(mail);
    let lab = lab.start().await.unwrap();
    let open = scan_with(settings(&lab), DOMAIN, &[]).await;
    assert!(open.evidence.to_string().contains(r#"["server","excluded"]"#), "it can be reached");
    for entry in ["Excluded.TEST.", "*.excluded.test", away, "127.0.9.0/24"] {
        let exclusions = vec![entry.parse().unwrap()];
        let excluding = scan::Settings { exclusions, ..settings(&lab) };
        let report = scan_with(excluding, DOMAIN, &[]).await;
        let seen: scan::evidence::Evidence =
            serde_json::from_value(report.evidence.clone()).unwrap();
        assert!(!report.evidence.to_string().contains(r#"["server","excluded"]"#), "{entry}");
        let mail = seen.mail.unwrap();
        let why = mail.servers[0].session.clone().unwrap_err().to_string();
        assert_eq!(why, "127.0.9.9 is excluded by whoever runs this scanner", "{entry}");
        assert!(mail.mta_sts.unwrap().fetched.unwrap().is_err(), "{entry}");
        let asked = seen.dns_email.unwrap().ns.unwrap().asked;
        assert!(asked.iter().all(|server| server.authority.is_err()), "{entry}");
        let untested = &module(&report, ModuleId::EmailAuth).not_tested;
        assert!(untested.iter().any(|check| check.reason == why), "{entry}: it is in the report");
    }
}

#[tokio::test]
async fn a_domain_without_web_is_judged_by_its_records() {
    let dns = Dns::default().record(DOMAIN, "MX", "0 .").record(DOMAIN, "TXT", "v=spf1 -all");
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let report = scan(&lab, DOMAIN, &[]).await;
    assert!(report.score.is_ok());
    assert!(matches!(module(&report, ModuleId::SslTls).status, ModuleStatus::NotApplicable(_)));
    assert!(matches!(module(&report, ModuleId::Cookies).status, ModuleStatus::NotApplicable(_)));
}

#[tokio::test]
async fn a_truncated_answer_is_read_over_tcp() {
    let dns = Dns::default()
        .record(DOMAIN, "A", "127.0.0.1")
        .record(DOMAIN, "TXT", "v=spf1 -all")
        .fault(DOMAIN, DnsFault::TruncatesUdp);
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let report = scan(&lab, DOMAIN, &[ModuleId::DnsEmail]).await;
    assert!(
        module(&report, ModuleId::DnsEmail)
            .passed
            .iter()
            .any(|check| check == "spf.missing-without-mail")
    );
}

#[tokio::test]
async fn a_tarpit_costs_the_deadline_and_no_more() {
    let dns = Dns::default().record(DOMAIN, "A", "127.0.0.1");
    let site = Web::host(DOMAIN, Site::home(Page::new(200)));
    let lab = Lab::builder()
        .dns(dns)
        .http(Web::fault(HttpFault::Silent))
        .https(Tls::SilentAfterAccept, site);
    let lab = lab.start().await.unwrap();
    let hasty = scan::Settings { deadline: Duration::from_secs(2), ..settings(&lab) };
    let began = Instant::now();
    let report = scan_with(hasty, DOMAIN, &[]).await;
    assert!(began.elapsed() < Duration::from_secs(4));
    assert!(matches!(module(&report, ModuleId::SslTls).status, ModuleStatus::NotTested(_)));
    assert!(report.coverage.is_incomplete());
}

#[tokio::test]
async fn what_was_seen_before_a_tarpit_began_is_judged() {
    let old = LegacyServer::new(
        &[DOMAIN],
        &[(0x0303, &[0x0005, 0xc02f, 0xc030, 0x009c, 0x009d, 0x002f, 0x0035])],
    );
    let lab = Lab::builder()
        .dns(Dns::default().record(DOMAIN, "A", "127.0.0.1"))
        .https(Tls::Legacy(old), Web::default())
        .crowd(443, Crowd::once(12, Beyond::Silent));
    let lab = lab.start().await.unwrap();
    let hasty = scan::Settings { deadline: Duration::from_secs(3), ..settings(&lab) };
    let began = Instant::now();
    let report = scan_with(hasty, DOMAIN, &[ModuleId::SslTls]).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(failed(&report, ModuleId::SslTls).contains(&"cipher.rc4"), "{:?}", report.modules);
    let untested = &module(&report, ModuleId::SslTls).not_tested;
    let late = |check: &str| {
        let found = untested.iter().find(|untested| untested.check == check);
        found.map(|untested| untested.reason.as_str())
    };
    assert_eq!(late("tls.tls10"), Some("the scan's deadline passed"), "{untested:?}");
}

#[tokio::test]
async fn hostile_web_servers_end_in_a_report() {
    for fault in [
        HttpFault::RedirectLoop,
        HttpFault::EndlessHeaders,
        HttpFault::HugeHeader,
        HttpFault::EndlessBody,
        HttpFault::GzipBomb,
        HttpFault::ResetsMidHeader,
        HttpFault::NotHttp,
        HttpFault::SlowBody,
    ] {
        let dns = Dns::default().record(DOMAIN, "A", "127.0.0.1");
        let lab = Lab::builder()
            .dns(dns)
            .http(Web::fault(fault))
            .https(Tls::modern(&[DOMAIN]), Web::fault(fault))
            .start()
            .await
            .unwrap();
        let hasty = scan::Settings { deadline: Duration::from_secs(5), ..settings(&lab) };
        let began = Instant::now();
        let report = scan_with(hasty, DOMAIN, &[]).await;
        assert!(began.elapsed() < Duration::from_secs(7), "{fault:?}");
        assert!(report.score.is_ok(), "{fault:?}: the other modules are judged");
    }
}
