use model::Severity;

use super::judge_scripts;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "csp.unsafe-inline",
    title: "The Content-Security-Policy lets inline scripts run",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, the source 'unsafe-inline'",
    why: "Injected markup usually carries its script inline, so a policy with 'unsafe-inline' stops \
          hardly any attack. Beside a nonce, a hash or 'strict-dynamic' the word is inert and not \
          counted.",
    fix: "Move inline scripts into files, or give each a nonce, and drop 'unsafe-inline'.",
    careful: Some(super::CAREFUL),
    paste: set_header!(
        "Content-Security-Policy-Report-Only",
        "script-src 'self'; object-src 'none'; base-uri 'none'"
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_scripts(evidence, |policy| {
        policy.allows_inline().map(|name| format!("`{name}` allows `'unsafe-inline'`"))
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
    fn inline_scripts_have_to_be_named() {
        assert_eq!(
            judge(&["script-src 'self' 'unsafe-inline'"]),
            "fail: `script-src` allows `'unsafe-inline'`"
        );
        assert_eq!(judge(&["script-src 'nonce-r4nd0m' 'unsafe-inline'"]), "pass");
        assert_eq!(
            judge(&[
                "script-src 'self' 'unsafe-inline'",
                "script-src 'nonce-r4nd0m' 'unsafe-inline'"
            ]),
            "pass",
            "the browser holds to both policies"
        );
        assert!(judge(&[]).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert!(judge(&["img-src *"]).starts_with("not applicable"));
    }
}
