//! What a server does in other situations, against servers on loopback.

use std::collections::HashMap;
use std::sync::Arc;

use lab::{Chain, Lab, LegacyServer, Page, Service, Site, Tls, Web};
use model::{DomainName, Timestamp};
use tokio::net::UdpSocket;

use super::habits::{Habits, Quic, Session};
use super::probe;
use crate::Target;
use crate::net::{Net, Shared};
use crate::settings::{PortTarget, Settings};

const DOMAIN: &str = "tls.test";

fn home() -> Web {
    Web::host(DOMAIN, Site::home(Page::new(200)))
}

fn names() -> Vec<String> {
    vec![DOMAIN.to_owned()]
}

async fn habits(tls: Tls) -> Habits {
    habits_of(Lab::builder().https(tls, home()).start().await.unwrap()).await.0
}

/// Returns the habits, and how many connections were opened.
async fn habits_of(lab: Lab) -> (Habits, u32) {
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: ports.collect::<HashMap<_, _>>(),
        ..Settings::default()
    };
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(0));
    let domain = DomainName::parse(DOMAIN).unwrap();
    let target = Target { domain, addresses: vec!["127.0.0.1".parse().unwrap()] };
    let evidence = probe(&net, &target).await;
    (evidence.habits, net.used().0)
}

#[tokio::test]
async fn a_current_server_has_good_habits() {
    let lab = Lab::builder().https(Tls::modern(&[DOMAIN]), home()).http(home());
    let (seen, connections) = habits_of(lab.start().await.unwrap()).await;
    assert_eq!(seen.nameless.unwrap().unwrap().names, [DOMAIN]);
    assert_eq!(
        seen.session,
        Ok(Session { resumable: true, early_data: 0, advertises_http3: Some(false) })
    );
    assert_eq!((seen.ignores_unknown, seen.notices_fallback), (Ok(true), Ok(None)));
    assert_eq!((seen.signs_sha1, seen.quic), (Ok(Some(false)), Ok(None)));
    assert_eq!(seen.upgrades, Ok(Some(false)));
    assert!(connections <= 36, "{connections} connections");
}

#[tokio::test]
async fn who_names_no_host_gets_the_default_or_nothing() {
    let with =
        |default: Option<&str>| Tls::Hosts { names: names(), default: default.map(str::to_owned) };
    let seen = habits(with(Some("dc1.corp"))).await.nameless.unwrap();
    assert_eq!(seen.unwrap().names, ["dc1.corp"]);
    assert_eq!(habits(with(None)).await.nameless, Ok(None));
}

#[tokio::test]
async fn tickets_tell_whether_early_data_is_taken() {
    let seen = habits(Tls::EarlyData { names: names() }).await.session;
    assert_eq!(seen.unwrap().early_data, 16_384);
    let seen = habits(Tls::Forgetful { names: names() }).await.session;
    assert!(!seen.unwrap().resumable);
}

#[tokio::test]
async fn an_old_server_shows_how_it_signs_and_falls_back() {
    let versions: &[(u16, &[u16])] = &[(0x0301, &[0x002f]), (0x0303, &[0xc02f, 0x009e])];
    let good = LegacyServer::new(&[DOMAIN], versions);
    let bad = LegacyServer {
        fallback_scsv: false,
        sha1_signatures: true,
        refuses_unknown: true,
        chain: Chain::Good,
        ..good.clone()
    };
    let seen = habits(Tls::Legacy(good)).await;
    assert_eq!((seen.notices_fallback, seen.signs_sha1), (Ok(Some(true)), Ok(Some(false))));
    assert_eq!(seen.ignores_unknown, Ok(true));
    assert!(seen.session.is_err(), "the handshake is never finished");
    let seen = habits(Tls::Legacy(bad)).await;
    assert_eq!((seen.notices_fallback, seen.signs_sha1), (Ok(Some(false)), Ok(Some(true))));
    assert_eq!(seen.ignores_unknown, Ok(false));
}

#[tokio::test]
async fn port_80_that_goes_on_in_tls_is_seen() {
    let upgrading = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0\r\n\r\n";
    let lab = Lab::builder().https(Tls::modern(&[DOMAIN]), home());
    let lab = lab.service(80, Service::greets(upgrading)).start().await.unwrap();
    assert_eq!(habits_of(lab).await.0.upgrades, Ok(Some(true)));
    assert_eq!(habits(Tls::modern(&[DOMAIN])).await.upgrades, Ok(None));
}

#[tokio::test]
async fn http3_that_is_advertised_is_asked_for() {
    let advertising = Page::new(200).header("alt-svc", "h3=\":443\"; ma=60");
    let web = || Web::host(DOMAIN, Site::home(advertising.clone()));
    // Whoever takes UDP of the same port answers with the versions it speaks.
    let lab = Lab::builder().https(Tls::modern(&[DOMAIN]), web()).start().await.unwrap();
    let place = lab.ports.iter().find(|(port, _)| *port == 443).unwrap().1;
    let udp = UdpSocket::bind(place).await.unwrap();
    let answering = tokio::spawn(async move {
        let mut packet = [0; 2_048];
        let (length, client) = udp.recv_from(&mut packet).await.unwrap();
        assert!(length >= 1_200);
        let mut answer = vec![0x80, 0, 0, 0, 0];
        answer.extend(&packet[14..23]);
        answer.extend(&packet[5..14]);
        answer.extend([0, 0, 0, 1]);
        udp.send_to(&answer, client).await.unwrap();
    });
    assert_eq!(habits_of(lab).await.0.quic, Ok(Some(Quic::Speaks(vec![1]))));
    answering.await.unwrap();
    let lab = Lab::builder().https(Tls::modern(&[DOMAIN]), web()).start().await.unwrap();
    assert_eq!(habits_of(lab).await.0.quic, Ok(Some(Quic::Refused)));
}
