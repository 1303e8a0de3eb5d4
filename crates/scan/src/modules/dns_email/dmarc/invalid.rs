use model::Severity;

use super::{NO_RECORD, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.invalid",
    title: "The DMARC record does not follow the grammar",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "A receiver that cannot read the policy applies `none`, so forged mail passes.",
    fix: "Correct the tags that are named in the evidence.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };

    Ok(Verdict::fail_if(!record.errors.is_empty(), || listed(&record.errors)))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn names_the_broken_tag() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=monitor")),
            "fail: `p=monitor` is no policy"
        );
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=none; x=1")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
