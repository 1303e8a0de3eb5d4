//! The probe against a name server on loopback.

use std::sync::Arc;

use lab::{Dns, DnsFault, Lab, LabBuilder, NameServerHabit, Tls, Web};
use model::{DomainName, ModuleId, ModuleReport, ModuleStatus, Timestamp};

use super::dkim::Algorithm;
use super::spf::{Qualifier, Remark};
use super::{DnsEmailEvidence, probe};
use crate::Target;
use crate::catalogue::find_module;
use crate::evidence::Evidence;
use crate::judge;
use crate::net::{Net, Shared};
use crate::settings::{PortTarget, Settings};

const ED25519: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// A domain in which nothing is wrong but that DMARC and DKIM are left out.
fn sound() -> Dns {
    Dns::default()
        .record("example.com", "MX", "10 mail.example.com")
        .record("mail.example.com", "A", "198.51.100.1")
        .record("mail.example.com", "AAAA", "2001:db8::25")
        .record("com", "NS", "ns.com.example")
        .record("ns.com.example", "A", "127.0.0.1")
        .delegation("example.com", &["ns1.example.net", "ns2.example.net"])
        .record("example.com", "TXT", "v=spf1 mx -all")
        .record("example.com", "TXT", "something-else")
        .record("example.com", "NS", "ns1.example.net")
        .record("example.com", "NS", "ns2.example.net")
        .record("example.com", "SOA", "ns1.example.net. h.example.net. 1 7200 3600 1209600 60")
        .record("ns1.example.net", "A", "127.0.0.1")
        .record("ns1.example.net", "AAAA", "2001:db8::1")
        .record("ns2.example.net", "A", "127.0.1.1")
        .record("example.com", "CAA", "0 issue \"ca.example\"")
        .record("example.com", "CAA", "0 iodef \"mailto:a@example.com\"")
}

/// Records that are all TXT.
fn policies(records: &[(&str, &str)]) -> Dns {
    records.iter().fold(Dns::default(), |dns, (name, text)| dns.record(name, "TXT", text))
}

/// Returns what the probe saw and how many questions it asked.
pub(super) async fn probed(domain: &str, dns: Dns) -> (DnsEmailEvidence, u32) {
    probed_in(Lab::builder().dns(dns).name_server(), domain).await
}

async fn probed_in(lab: LabBuilder, domain: &str) -> (DnsEmailEvidence, u32) {
    let lab = lab.start().await.unwrap();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: ports.collect(),
        ..Settings::default()
    };
    let now = Timestamp::parse("2026-11-24T00:00:00Z").unwrap();
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now);
    let target = Target { domain: DomainName::parse(domain).unwrap(), addresses: Vec::new() };
    let evidence = probe(&net, &target).await;
    (evidence, net.used().1)
}

pub(super) fn report(dns_email: DnsEmailEvidence) -> ModuleReport {
    let evidence =
        Evidence { dns_email: Some(dns_email), addresses: Some(Vec::new()), ..Evidence::default() };
    judge::module(find_module(ModuleId::DnsEmail), &evidence)
}

pub(super) fn findings(report: &ModuleReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.check.as_str()).collect()
}

#[tokio::test]
async fn no_dmarc_and_no_dkim_cost_35_points() {
    let (evidence, queries) = probed("example.com", sound()).await;
    let report = report(evidence);
    assert_eq!(findings(&report), ["dmarc.missing", "dkim.not-found"]);
    assert_eq!(report.score, Some(65));
    let unseen: Vec<_> = report.not_tested.iter().map(|missing| missing.check.as_str()).collect();
    assert_eq!(unseen, ["rpki.invalid", "rpki.not-found"], "no provider is configured");
    assert!(queries < 60, "{queries}");
}

#[tokio::test]
async fn nothing_is_wrong_with_a_sound_domain() {
    let dns = sound()
        .record("_dmarc.example.com", "TXT", "v=DMARC1; p=reject; rua=mailto:a@example.com")
        .record("selector1._domainkey.example.com", "TXT", ED25519);
    let report = report(probed("example.com", dns).await.0);
    assert_eq!((findings(&report), report.score), (Vec::new(), Some(100)));
}

#[tokio::test]
async fn a_resolver_that_fails_is_no_finding() {
    let dns = Dns::default()
        .fault("example.com", DnsFault::ServFail)
        .fault("_dmarc.example.com", DnsFault::Refused)
        .fault("cl-no-such-selector._domainkey.example.com", DnsFault::ServFail);
    let report = report(probed("example.com", dns).await.0);
    assert!(matches!(report.status, ModuleStatus::NotTested(_)), "{report:?}");
}

#[tokio::test]
async fn the_ledger_says_what_each_include_costs() {
    let dns = policies(&[
        ("example.com", "v=spf1 include:a.example include:a.example a:gone.example ~all mx"),
        ("a.example", "v=spf1 redirect=b.example"),
        ("b.example", "v=spf1 exists:%{i}.b.example include:none.example +all"),
        ("none.example", "no policy"),
    ]);
    let spf = probed("example.com", dns).await.0.spf.unwrap();
    let rows: Vec<_> = spf
        .ledger
        .entries
        .iter()
        .map(|entry| (entry.depth, entry.term.as_str(), entry.total))
        .collect();
    assert_eq!(
        rows,
        [
            (0, "include:a.example", 1),
            (1, "redirect=b.example", 2),
            (2, "exists:%{i}.b.example", 3),
            (2, "include:none.example", 4),
            (0, "include:a.example", 5),
            (1, "redirect=b.example", 6),
            (2, "exists:%{i}.b.example", 7),
            (2, "include:none.example", 8),
            (0, "a:gone.example", 9),
        ]
    );
    let entries = &spf.ledger.entries;
    assert_eq!(entries[3].remark, Some(Remark::NoRecord));
    assert_eq!(entries[2].remark, Some(Remark::DependsOnMessage));
    assert!(entries[1].open, "the include ends in `+all`");
    assert!(entries[8].void);
    assert_eq!((spf.ledger.voids, spf.ledger.perhaps_void), (1, 2));
    assert_eq!((spf.ledger.lookups(), spf.ledger.unfinished), (Ok(9), None));
}

#[tokio::test]
async fn a_loop_ends_and_costs_too_many_lookups() {
    let dns = policies(&[
        ("example.com", "v=spf1 include:a.example -all"),
        ("a.example", "v=spf1 include:example.com -all"),
    ]);
    let (evidence, queries) = probed("example.com", dns).await;
    let ledger = &evidence.spf.as_ref().unwrap().ledger;
    assert_eq!(ledger.entries[1].remark, Some(Remark::Loop));
    assert_eq!(ledger.lookups(), Ok(20));
    assert!(queries < 60, "{queries}");
    let found = report(evidence);
    let found = findings(&found);
    assert!(found.contains(&"spf.too-many-lookups") && found.contains(&"spf.broken-include"));
}

#[tokio::test]
async fn a_redirect_decides_how_the_record_ends() {
    let dns = policies(&[
        ("example.com", "v=spf1 redirect=a.example"),
        ("a.example", "v=spf1 ip4:192.0.2.0/24 ?all"),
    ]);
    let evidence = probed("example.com", dns).await.0;
    let end = evidence.spf.as_ref().unwrap().ledger.end.clone().unwrap();
    assert_eq!((end.domain.as_str(), end.all), ("a.example", Some(Qualifier::Neutral)));
    assert!(findings(&report(evidence)).contains(&"spf.neutral-all"));
}

#[tokio::test]
async fn a_lookup_without_answer_leaves_the_count_open() {
    let dns = policies(&[("example.com", "v=spf1 include:a.example -all")])
        .fault("a.example", DnsFault::ServFail);
    let evidence = probed("example.com", dns).await.0;
    assert!(evidence.spf.as_ref().unwrap().ledger.lookups().is_err());
    let report = report(evidence);
    let open: Vec<_> = report.not_tested.iter().map(|missing| missing.check.as_str()).collect();
    assert!(open.contains(&"spf.too-many-lookups") && open.contains(&"spf.broken-include"));
}

#[tokio::test]
async fn the_walk_finds_the_parents_policy_and_asks_who_gets_reports() {
    let own = "v=DMARC1; p=reject; sp=none; rua=mailto:a@r.test,mailto:b@s.test";
    let dns =
        policies(&[("_dmarc.example.com", own), ("example.com._report._dmarc.r.test", "v=DMARC1")]);
    let evidence = probed("shop.example.com", dns).await.0;
    let dmarc = evidence.dmarc.as_ref().unwrap();
    assert_eq!((dmarc.found_at.as_deref(), dmarc.own), (Some("example.com"), false));
    let agreed: Vec<_> =
        dmarc.external.iter().map(|other| (other.domain.as_str(), other.agreed.clone())).collect();
    assert_eq!(agreed, [("r.test", Ok(true)), ("s.test", Ok(false))]);
    let report = report(evidence);
    let found = findings(&report);
    assert!(found.contains(&"dmarc.monitor-only") && found.contains(&"dmarc.external-reports"));
}

#[tokio::test]
async fn a_key_that_is_everywhere_is_told_from_one_of_its_own() {
    let dns = policies(&[
        ("cl-no-such-selector._domainkey.example.com", "v=DKIM1; p="),
        ("default._domainkey.example.com", "v=DKIM1; p="),
        ("google._domainkey.example.com", ED25519),
    ]);
    let keys = probed("example.com", dns).await.0.dkim.unwrap().keys;
    let found: Vec<_> =
        keys.iter().map(|key| (key.selector.as_str(), key.algorithm.clone())).collect();
    assert_eq!(found, [("*", Algorithm::Revoked), ("google", Algorithm::Ed25519)]);
}

#[tokio::test]
async fn mail_servers_are_looked_up() {
    let dns = Dns::default()
        .record("example.com", "MX", "10 .")
        .record("example.com", "MX", "10 alias.example.com")
        .record("example.com", "MX", "10 gone.example.com")
        .record("example.com", "MX", "10 unseen.example.com")
        .record("alias.example.com", "CNAME", "real.example.net")
        .record("real.example.net", "A", "198.51.100.1")
        .fault("unseen.example.com", DnsFault::ServFail);
    let mx = probed("example.com", dns).await.0.mx.unwrap();
    assert!(mx.null && mx.has_mail());
    let addresses = |host: &super::mx::MailHost| host.addresses.as_ref().ok().map(Vec::len);
    let hosts: Vec<_> =
        mx.hosts.iter().map(|host| (host.name.as_str(), addresses(host), host.alias)).collect();
    assert_eq!(
        hosts,
        [
            ("alias.example.com", Some(1), true),
            ("gone.example.com", Some(0), false),
            ("unseen.example.com", None, false)
        ]
    );
}

#[tokio::test]
async fn a_subdomain_is_judged_by_its_parents_zone_and_authorities() {
    let (evidence, _) = probed("shop.example.com", sound()).await;
    assert_eq!(evidence.caa.unwrap().found_at.as_deref(), Some("example.com"));
    let ns = evidence.ns.unwrap();
    assert_eq!((ns.zone.as_str(), ns.count), ("example.com", 2));
    assert_eq!(ns.soa.unwrap().primary, "ns1.example.net");
}

#[tokio::test]
async fn a_hostile_zone_leaves_the_rest_of_the_scan_some_questions() {
    let includes: String = (0..30).map(|index| format!(" include:i{index}.example")).collect();
    let addresses: String = (0..9).map(|index| format!("mailto:a@r{index}.test,")).collect();
    let mut dns = policies(&[
        ("example.com", &format!("v=spf1{includes} -all")),
        ("_dmarc.example.com", &format!("v=DMARC1; p=none; rua={addresses}")),
    ]);
    for index in 0..30 {
        dns = dns
            .record(&format!("i{index}.example"), "TXT", "v=spf1 a:x.example -all")
            .record("example.com", "MX", &format!("10 m{index}.example"))
            .record("example.com", "NS", &format!("n{index}.example"));
    }
    let (_, queries) = probed("example.com", dns).await;
    assert!(queries <= 125, "{queries}");
}

#[tokio::test]
async fn evidence_survives_storage() {
    let (evidence, _) = probed("example.com", sound()).await;
    let stored = serde_json::to_string(&evidence).unwrap();
    let read: DnsEmailEvidence = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), stored);
    assert_eq!(report(read), report(evidence));
}

#[tokio::test]
async fn name_servers_are_asked_directly() {
    for (habit, expected) in [
        (NameServerHabit::Transfers, "ns.open-transfer"),
        (NameServerHabit::Recurses, "ns.open-recursion"),
        (NameServerHabit::Lame, "ns.lame"),
    ] {
        let report = report(probed("example.com", sound().habit(habit)).await.0);
        assert!(findings(&report).contains(&expected), "{habit:?}: {:?}", report.findings);
    }
}

#[tokio::test]
async fn https_records_are_followed_to_the_addresses_of_their_targets() {
    let dns = sound()
        .record("example.com", "A", "198.51.100.9")
        .record("example.com", "HTTPS", "1 . alpn=h2 ipv4hint=198.51.100.8")
        .record("example.com", "HTTPS", "2 gone.example.net. alpn=h2");
    let (evidence, _) = probed("example.com", dns).await;
    let records = &evidence.svcb.as_ref().unwrap().records;
    assert_eq!((records.len(), records[0].alpn.as_slice()), (2, &["h2".to_owned()][..]));
    assert_eq!(records[0].addresses, Ok(vec!["198.51.100.9".parse().unwrap()]));
    let report = report(evidence);
    let mut found: Vec<_> = report.findings.iter().map(|found| found.check.as_str()).collect();
    found.retain(|check| check.starts_with("svcb."));
    assert_eq!(found, ["svcb.target-unresolved", "svcb.hint-mismatch", "svcb.no-ech"]);
}

#[tokio::test]
async fn the_public_name_of_ech_is_asked_for() {
    // The example of RFC 9848, section 3.
    let ech = "1 . alpn=h2 ech=\"AEj+DQBEAQAgACAdd+scUi0IYFsXnUIU7ko2Nd9+F8M26pAGZVpz/KrWPgAEAAEA\
               AWQVZWNoLXNpdGVzLmV4YW1wbGUubmV0AAA=\"";
    for (names, name_matches) in [
        (["example.com", "ech-sites.example.net"], true),
        (["example.com", "other.example"], false),
    ] {
        let dns =
            sound().record("example.com", "A", "127.0.0.1").record("example.com", "HTTPS", ech);
        let lab = Lab::builder().dns(dns).name_server();
        let (evidence, _) =
            probed_in(lab.https(Tls::modern(&names), Web::default()), "example.com").await;
        let outer = evidence.svcb.unwrap().outer.unwrap().unwrap();
        assert_eq!(outer.public_name, "ech-sites.example.net");
        assert_eq!(outer.name_matches, name_matches);
    }
    let dns = sound().record("example.com", "A", "127.0.0.1").record("example.com", "HTTPS", ech);
    let unseen = probed("example.com", dns).await.0.svcb.unwrap().outer.unwrap_err();
    assert!(unseen.0.starts_with("ech-sites.example.net at 127.0.0.1: "), "{unseen}");
}

#[tokio::test]
async fn what_the_zone_above_says_is_compared() {
    let inside = |servers: &[&str]| {
        let dns = Dns::default()
            .record("example.com", "NS", "ns1.example.com")
            .record("example.com", "NS", "ns2.example.com")
            .record("ns1.example.com", "A", "127.0.0.1")
            .record("ns2.example.com", "A", "127.0.1.1")
            .record("com", "NS", "ns.com.example")
            .record("ns.com.example", "A", "127.0.0.1");
        probed("example.com", dns.delegation("example.com", servers))
    };
    let verdicts = async |servers: &[&str]| {
        let report = report(inside(servers).await.0);
        let all = ["ns.delegation-differs", "ns.missing-glue", "ns.stale-glue"];
        let failed = findings(&report);
        all.into_iter().filter(|id| failed.contains(id)).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(verdicts(&["ns1.example.com 127.0.0.1", "ns2.example.com 127.0.1.1"]).await, none);
    assert_eq!(
        verdicts(&["ns1.example.com 127.0.0.1", "ns9.example.com"]).await,
        ["ns.delegation-differs", "ns.missing-glue"]
    );
    assert_eq!(
        verdicts(&["ns1.example.com 127.0.0.9", "ns2.example.com 127.0.1.1"]).await,
        ["ns.stale-glue"]
    );
}

#[tokio::test]
async fn a_parent_that_answers_for_the_zone_itself_shows_no_delegation() {
    let dns = Dns::default()
        .record("example.com", "NS", "ns1.example.net")
        .record("ns1.example.net", "A", "127.0.0.1")
        .record("com", "NS", "ns1.example.net");
    let ns = probed("example.com", dns).await.0.ns.unwrap();
    assert!(ns.delegation.unwrap_err().0.contains("answers for example.com itself"));
}
