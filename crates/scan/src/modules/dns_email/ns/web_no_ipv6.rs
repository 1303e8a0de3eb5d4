use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "ns.web-no-ipv6",
    title: "The domain itself has no IPv6 address",
    severity: Severity::Info,
    group: Group::Routing,
    standard: "RFC 6540, section 2",
    why: "Visitors from networks without IPv4 reach the site through translators only, which are \
          slow and hide who they are from your logs.",
    fix: "Give the web server an IPv6 address and the domain an AAAA record.",
    paste: &[Paste { tool: Tool::Dns, text: "{domain}. IN AAAA YOUR-IPV6-ADDRESS" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let web = evidence.dns_email()?.web.as_ref().map_err(Clone::clone)?;
    match (web.ipv4, web.ipv6) {
        (_, true) => Ok(Verdict::Pass),
        (true, false) => Ok(Verdict::Fail("it has A records alone".to_owned())),
        (false, false) => Ok(Verdict::NotApplicable("the domain has no address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::{Families, seen};

    #[test]
    fn the_site_has_both() {
        let with = |ipv4, ipv6| judged(&CHECK, &seen(|dns| dns.web = Ok(Families { ipv4, ipv6 })));
        assert_eq!(with(true, false), "fail: it has A records alone");
        assert_eq!(with(true, true), "pass");
        assert_eq!(with(false, true), "pass");
        assert_eq!(with(false, false), "not applicable: the domain has no address");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
