//! The probe against servers on loopback.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use lab::{Chain, Lab, LegacyServer, Page, Site, Tls, Web};
use model::{DomainName, Timestamp};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::client_table::{CLIENTS, Client};
use super::clients::{self, Outcome};
use super::ocsp::Staple;
use super::trust::Trust;
use super::{TlsEvidence, probe};
use crate::Target;
use crate::check::judged;
use crate::evidence::Evidence;
use crate::net::{Net, Shared};
use crate::settings::{PortTarget, Settings};

const DOMAIN: &str = "tls.test";
const MANY_SUITES: [u16; 29] = [
    0xc030, 0xc02c, 0xc02f, 0xc02b, 0xcca9, 0xcca8, 0xc024, 0xc028, 0xc023, 0xc027, 0xc00a, 0xc014,
    0xc009, 0xc013, 0x009f, 0x009e, 0xccaa, 0x006b, 0x0067, 0x0039, 0x0033, 0x009d, 0x009c, 0x003d,
    0x003c, 0x0035, 0x002f, 0x000a, 0x0005,
];

async fn probed(tls: Tls) -> (TlsEvidence, u32) {
    let lab = serve(tls).await;
    probed_at(place(&lab), &lab).await
}

async fn serve(tls: Tls) -> Lab {
    let web = Web::host(DOMAIN, Site::home(Page::new(200)));
    Lab::builder().https(tls, web).start().await.unwrap()
}

fn place(lab: &Lab) -> SocketAddr {
    lab.ports.iter().find(|(port, _)| *port == 443).unwrap().1
}

/// Probes what listens at a place; the lab lends its resolver and its root.
async fn probed_at(place: SocketAddr, lab: &Lab) -> (TlsEvidence, u32) {
    let settings = Settings {
        resolver: Some(lab.resolver),
        extra_roots: vec![lab.authority.root_der()],
        allow_private_networks: true,
        port_overrides: HashMap::from([(443, PortTarget::Address(place))]),
        ..Settings::default()
    };
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
    let domain = DomainName::parse(DOMAIN).unwrap();
    let target = Target { domain, addresses: vec!["127.0.0.1".parse().unwrap()] };
    let evidence = probe(&net, &target).await;
    (evidence, net.used().0)
}

/// Listens at a place of its own and passes connections on, one after the other.
#[expect(clippy::disallowed_methods, reason = "the place is the lab's")]
async fn one_by_one(to: SocketAddr) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let passing = async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(to).await.unwrap();
            let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
    };
    (place, tokio::spawn(passing))
}

/// Listens at a place of its own, passes some connections on and hangs up on all others.
#[expect(clippy::disallowed_methods, reason = "the place is the lab's")]
async fn throttled(to: SocketAddr, passes: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let passing = async move {
        for count in 0.. {
            let (mut client, _) = listener.accept().await.unwrap();
            if count < passes {
                let mut server = TcpStream::connect(to).await.unwrap();
                tokio::spawn(async move {
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        }
    };
    (place, tokio::spawn(passing))
}

#[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

fn suites(evidence: &TlsEvidence, version: u16) -> &[u16] {
    evidence.suites(version).unwrap()
}

fn sorted(suites: &[u16]) -> Vec<u16> {
    let mut sorted = suites.to_vec();
    sorted.sort_unstable();
    sorted
}

#[tokio::test]
async fn a_current_server_is_known_after_thirty_connections() {
    let (seen, connections) = probed(Tls::modern(&[DOMAIN])).await;
    assert_eq!(sorted(suites(&seen, 0x0304)), [0x1301, 0x1302, 0x1303]);
    assert_eq!(sorted(suites(&seen, 0x0303)), [0xc02b, 0xc02c, 0xcca9]);
    for old in [0x0300, 0x0301, 0x0302] {
        assert_eq!(suites(&seen, old), [0_u16; 0]);
    }
    assert_eq!(seen.groups, Ok(vec![29, 23, 24]));
    assert_eq!((seen.ssl2, seen.weak_curves), (Ok(false), Ok(Vec::new())));
    assert!(seen.versions.iter().all(|seen| seen.unsettled.is_none()));
    assert!(connections <= 30, "{connections} connections");
}

#[tokio::test]
async fn a_server_with_every_suite_is_listed_within_sixty_connections() {
    let old: Vec<u16> = MANY_SUITES
        .into_iter()
        .filter(|suite| super::wire::suites::predates_tls12(*suite))
        .collect();
    let mut server = LegacyServer::new(
        &[DOMAIN],
        &[
            (0x0300, &old),
            (0x0301, &old),
            (0x0302, &old),
            (0x0303, &MANY_SUITES),
            (0x0304, &[0x1301, 0x1302, 0x1303]),
        ],
    );
    server.groups = vec![29, 23, 30, 25, 24, 256, 257, 258];
    let (seen, connections) = probed(Tls::Legacy(server)).await;
    assert_eq!(sorted(suites(&seen, 0x0303)), sorted(&MANY_SUITES));
    assert_eq!(seen.groups, Ok(vec![29, 23, 30, 25, 24, 256, 257, 258]));
    for version in &seen.versions {
        let suites = version.suites.as_ref().unwrap();
        assert!(!suites.is_empty(), "{:04x} is offered", version.version);
        // What is left open is what TLS 1.2 is known to take.
        for open in version.unsettled.iter().flat_map(|open| &open.suites) {
            assert!(MANY_SUITES.contains(open), "{open:04x}");
        }
    }
    assert_eq!(seen.server_order, Some(true));
    assert!(connections <= 60, "{connections} connections");
}

#[tokio::test]
async fn the_chain_of_an_old_server_is_read_in_clear() {
    let mut server = LegacyServer::new(&[DOMAIN], &[(0x0301, &[0x002f])]);
    server.chain = Chain::Expired;
    let (seen, _) = probed(Tls::Legacy(server)).await;
    assert!(seen.handshake.is_err());
    let chain = seen.chain.unwrap();
    assert_eq!((chain.trust, chain.name_matches), (Trust::Trusted, true));
    assert!(chain.certificates[0].not_after < now());
}

#[tokio::test]
async fn weak_curves_are_seen_though_strong_ones_are_preferred() {
    let mut server = LegacyServer::new(&[DOMAIN], &[(0x0303, &[0xc02f])]);
    server.groups = vec![29, 19, 1];
    let (seen, _) = probed(Tls::Legacy(server)).await;
    assert_eq!((seen.curves, seen.weak_curves), (vec![29], Ok(vec![19, 1])));
}

#[tokio::test]
async fn a_handshake_that_breaks_off_hides_nothing_else() {
    // The hand-written server says hello in TLS 1.3 and no more.
    let server = LegacyServer::new(&[DOMAIN], &[(0x0303, &[0xc02f]), (0x0304, &[0x1301])]);
    let (seen, _) = probed(Tls::Legacy(server)).await;
    assert!(seen.handshake.is_err() && seen.reached.is_ok());
    assert_eq!(suites(&seen, 0x0304), [0x1301]);
    assert!(seen.chain.is_ok());
}

#[tokio::test]
async fn who_has_had_enough_of_us_has_refused_nothing() {
    let lab = serve(Tls::modern(&[DOMAIN])).await;
    let (place, passing) = throttled(place(&lab), 7).await;
    let (seen, _) = probed_at(place, &lab).await;
    passing.abort();
    assert!(seen.reached.is_ok() && seen.handshake.is_ok());
    for version in &seen.versions {
        let known = version.suites.as_ref().is_ok_and(|suites| !suites.is_empty());
        assert_eq!(known, version.unsettled.is_some(), "{version:?}");
    }
    assert!(seen.groups.is_err(), "{:?}", seen.groups);
}

#[tokio::test]
async fn nobody_at_the_port_is_no_evidence() {
    let lab = serve(Tls::SilentAfterAccept).await;
    let (place, passing) = throttled(place(&lab), 0).await;
    passing.abort();
    let _ended = passing.await;
    let (seen, connections) = probed_at(place, &lab).await;
    let missing = seen.reached.unwrap_err();
    assert_eq!(missing.0, "port 443 of 127.0.0.1: the connection was refused");
    assert!(connections <= 5, "{connections} connections");
}

#[tokio::test]
async fn one_old_version_is_listed_in_full() {
    let old = MANY_SUITES.into_iter().filter(|suite| super::wire::suites::predates_tls12(*suite));
    let old: Vec<u16> = old.collect();
    let mut server = LegacyServer::new(&[DOMAIN], &[(0x0301, &old)]);
    server.server_order = false;
    let (seen, _) = probed(Tls::Legacy(server)).await;
    assert_eq!(sorted(suites(&seen, 0x0301)), sorted(&old));
    assert!(seen.versions.iter().all(|seen| seen.unsettled.is_none()));
    assert_eq!(seen.server_order, Some(false));
}

#[tokio::test]
async fn a_server_that_serves_one_after_the_other_is_not_kept_busy() {
    let lab = serve(Tls::modern(&[DOMAIN])).await;
    let (place, passing) = one_by_one(place(&lab)).await;
    let (seen, _) = probed_at(place, &lab).await;
    passing.abort();
    assert_eq!(sorted(suites(&seen, 0x0303)), [0xc02b, 0xc02c, 0xcca9]);
    assert!(seen.handshake.is_ok() && seen.groups.is_ok());
}

#[tokio::test]
async fn a_long_list_of_a_server_that_serves_one_after_the_other_is_whole() {
    let lab = serve(Tls::Legacy(LegacyServer::new(&[DOMAIN], &[(0x0303, &MANY_SUITES)]))).await;
    let (place, passing) = one_by_one(place(&lab)).await;
    let (seen, _) = probed_at(place, &lab).await;
    passing.abort();
    assert_eq!(sorted(suites(&seen, 0x0303)), sorted(&MANY_SUITES));
}

#[tokio::test]
async fn broken_suites_stand_where_the_server_ranks_them() {
    for ranked in [[0xc02f, 0xc030, 0x000a, 0x0005], [0x000a, 0x0005, 0xc02f, 0xc030]] {
        let server = LegacyServer::new(&[DOMAIN], &[(0x0303, &ranked)]);
        let (seen, _) = probed(Tls::Legacy(server)).await;
        assert_eq!((suites(&seen, 0x0303), seen.server_order), (&ranked[..], Some(true)));
    }
}

/// Passes connections to one port of two addresses on to two places, and tells the port.
#[expect(clippy::disallowed_methods, reason = "the places are the labs'")]
async fn side_by_side(places: [SocketAddr; 2]) -> (u16, Vec<JoinHandle<()>>) {
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = first.local_addr().unwrap().port();
    let second = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    let passing = [first, second].into_iter().zip(places).map(|(listener, to)| {
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(to).await.unwrap();
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        })
    });
    (port, passing.collect())
}

async fn probed_at_two(one: Tls, other: Tls) -> (TlsEvidence, u32) {
    let (one, other) = (serve(one).await, serve(other).await);
    let (port, passing) = side_by_side([place(&one), place(&other)]).await;
    let settings = Settings {
        resolver: Some(one.resolver),
        extra_roots: vec![one.authority.root_der(), other.authority.root_der()],
        allow_private_networks: true,
        port_overrides: HashMap::from([(443, PortTarget::Port(port))]),
        ..Settings::default()
    };
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), now());
    let domain = DomainName::parse(DOMAIN).unwrap();
    let addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|text| text.parse().unwrap());
    let evidence = probe(&net, &Target { domain, addresses: addresses.to_vec() }).await;
    passing.iter().for_each(JoinHandle::abort);
    (evidence, net.used().0)
}

#[tokio::test]
async fn what_is_wrong_at_one_address_is_wrong() {
    let weak = LegacyServer::new(&[DOMAIN], &[(0x0301, &[0x002f]), (0x0303, &[0xc02f])]);
    let (seen, connections) = probed_at_two(Tls::modern(&[DOMAIN]), Tls::Legacy(weak)).await;
    assert!(connections <= 60, "{connections} connections");
    let evidence = Evidence { seen_at: Some(now()), tls: Some(seen), ..Evidence::default() };
    let verdict = |id| judged(crate::catalogue::find_check(id).unwrap(), &evidence);
    assert_eq!(
        verdict("tls.tls10"),
        "fail: at 127.0.0.2: it is answered with TLS_RSA_WITH_AES_128_CBC_SHA"
    );
    assert_eq!(
        verdict("tls.addresses-differ"),
        "fail: 127.0.0.2 offers TLS 1.0, 127.0.0.1 does not"
    );
    assert_eq!(
        verdict("tls.address-silent"),
        "fail: port 443 of 127.0.0.3: the connection was refused"
    );
    assert_eq!((verdict("tls.tls11"), verdict("tls.no-tls13")), ("pass".into(), "pass".into()));
}

#[tokio::test]
async fn a_certificate_that_was_forgotten_at_one_address_is_found() {
    let forgotten = Tls::with_chain(&[DOMAIN], Chain::Expired);
    let (seen, _) = probed_at_two(Tls::modern(&[DOMAIN]), forgotten).await;
    let evidence = Evidence { seen_at: Some(now()), tls: Some(seen), ..Evidence::default() };
    let verdict = |id| judged(crate::catalogue::find_check(id).unwrap(), &evidence);
    assert!(
        verdict("cert.expired").starts_with("fail: at 127.0.0.2: "),
        "{}",
        verdict("cert.expired")
    );
    assert!(verdict("cert.addresses-differ").starts_with("fail: 127.0.0.2 shows another"));
    assert_eq!(verdict("cert.wrong-name"), "pass");
    assert_eq!(verdict("tls.addresses-differ"), "pass");
}

#[tokio::test]
async fn what_is_stapled_is_judged_whatever_the_version() {
    let stapling = |response: &[u8]| Tls::Staples {
        names: vec![DOMAIN.to_owned()],
        response: response.to_vec(),
    };
    let (seen, _) = probed(stapling(b"stapled")).await;
    assert_eq!(seen.staple, Ok(Staple::Useless("the OCSP response is none".to_owned())));
    let (seen, _) = probed(Tls::modern(&[DOMAIN])).await;
    assert_eq!(seen.staple, Ok(Staple::Nothing));
}

/// What our TLS library offers.
fn rustls_client(versions: (u16, u16)) -> Client {
    Client {
        name: "rustls",
        versions,
        suites: &[0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8],
        groups: &[29, 23, 24],
        ..CLIENTS[0]
    }
}

/// Shakes hands with a lab in one version, and tells the suite and the group as we call them.
#[expect(clippy::disallowed_methods, reason = "the place is the lab's")]
async fn shaken(lab: &Lab, version: &'static rustls::SupportedProtocolVersion) -> [String; 2] {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(lab.authority.root_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(place(lab)).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector.connect(DOMAIN.try_into().unwrap(), tcp).await.unwrap();
    let session = stream.get_ref().1;
    let suite = format!("{:?}", session.negotiated_cipher_suite().unwrap().suite());
    let group = session.negotiated_key_exchange_group().unwrap().name();
    [suite.replace("TLS13_", "TLS_"), format!("{group:?}").to_lowercase()]
}

#[tokio::test]
async fn a_client_gets_what_was_computed() {
    let names = || vec![DOMAIN.to_owned()];
    let only_13 = Tls::Only13 { names: names(), chain: Chain::Good };
    for (server, versions) in [
        (Tls::modern(&[DOMAIN]), &[&rustls::version::TLS13, &rustls::version::TLS12][..]),
        (only_13, &[&rustls::version::TLS13]),
        (Tls::Forgetful { names: names() }, &[&rustls::version::TLS12]),
    ] {
        let lab = serve(server).await;
        let (seen, _) = probed_at(place(&lab), &lab).await;
        for version in versions {
            let number = u16::from(version.version);
            let real = shaken(&lab, version).await;
            let outcome = clients::shake(&rustls_client((number, number)), &seen).unwrap();
            let Outcome::Connects(agreed) = outcome else { panic!("{outcome:?}") };
            assert_eq!(agreed.forward_secret, Some(true));
            // Where it is not known whose order decides, nothing is said.
            for (told, real) in [agreed.suite, agreed.group].iter().zip(&real) {
                assert!(told.is_none() || told.as_ref() == Some(real), "{told:?} {real}");
            }
        }
        assert_eq!(seen.clients.len(), CLIENTS.len());
        let current = seen.clients.iter().filter(|one| one.current);
        for one in current {
            assert!(matches!(one.outcome, Outcome::Connects(_)), "{one:?}");
        }
    }
}
