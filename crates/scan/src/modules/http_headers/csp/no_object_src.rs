use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::add_header;

pub(super) const CHECK: Check = Check {
    id: "csp.no-object-src",
    title: "The Content-Security-Policy does not restrict plug-ins",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, object-src",
    why: "An injected object or embed element can load foreign content that the other directives do not \
          cover.",
    fix: "Add object-src 'none'.",
    careful: Some(super::CAREFUL),
    paste: add_header!("Content-Security-Policy", "object-src 'none'"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, |policies| {
        Verdict::fail_if(!policies.iter().any(|policy| policy.restricts_objects()), || {
            "neither `object-src` nor `default-src` restricts them".to_owned()
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
    fn plug_ins_have_to_be_restricted() {
        assert_eq!(
            judge(&["script-src 'self'"]),
            "fail: neither `object-src` nor `default-src` restricts them"
        );
        assert_eq!(judge(&["script-src 'self'; object-src 'none'"]), "pass");
        assert_eq!(
            judge(&["script-src 'self'", "script-src 'self'; object-src 'none'"]),
            "pass",
            "the browser holds to both policies"
        );
        assert!(judge(&[]).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert_eq!(judge(&["default-src 'self'"]), "pass");
    }
}
