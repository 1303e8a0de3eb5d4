use model::Severity;

use super::judge_missing;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::modules::javascript::paste;

pub(super) const CHECK: Check = Check {
    id: "sri.missing",
    title: "Scripts from other people's hosts can be swapped unnoticed",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Subresource Integrity, section 3",
    why: "Whoever takes over that host runs code on every page of the site. With a hash, browsers \
          refuse a file that was changed.",
    fix: "Add the file's hash as an integrity attribute together with crossorigin=\"anonymous\", or \
          serve the file from the site's own host. The hash is what `openssl dgst -sha384 -binary \
          FILE | base64` prints, after `sha384-`.",
    careful: Some(paste::CAREFUL_SRI),
    paste: paste::SCRIPT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_missing(evidence, ResourceKind::Script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    fn judge(page: &str) -> String {
        judged(&CHECK, &sample::document(&[], page))
    }

    #[test]
    fn scripts_of_others_carry_a_hash() {
        assert_eq!(
            judge("<script src=//cdn.test/a.js></script><script src=/own.js></script>"),
            "fail: https://cdn.test/a.js"
        );
        assert_eq!(
            judge("<script src=//cdn.test/a.js integrity=sha384-x crossorigin></script>"),
            "pass"
        );
        assert!(judge("<script src=/own.js></script>").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }

    #[test]
    fn nobody_is_blamed_for_scripts_that_cannot_carry_a_hash() {
        assert!(
            judge("<script src=https://js.stripe.com/v3/></script>").contains("without notice")
        );
        assert_eq!(
            judge(
                "<script src=https://js.stripe.com/v3/></script><script src=//cdn.test/a.js></script>"
            ),
            "fail: https://cdn.test/a.js (not counted, as no hash of it holds: js.stripe.com)"
        );
    }
}
