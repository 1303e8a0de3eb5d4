use model::Severity;

use super::{NO_RECORD, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.weak-subdomains",
    title: "DMARC is weaker for subdomains than for the domain",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "Forgers move to a subdomain, also to one that does not exist, where the policy \
          lets them through.",
    fix: "Remove `sp` and `np`, or set them to the policy of the domain.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC_QUARANTINE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((dmarc, record)) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    // Only the record of an organizational domain speaks for names below it.
    if !dmarc.own {
        return Ok(Verdict::NotApplicable("the record is that of a parent domain"));
    }
    let weaker = [("sp", record.subdomains), ("np", record.absent_subdomains)]
        .into_iter()
        .find_map(|(tag, policy)| {
            policy.filter(|policy| *policy < record.policy).map(|policy| (tag, policy))
        });
    Ok(weaker.map_or(Verdict::Pass, |(tag, policy)| {
        Verdict::Fail(format!("`p={}` but `{tag}={}`", record.policy.as_str(), policy.as_str()))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{with_parent_record, with_record};
    use super::*;
    use crate::check::judged;

    #[test]
    fn compares_the_policies() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=reject; sp=none")),
            "fail: `p=reject` but `sp=none`"
        );
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=reject; np=none")),
            "fail: `p=reject` but `np=none`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=none; sp=reject")), "pass");
        assert_eq!(
            judged(&CHECK, &with_parent_record("v=DMARC1; p=reject; sp=none")),
            "not applicable: the record is that of a parent domain"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
