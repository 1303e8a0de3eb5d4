use model::Severity;

use super::{Kind, judge};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "breach.recent-passwords",
    title: "Passwords or means of payment were taken within two years",
    severity: Severity::Critical,
    group: Group::Reputation,
    standard: "GDPR, Articles 33 and 34; NIST SP 800-63B-4, section 3.1.1.2",
    why: "What was taken is tried everywhere: against the accounts of the customers, who used the same \
          password elsewhere, and against the people of the organisation itself.",
    fix: "Make sure that every password of that time was changed and every session ended, that those \
          concerned and the authority were told, and that the way in is closed.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::RecentPasswords)
}

#[cfg(test)]
mod tests {
    use super::super::{sources, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn no_passwords_were_taken_lately() {
        let judge = |days, data: &str| {
            judged(&CHECK, &with(days, |breach| breach.data = vec![data.to_owned()]))
        };
        assert_eq!(judge(10, "Passwords"), "fail: Shop (2026-10-14, 1000 accounts)");
        assert!(judge(10, "Partial credit card data").starts_with("fail"));
        assert_eq!(judge(10, "Password hints"), "pass");
        assert_eq!(judge(730, "Passwords"), "pass");
        assert_eq!(
            judged(&CHECK, &sources(Vec::new())),
            "missing: provider not configured (`providers.breaches`)"
        );
    }
}
