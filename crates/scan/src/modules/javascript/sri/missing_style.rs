use model::Severity;

use super::judge_missing;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::modules::javascript::paste;

pub(super) const CHECK: Check = Check {
    id: "sri.missing-style",
    title: "Style sheets from other people's hosts can be swapped unnoticed",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Subresource Integrity, section 3",
    why: "A style sheet runs no code, but it can hide and show parts of the page and send out what \
          stands in its fields.",
    fix: "Add the file's hash as an integrity attribute together with crossorigin=\"anonymous\", or \
          serve the file from the site's own host.",
    careful: Some(paste::CAREFUL_SRI),
    paste: paste::STYLE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_missing(evidence, ResourceKind::Style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn styles_of_others_carry_a_hash() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<link rel=stylesheet href=//cdn.test/a.css>"),
            "fail: https://cdn.test/a.css"
        );
        assert_eq!(
            judge("<link rel=stylesheet href=//cdn.test/a.css integrity=sha384-x crossorigin>"),
            "pass"
        );
        // What Google sends depends on the browser that asks.
        let font = "<link rel=stylesheet href=https://fonts.googleapis.com/css2?family=Inter>";
        assert!(judge(font).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
