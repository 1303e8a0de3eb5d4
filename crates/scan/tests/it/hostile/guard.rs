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
