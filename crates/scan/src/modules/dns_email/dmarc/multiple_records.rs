use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.multiple-records",
    title: "The domain has more than one DMARC record",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.10",
    why: "With two records receivers apply none of them, as if there were no DMARC.",
    fix: "Keep one TXT record at `_dmarc` of the domain and remove the others.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let dmarc = evidence.dns_email()?.dmarc.as_ref().map_err(Clone::clone)?;
    let twice = dmarc.walked.iter().find(|level| level.texts.len() > 1);
    if let (None, None) = (twice, &dmarc.record) {
        return Ok(Verdict::NotApplicable("the domain has no DMARC record"));
    }
    Ok(twice.map_or(Verdict::Pass, |level| {
        Verdict::Fail(format!("several DMARC records stand at `_dmarc.{}`", level.name))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn there_is_one_record() {
        let judge = |texts: &[&str]| {
            judged(&CHECK, &seen(|dns| dns.dmarc = Ok(found("example.com", texts))))
        };
        assert_eq!(judge(&["v=DMARC1; p=reject"]), "pass");
        assert_eq!(
            judge(&["v=DMARC1; p=reject", "v=DMARC1; p=none"]),
            "fail: several DMARC records stand at `_dmarc.example.com`"
        );
        assert_eq!(judge(&[]), "not applicable: the domain has no DMARC record");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
