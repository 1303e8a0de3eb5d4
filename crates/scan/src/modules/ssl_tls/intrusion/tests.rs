//! Each attack against servers on loopback.

use std::collections::HashMap;
use std::sync::Arc;

use lab::{Flaw, Lab, LegacyServer, Page, Site, Tls, Web};
use model::Timestamp;
use tokio::time::Instant;

use super::*;
use crate::modules::ssl_tls::seen;
use crate::net::Shared;
use crate::settings::{PortTarget, Settings};

const DOMAIN: &str = "tls.test";
const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A server, and the network it is reached over.
struct Target {
    net: Net,
    _lab: Lab,
}

impl Target {
    async fn new(tls: Tls) -> Self {
        let web = Web::host(DOMAIN, Site::home(Page::new(200)));
        let lab = Lab::builder().https(tls, web).start().await.unwrap();
        let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
        let settings = Settings {
            resolver: Some(lab.resolver),
            allow_private_networks: true,
            port_overrides: ports.collect::<HashMap<_, _>>(),
            ..Settings::default()
        };
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(0));
        Self { net, _lab: lab }
    }

    async fn with(flaw: Flaw) -> Self {
        Self::new(Tls::Legacy(LegacyServer::flawed(&[DOMAIN], flaw))).await
    }

    fn place(&self) -> Place<'_> {
        Place::new(&self.net, ADDRESS, DOMAIN, MOST_CONNECTIONS)
    }

    fn connections(&self) -> u32 {
        self.net.used().0
    }

    /// Tries everything on a server that is known to have some suites of TLS 1.2.
    async fn tried(&self, suites: &[u16]) -> Intrusion {
        let evidence = seen(|tls| tls.versions[3].suites = Ok(suites.to_vec()));
        ask(&self.net, ADDRESS, DOMAIN, &evidence.tls.unwrap()).await
    }
}

fn offered() -> Offered {
    Offered { version: TLS12, suites: vec![0x002f] }
}

fn missing<T>(text: &str) -> Seen<T> {
    Err(Missing(text.to_owned()))
}

#[tokio::test]
async fn a_sound_server_withstands_everything() {
    let target = Target::with(Flaw::Sound).await;
    let seen = target.tried(&[0x002f]).await;
    assert_eq!((seen.heartbleed, seen.early_ccs), (Ok(Some(false)), Ok(Some(false))));
    assert_eq!(seen.ticketbleed, Ok(Some(false)));
    assert_eq!(seen.renegotiation, Ok(Some(Renegotiation::Refused)));
    let refused = |alert| Reaction { alerts: vec![alert], end: End::Closed };
    let robot = seen.robot.unwrap().unwrap();
    assert!(!robot.oracle && robot.reactions.iter().all(|(_, it)| *it == refused(20)), "{robot:?}");
    let padding = seen.padding.unwrap().unwrap();
    assert_eq!((padding.version, padding.suite), (TLS12, 0x002f));
    assert!(
        !padding.oracle && padding.reactions.iter().all(|(_, it)| *it == refused(20)),
        "{padding:?}"
    );
    assert_eq!(target.connections(), 20);
}

#[tokio::test]
async fn a_library_of_today_withstands_what_can_be_tried_on_it() {
    let target = Target::new(Tls::modern(&[DOMAIN])).await;
    for suite in [0xc02b, 0xc02c] {
        let seen = target.tried(&[suite]).await;
        assert_eq!((seen.heartbleed, seen.early_ccs), (Ok(Some(false)), Ok(Some(false))));
        // A handshake that was finished is asked for anew; there are no tickets of TLS 1.2.
        assert_eq!(seen.renegotiation, Ok(Some(Renegotiation::Refused)));
        assert_eq!((seen.ticketbleed, seen.robot, seen.padding), (Ok(None), Ok(None), Ok(None)));
    }
}

#[tokio::test]
async fn a_server_of_tls13_alone_has_nothing_to_try_it_on() {
    let target = Target::new(Tls::modern(&[DOMAIN])).await;
    let seen = target.tried(&[]).await;
    assert_eq!((seen.heartbleed, seen.renegotiation), (Ok(None), Ok(None)));
    assert_eq!((seen.early_ccs, seen.padding), (Ok(None), Ok(None)));
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn heartbleed_is_a_heartbeat_that_brings_more_than_was_sent() {
    let target = Target::with(Flaw::Heartbleed).await;
    assert_eq!(heartbleed::ask(&target.place(), offered()).await, Ok(true));
    assert_eq!(target.connections(), 3);
    let target = Target::with(Flaw::LenientHeartbeat).await;
    assert_eq!(heartbleed::ask(&target.place(), offered()).await, Ok(false));
    let target = Target::with(Flaw::EndlessHeartbeats).await;
    let endless = missing("the server sent something else without end");
    assert_eq!(heartbleed::ask(&target.place(), offered()).await, endless);
}

#[tokio::test]
async fn keys_that_are_changed_too_early_are_seen_by_what_is_decrypted() {
    let (early, deaf) =
        tokio::join!(Target::with(Flaw::EarlyCcs), Target::with(Flaw::DeafToEarlyCcs));
    let (places, missing_answer) = (
        [early.place(), deaf.place()],
        missing("the server says nothing to a ChangeCipherSpec too early"),
    );
    let seen =
        tokio::join!(early_ccs::ask(&places[0], offered()), early_ccs::ask(&places[1], offered()));
    assert_eq!(seen, (Ok(true), missing_answer));
    assert_eq!((early.connections(), deaf.connections()), (2, 1));
}

#[tokio::test]
async fn robot_is_a_difference_that_stays() {
    for (flaw, strong, followed_up) in [
        (Flaw::RobotStrong, true, true),
        (Flaw::RobotWeak, false, true),
        (Flaw::RobotImpatient, true, false),
    ] {
        let target = Target::with(flaw).await;
        let robot = robot::ask(&target.place(), offered()).await.unwrap();
        assert!(robot.oracle, "{flaw:?}");
        assert_eq!((robot.is_strong(), robot.followed_up), (strong, followed_up), "{flaw:?}");
    }
    let target = Target::with(Flaw::Moody).await;
    let unsteady = missing("the answers changed from one try to the next");
    assert_eq!(robot::ask(&target.place(), offered()).await, unsteady);
}

#[tokio::test]
async fn ticketbleed_is_a_session_id_that_grows() {
    let target = Target::with(Flaw::Ticketbleed).await;
    assert_eq!(ticketbleed::ask(&target.place(), offered()).await, Ok(Some(true)));
    assert_eq!(target.connections(), 3);
}

#[tokio::test]
async fn a_handshake_that_is_begun_anew_is_accepted() {
    let target = Target::with(Flaw::Renegotiates).await;
    assert_eq!(renegotiation::ask(&target.place(), offered()).await, Ok(Renegotiation::Accepted));
    let server = LegacyServer {
        secure_renegotiation: false,
        ..LegacyServer::flawed(&[DOMAIN], Flaw::Renegotiates)
    };
    let target = Target::new(Tls::Legacy(server)).await;
    assert_eq!(
        renegotiation::ask(&target.place(), offered()).await,
        Ok(Renegotiation::AcceptedInsecurely)
    );
}

#[tokio::test]
async fn padding_oracles_go_by_their_names() {
    for (flaw, names) in [
        (Flaw::AnyPadding, vec!["POODLE"]),
        (Flaw::TellsPadding, vec!["Zombie POODLE", "GOLDENDOODLE"]),
        (Flaw::ForgivesEmpty, vec!["0-length padding oracle"]),
    ] {
        let target = Target::with(flaw).await;
        let padding = padding::ask(&target.place(), offered()).await.unwrap();
        assert!(padding.oracle, "{flaw:?}");
        assert_eq!(padding.names(), names, "{flaw:?}");
        assert_eq!(target.connections(), 15);
    }
}

#[tokio::test]
async fn hostile_servers_cost_a_bounded_time_and_are_not_judged() {
    for (flaw, why) in
        [(Flaw::Hangs, "no answer in time"), (Flaw::Floods, "the server sent more than we read")]
    {
        let target = Target::with(flaw).await;
        let began = Instant::now();
        let seen = target.tried(&[0x002f]).await;
        assert!(began.elapsed() <= TIMEOUT + RESERVE, "{flaw:?} took {:?}", began.elapsed());
        assert_eq!((seen.ticketbleed, seen.renegotiation), (missing(why), missing(why)));
        assert!(seen.padding.is_err() && seen.robot.is_err());
        assert!(seen.heartbleed.is_err() && seen.early_ccs.is_err());
        assert!(target.connections() <= MOST_CONNECTIONS, "{flaw:?}");
    }
}

#[tokio::test]
async fn connections_are_counted() {
    let target = Target::with(Flaw::Sound).await;
    let place = Place::new(&target.net, ADDRESS, DOMAIN, 4);
    let spent = missing("the scan has used up its connections for intrusive probes");
    assert_eq!(robot::ask(&place, offered()).await, spent);
    assert_eq!(target.connections(), 4);
}

#[test]
fn what_was_not_listed_is_not_left_out() {
    let newest = |evidence: &crate::evidence::Evidence, wanted: fn(u16) -> bool| {
        Offered::newest(evidence.tls.as_ref().unwrap(), wanted)
    };
    let unlisted = seen(|tls| {
        tls.versions[3].suites = missing("silence");
        tls.versions[1].suites = Ok(vec![0x002f]);
    });
    let old = Offered { version: TLS10, suites: vec![0x002f] };
    assert_eq!(newest(&unlisted, |_| true), Ok(Some(old)));
    assert_eq!(newest(&unlisted, |suite| suite == 0xc013), missing("silence"));
    assert_eq!(newest(&seen(|_| {}), encrypts_with_rsa), Ok(None));
    let only_ssl3 = seen(|tls| {
        tls.versions[0].suites = Ok(vec![0x002f]);
        tls.versions[3].suites = Ok(Vec::new());
    });
    assert!(newest(&only_ssl3, |_| true).is_err());
}
