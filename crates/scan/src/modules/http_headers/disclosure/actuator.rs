use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::ACTUATOR_ENV;

pub(super) const CHECK: Check = Check {
    id: "disclosure.actuator",
    title: "A Spring application shows its configuration to everybody",
    severity: Severity::High,
    group: Group::Disclosure,
    standard: "CWE-200; OWASP WSTG 4.2, section 4.2.5",
    why: "`/actuator/env` names databases, accounts and addresses inside, and older versions show passwords \
          too. Where it is open, dumps of the memory and the log are often open beside it.",
    fix: "Expose `health` alone, or put the other endpoints on a port of their own that is not open to the \
          world.",
    paste: &[Paste { tool: Tool::Nginx, text: "location /actuator/ {\n  deny all;\n}" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[ACTUATOR_ENV])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_environment_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[ACTUATOR_ENV], seen));
        assert_eq!(judge(Ok(Some("a page"))), format!("fail: {} is a page", ACTUATOR_ENV));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
