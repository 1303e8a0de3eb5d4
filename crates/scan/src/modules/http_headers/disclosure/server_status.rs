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
    careful: Some(
        "Behind a proxy on the same machine every request is local to Apache: let the proxy \
         refuse the path there.",
    ),
    paste: &[
        Paste { tool: Tool::Nginx, text: "location = /server-status { return 404; }" },
        Paste {
            tool: Tool::Apache,
            text: "<Location \"/server-status\">\n    Require local\n</Location>",
        },
        Paste { tool: Tool::Caddy, text: "respond /server-status* 404" },
        Paste {
            tool: Tool::Haproxy,
            text: "http-request return status 404 if { path_beg /server-status }",
        },
        Paste {
            tool: Tool::Iis,
            text: "<security><requestFiltering><hiddenSegments><add segment=\"server-status\" /></hiddenSegments></requestFiltering></security>",
        },
        Paste {
            tool: Tool::Cloudflare,
            text: "Security > WAF > Custom rules > Expression: starts_with(http.request.uri.path, \"/server-status\") > Action: Block",
        },
    ],
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
