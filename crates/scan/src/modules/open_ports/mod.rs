//! Open ports: what the domain's addresses offer to the world besides its web site.
//!
//! `services` lists the ports, `probe` knocks at each of them at one IPv4 and one IPv6 address,
//! `greeting` and `ssh` read what the server says first, `shared_edge` knows whose addresses say
//! nothing about the domain. One file per check in `port`.
//!
//! TCP alone is looked at: what is offered over UDP (SNMP, TFTP, NTP …) is not seen and not judged.
//!
//! Invariants: a port is open when the connection was opened; refused and unanswered are "not open"
//! alike; a host that never answered, or that answers at every port, is not judged.
//!
//! To add a check: a class in `services`, `port/<problem>.rs`, its line in `port/mod.rs`.

pub(crate) mod greeting;
mod paste;
mod port;
mod probe;
#[cfg(test)]
mod probe_tests;
mod services;
pub(crate) mod shared_edge;
pub(crate) mod ssh;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub use services::Service;
pub use ssh::SshServer;

pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[port::CHECKS];

/// Findings that one sentence lists.
const MOST_LISTED: usize = 6;

/// What is open at the domain's addresses.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PortsEvidence {
    /// At most one IPv4 and one IPv6 address.
    pub addresses: Vec<AddressPorts>,
    /// CVE ids that the operator's catalogue of exploited flaws adds to ours.
    #[serde(default)]
    pub exploited: Vec<String>,
}

/// What is open at one address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddressPorts {
    pub address: IpAddr,
    /// Whether its answers tell anything.
    pub reached: Seen<()>,
    /// In order of number.
    pub open: Vec<OpenPort>,
    /// Ports that could not be asked.
    pub unasked: Option<Unasked>,
}

/// One open port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPort {
    pub port: u16,
    /// By its greeting, or else by its number.
    pub service: Service,
    /// Product and version, at most 64 printable characters.
    pub product: Option<String>,
    /// Of an SSH server, what it offers.
    pub ssh: Option<Seen<SshServer>>,
}

/// Ports nobody could ask any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unasked {
    pub ports: Vec<u16>,
    pub why: Missing,
}

impl AddressPorts {
    fn unseen(address: IpAddr, missing: Missing) -> Self {
        Self { address, reached: Err(missing), open: Vec::new(), unasked: None }
    }
}

/// Returns the open ports of these services with their addresses; none is an answer only when
/// every port was asked at an address that answers.
fn open<'e>(evidence: &'e Evidence, wanted: &[Service]) -> Seen<Vec<(IpAddr, &'e OpenPort)>> {
    let addresses = &evidence.ports()?.addresses;
    let reached = || addresses.iter().filter(|host| host.reached.is_ok());
    let found: Vec<_> = reached()
        .flat_map(|host| host.open.iter().map(|port| (host.address, port)))
        .filter(|(_, port)| wanted.contains(&port.service))
        .collect();
    let unasked = reached().filter_map(|host| host.unasked.as_ref()).find(|unasked| {
        let numbers = unasked.ports.iter();
        numbers.filter_map(|port| services::by_number(*port)).any(|(it, _)| wanted.contains(&it))
    });
    match (unasked, addresses.iter().find_map(|host| host.reached.as_ref().err())) {
        (Some(unasked), _) if found.is_empty() => Err(unasked.why.clone()),
        (_, Some(missing)) if reached().next().is_none() => Err(missing.clone()),
        _ if addresses.is_empty() => Err(Missing("the domain has no address".to_owned())),
        _ => Ok(found),
    }
}

/// Fails when a service is open to the world.
fn none_open(evidence: &Evidence, wanted: Service) -> Result<Verdict, Missing> {
    let found = open(evidence, &[wanted])?;
    Ok(Verdict::fail_if(!found.is_empty(), || {
        listed(found.into_iter().map(|(address, port)| port.at(address)))
    }))
}

/// Judges what every SSH server offers; fails when `problem` says something about one.
fn judge_ssh(
    evidence: &Evidence,
    problem: impl Fn(&SshServer) -> Option<String>,
) -> Result<Verdict, Missing> {
    judge_ssh_servers(evidence, |server| match server.is_ssh1_only() {
        true => Err(Missing("the SSH server takes version 1 alone".to_owned())),
        false => Ok(problem(server)),
    })
}

fn judge_ssh_servers(
    evidence: &Evidence,
    problem: impl Fn(&SshServer) -> Seen<Option<String>>,
) -> Result<Verdict, Missing> {
    let servers = open(evidence, &[Service::Ssh])?;
    if servers.is_empty() {
        return Ok(Verdict::NotApplicable("no SSH server is open to the world"));
    }
    let (mut seen, mut unseen) = (Vec::new(), None);
    for (address, port) in servers {
        let silent = || Err(Missing("the port of an SSH server said nothing".to_owned()));
        match port.ssh.clone().unwrap_or_else(silent).and_then(|server| problem(&server)) {
            Ok(problem) => seen.extend(problem.map(|problem| {
                format!("the SSH server at port {} of {address} {problem}", port.port)
            })),
            Err(missing) => unseen = Some(missing),
        }
    }
    match unseen {
        Some(missing) if seen.is_empty() => Err(missing),
        _ => Ok(Verdict::fail_if(!seen.is_empty(), || listed(seen.into_iter()))),
    }
}

/// Judges the algorithms of every SSH server; fails with those that are `weak`.
fn judge_algorithms(
    evidence: &Evidence,
    list: fn(&SshServer) -> &[String],
    weak: fn(&str) -> bool,
) -> Result<Verdict, Missing> {
    judge_ssh(evidence, |server| {
        let bad: Vec<_> = list(server).iter().filter(|name| weak(name)).cloned().collect();
        (!bad.is_empty()).then(|| format!("offers {}", listed(bad.into_iter())))
    })
}

impl OpenPort {
    fn at(&self, address: IpAddr) -> String {
        let known = services::by_number(self.port).filter(|(known, _)| *known == self.service);
        let name = known.map(|(_, name)| format!(" ({name})")).unwrap_or_default();
        let product = self.product.as_ref().map(|product| format!(" with {product}"));
        format!("port {}{name} of {address} is open{}", self.port, product.unwrap_or_default())
    }
}

/// Joins what a finding lists; the first few stand for many.
fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    let shown = items[..items.len().min(MOST_LISTED)].join(", ");
    match items.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// An address with these ports open and nothing else, for tests.
#[cfg(test)]
fn with_open(ports: &[u16]) -> Evidence {
    let open = ports.iter().map(|port| OpenPort {
        port: *port,
        service: services::by_number(*port).unwrap().0,
        product: None,
        ssh: None,
    });
    seen(open.collect())
}

/// An address with an SSH server that is well kept but for one change, for tests.
#[cfg(test)]
fn with_ssh(change: impl FnOnce(&mut SshServer)) -> Evidence {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut server = SshServer {
        protocol: "2.0".to_owned(),
        software: "OpenSSH_10.0".to_owned(),
        key_exchanges: owned(&["mlkem768x25519-sha256", "kex-strict-s-v00@openssh.com"]),
        host_keys: owned(&["ssh-ed25519", "rsa-sha2-256"]),
        ciphers: owned(&["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com"]),
        macs: owned(&["hmac-sha2-256-etm@openssh.com"]),
    };
    change(&mut server);
    let ssh = Some(Ok(server));
    seen(vec![OpenPort { port: 22, service: Service::Ssh, product: None, ssh }])
}

#[cfg(test)]
fn seen(open: Vec<OpenPort>) -> Evidence {
    let address = IpAddr::from([192, 0, 2, 1]);
    let host = AddressPorts { address, reached: Ok(()), open, unasked: None };
    Evidence {
        ports: Some(PortsEvidence { addresses: vec![host], exploited: Vec::new() }),
        ..Evidence::default()
    }
}

/// An address that never answered, for tests.
#[cfg(test)]
fn silent() -> Evidence {
    let mut evidence = with_open(&[]);
    evidence.ports.as_mut().unwrap().addresses[0].reached = Err(Missing("silence".to_owned()));
    evidence
}

#[cfg(test)]
mod tests {
    use model::{ModuleId, ModuleStatus};

    use super::*;
    use crate::catalogue::find_module;
    use crate::judge;

    fn score(evidence: &Evidence) -> Option<u8> {
        let mut evidence = evidence.clone();
        evidence.addresses = Some(vec![IpAddr::from([192, 0, 2, 1])]);
        judge::module(find_module(ModuleId::OpenPorts), &evidence).score
    }

    #[test]
    fn ssh_and_nothing_else_is_80() {
        assert_eq!(score(&with_ssh(|_| ())), Some(80));
        assert_eq!(score(&with_open(&[80, 443])), Some(100));
    }

    #[test]
    fn what_was_not_asked_is_not_closed() {
        let mut evidence = with_open(&[3306]);
        let host = &mut evidence.ports.as_mut().unwrap().addresses[0];
        host.unasked =
            Some(Unasked { ports: vec![3389, 33_060], why: Missing("time is up".to_owned()) });
        assert_eq!(none_open(&evidence, Service::Rdp), Err(Missing("time is up".to_owned())));
        assert_eq!(none_open(&evidence, Service::Redis), Ok(Verdict::Pass));
        assert!(matches!(none_open(&evidence, Service::Mysql), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn one_address_that_answers_is_enough() {
        let mut evidence = with_open(&[6379]);
        let address = "2001:db8::1".parse().unwrap();
        let host = AddressPorts::unseen(address, Missing("no way there".to_owned()));
        evidence.ports.as_mut().unwrap().addresses.push(host);
        assert_eq!(
            none_open(&evidence, Service::Redis),
            Ok(Verdict::Fail("port 6379 (Redis) of 192.0.2.1 is open".to_owned()))
        );
        assert_eq!(none_open(&evidence, Service::Rdp), Ok(Verdict::Pass));
    }

    #[test]
    fn silence_is_not_tested() {
        let mut evidence = silent();
        evidence.addresses = Some(vec![IpAddr::from([192, 0, 2, 1])]);
        let report = judge::module(find_module(ModuleId::OpenPorts), &evidence);
        assert_eq!(report.status, ModuleStatus::NotTested("silence".to_owned()));
    }
}
