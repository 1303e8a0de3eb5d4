use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::{INFO, PHPINFO};
use crate::modules::http_headers::paste::hide;

pub(super) const CHECK: Check = Check {
    id: "disclosure.phpinfo",
    title: "The configuration of PHP can be read by everybody",
    severity: Severity::Medium,
    group: Group::Disclosure,
    standard: "CWE-200",
    why: "phpinfo() prints versions, paths and the environment, which often holds passwords.",
    fix: "Delete the file.",
    paste: hide!(
        r"/(php)?info\.php$",
        "phpinfo",
        "*/phpinfo.php */info.php",
        "path_end -i /phpinfo.php /info.php",
        r#"<hiddenSegments><add segment="phpinfo.php" /><add segment="info.php" /></hiddenSegments>"#,
        r#"ends_with(http.request.uri.path, "info.php")"#
    ),
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
