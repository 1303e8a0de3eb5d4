use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "ns.unresolved",
    title: "A name server of the domain has no address",
    severity: Severity::High,
    group: Group::Dns,
    standard: "RFC 1035, section 3.3.11",
    why: "Questions to this server are lost. Whoever registers a name server name that nobody \
          holds answers for your domain.",
    fix: "Give the name server an address, or remove it from the zone and at the registrar.",
    paste: paste::HOST_ADDRESS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    if ns.servers.is_empty() {
        return Err(Missing("no name servers were seen".to_owned()));
    }
    let dead =
        ns.servers.iter().filter(|server| server.addresses.as_ref().is_ok_and(Vec::is_empty));
    let dead: Vec<_> = dead.map(|server| server.name.clone()).collect();
    let unseen = ns.servers.iter().find_map(|server| server.addresses.as_ref().err());
    match (dead.is_empty(), unseen) {
        (false, _) => Ok(Verdict::Fail(format!("no address: {}", listed(&dead)))),
        (true, Some(missing)) => Err(missing.clone()),
        (true, None) => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_servers;
    use super::*;
    use crate::check::judged;

    #[test]
    fn a_name_server_needs_an_address() {
        let judge = |servers: &[(&str, &str)]| judged(&CHECK, &with_servers(servers));
        assert_eq!(
            judge(&[("a.example.net", "192.0.2.1"), ("b.example.net", "")]),
            "fail: no address: b.example.net"
        );
        assert_eq!(judge(&[("a.example.net", "192.0.2.1 2001:db8::1")]), "pass");
        assert_eq!(judge(&[]), "missing: no name servers were seen");
    }
}
