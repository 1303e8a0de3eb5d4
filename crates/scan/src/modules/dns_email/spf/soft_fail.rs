use model::Severity;

use super::{NO_RECORD, Qualifier, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::dmarc::enforces;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.soft-fail",
    title: "SPF asks for suspicion instead of refusal",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 8.5",
    why: "The record ends in `~all`. DMARC enforces, so receivers that evaluate DMARC still \
          refuse forged mail; the others only mark it.",
    fix: "End the record in `-all` once the DMARC reports show that every sender is listed.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_HARD,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, _)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    match spf.ending()? {
        Some(ending) if ending.all == Qualifier::SoftFail && enforces(evidence)? => {
            Ok(Verdict::Fail(ending.words))
        }
        _ => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    fn with_policy(text: &str, policy: &str) -> Evidence {
        let mut evidence = with_record(text);
        let dmarc = crate::modules::dns_email::dmarc::found(
            "example.com",
            &[&format!("v=DMARC1; p={policy}")],
        );
        evidence.dns_email.as_mut().unwrap().dmarc = Ok(dmarc);
        evidence
    }

    #[test]
    fn weighs_the_soft_fail_by_dmarc() {
        assert_eq!(
            judged(&CHECK, &with_policy("v=spf1 mx ~all", "reject")),
            "fail: the record ends in `~all`"
        );
        assert_eq!(judged(&CHECK, &with_policy("v=spf1 mx ~all", "none")), "pass");
        assert_eq!(judged(&CHECK, &with_policy("v=spf1 mx -all", "reject")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
