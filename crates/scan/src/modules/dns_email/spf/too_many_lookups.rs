use model::Severity;

use super::NO_RECORD;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "spf.too-many-lookups",
    title: "SPF needs more than ten DNS lookups",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.6.4",
    why: "After ten lookups a receiver stops with `permerror`, and the domain is treated as \
          if it had no SPF record. The ledger in the evidence shows what each include costs.",
    fix: "Remove includes of services you no longer use, or replace them by their networks.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let spf = evidence.dns_email()?.spf.as_ref().map_err(Clone::clone)?;
    if spf.record.is_none() {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    }

    let lookups = spf.ledger.count(10, spf.ledger.lookups)?;
    Ok(Verdict::fail_if(lookups > 10, || {
        format!("evaluating the record takes {lookups} lookups or more")
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    fn with_lookups(lookups: u32, unfinished: Option<&str>) -> Evidence {
        let mut evidence = with_record("v=spf1 -all");
        let ledger = &mut evidence.dns_email.as_mut().unwrap().spf.as_mut().unwrap().ledger;
        ledger.lookups = lookups;
        ledger.unfinished = unfinished.map(str::to_owned);
        evidence
    }

    #[test]
    fn counts_to_ten() {
        assert_eq!(
            judged(&CHECK, &with_lookups(11, None)),
            "fail: evaluating the record takes 11 lookups or more"
        );
        assert_eq!(
            judged(&CHECK, &with_lookups(11, Some("silence"))),
            "fail: evaluating the record takes 11 lookups or more"
        );
        assert_eq!(judged(&CHECK, &with_lookups(10, None)), "pass");
        assert_eq!(judged(&CHECK, &with_lookups(10, Some("silence"))), "missing: silence");
    }
}
