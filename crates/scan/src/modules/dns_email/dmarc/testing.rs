use model::Severity;

use super::{NO_RECORD, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.testing",
    title: "DMARC is in test mode",
    severity: Severity::Medium,
    cap: Some(89),
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "`t=y` asks receivers not to apply the policy, so an enforcing policy does not \
          enforce.",
    fix: "Remove `t=y` once the reports show that your own mail passes.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC_QUARANTINE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };

    Ok(Verdict::fail_if(record.testing, || "the record holds `t=y`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn test_mode_is_no_enforcement() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=reject; t=y")),
            "fail: the record holds `t=y`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=reject; t=n")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
