use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::add_header;

pub(super) const CHECK: Check = Check {
    id: "csp.no-base-uri",
    title: "The Content-Security-Policy does not restrict the base address",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, base-uri",
    why: "An injected base element makes every relative script address of the page point to the \
          attacker's host. default-src does not cover it.",
    fix: "Add base-uri 'none', or 'self' when the pages use a base element.",
    careful: Some(super::CAREFUL),
    paste: add_header!("Content-Security-Policy", "base-uri 'none'"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |policies| {
        let restricted = policies.iter().any(|policy| {
            policy
                .directive("base-uri")
                .is_some_and(|values| !values.iter().any(|value| super::policy::is_broad(value)))
        });
        Verdict::fail_if(!restricted, || "`base-uri` is missing or allows every host".to_owned())
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
    fn the_base_has_to_be_restricted() {
        assert_eq!(
            judge(&["default-src 'self'"]),
            "fail: `base-uri` is missing or allows every host"
        );
        assert_eq!(judge(&["default-src 'self'; base-uri 'none'"]), "pass");
        assert_eq!(
            judge(&["default-src 'self'", "default-src 'self'; base-uri 'none'"]),
            "pass",
            "the browser holds to both policies"
        );
        assert!(judge(&[]).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
