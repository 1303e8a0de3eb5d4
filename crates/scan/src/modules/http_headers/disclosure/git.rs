use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::hide;

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
    paste: hide!(
        r"/\.git(/|$)",
        "git",
        "*/.git */.git/*",
        "path_sub -i /.git/",
        r#"<hiddenSegments><add segment=".git" /></hiddenSegments>"#,
        r#"http.request.uri.path contains "/.git/""#
    ),
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
