use model::Severity;

use super::judge_insecure;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::markup::ResourceKind;
use crate::modules::javascript::paste;

const ACTIVE: &[ResourceKind] = &[
    ResourceKind::Script,
    ResourceKind::Style,
    ResourceKind::Font,
    ResourceKind::Frame,
    ResourceKind::Object,
];

pub(super) const CHECK: Check = Check {
    id: "script.mixed-active",
    title: "The page loads scripts, styles or frames over plain HTTP",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Mixed Content, section 3",
    why: "Browsers refuse to load them, so the page is broken; one that does not refuse runs \
          whatever somebody on the way puts in their place.",
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
    judge_insecure(evidence, ACTIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn active_contents_come_over_https() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<script src=http://cdn.test/a.js></script><img src=http://cdn.test/a.png>"),
            "fail: http://cdn.test/a.js"
        );
        assert_eq!(
            judge("<iframe src='http://frames.test/x'></iframe>"),
            "fail: http://frames.test/x"
        );
        assert_eq!(judge("<script src=//cdn.test/a.js></script>"), "pass");
        assert_eq!(judge("<script src=http://localhost/a.js></script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }

    #[test]
    fn a_page_whose_policy_upgrades_has_no_mixed_content() {
        let upgrade: &[(&str, &str)] =
            &[("content-security-policy", "default-src https:; upgrade-insecure-requests")];
        let page = "<script src=http://cdn.test/a.js></script>";
        assert!(judged(&CHECK, &sample::document(upgrade, page)).starts_with("not applicable"));
        let in_markup = "<meta http-equiv=content-security-policy content=upgrade-insecure-requests>\
             <script src=http://cdn.test/a.js></script>";
        assert!(judged(&CHECK, &sample::document(&[], in_markup)).starts_with("not applicable"));
    }
}
