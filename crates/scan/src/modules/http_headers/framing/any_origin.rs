use model::Severity;

use super::ancestors;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::csp::policy::is_broad;
use crate::modules::http_headers::paste::add_header;

pub(super) const CHECK: Check = Check {
    id: "framing.any-origin",
    title: "The frame-ancestors directive lets every site frame the page",
    severity: Severity::Medium,
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, frame-ancestors",
    why: "The directive is there but allows everybody, and it makes browsers ignore \
          X-Frame-Options.",
    fix: "Name the sites that may frame the page, or write 'self' or 'none'.",
    careful: Some(super::CAREFUL),
    paste: add_header!("Content-Security-Policy", "frame-ancestors 'self'"),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let lists = ancestors(evidence.http()?.page()?);
    let broad: Option<Vec<&String>> =
        lists.iter().map(|list| list.iter().find(|source| is_broad(source))).collect();
    Ok(match broad.as_deref() {
        Some([]) => Verdict::NotApplicable("the page has no `frame-ancestors`"),
        Some([source, ..]) => Verdict::Fail(format!("`frame-ancestors` allows `{source}`")),
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_directive_has_to_exclude_somebody() {
        let judge = |policy| judged(&CHECK, &sample::page(&[("content-security-policy", policy)]));
        assert_eq!(judge("frame-ancestors *"), "fail: `frame-ancestors` allows `*`");
        assert_eq!(judge("frame-ancestors 'self' https://a.example"), "pass");
        assert_eq!(judge("frame-ancestors *, frame-ancestors 'self'"), "pass");
        assert!(judge("img-src *").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
