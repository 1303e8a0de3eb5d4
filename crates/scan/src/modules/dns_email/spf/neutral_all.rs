use model::Severity;

use super::{NO_RECORD, Qualifier, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.neutral-all",
    title: "SPF says nothing about unlisted senders",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 8.2",
    why: "The record ends in `?all`, which asks receivers to treat forged mail as if there \
          were no SPF record.",
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
    let ending = spf.ending()?.filter(|ending| ending.all == Qualifier::Neutral);
    Ok(ending.map_or(Verdict::Pass, |ending| Verdict::Fail(ending.words)))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn judges_the_first_all() {
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 mx ?all")),
            "fail: the record ends in `?all`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 mx -all")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
