use model::Severity;

use super::{NO_RECORD, permanent_error, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.broken-include",
    title: "SPF leads to a domain whose SPF is missing or broken",
    severity: Severity::High,
    cap: Some(74),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 5.2",
    why: "A receiver that reaches the term stops with `permerror`, and the domain is treated as \
          if it had no SPF record. A name that nobody holds any more can be registered by \
          somebody who then sends in your name.",
    fix: "Remove the term, or correct it with the service it belongs to.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, _)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let broken = spf.ledger.entries.iter().find_map(|entry| {
        let remark = entry.remark.as_ref().filter(|remark| remark.breaks_spf())?;
        Some(format!("`{}` in the record of {} {remark}", entry.term, entry.domain))
    });
    match (broken, &spf.ledger.unfinished) {
        (None, Some(reason)) => Err(Missing(reason.clone())),
        (broken, _) => permanent_error(evidence, spf, broken),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Remark, row, with_ledger};
    use super::*;
    use crate::check::judged;

    #[test]
    fn every_include_leads_to_a_record() {
        let judge = |remark: Option<Remark>, unfinished: Option<&str>| {
            let evidence = with_ledger("v=spf1 include:a.example -all", |ledger| {
                ledger.entries.push(row("include:a.example", remark));
                ledger.unfinished = unfinished.map(str::to_owned);
            });
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge(Some(Remark::NoRecord), Some("silence")),
            "fail: `include:a.example` in the record of example.com has no SPF record"
        );
        assert_eq!(judge(None, None), "pass");
        assert_eq!(judge(Some(Remark::DependsOnMessage), None), "pass");
        assert_eq!(judge(None, Some("silence")), "missing: silence");
    }
}
