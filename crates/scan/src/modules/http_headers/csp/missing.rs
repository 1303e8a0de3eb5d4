use model::Severity;

use super::policies;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::set_header;

pub(super) const CHECK: Check = Check {
    id: "csp.missing",
    title: "The page has no Content-Security-Policy",
    severity: Severity::Medium,
    points: Some(15),
    group: Group::BrowserPolicy,
    standard: "W3C Content Security Policy Level 3, section 3.1",
    why: "When an attacker finds a way to put markup into a page, nothing keeps the browser from \
          running the script in it.",
    fix: "Send a policy in report-only mode first and read what it would have stopped, in the \
          browser's console or at the address of report-to; then send it as \
          Content-Security-Policy.",
    careful: Some(super::CAREFUL),
    paste: set_header!(
        "Content-Security-Policy-Report-Only",
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    if policies(page).is_empty() && page.first("content-security-policy-report-only").is_some() {
        return Ok(Verdict::NotApplicable("there is a policy that only reports"));
    }
    Ok(Verdict::fail_if(policies(page).is_empty(), || {
        format!("{} sends no Content-Security-Policy header", page.url())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_page_needs_a_policy() {
        assert_eq!(
            judged(&CHECK, &sample::page(&[])),
            "fail: https://example.com/ sends no Content-Security-Policy header"
        );
        assert!(
            judged(&CHECK, &sample::page(&[("content-security-policy", " ; ")]))
                .starts_with("fail")
        );
        let policy = ("content-security-policy", "default-src 'self'");
        assert_eq!(judged(&CHECK, &sample::page(&[policy])), "pass");
        let reporting = ("content-security-policy-report-only", "default-src 'self'");
        assert!(judged(&CHECK, &sample::page(&[reporting])).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }

    #[test]
    fn a_policy_in_the_markup_counts() {
        let mut http = sample::site(&[]);
        http.secure.hops[0].meta.content_security_policy.push("default-src 'self'".to_owned());
        assert_eq!(judged(&CHECK, &sample::evidence(http)), "pass");
    }
}
