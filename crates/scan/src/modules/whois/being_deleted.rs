use model::Severity;

use super::judge_statuses;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.being-deleted",
    title: "The domain is being deleted",
    severity: Severity::Critical,
    group: Group::Registration,
    standard: "RFC 3915, section 3.1; RFC 8056, section 2",
    why: "The registry has taken the domain from its owner. In the redemption period it can be \
          bought back at a price; after that it is anybody's, with its mail and its reputation.",
    fix: "Ask the registrar to restore the domain at once.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_statuses(evidence, &["pending delete", "redemption period", "pending restore"])
}

#[cfg(test)]
mod tests {
    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn nobody_deletes_the_domain() {
        let with_status = |status: &str| with(|it| it.statuses = vec![status.to_owned()]);
        assert_eq!(
            judged(&CHECK, &with_status("redemption period")),
            "fail: the status is `redemption period`"
        );
        assert_eq!(judged(&CHECK, &with_status("active")), "pass");
        let untold = with(|it| it.statuses.clear());
        assert_eq!(judged(&CHECK, &untold), "missing: rdap.example tells no status");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
