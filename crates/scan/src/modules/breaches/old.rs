use model::Severity;

use super::{Kind, judge};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "breach.old",
    title: "Data was taken more than two years ago",
    severity: Severity::Low,
    group: Group::Reputation,
    standard: "ISO/IEC 27001:2022, A.5.24",
    why: "It cannot be taken back, and still serves those who write convincing letters.",
    fix: "Keep the record of what was done about it, and remind those concerned where it still matters.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::Old)
}

#[cfg(test)]
mod tests {
    use super::super::{sources, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn nothing_was_ever_taken() {
        let judge = |days, data: &str| {
            judged(&CHECK, &with(days, |breach| breach.data = vec![data.to_owned()]))
        };
        assert_eq!(judge(730, "Names"), "fail: Shop (2024-10-24, 1000 accounts)");
        assert_eq!(judge(730, "Passwords"), "pass");
        assert_eq!(judge(10, "Names"), "pass");
        assert_eq!(
            judged(&CHECK, &sources(Vec::new())),
            "missing: provider not configured (`providers.breaches`)"
        );
    }
}
