use model::Severity;

use super::NO_RECORD;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "spf.too-many-void-lookups",
    title: "SPF asks for more than two names that do not exist",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.6.4",
    why: "Receivers should stop with `permerror` after two lookups that find nothing, and \
          then treat the domain as if it had no SPF record.",
    fix: "Remove the terms whose names no longer exist; the ledger in the evidence marks \
          them.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let spf = evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?;
    if spf.record.is_none() {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    }

    let voids = spf.ledger.count(2, spf.ledger.voids)?;
    Ok(Verdict::fail_if(voids > 2, || format!("{voids} lookups find nothing")))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    fn with_voids(voids: u32, unfinished: Option<&str>) -> Evidence {
        let mut evidence = with_record("v=spf1 -all");
        let ledger = &mut evidence.dns_email.as_mut().unwrap().spf.as_mut().unwrap().ledger;
        ledger.voids = voids;
        ledger.unfinished = unfinished.map(str::to_owned);
        evidence
    }

    #[test]
    fn counts_to_two() {
        assert_eq!(judged(&CHECK, &with_voids(3, None)), "fail: 3 lookups find nothing");
        assert_eq!(judged(&CHECK, &with_voids(2, None)), "pass");
        assert_eq!(judged(&CHECK, &with_voids(2, Some("silence"))), "missing: silence");
    }
}
