use model::Severity;

use super::judge_policies;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.max-age-zero",
    title: "The HSTS policy tells browsers to forget it",
    severity: Severity::High,
    cap: Some(89),
    group: Group::Https,
    standard: "RFC 6797, section 6.1.1",
    why: "`max-age=0` deletes the policy from every browser that has it, so the site is as \
          unprotected as without HSTS.",
    fix: "Send a max-age of a day, then of a year or more, unless you mean to leave HTTPS.",
    careful: Some(super::CAREFUL),
    paste: replace_header!("Strict-Transport-Security", "max-age=86400"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_policies(evidence, |policy| (policy.max_age == Some(0)).then(|| "`max-age=0`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    fn judge(value: &str) -> String {
        judged(&CHECK, &sample::page(&[("strict-transport-security", value)]))
    }

    #[test]
    fn zero_is_no_policy() {
        assert_eq!(judge("max-age=0"), "fail: example.com sends `max-age=0`");
        assert_eq!(judge("max-age=1"), "pass");
        assert_eq!(judge("nonsense"), "not applicable: there is no valid HSTS policy");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
