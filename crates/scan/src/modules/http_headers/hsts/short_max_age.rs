use model::Severity;

use super::judge_policies;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.short-max-age",
    title: "Browsers remember the HSTS policy for less than six months",
    severity: Severity::Medium,
    group: Group::Https,
    standard: "RFC 6797, section 6.1.1",
    why: "A visitor who comes back after that time starts without protection again.",
    fix: "Raise max-age to two years (63072000 seconds) once HTTPS works everywhere.",
    careful: Some(super::CAREFUL),
    paste: replace_header!("Strict-Transport-Security", "max-age=63072000"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_policies(evidence, |policy| {
        let short = |seconds: &u64| (1..15_768_000).contains(seconds);
        policy.max_age.filter(short).map(|seconds| format!("`max-age={seconds}`"))
    })
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
    fn six_months_are_enough() {
        assert_eq!(judge("max-age=86400"), "fail: example.com sends `max-age=86400`");
        assert_eq!(judge("max-age=15768000"), "pass");
        assert_eq!(judge("nonsense"), "not applicable: there is no valid HSTS policy");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
