use model::Severity;

use super::{NO_RECORD, Qualifier, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::dmarc::enforces;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.soft-fail-without-dmarc",
    title: "SPF only asks for suspicion and DMARC does not enforce",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 8.5",
    why: "The record ends in `~all`, so forged mail is marked, not refused, and no DMARC \
          policy makes up for it. With an enforcing DMARC policy `~all` is common practice \
          and costs less here.",
    fix: "Move DMARC to `p=quarantine` or `p=reject`, or end the SPF record in `-all` once \
          every sender is listed.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC_QUARANTINE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, _)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    match spf.ending()? {
        Some(ending) if ending.all == Qualifier::SoftFail && !enforces(evidence)? => {
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
            judged(&CHECK, &with_policy("v=spf1 mx ~all", "none")),
            "fail: the record ends in `~all`"
        );
        assert_eq!(judged(&CHECK, &with_policy("v=spf1 mx ~all", "reject")), "pass");
        assert_eq!(judged(&CHECK, &with_policy("v=spf1 mx -all", "none")), "pass");
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 mx ~all")),
            "missing: not probed in this scan"
        );
    }
}
