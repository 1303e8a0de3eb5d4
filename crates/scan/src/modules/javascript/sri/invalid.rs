use model::Severity;

use super::integrity::problem;
use super::judge_attributes;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::javascript::paste;

pub(super) const CHECK: Check = Check {
    id: "sri.invalid",
    title: "An integrity attribute protects nothing",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Subresource Integrity, section 3.3",
    why: "Browsers skip hashes they do not understand and then load the file unchecked, so the \
          protection only seems to be there.",
    fix: "Use SHA-384: what `openssl dgst -sha384 -binary FILE | base64` prints, after `sha384-`.",
    careful: Some(paste::CAREFUL_SRI),
    paste: paste::SCRIPT,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_attributes(evidence, |_, resource| resource.integrity.as_deref().and_then(problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn hashes_are_such_that_browsers_check_them() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<script src=/a.js integrity=md5-abc></script>"),
            "fail: https://example.com/a.js has a hash by `md5`, which browsers do not know"
        );
        let good = "<script src=/a.js \
             integrity='sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='></script>";
        assert_eq!(judge(good), "pass");
        assert!(judge("<script src=/a.js></script>").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
