//! The probe against mail servers, a policy host and a name server on loopback.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lab::{Chain, Dns, Lab, LabBuilder, LegacyServer, Mail, Page, Site, Tls, Web};
use model::{DomainName, ModuleId, ModuleReport, ModuleStatus, Ownership, Proof, Timestamp};

use super::bimi::mark::tests::logotype;
use super::{Fetched, Logo, MailEvidence, Mark, MarkLogo, Mode, probe};
use crate::Target;
use crate::catalogue::find_module;
use crate::check::Seen;
use crate::evidence::Evidence;
use crate::judge;
use crate::modules::dnssec::anchor::DnssecAnchors;
use crate::net::{Net, Shared};
use crate::settings::{PortTarget, Settings};

const DOMAIN: &str = "mail.test";
const POLICY: &str = "version: STSv1\nmode: enforce\nmx: mx.mail.test\nmax_age: 1209600\n";

/// A domain whose mail is protected but for DANE and a logo.
fn records() -> Dns {
    Dns::default()
        .record(DOMAIN, "MX", "10 mx.mail.test")
        .record("mx.mail.test", "A", "198.51.100.7")
        .record("7.100.51.198.in-addr.arpa", "PTR", "mx.mail.test")
        .record("_mta-sts.mail.test", "TXT", "v=STSv1; id=1")
        .record("mta-sts.mail.test", "A", "127.0.0.1")
        .record("_smtp._tls.mail.test", "TXT", "v=TLSRPTv1; rua=mailto:tls@mail.test")
        .record("_dmarc.mail.test", "TXT", "v=DMARC1; p=reject")
}

fn policy(page: Page) -> Web {
    Web::host("mta-sts.mail.test", Site::default().page("/.well-known/mta-sts.txt", page))
}

fn plain(body: &str) -> Page {
    Page::new(200).header("content-type", "text/plain; charset=utf-8").body(body)
}

fn sound(mail: Mail) -> LabBuilder {
    let tls = Tls::modern(&["mta-sts.mail.test"]);
    Lab::builder().dns(records()).smtp(mail).https(tls, policy(plain(POLICY)))
}

fn modern() -> Mail {
    Mail::StartTls(Tls::modern(&["mx.mail.test"]))
}

fn settings(lab: &Lab) -> Settings {
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let anchor = lab.dnssec_anchor.as_deref().map(|line| DnssecAnchors::parse(line).unwrap());
    Settings {
        resolver: Some(lab.resolver),
        dnssec_anchors: anchor.unwrap_or_default(),
        extra_roots: vec![lab.authority.root_der()],
        allow_private_networks: true,
        deadline: Duration::from_secs(20),
        port_overrides: ports.collect(),
        ..Settings::default()
    }
}

/// Returns what was seen, and how many connections and questions it took.
async fn probed_with(settings: Settings) -> (MailEvidence, (u32, u32)) {
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
    let target = Target { domain: DomainName::parse(DOMAIN).unwrap(), addresses: Vec::new() };
    (probe(&net, &target).await, net.used())
}

async fn probed(lab: LabBuilder) -> (MailEvidence, (u32, u32)) {
    let lab = lab.start().await.unwrap();
    probed_with(settings(&lab)).await
}

#[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

fn report(mail: MailEvidence) -> ModuleReport {
    let evidence = Evidence { mail: Some(mail), seen_at: Some(now()), ..Evidence::default() };
    judge::module(find_module(ModuleId::EmailAuth), &evidence)
}

fn findings(report: &ModuleReport) -> Vec<&str> {
    let mut ids: Vec<_> = report.findings.iter().map(|finding| finding.check.as_str()).collect();
    ids.sort_unstable();
    ids
}

async fn found(lab: LabBuilder) -> Vec<String> {
    let report = report(probed(lab).await.0);
    findings(&report).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn nothing_is_wrong_where_mail_is_protected() {
    let (seen, (connections, questions)) = probed(sound(modern())).await;
    let report = report(seen);
    assert_eq!(findings(&report), ["bimi.missing", "dane.missing"]);
    assert_eq!(report.score, Some(100), "both are for information");
    assert!(report.not_tested.is_empty(), "{:?}", report.not_tested);
    assert!(connections <= 7, "{connections} connections");
    assert!(questions <= 18, "{questions} questions");
}

#[tokio::test]
async fn a_server_without_starttls_is_told_from_one_that_was_tampered_with() {
    assert!(found(sound(Mail::NoStartTls)).await.contains(&"starttls.missing".to_owned()));
    let stripped = found(sound(Mail::Stripped)).await;
    assert!(stripped.contains(&"starttls.stripped".to_owned()), "{stripped:?}");
    assert!(!stripped.contains(&"starttls.missing".to_owned()), "{stripped:?}");
    let refused = found(sound(Mail::RefusesStartTls)).await;
    assert!(refused.contains(&"starttls.fails".to_owned()), "{refused:?}");
}

#[tokio::test]
async fn each_fault_of_a_certificate_is_seen() {
    for (chain, expected) in [
        (Chain::Expired, "starttls.certificate-date"),
        (Chain::WrongName, "starttls.certificate-name"),
        (Chain::SelfSigned, "starttls.certificate-untrusted"),
        (Chain::MissingIntermediate, "starttls.certificate-untrusted"),
    ] {
        let mail = Mail::StartTls(Tls::with_chain(&["mx.mail.test"], chain));
        let found = found(sound(mail)).await;
        assert!(found.contains(&expected.to_owned()), "{chain:?}: {found:?}");
        assert!(found.contains(&"mtasts.server-certificate".to_owned()), "{chain:?}: {found:?}");
    }
}

#[tokio::test]
async fn old_versions_and_broken_suites_are_seen_after_starttls() {
    let old = LegacyServer::new(
        &["mx.mail.test"],
        &[(0x0300, &[0x000a]), (0x0301, &[0x002f]), (0x0303, &[0x0005, 0x002f])],
    );
    let (seen, (connections, _)) = probed(sound(Mail::StartTls(Tls::Legacy(old)))).await;
    let tls = seen.servers[0].tls.as_ref().unwrap();
    assert_eq!(tls.old_versions, Ok(vec![0x0301, 0x0300]));
    assert_eq!(tls.broken_suite, Ok(Some(0x0005)));
    // One of them is for the policy.
    assert!(connections <= 7, "{connections} connections");
}

#[tokio::test]
async fn a_server_that_does_not_talk_to_us_is_not_judged() {
    for mail in [Mail::SilentAfterBanner, Mail::DropsAtEhlo, Mail::NeverEndsEhlo, Mail::Refuses] {
        let lab = sound(mail.clone()).start().await.unwrap();
        let hasty = Settings { deadline: Duration::from_secs(2), ..settings(&lab) };
        let began = Instant::now();
        let (seen, _) = probed_with(hasty).await;
        assert!(began.elapsed() < Duration::from_secs(4), "{mail:?}");
        assert!(seen.servers[0].session.is_err(), "{mail:?}");
        let report = report(seen);
        assert_eq!(findings(&report), ["bimi.missing", "dane.missing"], "{mail:?}");
        assert!(report.not_tested.iter().any(|it| it.check == "starttls.missing"), "{mail:?}");
        assert!(report.passed.iter().any(|check| check == "mtasts.no-policy"), "{mail:?}");
    }
}

#[tokio::test]
async fn hostile_handshakes_after_starttls_are_no_pass() {
    for tls in [Tls::Garbage, Tls::ResetsAtHello, Tls::EndlessRecords, Tls::AlertsAlways] {
        let lab = sound(Mail::StartTls(tls.clone())).start().await.unwrap();
        let hasty = Settings { deadline: Duration::from_secs(6), ..settings(&lab) };
        let began = Instant::now();
        let (seen, _) = probed_with(hasty).await;
        assert!(began.elapsed() < Duration::from_secs(8), "{tls:?}");
        let report = report(seen);
        assert!(findings(&report).contains(&"starttls.fails"), "{tls:?}: {:?}", findings(&report));
        for check in ["starttls.certificate-untrusted", "starttls.no-tls13"] {
            assert!(!report.passed.iter().any(|passed| passed == check), "{tls:?}: {check}");
        }
    }
}

#[tokio::test]
async fn a_closed_port_25_is_not_tested() {
    let tls = Tls::modern(&["mta-sts.mail.test"]);
    let lab = Lab::builder().dns(records()).https(tls, policy(plain(POLICY)));
    let (seen, _) = probed(lab).await;
    assert_eq!(
        seen.servers[0].session.as_ref().unwrap_err().to_string(),
        "port 25 of mx.mail.test: the connection was refused"
    );
}

#[tokio::test]
async fn a_domain_without_mail_is_asked_nothing_more() {
    for dns in [
        Dns::default().record(DOMAIN, "MX", "0 ."),
        Dns::default().record(DOMAIN, "A", "127.0.0.1"),
    ] {
        let (seen, used) = probed(Lab::builder().dns(dns).smtp(modern())).await;
        assert_eq!(used, (0, 1));
        assert!(matches!(report(seen).status, ModuleStatus::NotApplicable(_)));
    }
}

#[tokio::test]
async fn the_guard_stands_before_mail_servers_and_policy_hosts() {
    let lab = sound(modern()).start().await.unwrap();
    let guarded = Settings { allow_private_networks: false, ..settings(&lab) };
    let (seen, (connections, _)) = probed_with(guarded).await;
    assert_eq!((connections, lab.connections()), (0, 0));
    let refused = "198.51.100.7 is a documentation address (RFC 5737)";
    assert_eq!(seen.servers[0].session.as_ref().unwrap_err().to_string(), refused);
    let refused = "127.0.0.1 is a loopback address";
    let sts = seen.mta_sts.unwrap();
    assert_eq!(sts.fetched.unwrap().unwrap_err().to_string(), refused);
}

#[tokio::test]
async fn a_reverse_name_that_leads_elsewhere_does_not_count() {
    let mx = |dns: Dns| dns.record(DOMAIN, "MX", "10 mx.mail.test");
    let dns = mx(Dns::default()).record("mx.mail.test", "A", "198.51.100.8");
    let nameless = found(Lab::builder().dns(dns.clone()).smtp(modern())).await;
    assert!(nameless.contains(&"ptr.missing".to_owned()), "{nameless:?}");
    let dns = dns.record("8.100.51.198.in-addr.arpa", "PTR", "pool8.isp.test").record(
        "pool8.isp.test",
        "A",
        "198.51.100.9",
    );
    let elsewhere = found(Lab::builder().dns(dns).smtp(modern())).await;
    assert!(elsewhere.contains(&"ptr.not-confirmed".to_owned()), "{elsewhere:?}");
}

#[tokio::test]
async fn four_servers_are_enough() {
    let dns = (0..9).fold(Dns::default(), |dns, number| {
        dns.record(DOMAIN, "MX", &format!("{number} mx{number}.mail.test")).record(
            &format!("mx{number}.mail.test"),
            "A",
            "127.0.0.1",
        )
    });
    let (seen, (connections, _)) = probed(Lab::builder().dns(dns).smtp(Mail::NoStartTls)).await;
    assert_eq!((seen.servers.len(), connections), (4, 4));
    assert_eq!(seen.exchanges.unwrap().len(), 9);
}

#[tokio::test]
async fn record_host_and_policy_go_wrong_each_in_its_own_way() {
    let serve = |tls: Tls, page: Page| {
        Lab::builder().dns(records()).smtp(modern()).https(tls, policy(page))
    };
    let good = || Tls::modern(&["mta-sts.mail.test"]);
    let lost = Lab::builder().dns(records()).smtp(modern());
    assert!(found(lost).await.contains(&"mtasts.no-policy".to_owned()));
    let moved = Page::redirect(301, "https://mail.test/policy");
    assert!(found(serve(good(), moved)).await.contains(&"mtasts.no-policy".to_owned()));
    let other = Tls::with_chain(&["mta-sts.mail.test"], Chain::WrongName);
    assert!(
        found(serve(other, plain(POLICY))).await.contains(&"mtasts.invalid-certificate".to_owned())
    );
    for body in [
        Page::new(200).header("content-type", "text/html").body(POLICY),
        plain("hello"),
        plain(&format!("{POLICY}{}", "x: y\n".repeat(20_000))),
    ] {
        assert!(found(serve(good(), body)).await.contains(&"mtasts.invalid-policy".to_owned()));
    }
    let testing = plain(&POLICY.replace("enforce", "testing"));
    assert!(found(serve(good(), testing)).await.contains(&"mtasts.testing".to_owned()));
    let unlisted = plain(&POLICY.replace("mx.mail", "mx2.mail"));
    assert!(found(serve(good(), unlisted)).await.contains(&"mtasts.unlisted-server".to_owned()));
}

#[tokio::test]
async fn a_policy_is_read_as_it_was_served() {
    let (seen, _) = probed(sound(modern())).await;
    let fetched = seen.mta_sts.unwrap().fetched.unwrap().unwrap();
    let Fetched::Answered { status, policy, chain } = fetched else { panic!("{fetched:?}") };
    assert_eq!((status, policy.mode, policy.max_age), (200, Some(Mode::Enforce), Some(1_209_600)));
    assert!(chain.unwrap().name_matches && policy.problems.is_empty());
}

#[tokio::test]
async fn tlsa_records_are_compared_with_the_chain() {
    let digest = "ab".repeat(32);
    let dns = records()
        .record("_25._tcp.mx.mail.test", "TLSA", &format!("3 1 1 {digest}"))
        .record("mail.test", "NS", "ns.mail.test")
        .sign(".")
        .sign("test");
    let signed = Lab::builder().dns(dns.clone().sign("mail.test")).smtp(modern());
    let (seen, _) = probed(signed).await;
    assert_eq!(seen.servers[0].signed, Ok(true));
    assert!(findings(&report(seen)).contains(&"dane.mismatch"));
    let (seen, _) = probed(Lab::builder().dns(dns).smtp(modern())).await;
    let records = seen.servers[0].tlsa.clone().unwrap();
    assert_eq!(
        (records[0].parameters(), records[0].data.as_str()),
        ("3 1 1".to_owned(), digest.as_str())
    );
    assert_eq!((records[0].matches, seen.servers[0].signed.clone()), (Some(false), Ok(false)));
    let report = report(seen);
    assert!(findings(&report).contains(&"dane.not-signed"), "{:?}", findings(&report));
    assert!(!findings(&report).contains(&"dane.mismatch"), "nobody looks at it");
}

#[tokio::test]
async fn the_logo_is_fetched_and_looked_at() {
    let lab = |page: Page| {
        let dns = records().record("logo.test", "A", "127.0.0.1").record(
            "default._bimi.mail.test",
            "TXT",
            "v=BIMI1; l=https://logo.test/l.svg?v=1; a=",
        );
        let site = Site::default().page("/l.svg", page);
        let web = policy(plain(POLICY)).and_host("logo.test", site);
        let tls = Tls::modern(&["mta-sts.mail.test", "logo.test"]);
        Lab::builder().dns(dns).smtp(modern()).https(tls, web)
    };
    let seen = async |page: Page| probed(lab(page)).await.0.bimi_logo.unwrap();
    let bad = seen(Page::new(200).body("<svg version='1.2' baseProfile='tiny-ps'></svg>")).await;
    assert_eq!(bad, Ok(Logo::Fetched { problems: vec!["there is no `title`".to_owned()] }));
    let gone = seen(Page::new(404)).await;
    assert_eq!(gone, Ok(Logo::NotFetched("logo.test answers with status 404".to_owned())));
    assert!(seen(Page::redirect(302, "https://logo.test/other.svg")).await.is_err());
    assert_eq!(probed(sound(modern())).await.0.bimi_logo, None);
}

/// Returns what came of the attack on a mail server, of a domain whose record proves that much.
async fn injection(mail: Mail, covers: &str) -> Option<Seen<bool>> {
    let lab = sound(mail).start().await.unwrap();
    let net = Net::new(Arc::new(Shared::new(settings(&lab)).unwrap()), now());
    let (by, place) = (Proof::Record, format!("_compliancelayer.{covers}"));
    net.settle_ownership(Ownership::Proven { by, place, covers: covers.to_owned() });
    let target = Target { domain: DomainName::parse(DOMAIN).unwrap(), addresses: Vec::new() };
    probe(&net, &target).await.servers.remove(0).injection
}

#[tokio::test]
async fn what_comes_behind_starttls_is_tried_on_proven_servers_alone() {
    let tls = || Tls::modern(&["mx.mail.test"]);
    assert_eq!(injection(Mail::Injectable(tls()), "mail.test").await, Some(Ok(true)));
    assert_eq!(injection(Mail::StartTls(tls()), "mail.test").await, Some(Ok(false)));
    assert_eq!(injection(Mail::RefusesPipelining(tls()), "mail.test").await, Some(Ok(false)));
    assert_eq!(injection(Mail::Injectable(tls()), "www.mail.test").await, None);
    let (safe, _) = probed(sound(Mail::Injectable(tls()))).await;
    assert_eq!(safe.servers[0].injection, None);
}

#[tokio::test]
async fn the_certificate_of_the_logo_is_fetched_and_compared_with_it() {
    const SVG: &str = "<svg version='1.2' baseProfile='tiny-ps'><title>Mail</title></svg>";
    let seen = async |names: &[&str], svg: &str| {
        let dns = records().record("logo.test", "A", "127.0.0.1").record(
            "default._bimi.mail.test",
            "TXT",
            "v=BIMI1; l=https://logo.test/l.svg; a=https://logo.test/l.pem",
        );
        let extension = logotype(svg.as_bytes());
        let pem = lab::Authority::generate().unwrap().issue_mark(names, &extension).unwrap();
        let site = Site::default()
            .page("/l.svg", Page::new(200).body(SVG))
            .page("/l.pem", Page::new(200).body(&pem));
        let web = policy(plain(POLICY)).and_host("logo.test", site);
        let tls = Tls::modern(&["mta-sts.mail.test", "logo.test"]);
        let (seen, _) = probed(Lab::builder().dns(dns).smtp(modern()).https(tls, web)).await;
        let mark = seen.bimi_mark.clone().unwrap().unwrap();
        let failed = findings(&report(seen)).contains(&"bimi.mark-mismatch");
        (mark, failed)
    };
    let (mark, failed) = seen(&["mail.test"], SVG).await;
    let Mark::Fetched(facts) = mark else { panic!("{mark:?}") };
    assert!(facts.covers && facts.is_for_marks && facts.logo == MarkLogo::Same && !failed);
    assert!(seen(&["other.test"], SVG).await.1);
    assert!(seen(&["mail.test"], "<svg/>").await.1);
}
