use model::Severity;

use super::options::FrameOptions;
use super::{BY_CSP, ancestors, frame_options};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::replace_header;

pub(super) const CHECK: Check = Check {
    id: "framing.invalid",
    title: "The X-Frame-Options header says nothing browsers understand",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "HTML standard, the X-Frame-Options header; RFC 7034, section 2.1",
    why: "Browsers know DENY and SAMEORIGIN. They ignore ALLOW-FROM and misspelt values, and values \
          that contradict each other keep out everybody, yourself included.",
    fix: "Send exactly one X-Frame-Options, DENY or SAMEORIGIN; use frame-ancestors to allow certain \
          sites.",
    careful: Some(super::CAREFUL),
    paste: replace_header!("X-Frame-Options", "SAMEORIGIN"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    if !ancestors(page).is_empty() {
        return Ok(Verdict::NotApplicable(BY_CSP));
    }
    Ok(match frame_options(page) {
        FrameOptions::Absent => Verdict::NotApplicable("the page has no X-Frame-Options"),
        FrameOptions::Protects => Verdict::Pass,
        FrameOptions::Contradictory(values) => {
            Verdict::Fail(format!("the values contradict each other: `{values}`"))
        }
        FrameOptions::Ignored(value) => Verdict::Fail(format!("browsers ignore `{value}`")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn only_two_values_protect() {
        let judge = |value| judged(&CHECK, &sample::page(&[("x-frame-options", value)]));
        assert_eq!(
            judge("ALLOW-FROM https://a.example"),
            "fail: browsers ignore `allow-from https://a.example`"
        );
        assert_eq!(
            judge("DENY, SAMEORIGIN"),
            "fail: the values contradict each other: `deny, sameorigin`"
        );
        assert_eq!(judge("SAMEORIGIN"), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
