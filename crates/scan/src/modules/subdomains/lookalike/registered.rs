use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "lookalike.registered",
    title: "Somebody has names that are easily taken for this one",
    severity: Severity::Info,
    group: Group::Reputation,
    standard: "ISO/IEC 27001:2022, A.5.7",
    why: "A name that is one slip away may be honest, somebody's investment, or the address of a \
          false sign-in page. It has other name servers than the domain, so it is named here, \
          without taking points off.",
    fix: "Look at what is there. Watch the names, register those that matter yourself, and report false \
          pages to the registrar and to the lists of phishing.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |_| Ok(true))
}

#[cfg(test)]
mod tests {
    use super::super::{LookAlikes, seen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn nobody_has_a_name_like_it() {
        assert_eq!(judged(&CHECK, &with(Ok(false))), "fail: sh0p.example");
        let none = LookAlikes { asked: 16, ..LookAlikes::default() };
        assert_eq!(judged(&CHECK, &seen(none.clone())), "pass");
        let unseen = Some(Missing("silence".to_owned()));
        assert_eq!(judged(&CHECK, &seen(LookAlikes { unseen, ..none })), "missing: silence");
        assert!(judged(&CHECK, &seen(LookAlikes::default())).starts_with("not applicable"));
    }
}
