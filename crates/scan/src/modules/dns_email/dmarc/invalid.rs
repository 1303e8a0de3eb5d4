use model::Severity;

use super::{NO_RECORD, published};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.invalid",
    title: "The DMARC record has a policy that does not exist",
    severity: Severity::High,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.10.1",
    why: "When one of `p`, `sp` and `np` cannot be read, receivers apply none of them, so forged mail \
          passes; without a usable address for reports they do nothing at all.",
    fix: "Correct the tags that are named in the evidence.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = published(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let broken: Vec<_> = record.broken_policies().map(str::to_owned).collect();
    Ok(Verdict::fail_if(!broken.is_empty(), || listed(&broken)))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn names_the_broken_policy() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=monitor; fo=x")),
            "fail: `p=monitor` is no policy"
        );
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=none; x=1")), "pass");
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=reject; fo=x; nonsense")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
