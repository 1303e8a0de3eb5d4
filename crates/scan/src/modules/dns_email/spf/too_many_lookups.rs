use model::Severity;

use super::walk::MOST_LOOKUPS;
use super::{NO_RECORD, permanent_error, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.too-many-lookups",
    title: "SPF needs more than ten DNS lookups",
    severity: Severity::High,
    cap: Some(74),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.6.4",
    why: "After ten lookups a receiver stops with `permerror`, and the domain is treated as \
          if it had no SPF record. The ledger in the evidence shows what each include costs.",
    fix: "Remove includes of services you no longer use, or replace them by their networks.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_ADDRESSES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, _)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let lookups = spf.ledger.lookups()?;
    let bound = if spf.ledger.unfinished.is_some() { "at least " } else { "" };
    let too_many = (lookups > MOST_LOOKUPS)
        .then(|| format!("evaluating the record takes {bound}{lookups} lookups"));
    permanent_error(evidence, spf, too_many)
}

#[cfg(test)]
mod tests {
    use super::super::with_ledger;
    use super::*;
    use crate::check::judged;

    #[test]
    fn counts_to_ten() {
        let judge = |lookups, unfinished: Option<&str>| {
            let evidence = with_ledger("v=spf1 mx -all", |ledger| {
                ledger.lookups = lookups;
                ledger.unfinished = unfinished.map(str::to_owned);
            });
            judged(&CHECK, &evidence)
        };
        assert_eq!(judge(11, None), "fail: evaluating the record takes 11 lookups");
        assert_eq!(
            judge(11, Some("silence")),
            "fail: evaluating the record takes at least 11 lookups"
        );
        assert_eq!(judge(10, None), "pass");
        assert_eq!(judge(10, Some("silence")), "missing: silence");
    }
}
