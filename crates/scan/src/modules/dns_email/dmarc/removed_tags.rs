use model::Severity;

use super::{NO_RECORD, record};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "dmarc.removed-tags",
    title: "DMARC uses tags that no longer exist",
    severity: Severity::Info,
    group: Group::MailAuthentication,
    standard: "RFC 9989, appendix C",
    why: "RFC 9989 removed `pct`, `rf` and `ri`. Receivers ignore them, so a `pct` below 100 \
          no longer softens the policy.",
    fix: "Remove the tags; use `t=y` for a trial.",
    careful: Some(paste::CAREFUL_DMARC),
    paste: paste::DMARC_QUARANTINE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((_, record)) = record(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };

    Ok(Verdict::fail_if(!record.removed.is_empty(), || {
        format!("the record holds `{}`", record.removed.join("`, `"))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::with_record;
    use super::*;
    use crate::check::judged;

    #[test]
    fn finds_removed_tags() {
        assert_eq!(
            judged(&CHECK, &with_record("v=DMARC1; p=reject; pct=50; ri=86400")),
            "fail: the record holds `pct`, `ri`"
        );
        assert_eq!(judged(&CHECK, &with_record("v=DMARC1; p=reject")), "pass");
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
