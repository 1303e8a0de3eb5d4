use model::Severity;

use super::{Kind, judge};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "breach.recent",
    title: "Data was taken within two years",
    severity: Severity::High,
    group: Group::Reputation,
    standard: "GDPR, Articles 33 and 34; ISO/IEC 27001:2022, A.5.24",
    why: "Addresses and names of customers are what convincing fraud is made of, and a way in that was \
          used once is tried again.",
    fix: "Make sure that those concerned and the authority were told, and that the way in is closed.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::Recent)
}

#[cfg(test)]
mod tests {
    use super::super::{sources, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn nothing_was_taken_lately() {
        let judge = |days, data: &str| {
            judged(&CHECK, &with(days, |breach| breach.data = vec![data.to_owned()]))
        };
        assert_eq!(judge(10, "Names"), "fail: Shop (2026-10-14, 1000 accounts)");
        assert_eq!(judge(10, "Passwords"), "pass");
        assert_eq!(judge(730, "Names"), "pass");
        assert_eq!(
            judged(&CHECK, &sources(Vec::new())),
            "missing: provider not configured (`providers.breaches`)"
        );
    }
}
