use model::Severity;

use super::judge_statuses;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.transfer-pending",
    title: "The domain is being moved to another registrar",
    severity: Severity::Medium,
    group: Group::Registration,
    standard: "RFC 5731, section 2.3; ICANN Transfer Policy",
    why: "A transfer that the owner did not ask for is how domains are stolen, and it completes by \
          itself in most registries within five days.",
    fix: "If nobody of yours asked for it, refuse the transfer at the present registrar today.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_statuses(evidence, &["pending transfer"])
}

#[cfg(test)]
mod tests {
    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_domain_stays_where_it_is() {
        let moving = with(|it| it.statuses.push("pending transfer".to_owned()));
        assert_eq!(judged(&CHECK, &moving), "fail: the status is `pending transfer`");
        assert_eq!(judged(&CHECK, &with(|_| ())), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
