use model::Severity;

use super::judge_insecure;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::modules::javascript::paste;

const PASSIVE: &[ResourceKind] = &[ResourceKind::Image, ResourceKind::Media];

pub(super) const CHECK: Check = Check {
    id: "script.mixed-passive",
    title: "The page loads images or media over plain HTTP",
    severity: Severity::Low,
    group: Group::BrowserPolicy,
    standard: "W3C Mixed Content, section 4.1",
    why: "Whoever sits on the way sees what is looked at and can change it. Newer browsers fetch \
          such contents over HTTPS and show nothing when that fails.",
    fix: "Name them with https:, or let browsers do it with the policy below.",
    careful: Some(
        "What is not there over HTTPS does not load at all: look whether each address answers \
         with https: first.",
    ),
    paste: paste::UPGRADE,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_insecure(evidence, PASSIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn images_and_media_come_over_https() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(judge("<img src=http://cdn.test/a.png>"), "fail: http://cdn.test/a.png");
        assert_eq!(judge("<video src=/film.mp4></video><img src=a.png>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
