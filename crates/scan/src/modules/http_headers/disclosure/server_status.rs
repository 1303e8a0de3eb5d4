use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::SERVER_STATUS;

pub(super) const CHECK: Check = Check {
    id: "disclosure.server-status",
    title: "Apache shows the requests of all visitors to everybody",
    severity: Severity::Medium,
    group: Group::Disclosure,
    standard: "CWE-200",
    why: "The page lists addresses of visitors and what they ask for, session ids in queries \
          included.",
    fix: "Let only the server's own address see it, or switch mod_status off.",
    paste: &[Paste {
        tool: Tool::Apache,
        text: "<Location \"/server-status\">\n  Require local\n</Location>",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[SERVER_STATUS])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_file_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[SERVER_STATUS], seen));
        assert_eq!(judge(Ok(Some("a file"))), format!("fail: {} is a file", SERVER_STATUS));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
