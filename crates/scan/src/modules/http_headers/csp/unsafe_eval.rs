use model::Severity;

use super::judge_scripts;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "csp.unsafe-eval",
    title: "The Content-Security-Policy lets text become code",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, the source 'unsafe-eval'",
    why: "With 'unsafe-eval' a script that handles untrusted text can be made to run it.",
    fix: "Replace eval, new Function and timers with text, then drop 'unsafe-eval'; WebAssembly needs \
          only 'wasm-unsafe-eval'.",
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
        policy.allows_eval().map(|name| format!("`{name}` allows `'unsafe-eval'`"))
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
    fn eval_has_to_be_off() {
        assert_eq!(
            judge(&["script-src 'self' 'unsafe-eval'"]),
            "fail: `script-src` allows `'unsafe-eval'`"
        );
        assert_eq!(judge(&["script-src 'self' 'wasm-unsafe-eval'"]), "pass");
        assert_eq!(
            judge(&["script-src 'self' 'unsafe-eval'", "script-src 'self' 'wasm-unsafe-eval'"]),
            "pass",
            "the browser holds to both policies"
        );
        assert!(judge(&[]).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
