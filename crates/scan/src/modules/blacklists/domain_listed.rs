use model::Severity;

use super::{Lists, listed};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dnsbl.domain-listed",
    title: "The domain is on a block list",
    severity: Severity::High,
    group: Group::Reputation,
    standard: "RFC 5782, section 2.3; RFC 6471, section 2",
    why: "Mail that names the domain, from whatever server, is refused or filed as spam. Lists of \
          domains follow links in spam, phishing and malware.",
    fix: "Look for pages and redirects on the domain that are not yours, stop the cause, and ask \
          for removal on the list's own page.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    listed(evidence, Lists::Domains, "no domain was asked for")
}

#[cfg(test)]
mod tests {
    use super::super::{Listing, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_domain_is_not_listed() {
        let listing = Listing { code: [127, 0, 1, 2].into(), reason: None };
        assert_eq!(
            judged(&CHECK, &with(Lists::Domains, Ok(Some(listing)))),
            "fail: 192.0.2.1 is on bl.example (127.0.1.2)"
        );
        assert_eq!(judged(&CHECK, &with(Lists::Domains, Ok(None))), "pass");
        assert_eq!(
            judged(&CHECK, &with(Lists::Domains, Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
        assert_eq!(
            judged(&CHECK, &with(Lists::Addresses, Ok(None))),
            "missing: provider not configured (`providers.block_lists`)"
        );
    }
}
