use std::net::IpAddr;

use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "ns.no-ipv6",
    title: "No name server has an IPv6 address",
    severity: Severity::Low,
    group: Group::Routing,
    standard: "RFC 3901, section 3; RFC 6540, section 2",
    why: "Networks without IPv4 reach the domain through translators only, or not at all.",
    fix: "Give at least one name server an AAAA record, with glue at the registrar where the \
          name is below the domain.",
    paste: &[Paste { tool: Tool::Dns, text: "YOUR-NAME-SERVER. IN AAAA YOUR-IPV6-ADDRESS" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let ns = evidence.dns_email()?.ns.as_ref().map_err(Clone::clone)?;
    let seen = || ns.servers.iter().filter_map(|server| server.addresses.as_ref().ok());
    if seen().flatten().any(IpAddr::is_ipv6) {
        return Ok(Verdict::Pass);
    }
    match ns.servers.iter().find_map(|server| server.addresses.as_ref().err()) {
        Some(missing) => Err(missing.clone()),
        None if seen().flatten().next().is_none() => {
            Err(Missing("no address of a name server was seen".to_owned()))
        }
        None => Ok(Verdict::Fail(format!("{} servers, all with IPv4 only", ns.servers.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::ns::with_servers;
    #[test]
    fn a_server_can_be_reached_over_ipv6() {
        let judge = |servers: &[(&str, &str)]| judged(&CHECK, &with_servers(servers));
        assert_eq!(
            judge(&[("a.example.net", "192.0.2.1"), ("b.example.net", "192.0.2.2")]),
            "fail: 2 servers, all with IPv4 only"
        );
        assert_eq!(
            judge(&[("a.example.net", "192.0.2.1"), ("b.example.net", "2001:db8::1")]),
            "pass"
        );
        assert_eq!(judge(&[]), "missing: no address of a name server was seen");
    }
}
