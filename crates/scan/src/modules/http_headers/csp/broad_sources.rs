use model::Severity;

use super::judge_scripts;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "csp.broad-sources",
    title: "The Content-Security-Policy lets scripts come from anywhere",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, section 2.3.1",
    why: "A source such as `https:`, `*` or `data:` lets an attacker load a script from a place of \
          their own. Beside 'strict-dynamic' such sources are inert and not counted.",
    fix: "Name the hosts that scripts come from, or use nonces with 'strict-dynamic'.",
    careful: Some(super::CAREFUL),
    paste: set_header!(
        "Content-Security-Policy-Report-Only",
        "script-src 'self' https://YOUR-SCRIPT-HOST; object-src 'none'; base-uri 'none'"
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_scripts(evidence, |policy| {
        let (name, source) = policy.allows_any_script()?;
        Some(format!("`{name}` allows `{source}`"))
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
    fn sources_have_to_be_named() {
        assert_eq!(judge(&["script-src 'self' https:"]), "fail: `script-src` allows `https:`");
        assert_eq!(judge(&["script-src 'self' cdn.example"]), "pass");
        assert_eq!(
            judge(&["script-src 'self' https:", "script-src 'self' cdn.example"]),
            "pass",
            "the browser holds to both policies"
        );
        assert!(judge(&[]).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
        assert_eq!(judge(&["script-src 'nonce-a' 'strict-dynamic' https:"]), "pass");
    }
}
