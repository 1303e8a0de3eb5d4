//! Targets that bear only so many connections are asked again, with fewer at a time, and judged as if
//! they had borne them all.

use std::time::Duration;

use lab::{Beyond, Crowd, Dns, Lab, LabBuilder, LegacyServer, Mail, Page, Site, Tls, Web};
use model::ModuleId::{self, EmailAuth, HttpHeaders, OpenPorts, SslTls};
use model::Report;

use super::{module, scan_with, settings};

const DOMAIN: &str = "throttles.test";
/// The time in which so many connections are borne.
const WINDOW: Duration = Duration::from_millis(900);

fn dns() -> Dns {
    Dns::default()
        .record(DOMAIN, "A", "127.0.0.1")
        .record(DOMAIN, "MX", "10 mx.throttles.test")
        .record("mx.throttles.test", "A", "127.0.0.1")
}

async fn scanned(lab: LabBuilder, modules: &[ModuleId]) -> (Report, Lab) {
    let lab = lab.start().await.unwrap();
    let report = scan_with(settings(&lab), DOMAIN, modules).await;
    (report, lab)
}

fn verdicts(report: &Report, id: ModuleId) -> [Vec<&str>; 3] {
    let module = module(report, id);
    [
        module.findings.iter().map(|finding| finding.check.as_str()).collect(),
        module.passed.iter().map(String::as_str).collect(),
        module.not_tested.iter().map(|untested| untested.check.as_str()).collect(),
    ]
}

fn suites(report: &Report) -> Vec<(u16, Vec<u16>)> {
    let seen: scan::evidence::Evidence = serde_json::from_value(report.evidence.clone()).unwrap();
    let versions = seen.tls.unwrap().versions.into_iter();
    versions.map(|one| (one.version, one.suites.unwrap())).collect()
}

fn asked_again(report: &Report) -> u32 {
    report.scope.throttled.iter().map(|one| one.asked_again).sum()
}

fn many_suites() -> LabBuilder {
    let server = LegacyServer::new(
        &[DOMAIN],
        &[
            (0x0301, &[0x002f, 0x0035, 0x000a]),
            (0x0303, &[0x0005, 0xc02f, 0xc030, 0x009c, 0x009d, 0x002f, 0x0035, 0x003c]),
        ],
    );
    Lab::builder().dns(dns()).https(Tls::Legacy(server), Web::default()).watched()
}

#[tokio::test]
async fn who_turns_connections_away_is_asked_again_with_fewer_at_once() {
    let (free, at_ease) = scanned(many_suites(), &[SslTls]).await;
    assert_eq!((asked_again(&free), free.scope.throttled.len()), (0, 0));
    for beyond in [Beyond::Resets, Beyond::Refuses] {
        let crowd = Crowd::within(WINDOW, 20, beyond.clone());
        let (throttled, lab) = scanned(many_suites().crowd(443, crowd), &[SslTls]).await;
        assert_eq!(suites(&throttled), suites(&free), "{beyond:?}");
        assert_eq!(verdicts(&throttled, SslTls), verdicts(&free, SslTls), "{beyond:?}");
        assert!(asked_again(&throttled) > 0, "{beyond:?}");
        let more = lab.connections() - at_ease.connections();
        assert!(more <= 20, "{beyond:?}: {more} connections more");
    }
}

#[tokio::test]
async fn a_server_that_says_no_by_resetting_is_not_taken_for_one_that_has_had_enough() {
    let resets = |suites: &[u16]| {
        let mut server = LegacyServer::new(&[DOMAIN], &[(0x0303, suites)]);
        server.resets = true;
        Lab::builder().dns(dns()).https(Tls::Legacy(server), Web::default())
    };
    let (report, _lab) = scanned(resets(&[0xc02f, 0xc030]), &[SslTls]).await;
    assert_eq!(report.scope.throttled, []);
    assert_eq!(suites(&report)[3], (0x0303, vec![0xc02f, 0xc030]));
    assert_eq!(suites(&report)[1], (0x0301, vec![]));
}

#[tokio::test]
async fn a_web_server_that_asks_for_patience_gets_it() {
    let home = || Page::new(200).header("content-security-policy", "default-src 'self'").body("hi");
    let web = || Web::host(DOMAIN, Site::home(home()));
    let lab = |web: Web| {
        let plain = Page::redirect(301, "https://throttles.test/");
        let plain = Web::host(DOMAIN, Site::default().anything(plain));
        Lab::builder().dns(dns()).http(plain).https(Tls::modern(&[DOMAIN]), web)
    };
    let (free, _lab) = scanned(lab(web()), &[HttpHeaders]).await;
    for busy in [
        Page::new(429).header("retry-after", "1"),
        Page::new(503).header("retry-after", "1"),
        Page::new(429),
    ] {
        let busy = web().throttled(WINDOW, 6, busy);
        let (throttled, _lab) = scanned(lab(busy), &[HttpHeaders]).await;
        assert_eq!(verdicts(&throttled, HttpHeaders), verdicts(&free, HttpHeaders));
        assert!(asked_again(&throttled) > 0);
    }
}

#[tokio::test]
async fn a_mail_server_that_is_too_busy_is_asked_later() {
    let lab = || {
        let mail = Mail::StartTls(Tls::modern(&["mx.throttles.test"]));
        Lab::builder().dns(dns()).smtp(mail)
    };
    let (free, _lab) = scanned(lab(), &[EmailAuth]).await;
    let crowd = Crowd::within(WINDOW, 2, Beyond::Says("421 too many connections\r\n"));
    let (throttled, _lab) = scanned(lab().crowd(25, crowd), &[EmailAuth]).await;
    assert_eq!(verdicts(&throttled, EmailAuth), verdicts(&free, EmailAuth));
    assert!(asked_again(&throttled) > 0);
}

#[tokio::test]
async fn who_never_relents_is_left_alone() {
    let web = Web::host(DOMAIN, Site::home(Page::new(200)));
    let busy = web.throttled(WINDOW * 100, 0, Page::new(429).header("retry-after", "1"));
    let lab = Lab::builder().dns(dns()).https(Tls::modern(&[DOMAIN]), busy);
    let (report, _lab) = scanned(lab, &[HttpHeaders]).await;
    assert!(asked_again(&report) <= 24, "{}", asked_again(&report));
    assert!(report.coverage.is_incomplete());
}

#[tokio::test]
async fn eight_connections_are_open_to_one_address_whatever_for() {
    let web = Web::host(DOMAIN, Site::home(Page::new(200).body("hi")));
    let mail = Mail::StartTls(Tls::modern(&["mx.throttles.test"]));
    let services = [21, 22, 110, 143, 3306, 5432]
        .into_iter()
        .fold(Lab::builder().dns(dns()).watched(), |lab, port| {
            lab.service(port, lab::Service::Silent)
        });
    let lab = services.http(web.clone()).https(Tls::modern(&[DOMAIN]), web).smtp(mail);
    let (report, lab) = scanned(lab, &[]).await;
    assert!(lab.connections() > 60, "{}", lab.connections());
    assert!(lab.most_at_once() <= 8, "{} at once", lab.most_at_once());
    assert!(lab.most_at_once() > 4, "{} at once", lab.most_at_once());
    assert!(module(&report, OpenPorts).score.is_some());
}
