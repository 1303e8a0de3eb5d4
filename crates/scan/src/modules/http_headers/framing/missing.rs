use model::Severity;

use super::options::FrameOptions;
use super::{ancestors, frame_options};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "framing.missing",
    title: "Other sites can put the page into a frame",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, frame-ancestors; RFC 7034, section 2",
    why: "A foreign site can lay the page invisibly under its own and make visitors click what they \
          do not see (clickjacking).",
    fix: "Send Content-Security-Policy with frame-ancestors 'self', or 'none' when nobody frames the \
          page; X-Frame-Options does the same for old browsers.",
    careful: Some(super::CAREFUL),
    paste: set_header!("X-Frame-Options", "SAMEORIGIN"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let bare = ancestors(page).is_empty() && frame_options(page) == FrameOptions::Absent;
    Ok(Verdict::fail_if(bare, || {
        format!("{} sends neither frame-ancestors nor X-Frame-Options", page.url())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn either_header_will_do() {
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends neither frame-ancestors nor X-Frame-Options"
        );
        assert_eq!(judged(&CHECK, &sample::page(&[("x-frame-options", "DENY")])), "pass");
        let policy = ("content-security-policy", "frame-ancestors 'none'");
        assert_eq!(judged(&CHECK, &sample::page(&[policy])), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }

    #[test]
    fn markup_cannot_forbid_framing() {
        let mut http = sample::site(&[]);
        let meta = &mut http.secure.hops[0].meta;
        meta.content_security_policy.push("frame-ancestors 'none'".to_owned());
        assert!(judged(&CHECK, &sample::evidence(http)).starts_with("fail"));
    }
}
