use model::Severity;

use super::{NO_RECORD, Policy, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.monitor-only",
    title: "DMARC only watches",
    severity: Severity::Medium,
    points: Some(15),
    cap: Some(89),
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "The policy is `none`: receivers report forged mail but deliver it.",
    fix: "Move to `p=quarantine` and then `p=reject` once the reports show that your own \
          mail passes.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC_QUARANTINE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((dmarc, _)) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    Ok(Verdict::fail_if(dmarc.applied() == Some(Policy::None), || {
        "the policy that applies is `none`".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{with_parent_record, with_record};
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_policy_that_applies() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=none")),
            "fail: the policy that applies is `none`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=quarantine; sp=none")), "pass");
        let inherited = with_parent_record("v=DMARC1; p=quarantine; sp=none");
        assert_eq!(judged(&CHECK, &inherited), "fail: the policy that applies is `none`");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
