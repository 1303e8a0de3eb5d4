use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::PHPMYADMIN;

pub(super) const CHECK: Check = Check {
    id: "disclosure.phpmyadmin",
    title: "phpMyAdmin is open to the world",
    severity: Severity::Medium,
    group: Group::Disclosure,
    standard: "CIS Controls v8.1, safeguard 4.6; OWASP WSTG 4.2, section 4.2.5",
    why: "Passwords of the database are tried at it all day, and its own flaws have let attackers in without \
          any.",
    fix: "Let only networks of your own reach it, or take it off the server.",
    paste: &[
        Paste {
            tool: Tool::Nginx,
            text: "location ^~ /phpmyadmin/ {\n  allow YOUR-NETWORK;\n  deny all;\n}",
        },
        Paste {
            tool: Tool::Apache,
            text: "<LocationMatch \"^/phpmyadmin/\">\n  Require all denied\n</LocationMatch>",
        },
        Paste { tool: Tool::Caddy, text: "respond /phpmyadmin/* 404" },
        Paste {
            tool: Tool::Haproxy,
            text: "http-request deny deny_status 404 if { path_beg /phpmyadmin/ }",
        },
        Paste {
            tool: Tool::Iis,
            text: "<security><requestFiltering><hiddenSegments><add segment=\"phpmyadmin\" /></hiddenSegments></requestFiltering></security>",
        },
        Paste {
            tool: Tool::Cloudflare,
            text: "WAF custom rule: (starts_with(http.request.uri.path, \"/phpmyadmin/\")), action Block",
        },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[PHPMYADMIN])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_panel_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[PHPMYADMIN], seen));
        assert_eq!(judge(Ok(Some("a page"))), format!("fail: {} is a page", PHPMYADMIN));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
