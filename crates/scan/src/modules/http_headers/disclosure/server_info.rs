use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::SERVER_INFO;

pub(super) const CHECK: Check = Check {
    id: "disclosure.server-info",
    title: "Apache shows its whole configuration to everybody",
    severity: Severity::Medium,
    group: Group::Disclosure,
    standard: "CWE-200",
    why: "The page lists modules with their versions, paths on the disk and rules of access, which is all \
          an attacker wants to know first.",
    fix: "Let only the server's own address see it, or switch mod_info off.",
    paste: &[Paste {
        tool: Tool::Apache,
        text: "<Location \"/server-info\">\n  Require local\n</Location>",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[SERVER_INFO])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_configuration_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[SERVER_INFO], seen));
        assert_eq!(judge(Ok(Some("a page"))), format!("fail: {} is a page", SERVER_INFO));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
