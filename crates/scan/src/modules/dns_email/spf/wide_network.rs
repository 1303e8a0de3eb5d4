use model::Severity;

use super::{Mechanism, NO_RECORD, Qualifier, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

/// Prefix lengths in bits; a shorter one is too wide.
const WIDEST_V4: u8 = 16;
const WIDEST_V6: u8 = 32;

pub(super) const CHECK: Check = Check {
    id: "spf.wide-network",
    title: "SPF lists a very large network",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 5.6",
    why: "The record approves a network of more than 65,536 IPv4 addresses or an IPv6 \
          network wider than /32. Most of its hosts are not yours, and each may send in your \
          name.",
    fix: "List only the networks your senders really use.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_ADDRESSES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let wide = record.terms.iter().find(|term| {
        let (v4, v6) = match term.mechanism {
            Mechanism::Ip4(v4) => (v4, 128),
            Mechanism::Ip6(v6) => (32, v6),
            Mechanism::A { v4, v6, .. } | Mechanism::Mx { v4, v6, .. } => (v4, v6),
            _ => (32, 128),
        };
        term.qualifier == Qualifier::Pass && (v4 < WIDEST_V4 || v6 < WIDEST_V6)
    });
    Ok(wide.map_or(Verdict::Pass, |term| {
        Verdict::Fail(format!("the record approves all of `{}`", term.text))
    }))
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
            "fail: the record approves all of `ip4:192.0.0.0/8`"
        );
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ip6:2001:db8::/16 -all")),
            "fail: the record approves all of `ip6:2001:db8::/16`"
        );
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 a/8 -all")),
            "fail: the record approves all of `a/8`"
        );
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ip4:192.0.2.0/24 -ip4:0.0.0.0/0 -all")),
            "pass"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
