use model::Severity;

use super::{Kind, judge};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "breach.old-passwords",
    title: "Passwords or means of payment were taken more than two years ago",
    severity: Severity::Medium,
    group: Group::Reputation,
    standard: "NIST SP 800-63B-4, section 3.1.1.2",
    why: "Old passwords are tried for many years, and people keep theirs.",
    fix: "Refuse passwords that are known from breaches, and ask those of that time for new ones.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::OldPasswords)
}

#[cfg(test)]
mod tests {
    use super::super::{sources, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn no_passwords_were_ever_taken() {
        let judge = |days, data: &str| {
            judged(&CHECK, &with(days, |breach| breach.data = vec![data.to_owned()]))
        };
        assert_eq!(judge(730, "Passwords"), "fail: Shop (2024-10-24, 1000 accounts)");
        assert_eq!(judge(730, "Names"), "pass");
        assert_eq!(judge(10, "Passwords"), "pass");
        assert_eq!(
            judged(&CHECK, &sources(Vec::new())),
            "missing: provider not configured (`providers.breaches`)"
        );
    }
}
