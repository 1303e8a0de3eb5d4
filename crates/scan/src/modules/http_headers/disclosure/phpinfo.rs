use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::{INFO, PHPINFO};

pub(super) const CHECK: Check = Check {
    id: "disclosure.phpinfo",
    title: "The configuration of PHP can be read by everybody",
    severity: Severity::Medium,
    group: Group::Disclosure,
    standard: "CWE-200",
    why: "phpinfo() prints versions, paths and the environment, which often holds passwords.",
    fix: "Delete the file.",
    paste: &[
        Paste { tool: Tool::Nginx, text: "location ~ ^/(php)?info\\.php$ { return 404; }" },
        Paste { tool: Tool::Apache, text: "RedirectMatch 404 ^/(php)?info\\.php$" },
        Paste { tool: Tool::Caddy, text: "respond /phpinfo.php 404" },
        Paste {
            tool: Tool::Haproxy,
            text: "http-request return status 404 if { path_sub /phpinfo.php }",
        },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[INFO, PHPINFO])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_file_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[INFO, PHPINFO], seen));
        assert_eq!(judge(Ok(Some("a file"))), format!("fail: {} is a file", INFO));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
