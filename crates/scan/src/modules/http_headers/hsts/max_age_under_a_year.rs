use model::Severity;

use super::judge_policies;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "hsts.max-age-under-a-year",
    title: "Browsers remember the HSTS policy for less than a year",
    severity: Severity::Low,
    group: Group::Https,
    standard: "RFC 6797, section 6.1.1",
    why: "A year is what the preload lists and most guidelines ask for; less protects rare \
          visitors badly.",
    fix: "Raise max-age to at least 31536000 seconds, better to two years.",
    careful: Some(super::CAREFUL),
    paste: replace_header!("Strict-Transport-Security", "max-age=63072000"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_policies(evidence, |policy| {
        let short = |seconds: &u64| (15_768_000..31_536_000).contains(seconds);
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
    fn a_year_is_enough() {
        assert_eq!(judge("max-age=20000000"), "fail: example.com sends `max-age=20000000`");
        assert_eq!(judge("max-age=31536000"), "pass");
        assert_eq!(judge("nonsense"), "not applicable: there is no valid HSTS policy");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
