use model::Severity;

use super::{NO_RECORD, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.no-reports",
    title: "Nobody receives the DMARC reports",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "Without aggregate reports you cannot see who sends in your name, nor whether your \
          own mail would pass a stricter policy.",
    fix: "Add `rua=mailto:` with an address that is read to the record you have.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };

    Ok(Verdict::fail_if(record.aggregate.is_empty(), || "the record has no `rua`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn somebody_reads_the_reports() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=reject")),
            "fail: the record has no `rua`"
        );
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=reject; rua=mailto:a@example.com")),
            "pass"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
