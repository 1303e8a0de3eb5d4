use model::Severity;

use super::{Mechanism, NO_RECORD, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.ptr",
    title: "SPF uses `ptr`",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 5.5",
    why: "The `ptr` mechanism is slow, unreliable and should not be used; some receivers \
          ignore it or the whole record.",
    fix: "Replace `ptr` by the addresses or by the `a` and `mx` mechanisms of the hosts that \
          send.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_ADDRESSES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let uses = record.terms.iter().any(|term| matches!(term.mechanism, Mechanism::Ptr(_)));
    Ok(Verdict::fail_if(uses, || "the record holds `ptr`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn finds_ptr() {
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ptr:example.com -all")),
            "fail: the record holds `ptr`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 mx -all")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
