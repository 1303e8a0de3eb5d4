use lab::{Chain, Dns, Lab, LegacyServer, Page, Site, Tls, Web};
use model::ModuleId::SslTls;
use model::ModuleStatus;

use super::{failed, finding, module, scan};

const DOMAIN: &str = "tls.test";

async fn lab(tls: Tls) -> Lab {
    let dns = Dns::default().record(DOMAIN, "A", "127.0.0.1");
    let web = Web::host(DOMAIN, Site::home(Page::new(200)));
    Lab::builder().dns(dns).https(tls, web).start().await.unwrap()
}

async fn faults(tls: Tls) -> Vec<String> {
    let lab = lab(tls).await;
    let report = scan(&lab, DOMAIN, &[SslTls]).await;
    failed(&report, SslTls).into_iter().map(str::to_owned).collect()
}

async fn chain_faults(chain: Chain) -> Vec<String> {
    let mut faults = faults(Tls::with_chain(&[DOMAIN], chain)).await;
    faults.retain(|fault| fault != "kex.no-post-quantum");
    faults
}

#[tokio::test]
async fn a_well_kept_server_lacks_post_quantum_groups_at_most() {
    let lab = lab(Tls::modern(&[DOMAIN])).await;
    let report = scan(&lab, DOMAIN, &[SslTls]).await;
    assert_eq!(failed(&report, SslTls), ["kex.no-post-quantum"]);
    assert_eq!(finding(&report, "kex.no-post-quantum").seen, "only x25519, secp256r1, secp384r1");
    assert!(report.scope.connections <= 40, "{} connections", report.scope.connections);
    assert_eq!(lab.connections(), report.scope.connections);
}

#[tokio::test]
async fn each_fault_of_a_chain_is_told_from_the_others() {
    assert_eq!(chain_faults(Chain::Good).await, Vec::<String>::new());
    assert_eq!(chain_faults(Chain::Expired).await, ["cert.expired"]);
    assert_eq!(chain_faults(Chain::NotYetValid).await, ["cert.not-yet-valid"]);
    assert_eq!(chain_faults(Chain::ExpiresSoon).await, ["cert.expires-soon"]);
    assert_eq!(chain_faults(Chain::WrongName).await, ["cert.wrong-name"]);
    assert_eq!(chain_faults(Chain::SelfSigned).await, ["chain.self-signed"]);
    assert_eq!(chain_faults(Chain::UntrustedRoot).await, ["chain.untrusted"]);
    assert_eq!(chain_faults(Chain::MissingIntermediate).await, ["chain.incomplete"]);
    // The root stands in the middle.
    assert_eq!(chain_faults(Chain::Misordered).await, ["chain.misordered", "chain.surplus"]);
}

#[tokio::test]
async fn only_tls13_is_no_fault() {
    let only = Tls::Only13 { names: vec![DOMAIN.to_owned()], chain: Chain::Good };
    assert_eq!(faults(only).await, ["kex.no-post-quantum"]);
}

#[tokio::test]
async fn old_versions_and_suites_are_seen_one_by_one() {
    let mut old = LegacyServer::new(
        &[DOMAIN],
        &[
            (0x0300, &[0x0005, 0x000a]),
            (0x0301, &[0x002f, 0x0033]),
            (0x0302, &[0x002f]),
            (0x0303, &[0x0034, 0x0008, 0x0002, 0xc027, 0x002f]),
        ],
    );
    old.server_order = false;
    old.ssl2 = true;
    old.compression = true;
    old.heartbeat = true;
    old.secure_renegotiation = false;
    old.extended_master_secret = false;
    old.dh_bits = 1024;
    let faults = faults(Tls::Legacy(old)).await;
    for expected in [
        "tls.ssl2",
        "tls.ssl3",
        "tls.tls10",
        "tls.tls11",
        "tls.no-tls13",
        "cipher.rc4",
        "cipher.small-block",
        "cipher.anonymous",
        "cipher.export",
        "cipher.null",
        "cipher.cbc",
        "cipher.no-aead",
        "cipher.client-order",
        "cipher.static-key-exchange",
        "kex.short-prime",
        "tlsflaw.compression",
        "tlsflaw.heartbeat",
        "tlsflaw.insecure-renegotiation",
        "tlsflaw.no-extended-master-secret",
    ] {
        assert!(
            faults.iter().any(|fault| fault == expected),
            "{expected} is missing among {faults:?}"
        );
    }
}

#[tokio::test]
async fn post_quantum_groups_are_seen_without_any_cryptography() {
    let mut server = LegacyServer::new(&[DOMAIN], &[(0x0304, &[0x1301, 0x1302])]);
    server.groups = vec![0x11ec, 29];
    let faults = faults(Tls::Legacy(server)).await;
    assert!(!faults.iter().any(|fault| fault.starts_with("kex.")), "{faults:?}");
    assert!(!faults.iter().any(|fault| fault == "tls.no-tls13"), "{faults:?}");
}

#[tokio::test]
async fn silence_and_nonsense_are_no_verdict() {
    for fault in [Tls::ResetsAtHello, Tls::Garbage, Tls::EndlessRecords, Tls::AlertsAlways] {
        let lab = lab(fault.clone()).await;
        let report = scan(&lab, DOMAIN, &[SslTls]).await;
        let status = &module(&report, SslTls).status;
        assert!(matches!(status, ModuleStatus::NotTested(_)), "{fault:?}: {status:?}");
        assert!(report.score.is_err(), "{fault:?}");
    }
}

#[tokio::test]
async fn the_other_name_of_the_site_needs_a_certificate_too() {
    let with = async |names: &[&str]| {
        let dns = Dns::default().record(DOMAIN, "A", "127.0.0.1").record(
            "www.tls.test",
            "A",
            "127.0.0.1",
        );
        let web = Web::host(DOMAIN, Site::home(Page::new(200)));
        let lab = Lab::builder().dns(dns).https(Tls::modern(names), web).start().await.unwrap();
        let report = scan(&lab, DOMAIN, &[SslTls]).await;
        failed(&report, SslTls).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(with(&[DOMAIN]).await, ["cert.www-wrong-name", "kex.no-post-quantum"]);
    assert_eq!(with(&[DOMAIN, "www.tls.test"]).await, ["kex.no-post-quantum"]);
}

#[tokio::test]
async fn what_several_modules_saw_is_compared_in_the_end() {
    let lab = lab::demo::start().await.unwrap();
    let passed = |report: &model::Report| module(report, SslTls).passed.clone();
    let whole = passed(&scan(&lab, lab::demo::DOMAIN, &[]).await);
    assert!(whole.iter().any(|check| check == "cert.shared-with-mail"), "{whole:?}");
    let alone = passed(&scan(&lab, lab::demo::DOMAIN, &[SslTls]).await);
    assert!(!alone.iter().any(|check| check == "cert.shared-with-mail"), "{alone:?}");
}
