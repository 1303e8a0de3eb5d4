use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "disclosure.git",
    title: "The site's git repository can be downloaded",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Disclosure,
    standard: "CWE-527",
    why: "Anybody can rebuild the whole source code with its history from these files, including \
          passwords that were committed once.",
    fix: "Remove the .git folder from the web root or refuse requests for it, and replace every \
          secret the history holds.",
    paste: &[
        Paste { tool: Tool::Nginx, text: "location ~ /\\.git { return 404; }" },
        Paste { tool: Tool::Apache, text: "RedirectMatch 404 /\\.git" },
        Paste { tool: Tool::Caddy, text: "respond /.git* 404" },
        Paste { tool: Tool::Haproxy, text: "http-request return status 404 if { path_sub /.git }" },
        Paste {
            tool: Tool::Iis,
            text: "<requestFiltering><hiddenSegments><add segment=\".git\" /></hiddenSegments></requestFiltering>",
        },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    Ok(match evidence.http()?.git_head.as_ref().map_err(Clone::clone)? {
        Some(line) => Verdict::Fail(format!("/.git/HEAD answers `{line}`")),
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_repository_must_not_be_served() {
        let judge = |line: Option<&str>| {
            let mut http = sample::site(&[]);
            http.git_head = Ok(line.map(str::to_owned));
            judged(&CHECK, &sample::evidence(http))
        };
        assert_eq!(
            judge(Some("ref: refs/heads/main")),
            "fail: /.git/HEAD answers `ref: refs/heads/main`"
        );
        assert_eq!(judge(None), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
