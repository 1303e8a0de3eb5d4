use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::SVN;
use crate::modules::http_headers::paste::hide;

pub(super) const CHECK: Check = Check {
    id: "disclosure.subversion",
    title: "The site's Subversion working copy can be downloaded",
    severity: Severity::High,
    group: Group::Disclosure,
    standard: "CWE-527",
    why: "The database of the working copy lists every file of the source code and where its \
          contents lie, to be downloaded one by one.",
    fix: "Remove the .svn folder from the web root or refuse requests for it, and replace every \
          secret in the source code.",
    paste: hide!(
        r"/\.svn(/|$)",
        "svn",
        "*/.svn */.svn/*",
        "path_sub -i /.svn/",
        r#"<hiddenSegments><add segment=".svn" /></hiddenSegments>"#,
        r#"http.request.uri.path contains "/.svn/""#
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[SVN])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_file_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[SVN], seen));
        assert_eq!(judge(Ok(Some("a file"))), format!("fail: {} is a file", SVN));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
