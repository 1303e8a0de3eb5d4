use model::Severity;

use super::judge_statuses;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.on-hold",
    title: "The domain is on hold",
    severity: Severity::High,
    group: Group::Registration,
    standard: "RFC 5731, section 2.3; RFC 8056, section 2",
    why: "Registrar or registry have taken the domain out of DNS, or are about to: for want of \
          payment, an address that was not confirmed, abuse or a dispute. Web and mail end with it.",
    fix: "Ask the registrar for the reason and settle it.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_statuses(evidence, &["client hold", "server hold"])
}

#[cfg(test)]
mod tests {
    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn nobody_holds_the_domain() {
        let held = with(|it| it.statuses.push("server hold".to_owned()));
        assert_eq!(judged(&CHECK, &held), "fail: the status is `server hold`");
        assert_eq!(judged(&CHECK, &with(|_| ())), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
