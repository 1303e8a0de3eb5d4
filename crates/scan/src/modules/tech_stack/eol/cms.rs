use model::Severity;

use super::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

const PRODUCTS: &[&str] = &["WordPress", "Drupal", "Joomla"];

pub(super) const CHECK: Check = Check {
    id: "eol.cms",
    title: "The content management system gets no more updates",
    severity: Severity::High,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, SA-22",
    why: "Robots search the whole internet for such versions and take over what they find.",
    fix: "Update it, with its extensions, to a version that its makers support.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, PRODUCTS, "no content management system tells its version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_system_that_has_ended_is_found() {
        let judge = |generator: &str| {
            let page = format!("<meta name=generator content='{generator}'>");
            judged(&CHECK, &sample::document(&[], &page))
        };
        assert!(judge("WordPress 4.5.3").starts_with("fail: WordPress 4.5.3"));
        assert!(judge("Drupal 7 (https://www.drupal.org)").starts_with("fail: Drupal 7"));
        assert!(judge("WordPress 6.4.2").starts_with("missing"));
        assert!(judge("Joomla! - Open Source Content Management").starts_with("not applicable"));
        assert_eq!(judge("Joomla! 5.1"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
