use model::Severity;

use super::{Mechanism, NO_RECORD, Qualifier, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "spf.wide-network",
    title: "SPF lists a very large network",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 11.4",
    why: "The record approves a network of more than 65,536 IPv4 addresses or an IPv6 \
          network wider than /32. Most of its hosts are not yours, and each may send in your \
          name.",
    fix: "List only the networks your senders really use.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(record) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };

    let wide = record.terms.iter().find_map(|term| match (term.qualifier, &term.mechanism) {
        (Qualifier::Pass, Mechanism::Ip4(length)) if *length < 16 => {
            Some(format!("an IPv4 network of /{length}"))
        }
        (Qualifier::Pass, Mechanism::Ip6(length)) if *length < 32 => {
            Some(format!("an IPv6 network of /{length}"))
        }
        _ => None,
    });
    Ok(wide
        .map_or(Verdict::Pass, |network| Verdict::Fail(format!("the record approves {network}"))))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_prefix_length() {
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ip4:192.0.0.0/8 -all")),
            "fail: the record approves an IPv4 network of /8"
        );
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ip6:2001:db8::/16 -all")),
            "fail: the record approves an IPv6 network of /16"
        );
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ip4:192.0.2.0/24 -ip4:0.0.0.0/0 -all")),
            "pass"
        );
    }
}
