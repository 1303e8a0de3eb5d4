use model::Severity;

use super::{NO_RECORD, Qualifier, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.permissive-all",
    title: "SPF lets any host send as this domain",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 5.1",
    why: "The record ends in `+all`, so a receiver accepts mail from every address on the \
          internet as if the domain had approved it.",
    fix: "End the record in `~all` while you look for forgotten senders, then in `-all`.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_SOFT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, _)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let ending = spf.ending()?.filter(|ending| ending.all == Qualifier::Pass);
    Ok(ending.map_or(Verdict::Pass, |ending| Verdict::Fail(ending.words)))
}

#[cfg(test)]
mod tests {
    use super::super::{End, with_ledger, with_record};
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_first_all() {
        assert_eq!(judged(&CHECK, &with_record("v=spf1 +all")), "fail: the record ends in `+all`");
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 mx all -all")),
            "fail: the record ends in `+all`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 mx ~all")), "pass");
    }

    #[test]
    fn follows_redirects() {
        let judge = |end: Option<End>| {
            let text = "v=spf1 redirect=_spf.example.net";
            judged(&CHECK, &with_ledger(text, |ledger| ledger.end = end))
        };
        let end = |all| Some(End { domain: "_spf.example.net".to_owned(), all: Some(all) });
        assert_eq!(
            judge(end(Qualifier::Pass)),
            "fail: the record of _spf.example.net ends in `+all`"
        );
        assert_eq!(judge(end(Qualifier::Fail)), "pass");
        assert_eq!(judge(None), "missing: `redirect=_spf.example.net` leads to no record");
    }
}
