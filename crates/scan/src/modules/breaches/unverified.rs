use model::Severity;

use super::{Kind, judge};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "breach.unverified",
    title: "A breach is claimed that nobody has verified",
    severity: Severity::Low,
    group: Group::Reputation,
    standard: "ISO/IEC 27001:2022, A.5.7",
    why: "Somebody offers data that is said to be the organisation's. It may be old, made up or true.",
    fix: "Compare what is offered with your own records, and treat it as a breach until you know better.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::Unverified)
}

#[cfg(test)]
mod tests {
    use super::super::{sources, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn nothing_is_claimed() {
        let judge =
            |is_verified| judged(&CHECK, &with(10, |breach| breach.is_verified = is_verified));
        assert_eq!(judge(false), "fail: Shop (2026-10-14, 1000 accounts)");
        assert_eq!(judge(true), "pass");
        assert_eq!(
            judged(&CHECK, &sources(Vec::new())),
            "missing: provider not configured (`providers.breaches`)"
        );
    }
}
