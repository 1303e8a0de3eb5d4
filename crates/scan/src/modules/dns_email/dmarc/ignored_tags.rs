use model::Severity;

use super::{NO_RECORD, published};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;

pub(super) const CHECK: Check = Check {
    id: "dmarc.ignored-tags",
    title: "Receivers skip a part of the DMARC record that does not follow the grammar",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "RFC 9989, section 4.7",
    why: "What cannot be read is discarded in favour of the default, so the record asks for less or for \
          something else than was meant. The policy itself holds.",
    fix: "Correct or remove the parts that are named in the evidence.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = published(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let skipped: Vec<_> = record.skipped().map(str::to_owned).collect();
    Ok(Verdict::fail_if(!skipped.is_empty(), || listed(&skipped)))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn names_what_is_skipped_and_leaves_the_policy_alone() {
        let judge = |tags| judged(&CHECK, &with_record(&format!("v=DMARC1; p=reject; {tags}")));
        assert_eq!(judge("fo=x"), "fail: `fo=x` is none of `0`, `1`, `d`, `s`");
        assert_eq!(judge("adkim=s; adkim=r"), "fail: `adkim` stands more than once");
        assert_eq!(judge("nonsense"), "fail: `nonsense` has no `=`");
        assert_eq!(judge("fo=1; x=unknown"), "pass");
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=monitor")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
