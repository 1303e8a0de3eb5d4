use model::Severity;

use super::judge_insecure;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::modules::javascript::paste;

pub(super) const CHECK: Check = Check {
    id: "script.form-in-the-clear",
    title: "A form of the page is sent over plain HTTP",
    severity: Severity::Medium,
    group: Group::Https,
    standard: "W3C Mixed Content, section 7.3",
    why: "Everything visitors type into it can be read and changed on the way, although the page \
          looks safe.",
    fix: "Let the form's action begin with https:.",
    paste: paste::FORM,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_insecure(evidence, &[ResourceKind::Form])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn forms_are_sent_over_https() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(judge("<form action=http://example.com/send>"), "fail: http://example.com/send");
        assert_eq!(judge("<form><button formaction=http://x.test/>"), "fail: http://x.test/");
        assert_eq!(judge("<form action=/send>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
