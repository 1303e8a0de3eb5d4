use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "csp.invalid",
    title: "The Content-Security-Policy holds words browsers do not understand",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, section 2.2.1",
    why: "Browsers skip what they do not understand without a word, so the policy is another than \
          the one you wrote.",
    fix: "Correct the names, put keywords between single quotes and write each directive once.",
    careful: Some(super::CAREFUL),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |policies| {
        let problems: Vec<String> = policies.iter().flat_map(|policy| policy.problems()).collect();
        Verdict::fail_if(!problems.is_empty(), || {
            problems.into_iter().take(5).collect::<Vec<_>>().join(", ")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn what_a_browser_would_skip_is_named() {
        let judge = |policy| judged(&CHECK, &sample::page(&[("content-security-policy", policy)]));
        assert_eq!(judge("default-src self"), "fail: `self` in `default-src` lacks its quotes");
        assert_eq!(judge("default-src 'self'"), "pass");
        assert!(judge("").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
