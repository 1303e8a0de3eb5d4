//! Records and redirects that lead a scan into the network it runs in.
//!
//! The domain has a public address, which the lab stands for. Whatever is behind the other
//! addresses would answer too, and say a word that must not come home.

use std::time::Instant;

use lab::{Dns, DnsFault, Lab, LabBuilder, Mail, Page, Site, Tls, Web};
use model::{ModuleId, Report, Unscored};

use super::{DEADLINE, DOMAIN, SLACK, scan_with, settings};

/// What the inside would say.
const SECRET: &str = "inside-knowledge";
/// Names of the inside, and where each leads.
const INSIDE: &[(&str, &str, &str)] = &[
    ("meta.hostile.test", "A", "169.254.169.254"),
    ("meta6.hostile.test", "AAAA", "fd00:ec2::254"),
    ("private.hostile.test", "A", "10.0.0.1"),
    ("loop.hostile.test", "A", "127.0.0.1"),
    ("mapped.hostile.test", "AAAA", "::ffff:10.0.0.1"),
    ("nat64.hostile.test", "AAAA", "64:ff9b::a00:1"),
    ("alias.hostile.test", "CNAME", "private.hostile.test"),
    ("nothing.hostile.test", "A", "0.0.0.0"),
    ("mta-sts.hostile.test", "A", "192.168.0.1"),
];

fn dns() -> Dns {
    let outside = Dns::default().record(DOMAIN, "A", "11.0.0.1");
    INSIDE.iter().fold(outside, |dns, (name, kind, data)| dns.record(name, kind, data))
}

fn inside(web: Web) -> Web {
    let page = Page::new(200).header("server", SECRET).body(SECRET);
    INSIDE
        .iter()
        .fold(web, |web, (name, ..)| web.and_host(name, Site::default().anything(page.clone())))
}

async fn guarded(lab: LabBuilder, modules: &[ModuleId]) -> (Report, Lab) {
    let lab = lab.start().await.unwrap();
    let mut guarded = settings(&lab);
    guarded.allow_private_networks = false;
    guarded.deadline = DEADLINE;
    let began = Instant::now();
    let report = scan_with(guarded, DOMAIN, modules).await;
    assert!(began.elapsed() < DEADLINE + SLACK);
    let told = serde_json::to_string(&report).unwrap();
    assert!(!told.contains(SECRET), "the inside was asked");
    (report, lab)
}

#[tokio::test]
async fn no_redirect_leads_inside() {
    let mut places: Vec<String> =
        INSIDE.iter().map(|(name, ..)| format!("http://{name}/latest/meta-data/")).collect();
    for literal in ["169.254.169.254", "[::1]", "2130706433", "0x7f.1", "127.1", "localhost"] {
        places.push(format!("http://{literal}/"));
    }
    for place in places {
        let site = || {
            let home = Page::redirect(302, &place);
            Site::home(home).page("/.well-known/security.txt", Page::redirect(302, &place))
        };
        let lab = Lab::builder()
            .dns(dns())
            .http(inside(Web::host(DOMAIN, site())))
            .https(Tls::modern(&[DOMAIN]), inside(Web::host(DOMAIN, site())));
        let (report, _lab) = guarded(lab, &[ModuleId::HttpHeaders, ModuleId::Cookies]).await;
        let passed: Vec<_> = report.modules.iter().flat_map(|module| &module.passed).collect();
        assert!(!passed.iter().any(|check| check.starts_with("csp.")), "{place}: {passed:?}");
    }
}

#[tokio::test]
async fn no_mail_server_or_policy_host_is_inside() {
    for (name, ..) in INSIDE {
        let dns = dns().record(DOMAIN, "MX", &format!("1 {name}")).record(
            "_mta-sts.hostile.test",
            "TXT",
            "v=STSv1; id=1",
        );
        let mail = Mail::StartTls(Tls::modern(&[name]));
        let web = inside(Web::default());
        let lab = Lab::builder().dns(dns).smtp(mail).https(Tls::modern(&[name]), web);
        let (report, lab) = guarded(lab, &[ModuleId::EmailAuth]).await;
        assert_eq!((report.scope.connections, lab.connections()), (0, 0), "{name}");
        let passed: Vec<_> = report.modules.iter().flat_map(|module| &module.passed).collect();
        let wrong = |check: &str| check.starts_with("starttls.") || check == "mtasts.no-policy";
        assert!(!passed.iter().any(|check| wrong(check)), "{name}: {passed:?}");
    }
}

#[tokio::test]
async fn no_name_server_is_inside() {
    for (name, ..) in INSIDE {
        let dns = dns().record(DOMAIN, "NS", name);
        let lab = Lab::builder().dns(dns).name_server();
        let (report, _lab) = guarded(lab, &[ModuleId::DnsEmail]).await;
        assert_eq!(report.scope.connections, 0, "{name}");
        let passed: Vec<_> = report.modules.iter().flat_map(|module| &module.passed).collect();
        for check in ["ns.open-recursion", "ns.open-transfer", "ns.lame"] {
            assert!(!passed.iter().any(|passed| *passed == check), "{name}: {check}");
        }
    }
}

#[tokio::test]
async fn no_logo_and_no_proof_of_it_is_inside() {
    for (name, ..) in INSIDE {
        let record = format!("v=BIMI1; l=https://{name}/logo.svg; a=https://{name}/mark.pem");
        let dns = dns()
            .record(DOMAIN, "MX", "1 hostile.test")
            .record("_dmarc.hostile.test", "TXT", "v=DMARC1; p=reject")
            .record("default._bimi.hostile.test", "TXT", &record);
        let web = inside(Web::default());
        let lab = Lab::builder().dns(dns).https(Tls::modern(&[name]), web);
        let (report, lab) = guarded(lab, &[ModuleId::EmailAuth]).await;
        assert_eq!(lab.connections(), 0, "{name}");
        let passed: Vec<_> = report.modules.iter().flat_map(|module| &module.passed).collect();
        let wrong = |check: &&&String| check.ends_with("logo") || check.contains(".mark-");
        assert!(!passed.iter().any(|check| wrong(&check)), "{name}: {passed:?}");
    }
}

#[tokio::test]
async fn nobody_inside_is_asked_whether_a_certificate_is_revoked() {
    for (name, ..) in INSIDE {
        let tls = Tls::Asks {
            names: vec![DOMAIN.to_owned()],
            responder: format!("http://{name}/ocsp"),
            list: format!("http://{name}/list.crl"),
        };
        let web = inside(Web::default());
        let lab = Lab::builder().dns(dns()).http(web.clone()).https(tls, web);
        let (report, _lab) = guarded(lab, &[ModuleId::SslTls]).await;
        let seen: scan::evidence::Evidence = serde_json::from_value(report.evidence).unwrap();
        let why = seen.tls.unwrap().revocation.unwrap_err().to_string();
        assert!(why.contains("has no address") || why.contains("is refused"), "{name}: {why}");
    }
}

#[tokio::test]
async fn no_service_record_leads_inside() {
    let ech = "AEj+DQBEAQAgACAdd+scUi0IYFsXnUIU7ko2Nd9+F8M26pAGZVpz/KrWPgAEAAEAAWQVZWNoLXNpdGVzLmV4YW1wbGUubmV0AAA=";
    for (name, ..) in INSIDE {
        let dns = dns().record(DOMAIN, "HTTPS", &format!("1 {name} alpn=h2 ech=\"{ech}\""));
        let tls = Tls::modern(&["ech-sites.example.net"]);
        let lab = Lab::builder().dns(dns).https(tls, inside(Web::default()));
        let (report, lab) = guarded(lab, &[ModuleId::DnsEmail]).await;
        assert_eq!(lab.connections(), 0, "{name}");
        let seen: scan::evidence::Evidence = serde_json::from_value(report.evidence).unwrap();
        assert!(seen.dns_email.unwrap().svcb.unwrap().outer.is_err(), "{name}");
    }
}

#[tokio::test]
async fn no_registry_is_inside() {
    const REGISTERED: &str = "hostile.com";
    for (name, ..) in INSIDE {
        let dns =
            dns().record(REGISTERED, "A", "11.0.0.1").record("whois.iana.org", "A", "11.0.0.2");
        let refer = format!("refer: {name}\n");
        let known = format!("registrar: {SECRET}\ncreated: 2020-01-01\n");
        let registry = lab::Service::answers(&[("com", &refer), (REGISTERED, &known)]);
        let lab = Lab::builder().dns(dns).service(43, registry).start().await.unwrap();
        let mut guarded = settings(&lab);
        guarded.allow_private_networks = false;
        let report = scan_with(guarded, REGISTERED, &[ModuleId::Whois]).await;
        assert_eq!(lab.connections(), 1, "{name}: IANA's server alone");
        assert!(!report.evidence.to_string().contains(SECRET), "{name}");
    }
}

#[tokio::test]
async fn an_alias_of_the_inside_is_refused_like_the_inside() {
    let dns = Dns::default().record(DOMAIN, "CNAME", "private.hostile.test").record(
        "private.hostile.test",
        "A",
        "10.0.0.1",
    );
    let (report, lab) = guarded(Lab::builder().dns(dns).http(Web::default()), &[]).await;
    assert!(matches!(report.score, Err(Unscored::Refused(_))), "{:?}", report.score);
    assert_eq!(lab.connections(), 0);
}

#[tokio::test]
async fn of_several_addresses_only_the_public_ones_are_reached() {
    let dns = dns().record(DOMAIN, "A", "10.0.0.1").record(DOMAIN, "AAAA", "::1");
    let lab = Lab::builder().dns(dns).http(Web::host(DOMAIN, Site::home(Page::new(200))));
    let (report, _lab) = guarded(lab, &[ModuleId::HttpHeaders]).await;
    let reached: Vec<_> = report.scope.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(reached, ["11.0.0.1"]);
    assert_eq!(report.scope.skipped.len(), 2);
}

/// The first answer is public, every later one is the metadata service.
#[tokio::test]
async fn a_name_that_moves_inside_between_two_questions_is_not_followed() {
    let home = Page::redirect(302, "https://www.hostile.test/");
    let page = Page::new(200).header("server", "outside");
    let web = Web::host(DOMAIN, Site::home(home))
        .and_host("www.hostile.test", Site::default().anything(page));
    let dns = Dns::default()
        .record(DOMAIN, "A", "11.0.0.1")
        .record("www.hostile.test", "A", "11.0.0.1")
        .fault(DOMAIN, DnsFault::Rebinds)
        .fault("www.hostile.test", DnsFault::Rebinds);
    let lab = Lab::builder()
        .dns(dns)
        .http(web.clone())
        .https(Tls::modern(&[DOMAIN, "www.hostile.test"]), web);
    let (report, _lab) = guarded(lab, &[]).await;
    let reached: Vec<_> = report.scope.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(reached, ["11.0.0.1"]);
    let seen: scan::evidence::Evidence = serde_json::from_value(report.evidence).unwrap();
    let http = seen.http.unwrap();
    let hops = http.secure.hops.iter().chain(&http.plain.hops);
    for hop in hops {
        assert_eq!(hop.address.to_string(), "11.0.0.1", "{}", hop.host);
    }
}

/// What was public in one scan is inside in the next, for whatever a scan contacts besides the domain.
#[tokio::test]
async fn names_that_move_inside_between_two_scans_are_refused_then() {
    let policy = "version: STSv1\nmode: enforce\nmx: mx.hostile.test\nmax_age: 604800\n";
    let policy = Page::new(200).header("content-type", "text/plain").body(policy);
    let names = ["mx.hostile.test", "mta-sts.hostile.test", "crl.hostile.test"];
    let dns = Dns::default()
        .record(DOMAIN, "A", "11.0.0.1")
        .record(DOMAIN, "MX", "1 mx.hostile.test")
        .record("_mta-sts.hostile.test", "TXT", "v=STSv1; id=1");
    let dns = names
        .into_iter()
        .fold(dns, |dns, name| dns.record(name, "A", "11.0.0.1").fault(name, DnsFault::Rebinds));
    let web = Web::host("mta-sts.hostile.test", Site::default().anything(policy))
        .and_host("crl.hostile.test", Site::default().anything(Page::new(200).body("a list")));
    let tls = Tls::Asks {
        names: vec![DOMAIN.to_owned(), "mta-sts.hostile.test".to_owned()],
        responder: "http://crl.hostile.test/ocsp".to_owned(),
        list: "http://crl.hostile.test/list.crl".to_owned(),
    };
    let mail = Mail::StartTls(Tls::modern(&["mx.hostile.test"]));
    let lab = Lab::builder().dns(dns).http(web.clone()).https(tls, web).smtp(mail);
    let lab = lab.start().await.unwrap();
    let mut guarded = settings(&lab);
    guarded.allow_private_networks = false;
    let engine = scan::Engine::new(guarded).unwrap();
    let order = scan::Order {
        domain: model::DomainName::parse(DOMAIN).unwrap(),
        modules: vec![ModuleId::EmailAuth, ModuleId::SslTls],
        now: crate::now(),
        intrusive: None,
    };
    let mut seen = Vec::new();
    for _ in 0..2 {
        let report = engine.scan(&order, &|_| {}).await;
        // The domain itself stays where it is.
        assert_eq!(report.scope.addresses.len(), 1);
        let evidence: scan::evidence::Evidence = serde_json::from_value(report.evidence).unwrap();
        let (mail, tls) = (evidence.mail.unwrap(), evidence.tls.unwrap());
        seen.push((
            mail.servers[0].session.as_ref().map(drop).map_err(ToString::to_string),
            mail.mta_sts.unwrap().fetched.unwrap().map(drop).map_err(|missing| missing.to_string()),
            tls.revocation.unwrap_err().to_string(),
        ));
    }
    let [before, after] = seen.try_into().unwrap();
    assert_eq!((before.0, before.1), (Ok(()), Ok(())));
    assert!(before.2.contains("list"), "{}", before.2);
    for why in [after.0.unwrap_err(), after.1.unwrap_err()] {
        assert!(why.contains("169.254.169.254 is a link-local or metadata address"), "{why}");
    }
    assert!(after.2.contains("has no address"), "{}", after.2);
}
