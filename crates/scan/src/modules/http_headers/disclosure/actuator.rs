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
    paste: &[
        Paste { tool: Tool::Nginx, text: "location /actuator/ {\n  deny all;\n}" },
        Paste {
            tool: Tool::Apache,
            text: "<LocationMatch \"^/actuator/\">\n  Require all denied\n</LocationMatch>",
        },
        Paste { tool: Tool::Caddy, text: "respond /actuator/* 404" },
        Paste {
            tool: Tool::Haproxy,
            text: "http-request deny deny_status 404 if { path_beg /actuator/ }",
        },
        Paste {
            tool: Tool::Iis,
            text: "<security><requestFiltering><hiddenSegments><add segment=\"actuator\" /></hiddenSegments></requestFiltering></security>",
        },
        Paste {
            tool: Tool::Cloudflare,
            text: "WAF custom rule: (starts_with(http.request.uri.path, \"/actuator/\")), action Block",
        },
    ],
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
