use std::net::IpAddr;

use model::Severity;

use super::{NO_MAIL, seen};
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "mx.no-ipv6",
    title: "No mail server has an IPv6 address",
    severity: Severity::Info,
    group: Group::Routing,
    standard: "RFC 6540, section 2; RFC 5321, section 5.2",
    why: "Senders without IPv4 cannot deliver.",
    fix: "Give at least one mail server an IPv6 address with a reverse name, and an AAAA record.",
    paste: &[Paste { tool: Tool::Dns, text: "YOUR-MAIL-SERVER. IN AAAA YOUR-IPV6-ADDRESS" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let mx = seen(evidence)?;
    if !mx.has_mail() {
        return Ok(Verdict::NotApplicable(NO_MAIL));
    }
    let known = || mx.hosts.iter().filter_map(|host| host.addresses.as_ref().ok()).flatten();
    if known().any(IpAddr::is_ipv6) {
        return Ok(Verdict::Pass);
    }
    match mx.hosts.iter().find_map(|host| host.addresses.as_ref().err()) {
        Some(missing) => Err(missing.clone()),
        None if known().next().is_none() => {
            Err(Missing("no address of a mail server was seen".to_owned()))
        }
        None => Ok(Verdict::Fail(format!("{} servers, all with IPv4 only", mx.hosts.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MxEvidence, host};
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn mail_can_come_over_ipv6() {
        let judge = |mx: MxEvidence| judged(&CHECK, &seen(|dns| dns.mx = Ok(mx)));
        let with = |addresses: Result<Vec<IpAddr>, Missing>| {
            let mut mx = host("mail.example.com", 1, false);
            mx.hosts[0].addresses = addresses;
            judge(mx)
        };
        assert_eq!(
            judge(host("mail.example.com", 1, false)),
            "fail: 1 servers, all with IPv4 only"
        );
        assert_eq!(with(Ok(vec!["2001:db8::1".parse().unwrap()])), "pass");
        assert_eq!(with(Ok(Vec::new())), "missing: no address of a mail server was seen");
        assert_eq!(with(Err(Missing("silence".to_owned()))), "missing: silence");
        assert_eq!(
            judge(MxEvidence::default()),
            "not applicable: the domain declares no mail server"
        );
    }
}
