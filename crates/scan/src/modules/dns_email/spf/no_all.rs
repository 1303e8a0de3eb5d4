use model::Severity;

use super::{NO_RECORD, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.no-all",
    title: "SPF has neither `all` nor `redirect`",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.7",
    why: "A record without an end says `neutral` for every sender it does not list, as if \
          there were no SPF record.",
    fix: "End the record in `-all`, or in `~all` while you look for forgotten senders.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_SOFT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, record)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    match (spf.ending()?, record.redirect()) {
        (Some(_), _) => Ok(Verdict::Pass),
        (None, None) => Ok(Verdict::Fail("the record has no `all` and no `redirect=`".to_owned())),
        (None, Some(target)) => {
            Ok(Verdict::Fail(format!("`redirect={target}` leads to a record without `all`")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{End, Qualifier, with_ledger, with_record};
    use super::*;
    use crate::check::judged;

    #[test]
    fn a_record_has_an_end() {
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 mx")),
            "fail: the record has no `all` and no `redirect=`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 mx -all")), "pass");
        let end =
            |all| Some(End { domain: "example.net".to_owned(), all, open_networks: Vec::new() });
        let redirected =
            |all| with_ledger("v=spf1 redirect=example.net", |ledger| ledger.end = end(all));
        assert_eq!(judged(&CHECK, &redirected(Some(Qualifier::Fail))), "pass");
        assert_eq!(
            judged(&CHECK, &redirected(None)),
            "fail: `redirect=example.net` leads to a record without `all`"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
