use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::DS_STORE;
use crate::modules::http_headers::paste::hide;

pub(super) const CHECK: Check = Check {
    id: "disclosure.ds-store",
    title: "A macOS list of the folder's files can be downloaded",
    severity: Severity::Low,
    group: Group::Disclosure,
    standard: "CWE-538",
    why: "It names files that no page links to, such as backups.",
    fix: "Delete the file from the web root and refuse requests for it.",
    paste: hide!(
        r"/\.DS_Store$",
        "ds_store",
        "*/.DS_Store",
        "path_end -i /.DS_Store",
        r#"<hiddenSegments><add segment=".DS_Store" /></hiddenSegments>"#,
        r#"ends_with(http.request.uri.path, "/.DS_Store")"#
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[DS_STORE])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_file_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[DS_STORE], seen));
        assert_eq!(judge(Ok(Some("a file"))), format!("fail: {} is a file", DS_STORE));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
