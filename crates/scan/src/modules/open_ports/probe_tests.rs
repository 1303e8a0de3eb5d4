//! The probe against servers on loopback.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lab::{Lab, LabBuilder, Service as LabService, SshGreeter};
use model::{DomainName, Timestamp};

use super::{AddressPorts, Service, probe};
use crate::Target;
use crate::net::{Net, Shared};
use crate::settings::{PortTarget, Settings};

async fn serving(services: &[(u16, LabService)]) -> Lab {
    let add =
        |lab: LabBuilder, (port, service): &(u16, LabService)| lab.service(*port, service.clone());
    services.iter().fold(Lab::builder(), add).start().await.unwrap()
}

fn net(lab: &Lab, overrides: HashMap<u16, PortTarget>, deadline: Duration) -> Net {
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: overrides,
        deadline,
        ..Settings::default()
    };
    let now = Timestamp::parse("2026-11-24T00:00:00Z").unwrap();
    Net::new(Arc::new(Shared::new(settings).unwrap()), now)
}

async fn probed_with(net: &Net, address: &str) -> AddressPorts {
    let domain = DomainName::parse("ports.test").unwrap();
    let target = Target { domain, addresses: vec![address.parse().unwrap()] };
    probe(net, &target).await.addresses.remove(0)
}

/// Returns what was seen and how many connections it took.
async fn probed(services: &[(u16, LabService)]) -> (AddressPorts, u32) {
    let lab = serving(services).await;
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let net = net(&lab, ports.collect(), Duration::from_secs(20));
    (probed_with(&net, "127.0.0.1").await, net.used().0)
}

#[tokio::test]
async fn open_ports_are_found_and_named() {
    let (seen, connections) = probed(&[
        (21, LabService::greets("220 (vsFTPd 3.0.3)\r\n")),
        (443, LabService::Silent),
        (3306, LabService::Greets(b"\x4a\0\0\0\x0a8.0.36\0rest".to_vec())),
        (6379, LabService::Silent),
    ])
    .await;
    assert_eq!(seen.reached, Ok(()));
    let open: Vec<_> =
        seen.open.iter().map(|it| (it.port, it.service, it.product.as_deref())).collect();
    assert_eq!(
        open,
        [
            (21, Service::Ftp, Some("vsFTPd 3.0.3")),
            (443, Service::Web, None),
            (3306, Service::Mysql, Some("MySQL 8.0.36")),
            (6379, Service::Redis, None),
        ]
    );
    assert_eq!(seen.unasked, None);
    assert_eq!(connections, 4, "nothing but the laboratory is knocked at");
}

#[tokio::test]
async fn a_greeting_outweighs_the_number() {
    let (seen, _) = probed(&[(5432, LabService::Ssh(SshGreeter::current()))]).await;
    assert_eq!(seen.open[0].service, Service::Ssh);
    assert_eq!(seen.open[0].product.as_deref(), Some("OpenSSH_10.0"));
}

#[tokio::test]
async fn the_algorithms_of_ssh_are_read() {
    let (seen, connections) = probed(&[(22, LabService::Ssh(SshGreeter::of_2018()))]).await;
    let ssh = seen.open[0].ssh.clone().unwrap().unwrap();
    assert_eq!((ssh.protocol.as_str(), ssh.software.as_str()), ("2.0", "OpenSSH_7.4"));
    assert!(ssh.key_exchanges.contains(&"diffie-hellman-group1-sha1".to_owned()));
    assert_eq!((ssh.host_keys.len(), ssh.ciphers.len(), ssh.macs.len()), (4, 5, 3));
    assert_eq!(connections, 1);
}

#[tokio::test]
async fn hostile_greetings_cost_little_and_are_forgotten() {
    let began = Instant::now();
    let (seen, _) = probed(&[
        (21, LabService::Endless),
        (22, LabService::Greets([b"SSH-2.0-x\r\n\xff\xff\xff\xff".as_slice(), &[0; 900]].concat())),
        (23, LabService::Silent),
        (25, LabService::HangsUp),
        (110, LabService::Greets(vec![0x1b; 2_000])),
        (2222, LabService::greets("SSH-2.0-y\r\n")),
    ])
    .await;
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    let ports: Vec<_> = seen.open.iter().map(|open| open.port).collect();
    assert_eq!(ports, [21, 22, 23, 25, 110, 2222]);
    let errors = [1, 5].map(|index: usize| seen.open[index].ssh.clone().unwrap().unwrap_err());
    assert_eq!(errors[0].to_string(), "the server sent no SSH packet");
    assert_eq!(errors[1].to_string(), "no answer in time");
    assert!(serde_json::to_string(&seen).unwrap().len() < 1_500);
}

#[tokio::test]
async fn a_host_that_answers_at_every_port_is_not_judged() {
    let lab = serving(&[(80, LabService::Silent)]).await;
    let place = lab.ports[0].1;
    let overrides = (0..=u16::MAX).map(|port| (port, PortTarget::Address(place))).collect();
    let net = net(&lab, overrides, Duration::from_secs(20));
    let seen = probed_with(&net, "127.0.0.1").await;
    let reason = seen.reached.unwrap_err().to_string();
    assert!(reason.starts_with("127.0.0.1 answers at every port, even at "), "{reason}");
    assert!(seen.open.is_empty());
    assert_eq!(net.used().0, 4, "it is not knocked at any further");
}

#[tokio::test]
async fn too_many_open_ports_are_a_trap_even_without_the_canaries() {
    let lab = serving(&[(80, LabService::HangsUp)]).await;
    let place = lab.ports[0].1;
    let overrides = (1..40_000).map(|port| (port, PortTarget::Address(place))).collect();
    let net = net(&lab, overrides, Duration::from_secs(20));
    let reason = probed_with(&net, "127.0.0.1").await.reached.unwrap_err().to_string();
    assert!(reason.contains("as if something answered for all of them"), "{reason}");
    assert!(net.used().0 < 30, "{} connections", net.used().0);
}

#[tokio::test]
async fn a_shared_edge_is_not_knocked_at() {
    let lab = serving(&[(80, LabService::Silent)]).await;
    let net = net(&lab, HashMap::new(), Duration::from_secs(20));
    let seen = probed_with(&net, "104.16.1.1").await;
    assert!(seen.reached.unwrap_err().to_string().contains("belongs to Cloudflare"));
    assert_eq!(net.used().0, 0);
}

#[tokio::test]
async fn what_was_seen_by_the_deadline_is_kept() {
    let lab = serving(&[(22, LabService::Silent), (443, LabService::Silent)]).await;
    let ports: HashMap<u16, SocketAddr> = lab.ports.iter().copied().collect();
    let overrides = ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let net = net(&lab, overrides.collect(), Duration::from_millis(900));
    let seen = probed_with(&net, "127.0.0.1").await;
    assert!(seen.reached.is_ok());
    assert_eq!(seen.open.len(), 2);
}
