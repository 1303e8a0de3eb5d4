use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "csp.scripts-unrestricted",
    title: "The Content-Security-Policy does not restrict scripts",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, script-src",
    why: "Without script-src or default-src the policy lets every script run, which is what such a policy \
          is mostly for.",
    fix: "Add default-src 'self', or script-src with a nonce for each script.",
    careful: Some(super::CAREFUL),
    paste: set_header!(
        "Content-Security-Policy-Report-Only",
        "default-src 'self'; object-src 'none'; base-uri 'none'"
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |policies| {
        Verdict::fail_if(!policies.iter().any(|policy| policy.restricts_scripts()), || {
            "the policy has neither `script-src` nor `default-src`".to_owned()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    fn judge(policies: &[&str]) -> String {
        let headers: Vec<_> =
            policies.iter().map(|policy| ("content-security-policy", *policy)).collect();
        judged(&CHECK, &sample::page(&headers))
    }

    #[test]
    fn scripts_have_to_be_restricted() {
        assert_eq!(
            judge(&["frame-ancestors 'none'"]),
            "fail: the policy has neither `script-src` nor `default-src`"
        );
        assert_eq!(judge(&["default-src 'self'"]), "pass");
        assert_eq!(
            judge(&["frame-ancestors 'none'", "default-src 'self'"]),
            "pass",
            "the browser holds to both policies"
        );
        assert!(judge(&[]).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert_eq!(judge(&["sandbox"]), "pass");
    }
}
