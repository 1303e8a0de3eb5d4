use model::Severity;

use super::{NO_RECORD, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.permissive-include",
    title: "SPF includes a record that lets any host send",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 5.2",
    why: "The included record ends in `+all`, or lists half of the internet or more, so it \
          approves whoever wants to send, and the include makes that approval yours whatever your \
          own record ends in.",
    fix: "Remove the include, or have its owner end the record in `-all`.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_SOFT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, _)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    match (spf.ledger.entries.iter().find(|entry| entry.open), &spf.ledger.unfinished) {
        (Some(entry), _) => Ok(Verdict::Fail(format!(
            "`{}` in the record of {} approves everybody",
            entry.term, entry.domain
        ))),
        (None, Some(reason)) => Err(Missing(reason.clone())),
        (None, None) => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{row, with_ledger};
    use super::*;
    use crate::check::judged;

    #[test]
    fn an_include_may_not_approve_everybody() {
        let judge = |open, unfinished: Option<&str>| {
            let evidence = with_ledger("v=spf1 include:a.example -all", |ledger| {
                ledger.entries.push(row("include:a.example", None));
                ledger.entries[0].open = open;
                ledger.unfinished = unfinished.map(str::to_owned);
            });
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge(true, Some("silence")),
            "fail: `include:a.example` in the record of example.com approves everybody"
        );
        assert_eq!(judge(false, None), "pass");
        assert_eq!(judge(false, Some("silence")), "missing: silence");
    }
}
