//! The probe against zones signed on loopback, from the root down.

use std::sync::Arc;

use hickory_proto::rr::RecordType;
use lab::{ChildDs, Denial, Dns, Lab, Signing, SigningFault};
use model::{DomainName, ModuleId, ModuleReport, ModuleStatus, Timestamp};

use super::anchor::DnssecAnchors;
use super::{DnssecEvidence, Insecurity, NOW, Security, probe, validated};
use crate::Target;
use crate::catalogue::find_module;
use crate::evidence::Evidence;
use crate::judge;
use crate::net::{Net, Shared};
use crate::settings::Settings;

const DOMAIN: &str = "shop.test";

/// A root and a top-level domain that are signed, and a shop that may be.
fn world() -> Dns {
    Dns::default()
        .record(DOMAIN, "A", "198.51.100.1")
        .record(DOMAIN, "NS", "ns.shop.test")
        .record("ns.shop.test", "A", "198.51.100.2")
        .record("www.shop.test", "CNAME", "shop.test")
        .record("a.b.shop.test", "TXT", "below an empty name")
        .record("other.test", "NS", "ns.shop.test")
        .record("other.test", "A", "198.51.100.3")
        .sign(".")
        .sign("test")
        .signed_at(NOW)
}

fn shop(signing: impl Into<Signing>) -> Dns {
    world().sign_with(DOMAIN, signing.into())
}

async fn net(lab: &Lab) -> Net {
    let anchor = lab.dnssec_anchor.as_deref().expect("a zone is signed");
    net_with(lab, DnssecAnchors::parse(anchor).unwrap())
}

fn net_with(lab: &Lab, dnssec_anchors: DnssecAnchors) -> Net {
    let settings = Settings { resolver: Some(lab.resolver), dnssec_anchors, ..Settings::default() };
    Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(NOW * 1_000))
}

/// Returns what the probe saw of a domain and how many questions it asked.
async fn probed(domain: &str, dns: Dns) -> (DnssecEvidence, u32) {
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let net = net(&lab).await;
    let target = Target { domain: DomainName::parse(domain).unwrap(), addresses: Vec::new() };
    let evidence = probe(&net, &target).await;
    (evidence, net.used().1)
}

async fn report(dns: Dns) -> ModuleReport {
    let dnssec = Some(probed(DOMAIN, dns).await.0);
    let seen_at = Some(Timestamp(NOW * 1_000));
    judge::module(
        find_module(ModuleId::Dnssec),
        &Evidence { dnssec, seen_at, ..Evidence::default() },
    )
}

async fn findings(dns: Dns) -> Vec<(String, String)> {
    let report = report(dns).await;
    report.findings.into_iter().map(|finding| (finding.check, finding.seen)).collect()
}

/// Returns the ids of what is found in a shop signed so, sorted.
async fn found(signing: impl Into<Signing>) -> Vec<String> {
    let mut ids: Vec<_> = findings(shop(signing)).await.into_iter().map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn nothing_is_wrong_with_a_sound_zone() {
    for denial in [Denial::Nsec, Denial::Nsec3 { iterations: 0, salt: Vec::new(), opt_out: false }]
    {
        let signing = Signing { denial, child: Some(ChildDs::Own), ..Signing::default() };
        let report = report(shop(signing)).await;
        assert_eq!(report.findings, []);
        assert_eq!((report.score, report.not_tested.len()), (Some(100), 0), "{report:?}");
    }
}

#[tokio::test]
async fn the_chain_is_walked_with_few_questions() {
    let (evidence, queries) = probed(DOMAIN, shop(Signing::default())).await;
    let chain = evidence.chain.unwrap();
    let zones: Vec<_> = chain.zones.iter().map(|zone| zone.name.as_str()).collect();
    assert_eq!(zones, [".", "test", "shop.test"]);
    assert!(queries <= 14, "{queries}");
}

#[tokio::test]
async fn an_unsigned_zone_is_proven_to_be_one() {
    let seen = vec![(
        "dnssec.unsigned".to_owned(),
        "shop.test has neither keys nor a DS record".to_owned(),
    )];
    assert_eq!(findings(world()).await, seen);
    let denial = Denial::Nsec3 { iterations: 0, salt: vec![1], opt_out: true };
    let world = Dns::default()
        .record(DOMAIN, "NS", "ns.shop.test")
        .record(DOMAIN, "A", "198.51.100.1")
        .sign(".")
        .sign_with("test", denial.into())
        .signed_at(NOW);
    assert_eq!(findings(world).await, seen);
}

#[tokio::test]
async fn each_fault_of_signing_is_told_apart() {
    for (fault, expected) in [
        (SigningFault::Expired, "dnssec.signature-expired"),
        (SigningFault::NotYetValid, "dnssec.signature-not-yet-valid"),
        (SigningFault::ExpiresSoon, "dnssec.signature-expires-soon"),
        (SigningFault::LongLived, "dnssec.long-signature"),
        (SigningFault::NothingSigned, "dnssec.signature-missing"),
        (SigningFault::ForeignKey, "dnssec.signature-invalid"),
        (SigningFault::Tampered, "dnssec.signature-invalid"),
        (SigningFault::WrongDs, "dnssec.ds-without-key"),
        (SigningFault::NoDs, "dnssec.no-ds"),
        (SigningFault::Sha1Ds, "dnssec.outdated-digest"),
        (SigningFault::OldAlgorithm, "dnssec.weak-algorithm"),
        (SigningFault::WrongDenial, "dnssec.denial-invalid"),
    ] {
        assert_eq!(found(fault).await, [expected], "{fault:?}");
    }
}

#[tokio::test]
async fn the_break_is_described() {
    let seen = |findings: Vec<(String, String)>| findings.into_iter().next().unwrap().1;
    let expired = seen(findings(shop(SigningFault::Expired)).await);
    assert_eq!(expired, "the signature over DNSKEY of shop.test expired on 2026-11-16");
    let mismatch = seen(findings(shop(SigningFault::WrongDs)).await);
    assert!(mismatch.starts_with("the parent names key "), "{mismatch}");
    let above = Dns::default()
        .record(DOMAIN, "NS", "ns.shop.test")
        .record(DOMAIN, "A", "198.51.100.1")
        .sign(".")
        .sign_with("test", SigningFault::NothingSigned.into())
        .sign(DOMAIN)
        .signed_at(NOW);
    assert_eq!(seen(findings(above).await), "DS of shop.test is not signed");
}

#[tokio::test]
async fn parameters_of_hashed_denial_are_judged() {
    let nsec3 = |iterations, salt, opt_out| Denial::Nsec3 { iterations, salt, opt_out };
    assert_eq!(
        found(nsec3(10, vec![1, 2], true)).await,
        ["dnssec.nsec3-iterations", "dnssec.nsec3-opt-out", "dnssec.nsec3-salt"]
    );
    assert_eq!(
        found(nsec3(2_500, Vec::new(), false)).await,
        ["dnssec.nsec3-iterations", "dnssec.nsec3-too-many-iterations"]
    );
}

#[tokio::test]
async fn what_the_zone_asks_its_parent_for_is_compared_with_its_keys() {
    let child = |child| Signing { child: Some(child), ..Signing::default() };
    assert_eq!(found(child(ChildDs::Stray)).await, ["dnssec.cds-mismatch"]);
    assert_eq!(found(child(ChildDs::Removal)).await, ["dnssec.removal-requested"]);
}

#[tokio::test]
async fn a_resolver_without_signatures_accuses_nobody() {
    let plain = Dns::default().record(DOMAIN, "A", "198.51.100.1");
    let lab = Lab::builder().dns(plain).start().await.unwrap();
    let target = Target { domain: DomainName::parse(DOMAIN).unwrap(), addresses: Vec::new() };
    let seen = probe(&net_with(&lab, DnssecAnchors::default()), &target).await;
    assert_eq!(
        seen.chain.unwrap_err().0,
        "the resolver hands over no DNSSEC signatures for the zone `.`"
    );
}

#[tokio::test]
async fn an_anchor_that_does_not_fit_accuses_nobody() {
    let lab = Lab::builder().dns(shop(Signing::default())).start().await.unwrap();
    let target = Target { domain: DomainName::parse(DOMAIN).unwrap(), addresses: Vec::new() };
    let dnssec = Some(probe(&net_with(&lab, DnssecAnchors::default()), &target).await);
    let report =
        judge::module(find_module(ModuleId::Dnssec), &Evidence { dnssec, ..Evidence::default() });
    assert!(
        matches!(&report.status, ModuleStatus::NotTested(why) if why.contains("trust anchor")),
        "{report:?}"
    );
}

#[tokio::test]
async fn any_name_can_be_validated() {
    for denial in [Denial::Nsec, Denial::Nsec3 { iterations: 1, salt: vec![7], opt_out: false }] {
        let lab = Lab::builder().dns(shop(denial)).start().await.unwrap();
        let net = net(&lab).await;
        for (name, record_type) in [
            ("shop.test", RecordType::A),
            ("ns.shop.test", RecordType::A),
            ("www.shop.test", RecordType::A),
            ("www.shop.test", RecordType::TLSA),
            ("b.shop.test", RecordType::A),
            ("a.b.shop.test", RecordType::TXT),
            ("_25._tcp.mail.shop.test", RecordType::TLSA),
            ("test", RecordType::SOA),
        ] {
            let security = validated(&net, name, record_type).await;
            assert_eq!(security, Ok(Security::Secure), "{name} {record_type}");
        }
        let unsigned = Security::Insecure(Insecurity::NoDs("other.test".to_owned()));
        assert_eq!(validated(&net, "other.test", RecordType::A).await, Ok(unsigned.clone()));
        assert_eq!(validated(&net, "_25._tcp.other.test", RecordType::TLSA).await, Ok(unsigned));
    }
    let lab = Lab::builder().dns(shop(SigningFault::Tampered)).start().await.unwrap();
    let security = validated(&net(&lab).await, "ns.shop.test", RecordType::A).await;
    assert!(matches!(security, Ok(Security::Bogus(_))), "{security:?}");
}

#[tokio::test]
async fn a_lower_anchor_makes_the_chain_shorter() {
    let dns = Dns::default()
        .record(DOMAIN, "A", "198.51.100.1")
        .record(DOMAIN, "NS", "ns.shop.test")
        .sign(DOMAIN)
        .signed_at(NOW);
    let chain = probed(DOMAIN, dns).await.0.chain.unwrap();
    assert_eq!((chain.zones.len(), chain.security), (1, Security::Secure));
}
