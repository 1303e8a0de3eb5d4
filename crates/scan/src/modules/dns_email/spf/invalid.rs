use model::Severity;

use super::{NO_RECORD, permanent_error, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.invalid",
    title: "The SPF record does not follow the grammar",
    severity: Severity::High,
    cap: Some(74),
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.6",
    why: "A receiver that meets a syntax error stops with `permerror`, and the domain is \
          treated as if it had no SPF record.",
    fix: "Correct or remove the terms that are named in the evidence.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, record)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let errors = (!record.errors.is_empty()).then(|| listed(&record.errors));
    permanent_error(evidence, spf, errors)
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn names_the_broken_term() {
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 mx ipv4:192.0.2.1 -all")),
            "fail: `ipv4:192.0.2.1` is not a mechanism"
        );
        assert_eq!(judged(&CHECK, &with_record("v=spf1 ip4:192.0.2.1 -all")), "pass");
        assert_eq!(
            judged(&CHECK, &with_record("v=spf1 ipv4:192.0.2.1 -all")),
            "missing: not probed in this scan",
            "whether the domain takes mail was not seen"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
