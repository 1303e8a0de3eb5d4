use std::collections::BTreeSet;
use std::net::IpAddr;

use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.one-network",
    title: "All name servers are in one network",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 2182, section 3.1",
    why: "All servers are in one /24 (IPv4) or /48 (IPv6). One failure or one flood takes \
          the domain away.",
    fix: "Use name servers in at least two networks.",
    careful: Some(paste::CAREFUL_NS),
    paste: paste::NS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    if ns.count < 2 {
        return Ok(Verdict::NotApplicable("the domain has fewer than two name servers"));
    }
    let seen = ns.servers.iter().filter_map(|server| server.addresses.as_ref().ok());
    let networks: BTreeSet<_> = seen.flatten().map(|address| network(*address)).collect();
    let unseen = ns.servers.iter().find_map(|server| server.addresses.as_ref().err());
    match (networks.len(), unseen) {
        (2.., _) => Ok(Verdict::Pass),
        (_, Some(missing)) => Err(missing.clone()),
        (1, None) if ns.servers.len() == ns.count => {
            Ok(Verdict::Fail(format!("all {} servers are in one network", ns.count)))
        }
        _ => Err(Missing("not every name server was looked at".to_owned())),
    }
}

/// Returns the /24 or /48 an address is in.
fn network(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets()[..3].to_vec(),
        IpAddr::V6(v6) => v6.octets()[..6].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_servers;
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_servers_are_apart() {
        assert_eq!(
            judged(
                &CHECK,
                &with_servers(&[("a.example.net", "192.0.2.1"), ("b.example.net", "192.0.2.2")])
            ),
            "fail: all 2 servers are in one network"
        );
        assert_eq!(
            judged(
                &CHECK,
                &with_servers(&[("a.example.net", "192.0.2.1"), ("b.example.net", "198.51.100.2")])
            ),
            "pass"
        );
        assert_eq!(
            judged(
                &CHECK,
                &with_servers(&[("a.example.net", "192.0.2.1"), ("b.example.net", "2001:db8::1")])
            ),
            "pass"
        );
        let mut unseen =
            with_servers(&[("a.example.net", "192.0.2.1"), ("b.example.net", "192.0.2.2")]);
        unseen.dns_email.as_mut().unwrap().ns.as_mut().unwrap().servers[1].addresses =
            Err(Missing("silence".to_owned()));
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        assert_eq!(
            judged(&CHECK, &with_servers(&[("a.example.net", "192.0.2.1")])),
            "not applicable: the domain has fewer than two name servers"
        );
    }
}
